/** Short sentences at the foot of the page; what can be taken back bears a button that does. */

import { make } from "../dom.js";
import { say } from "../words.js";

const STAYS_MS = 8000;
const STAYS_WITH_UNDO_MS = 20_000;

/**
 * Say that something was done; `undo` is called by its button (or the key z) while the sentence stands. Of what was
 * done for good (`isFinal`) nothing is taken back, and the key takes back nothing that was done before it.
 */
export function tell(text, { undo, isFinal = false } = {}) {
  if (isFinal) for (const one of document.querySelectorAll("#toasts .undo")) one.classList.remove("undo");
  return show(text, "", undo);
}

/** Say what went wrong: an Error, or a sentence. */
export function complain(error) {
  return show(error.message ?? error, "error");
}

/** Take back the last thing that was done, or say that it cannot be. */
export function undoLast() {
  const button = [...document.querySelectorAll("#toasts .undo")].at(-1);
  if (button) button.click();
  else complain(say("nothing_to_undo"));
}

/** Take away what went wrong in these words: the page says it where it belongs. */
export function hush(text) {
  for (const one of document.querySelectorAll("#toasts .error")) if (one.firstChild.textContent === text) one.remove();
}

/** Whether the page itself says so already. */
function stands(text) {
  return [...document.querySelectorAll(".notice.error")].some((one) => one.textContent === text && one.checkVisibility());
}

function show(text, kind, undo) {
  // What went wrong twice in the same words is said once.
  if (kind === "error") {
    hush(text);
    if (stands(text)) return null;
  }
  // What can only be read makes room for what comes next; what can be taken back stays for its time.
  if (!kind) for (const one of document.querySelectorAll("#toasts .said")) one.remove();
  const toast = make("div", { class: `toast ${kind || (undo ? "" : "said")}` }, make("span", {}, text));
  const close = () => toast.remove();
  if (undo) {
    const back = () => {
      close();
      Promise.resolve(undo()).catch(complain);
    };
    toast.append(make("button", { type: "button", class: "button undo", click: back }, say("undo")));
  } else {
    toast.append(make("button", { type: "button", class: "button", click: close }, say("close")));
  }
  document.getElementById("toasts").append(toast);
  if (kind !== "error") setTimeout(close, undo ? STAYS_WITH_UNDO_MS : STAYS_MS);
  return toast;
}
