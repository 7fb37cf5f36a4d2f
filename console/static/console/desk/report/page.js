/** The page of one report: what `report.js` does in any place, and the keys and neighbours of a page. */

import { bind } from "../keys.js";
import { beside } from "../list.js";
import { undoLast } from "../toast.js";
import { say } from "../../words.js";
import "./report.js";

const ACTS = { a: "assign", p: "say_place", m: "merge", s: "state_step", r: "answer_short" };
const AHEAD = { n: ["key_next", 1], b: ["key_previous", -1] };

/** Return the address of a neighbour in the list that the page was opened from. */
function addressOf(places) {
  const other = beside(Number(document.getElementById("report").dataset.id), places);
  return other === undefined ? undefined : location.pathname.replace(/\d+$/, other);
}

/** Go to a neighbour, if there is one. */
function go(places) {
  const address = addressOf(places);
  if (address) location.assign(address);
}

/** Let the links to the neighbours lead there. */
function link() {
  const nav = document.querySelector("#report .neighbours");
  for (const anchor of nav.querySelectorAll("[data-go]")) {
    const address = addressOf(Number(anchor.dataset.go));
    anchor.hidden = !address;
    if (address) anchor.href = address;
  }
  nav.hidden = ![...nav.children].some((anchor) => !anchor.hidden);
}

const canAct = Boolean(document.querySelector("#report .report-acts"));
bind([
  ...(canAct ? Object.entries(ACTS) : []).map(([key, word]) => ({
    key,
    says: say(word),
    does: () => document.querySelector(`#report [data-key="${key}"]`)?.click(),
  })),
  ...(canAct ? [{ key: "z", says: say("key_undo"), does: undoLast }] : []),
  ...Object.entries(AHEAD).map(([key, [word, places]]) => ({ key, says: say(word), does: () => go(places) })),
]);
link();
document.addEventListener("report:shown", link);
