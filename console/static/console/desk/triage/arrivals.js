/** What came since the list was fetched: heard by events where there are some, else asked for now and then. */

import { News } from "../../news.js";

const ASK_MS = 30_000;
const AT_LEAST_MS = 5_000; // between two questions, however much is heard

/** Calls `look` after changes of reports, and `changed` with their tiles. */
export class Arrivals {
  #look;
  #last = 0;
  #timer = null;

  constructor(events, look) {
    this.#look = look;
    setInterval(() => this.#soon(), ASK_MS);
    document.addEventListener("visibilitychange", () => document.hidden || this.#soon());
    new News(events).addEventListener("change", ({ detail }) => {
      if (detail.some(({ layer }) => layer === "reports")) this.#soon();
    });
  }

  #soon() {
    if (document.hidden || this.#timer) return;
    const wait = Math.max(0, this.#last + AT_LEAST_MS - Date.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#last = Date.now();
      this.#look();
    }, wait);
  }
}
