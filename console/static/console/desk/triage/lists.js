/** Work lists with their counts, and the views that are kept under a name. */

import { make } from "../../dom.js";
import { inLanguage, number, say } from "../../words.js";
import { get, post, remove } from "../api.js";
import { during } from "../progress.js";
import { complain, tell } from "../toast.js";
import { write } from "./dialogs.js";

/** The column of lists and views; what is chosen goes to the query. */
export class Lists {
  #nav;
  #views;
  #query;

  constructor(nav, views, query) {
    [this.#nav, this.#views, this.#query] = [nav, views, query];
    nav.addEventListener("click", (event) => this.#click(event));
    query.addEventListener("change", () => this.#mark());
    this.#mark();
    this.readViews().catch(complain);
  }

  get #links() {
    return [...this.#nav.querySelectorAll("[data-list]")];
  }

  /** Choose the list of a number, from 1. */
  choose(number) {
    const link = this.#links[number - 1];
    if (link) this.#open(link.dataset.list);
  }

  /** Choose the list before (-1) or after (1). */
  move(by) {
    const links = this.#links;
    const at = links.findIndex(({ dataset }) => dataset.list === this.#query.get("worklist"));
    this.#open(links[(at + by + links.length) % links.length].dataset.list);
  }

  /** Count anew. */
  async count() {
    const { work_lists } = await get("work-lists");
    const counts = new Map(work_lists.map(({ code, count }) => [code, count]));
    for (const link of this.#links) {
      const count = counts.get(link.dataset.list);
      if (count !== undefined) link.querySelector(".count").textContent = number(count);
    }
  }

  /** Show the views that everybody has and those of the account. */
  async readViews() {
    const { shipped, own } = await get("views");
    const all = [...shipped.map((one) => this.#view(inLanguage(one.name), one.query)), ...own.map((one) => this.#view(one.name, one.query, one))];
    this.#views.replaceChildren(...all);
  }

  /** Keep what is asked for now under a name. */
  async save() {
    const name = await write(say("view_title"), { label: say("view_name"), submit: say("view_save"), isShort: true });
    if (!name) return;
    await during(post("views", { name, query: this.#query.parts }));
    await this.readViews();
    tell(say("view_saved", { name }));
  }

  #view(name, query, own = null) {
    const open = make("button", { type: "button", class: "view", click: () => this.#query.replace(query) }, name);
    if (!own) return make("li", {}, open);
    const gone = () => this.#forget(own).catch(complain);
    return make("li", {}, open, make("button", { type: "button", class: "close", "aria-label": say("view_forget", { name }), click: gone }, "×"));
  }

  async #forget({ id, name, query }) {
    await during(remove(`views/${id}`));
    await this.readViews();
    const back = () => post("views", { name, query }).then(() => this.readViews());
    tell(say("view_forgotten", { name }), { undo: back });
  }

  #click(event) {
    const link = event.target.closest("[data-list]");
    if (!link) return;
    event.preventDefault();
    this.#open(link.dataset.list);
  }

  #open(worklist) {
    this.#query.set({ worklist, order: "" });
  }

  #mark() {
    for (const link of this.#links) {
      if (link.dataset.list === this.#query.get("worklist")) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const select = document.getElementById("list-select");
    select.value = this.#query.get("worklist");
  }
}

/** Let a phone's select choose a list. */
export function wireSelect(query) {
  const select = document.getElementById("list-select");
  select.addEventListener("change", () => query.set({ worklist: select.value, order: "" }));
}
