/** What every page of the console does: whatever is waited for shows progress; fragments bear the token and fail aloud. */

import { say } from "../words.js";
import { begin, end } from "./progress.js";
import { onTake } from "./taking.js";
import { complain } from "./toast.js";

document.body.addEventListener("htmx:configRequest", ({ detail }) => {
  detail.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf]").content;
});
document.body.addEventListener("htmx:beforeRequest", begin);
document.body.addEventListener("htmx:afterRequest", end);
// A form that leads to another page: what a module or htmx sends was prevented before it comes here.
window.addEventListener("submit", ({ defaultPrevented, target }) => defaultPrevented || target.method === "dialog" || begin());
window.addEventListener("pageshow", ({ persisted }) => persisted && end()); // come back to
document.body.addEventListener("click", onTake);
document.body.addEventListener("htmx:sendError", () => complain(say("offline")));
document.body.addEventListener("htmx:responseError", ({ detail: { xhr } }) => complain(reasonOf(xhr)));

/** Return the sentence of an answer that is an error: problem+json's, or the status. */
function reasonOf(xhr) {
  const isProblem = xhr.getResponseHeader("Content-Type")?.startsWith("application/problem+json");
  return say("failed", { reason: isProblem ? JSON.parse(xhr.responseText).detail : xhr.statusText });
}
