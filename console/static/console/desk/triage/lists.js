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
  #select = document.getElementById("list-select"); // in place of the column where there is no room for it
  #kept = [];

  constructor(nav, views, query) {
    [this.#nav, this.#views, this.#query] = [nav, views, query];
    nav.addEventListener("click", (event) => this.#click(event));
    this.#select.addEventListener("change", () => this.#choose(this.#select.selectedOptions[0]));
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
      if (count === undefined) continue;
      link.querySelector(".count").textContent = number(count);
      this.#select.querySelector(`[value="${link.dataset.list}"]`).textContent = `${link.firstChild.textContent} (${number(count)})`;
    }
  }

  /** Show the views that everybody has and those of the account. */
  async readViews() {
    const { shipped, own } = await get("views");
    this.#kept = [...shipped.map(({ name, query }) => ({ name: inLanguage(name), query })), ...own];
    this.#views.replaceChildren(...this.#kept.map((one) => this.#view(one)));
    const options = this.#kept.map(({ name }, index) => make("option", { "data-view": index }, name));
    this.#select.querySelector("optgroup").replaceChildren(...options);
  }

  /** Keep what is asked for now under a name. */
  async save() {
    const name = await write(say("view_title"), { label: say("view_name"), submit: say("view_save"), isShort: true });
    if (!name) return;
    await during(post("views", { name, query: this.#query.parts }));
    await this.readViews();
    tell(say("view_saved", { name }));
  }

  #view(view) {
    const { id, name, query } = view;
    const open = make("button", { type: "button", class: "view", click: () => this.#query.replace(query) }, name);
    if (id === undefined) return make("li", {}, open); // everybody's
    const gone = () => this.#forget(view).catch(complain);
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

  #choose({ value, dataset }) {
    if (dataset.view) this.#query.replace(this.#kept[dataset.view].query);
    else this.#open(value);
    this.#mark();
  }

  #open(worklist) {
    this.#query.set({ worklist, order: "" });
  }

  #mark() {
    for (const link of this.#links) {
      if (link.dataset.list === this.#query.get("worklist")) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    this.#select.value = this.#query.get("worklist");
  }
}
