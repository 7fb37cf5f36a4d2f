/** What the page shows: kept in the address, so that a link, a bookmark and a kept figure are the same thing. */

import { before, between, plus } from "./spans.js";

export const FACETS = ["category", "status", "kelurahan", "channel"];
const WORDS = {
  mode: ["spots", "compare", "jams"],
  drawn: ["hex", "heat"],
  pair: ["difference", "beside"],
  against: ["previous", "year"],
  range: ["92", "30", "366", "1461"],
};
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const FIRST_DAYS = 28;

/** A choice; fires "change" with the names of what is new. */
export class Choice extends EventTarget {
  #today;
  #values = {};

  constructor(today, search) {
    super();
    this.#today = today;
    this.read(search);
  }

  /** Take over what an address says; what it does not say is as at first. */
  read(search) {
    const given = new URLSearchParams(search);
    for (const [name, known] of Object.entries(WORDS)) {
      this.#values[name] = known.includes(given.get(name)) ? given.get(name) : known[0];
    }
    for (const name of FACETS) this.#values[name] = given.get(name) ?? "";
    const [from, to] = [given.get("from"), given.get("to")];
    const isSpan = DATE.test(from ?? "") && DATE.test(to ?? "") && from <= to;
    this.#values.to = isSpan ? to : this.#today;
    this.#values.from = isSpan ? from : plus(this.#today, 1 - FIRST_DAYS);
  }

  get(name) {
    return this.#values[name];
  }

  get span() {
    return { from: this.#values.from, to: this.#values.to };
  }

  /** The days of the line of time: the range up to today, and so far back that all that is chosen is on it. */
  get whole() {
    const { mode, range, against, from } = this.#values;
    const first = mode === "compare" ? before(this.span, against).from : from;
    const days = Math.max(Number(range), between(first, this.#today) + 1);
    return { from: plus(this.#today, 1 - days), to: this.#today };
  }

  /** The filters as the API's questions take them. */
  get filters() {
    return Object.fromEntries(FACETS.filter((name) => this.#values[name]).map((name) => [name, this.#values[name]]));
  }

  /** The choice as an address has it, without the place of the map. */
  get query() {
    return new URLSearchParams(Object.entries(this.#values).filter(([, value]) => value)).toString();
  }

  /** Choose; the address follows. */
  set(values) {
    const fresh = Object.keys(values).filter((name) => this.#values[name] !== values[name]);
    if (!fresh.length) return;
    Object.assign(this.#values, values);
    history.replaceState(null, "", `?${this.query}${location.hash}`);
    this.dispatchEvent(new CustomEvent("change", { detail: fresh }));
  }
}
