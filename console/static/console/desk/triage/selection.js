/** Marking many at a time: all of the list, all in view, or what a drawn line surrounds. */

import { number, say } from "../../words.js";
import { complain, tell } from "../toast.js";
import { drawn, inBox } from "./draw.js";

/** What marks many cases of a page. */
export class Selection {
  #page;

  constructor(page) {
    this.#page = page;
    const on = (id, does) => document.getElementById(id).addEventListener("click", does);
    on("draw-rectangle", () => this.draw("rectangle"));
    on("draw-polygon", () => this.draw("polygon"));
    on("mark-view", () => this.inView());
    on("mark-none", () => this.none());
  }

  /** Mark all of the list, as many as can be worked on at a time. */
  all() {
    return this.#mark(() => this.#page.rows.all());
  }

  /** Mark all that the map shows: what drawing does, without a hand. */
  inView() {
    return this.#mark(() => inBox(this.#page.map.bbox, this.#page.query));
  }

  /** Mark what somebody draws round. */
  draw(kind) {
    return this.#mark(() => drawn(this.#page.map.map, kind, this.#page.query));
  }

  /** Mark none. */
  none() {
    this.#page.choice.mark([]);
    document.getElementById("list").focus();
  }

  async #mark(find) {
    try {
      const ids = await find();
      if (!ids) return;
      await this.#page.rows.have(ids);
      this.#page.choice.mark(ids);
      if (!ids.includes(this.#page.choice.active) && ids.length) this.#page.choice.set(ids[0]);
      tell(say("marked_n", { count: number(ids.length) }));
      document.getElementById("list").focus({ preventScroll: true });
    } catch (error) {
      complain(error);
    }
  }
}
