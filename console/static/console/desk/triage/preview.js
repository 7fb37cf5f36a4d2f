/** The report beside the list: a fragment of its own page. */

import { carried, make } from "../../dom.js";
import { say } from "../../words.js";
import { during } from "../progress.js";
import { complain } from "../toast.js";

const { panel } = carried("config"); // the address, with 0 for the number

/** Return the address of a case's whole page. */
export const pageOf = (id) => panel.replace("/0", `/${id}`).replace(/\?.*$/, "");

/** A panel that shows one case. */
export class Preview {
  #box;
  #body;
  #moved = null; // whose pin is to be moved, once it is there
  id = null;

  /** `changed` hears which case something was done with in the panel, or taken back of it since. */
  constructor(box, changed) {
    this.#box = box;
    document.addEventListener("report:shown", () => this.#shown());
    document.addEventListener("report:changed", ({ detail }) => changed(detail));
    this.#body = box.querySelector("#preview-body");
    box.querySelector("#preview-close").addEventListener("click", () => this.close());
  }

  /** Say whether it is open. */
  get isOpen() {
    return !this.#box.hidden;
  }

  /** Show a case; with `isAgain` though it is shown already. */
  async open(id, isAgain = false) {
    if (this.id === id && this.isOpen && !isAgain) return;
    this.id = id;
    this.#box.hidden = false;
    document.getElementById("triage").classList.add("has-preview");
    this.#box.querySelector("#preview-title").textContent = say("report_number", { id });
    this.#box.querySelector("#preview-link").href = pageOf(id);
    try {
      await during(window.htmx.ajax("GET", panel.replace("/0", `/${id}`), { target: this.#body }));
    } catch (error) {
      this.#body.replaceChildren(make("p", { class: "notice error" }, error.message));
      complain(error);
    }
  }

  /** Show a case, and begin to move its pin as soon as it is there. */
  movePin(id) {
    this.#moved = id;
    return this.open(id, true);
  }

  #shown() {
    if (this.#moved === this.id) this.#body.querySelector("[data-move]")?.click();
    this.#moved = null;
  }

  /** Close it. */
  close() {
    this.id = null;
    this.#box.hidden = true;
    document.getElementById("triage").classList.remove("has-preview");
    this.#body.replaceChildren();
    document.getElementById("list").focus();
  }
}
