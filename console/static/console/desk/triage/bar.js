/** How far something has come that is done to many cases. */

import { make } from "../../dom.js";
import { number, say } from "../../words.js";

const MANY = 20;

/** A bar in the page that is there while many are worked on. */
export class Bar {
  #box;

  constructor(box) {
    this.#box = box;
  }

  /** Run `work`, which calls what it is given with how many more are done. */
  async during(count, work) {
    if (count < MANY) return work(() => {});
    const bar = make("progress", { max: count, value: 0, "aria-label": say("working") });
    const text = make("span", { role: "status" });
    this.#box.replaceChildren(bar, text);
    this.#box.hidden = false;
    try {
      return await work((more) => {
        bar.value += more;
        text.textContent = say("working_on", { done: number(bar.value), count: number(count) });
      });
    } finally {
      this.#box.hidden = true;
    }
  }
}
