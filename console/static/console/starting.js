/** What stands on the map until it is there: that it is on its way, or that it does not come. */

import { say } from "./words.js";

const box = document.getElementById("starting");
const [text, bar] = box.querySelectorAll("p");
const again = box.querySelector("button");

/** Say that the map is on its way. */
export function showLoading() {
  text.textContent = say("map_loading");
  bar.hidden = false;
  again.hidden = true;
}

/** Say that it does not come, and when it is tried again: now, by a button. */
export function showFailure(seconds, retry) {
  text.textContent = say("map_failed", { seconds });
  bar.hidden = true;
  again.hidden = false;
  again.onclick = retry;
}

/** The map is there. */
export function showStarted() {
  box.remove();
}
