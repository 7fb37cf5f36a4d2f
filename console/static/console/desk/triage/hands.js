/** The keys of triage; whatever a mouse can do, they can. */

import { say } from "../../words.js";
import { bind } from "../keys.js";
import { complain, undoLast } from "../toast.js";
import { pageOf } from "./preview.js";

const NARROW = window.matchMedia("(max-width: 760px)");
const PAGE_ROWS = 8;
const GO_MS = 1500; // after g, in which a digit names a list

/** Bind keys and buttons to what a page can do. */
export function wireKeys(page) {
  const { choice, lists, selection } = page;
  const box = document.getElementById("list");
  const move = (by, marks) => choice.move(page.list.ids, by, marks);
  const acts = actsOf(page.actions);
  let goes = 0;
  const digits = Array.from({ length: 9 }, (_, index) => ({
    key: String(index + 1),
    does: () => goes > Date.now() && lists.choose(index + 1),
  }));
  bind([
    { key: "j", shown: "j ↓", says: say("key_next"), does: () => move(1) },
    { key: "k", shown: "k ↑", says: say("key_previous"), does: () => move(-1) },
    { key: "Enter", says: say("key_open") },
    { key: "o", says: say("key_page"), does: () => choice.active !== null && location.assign(pageOf(choice.active)) },
    { key: "x", says: say("key_mark"), does: () => choice.active !== null && choice.toggle(choice.active) },
    { key: "J", shown: "J K", says: say("key_range"), does: () => move(1, true) },
    { key: "K", does: () => move(-1, true) },
    { key: "A", says: say("key_all"), does: () => selection.all() },
    { key: "V", says: say("key_all_in_view"), does: () => selection.inView() },
    { key: "d", says: say("key_rectangle"), does: () => selection.draw("rectangle") },
    { key: "D", says: say("key_polygon"), does: () => selection.draw("polygon") },
    ...acts.map(({ key, says, does }) => ({ key, says, does })),
    { key: "z", says: say("undo"), does: undoLast },
    { key: "n", says: say("key_new"), does: () => page.insert() },
    { key: "/", says: say("key_search"), does: () => document.getElementById("q").focus() },
    { key: "f", says: say("filters"), does: () => document.getElementById("filter-button").click() },
    { key: "g", shown: "g 1…9", says: say("key_list"), does: () => (goes = Date.now() + GO_MS) },
    { key: "[", shown: "[ ]", says: say("key_lists"), does: () => lists.move(-1) },
    { key: "]", does: () => lists.move(1) },
    ...digits,
    { key: "v", says: say("key_map"), does: () => switchMap() },
    { key: "w", says: say("in_view_hint"), does: () => page.toggleView() },
    { key: "c", says: say("key_city"), does: () => page.whole() },
    { key: "S", says: say("view_title"), does: () => lists.save().catch(complain) },
    { key: "Escape", shown: "Esc", says: say("key_escape"), does: () => (page.preview.isOpen ? page.preview.close() : selection.none()) },
  ]);
  box.addEventListener("keydown", (event) => walk(event, page, move));
  for (const { id, does } of acts) document.getElementById(id)?.addEventListener("click", does);
  for (const button of document.querySelectorAll("[data-switch]")) button.addEventListener("click", switchMap);
  document.getElementById("save-view").addEventListener("click", () => lists.save().catch(complain));
}

/** The actions that this account has, each with its key and its button. */
function actsOf(actions) {
  const all = [
    ["s", "act-step", "act_step", () => actions.step()],
    ["a", "act-assign", "act_assign", () => actions.assign()],
    ["p", "act-place", "act_place", () => actions.place()],
    ["m", "act-merge", "act_merge", () => actions.merge()],
    ["r", "act-answer", "act_answer", () => actions.answer()],
  ];
  return all
    .filter(([, id]) => document.getElementById(id))
    .map(([key, id, words, act]) => ({ key, id, says: say(words), does: () => act().catch(complain) }));
}

/** Keys of the listbox itself. */
function walk(event, page, move) {
  const { key, shiftKey } = event;
  const by = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE_ROWS, PageUp: -PAGE_ROWS, Home: -Infinity, End: Infinity }[key];
  if (by) move(by, shiftKey);
  else if (key === "Enter") page.open(page.choice.active);
  else if (key === " " && page.choice.active !== null) page.choice.toggle(page.choice.active);
  else return;
  event.preventDefault();
}

/** On a phone show the map instead of the list, or the list again; on a desk go to the one or the other. */
function switchMap() {
  const desk = document.getElementById("triage");
  const toMap = NARROW.matches ? !desk.classList.contains("shows-map") : document.activeElement?.id !== "map";
  desk.classList.toggle("shows-map", toMap);
  for (const button of document.querySelectorAll("[data-switch]")) {
    button.setAttribute("aria-pressed", String((button.dataset.switch === "map") === toMap));
  }
  document.getElementById(toMap ? "map" : "list").focus();
}
