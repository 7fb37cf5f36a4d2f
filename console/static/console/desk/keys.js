/** Keys of a page: one letter each, left alone while somebody types; `?` lists them. */

import { make } from "../dom.js";
import { say } from "../words.js";

const TYPED_INTO = "input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]";

/**
 * Listen for keys.
 *
 * @param bindings objects with `key` (as KeyboardEvent.key), `says` (what it does, for the list) and `does`; without
 *   it a key is only listed, for some part of the page hears it itself; `shown` is what stands for it in the list
 */
export function bind(bindings) {
  const all = [...bindings, { key: "?", says: say("keys_title"), does: () => list(all) }];
  const byKey = new Map(all.map((binding) => [binding.key, binding]));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.(TYPED_INTO)) return;
    if (document.querySelector("dialog[open]")) return;
    const binding = byKey.get(event.key);
    if (!binding?.does) return;
    event.preventDefault();
    binding.does(event);
  });
}

/** Show what each key does. */
function list(bindings) {
  const rows = bindings
    .filter(({ says }) => says)
    .map(({ key, shown, says }) => [make("dt", {}, make("kbd", {}, shown ?? key)), make("dd", {}, says)]);
  const close = make("button", { class: "button main", autofocus: "" }, say("close"));
  const dialog = make(
    "dialog",
    { "aria-labelledby": "keys-title", close: () => dialog.remove() },
    make("h2", { id: "keys-title" }, say("keys_title")),
    make("dl", { class: "facts" }, rows),
    make("form", { method: "dialog" }, close),
  );
  document.body.append(dialog);
  dialog.showModal();
}
