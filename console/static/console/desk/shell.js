/** What every page of the console does: fragments asked for by htmx bear the token, show progress and fail aloud. */

import { say } from "../words.js";
import { begin, end } from "./progress.js";
import { complain } from "./toast.js";

document.body.addEventListener("htmx:configRequest", ({ detail }) => {
  detail.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf]").content;
});
document.body.addEventListener("htmx:beforeRequest", begin);
document.body.addEventListener("htmx:afterRequest", end);
document.body.addEventListener("htmx:sendError", () => complain(say("offline")));
document.body.addEventListener("htmx:responseError", ({ detail: { xhr } }) => complain(reasonOf(xhr)));

/** Return the sentence of an answer that is an error: problem+json's, or the status. */
function reasonOf(xhr) {
  const isProblem = xhr.getResponseHeader("Content-Type")?.startsWith("application/problem+json");
  return say("failed", { reason: isProblem ? JSON.parse(xhr.responseText).detail : xhr.statusText });
}
