/** Figures kept under a name: a dialog that lists, opens, keeps and forgets them. */

import { make } from "../../dom.js";
import { say } from "../../words.js";
import { get, post, remove } from "../api.js";
import { during } from "../progress.js";
import { complain, tell } from "../toast.js";

/** Open the dialog; `query` is of the figure as it is now, `open` shows one that was kept. */
export async function showFigures(query, open) {
  const { figures } = await during(get("figures"));
  const close = () => dialog.close();
  const name = make("input", { id: "figure-name", name: "name", maxlength: 60, required: "", autocomplete: "off" });
  const form = make(
    "form",
    { class: "form", submit: (event) => keep(event, name.value, query, close) },
    make("label", { for: "figure-name" }, say("figure_name")),
    make("div", { class: "buttons one-line" }, name, make("button", { class: "button main" }, say("figure_keep"))),
  );
  const items = figures.map((one) => item(one, (kept) => (close(), open(kept))));
  const dialog = make(
    "dialog",
    { class: "figures", "aria-labelledby": "figures-title", close: () => dialog.remove() },
    make("h2", { id: "figures-title" }, say("figures")),
    make("p", { class: "small quiet" }, say("figures_hint")),
    form,
    items.length ? make("ul", { class: "kept" }, items) : make("p", { class: "quiet" }, say("figures_none")),
    make("div", { class: "buttons" }, make("button", { type: "button", class: "button", click: close }, say("close"))),
  );
  document.body.append(dialog);
  dialog.showModal();
}

async function keep(event, name, query, close) {
  event.preventDefault();
  try {
    await during(post("figures", { name, query }));
    close();
    tell(say("figure_kept", { name }));
  } catch (error) {
    complain(error);
  }
}

function item(figure, open) {
  const line = make(
    "li",
    {},
    make("button", { type: "button", class: "button plain open", click: () => open(figure.query) }, figure.name),
    make("button", { type: "button", class: "button plain", "aria-label": say("figure_forget", figure), title: say("figure_forget", figure), click: () => forget(figure, line) }, "×"),
  );
  return line;
}

async function forget(figure, line) {
  try {
    await during(remove(`figures/${figure.id}`));
    line.remove();
    const undo = () => during(post("figures", { name: figure.name, query: figure.query }));
    tell(say("figure_forgotten", { name: figure.name }), { undo });
  } catch (error) {
    complain(error);
  }
}
