/** The cases of the list: fetched page by page, kept, and brought up to date one by one. */

import { get } from "../api.js";
import { during } from "../progress.js";

const PAGE = 60;
const AT_A_TIME = 200; // rows that are asked for by their numbers
const MOST = 2000; // steps at a time, and so rows that are worked on at a time

/** Fires "change" whenever what is to be shown is another. */
export class Rows extends EventTarget {
  #query;
  #call = null; // what ends a load that is no longer wanted
  #latest = 0; // the greatest number of any case when the list was fetched
  #known = new Map(); // by number: those of the list, and those that were marked on the map

  constructor(query) {
    super();
    this.#query = query;
    this.#empty();
  }

  #empty() {
    Object.assign(this, { listed: [], next: null, matched: null, isLoading: false, failure: null });
  }

  /** Return a case that was fetched. */
  find(id) {
    return this.#known.get(id);
  }

  /** Fetch the first page anew; until it is there the former one stands, unless the list is another. Says whether it came. */
  async load({ isOther = false } = {}) {
    if (isOther) {
      this.#empty();
      this.#known.clear();
    }
    return this.#fetch({}, (page) => {
      this.listed = page.cases;
      this.#latest = page.latest;
    });
  }

  /** Fetch the page that follows; says whether one came. */
  async more() {
    if (!this.next || this.isLoading) return false;
    const before = this.listed.length;
    await this.#fetch({ after: this.next }, (page) => {
      const there = new Set(this.listed.map(({ id }) => id));
      this.listed = [...this.listed, ...page.cases.filter(({ id }) => !there.has(id))];
    });
    return this.listed.length > before;
  }

  /** Fetch all that may be worked on at a time. */
  async all() {
    while (this.next && this.listed.length < MOST) {
      if (this.isLoading) await new Promise((resolve) => this.addEventListener("change", resolve, { once: true }));
      else if (!(await this.more())) break;
    }
    return this.listed.slice(0, MOST).map(({ id }) => id);
  }

  /** Bring cases up to date: those that are no longer of the list leave it, and are returned; who is back is fetched. */
  async refresh(ids) {
    const found = await this.#named(ids, this.#query.search({ order: null }));
    const there = new Map(found.map((row) => [row.id, row]));
    const listed = new Set(this.listed.map(({ id }) => id));
    const left = new Set(ids.filter((id) => listed.has(id) && !there.has(id)));
    this.listed = this.listed.filter(({ id }) => !left.has(id)).map((row) => there.get(row.id) ?? row);
    if (this.matched !== null) this.matched = Math.max(this.listed.length, this.matched - left.size);
    this.#changed();
    if (found.some(({ id }) => !listed.has(id))) await this.load();
    return [...left];
  }

  /** Have cases at hand that the list has not fetched. */
  async have(ids) {
    await this.#named(ids.filter((id) => !this.#known.has(id)), "");
  }

  /** Say how many cases of the list came since it was fetched. */
  async newer() {
    if (this.isLoading || this.failure) return 0;
    const asked = this.#query.search({ order: "newest", newer_than: this.#latest, limit: 1 });
    return (await get(`cases?${asked}`)).matched ?? 0;
  }

  async #named(ids, search) {
    const found = [];
    for (let from = 0; from < ids.length; from += AT_A_TIME) {
      const some = ids.slice(from, from + AT_A_TIME).join(",");
      const page = await during(get(`cases?${search}${search ? "&" : ""}ids=${some}&limit=${AT_A_TIME}&order=newest`));
      found.push(...page.cases);
    }
    for (const row of found) this.#known.set(row.id, row);
    return found;
  }

  async #fetch(more, put) {
    this.#call?.abort();
    const call = (this.#call = new AbortController());
    this.isLoading = true;
    this.#changed();
    try {
      const asked = get(`cases?${this.#query.search({ ...more, limit: PAGE })}`, { signal: call.signal });
      const page = await during(asked);
      for (const row of page.cases) this.#known.set(row.id, row);
      put(page);
      this.next = page.next_after;
      if (page.matched !== null || !more.after) this.matched = page.matched;
      this.failure = null;
    } catch (error) {
      if (error.name === "AbortError") return false;
      this.failure = error;
    }
    if (call !== this.#call) return false;
    this.isLoading = false;
    this.#changed();
    return !this.failure;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
