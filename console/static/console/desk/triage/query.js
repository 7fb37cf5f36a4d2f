/** What is asked for: list, filters, order, piece of the map. The page's address says it, so it can be kept and shared. */

const PARTS = ["worklist", "order", "office", "state", "category", "kelurahan", "channel", "q", "bbox"];

/** The choice of cases; fires "change" with the names of what has changed. */
export class Query extends EventTarget {
  #parts = new Map();

  constructor(search) {
    super();
    const given = new URLSearchParams(search);
    for (const name of PARTS) if (given.get(name)) this.#parts.set(name, given.get(name));
  }

  /** Return one part, or "". */
  get(name) {
    return this.#parts.get(name) ?? "";
  }

  /** Return all parts as an object. */
  get parts() {
    return Object.fromEntries(this.#parts);
  }

  /** Change parts; what is empty is no longer asked for. */
  set(changes) {
    const before = this.parts;
    for (const [name, value] of Object.entries(changes)) {
      if (value) this.#parts.set(name, value);
      else this.#parts.delete(name);
    }
    const changed = PARTS.filter((name) => (before[name] ?? "") !== this.get(name));
    if (!changed.length) return;
    history.replaceState(null, "", `?${this.search()}`);
    this.dispatchEvent(new CustomEvent("change", { detail: changed }));
  }

  /** Ask for these parts and nothing else. */
  replace(parts) {
    this.set({ ...Object.fromEntries(PARTS.map((name) => [name, ""])), ...parts });
  }

  /** Return the parameters of the API, with others added or (null) left out. */
  search(others = {}) {
    const all = Object.entries({ ...this.parts, ...others }).filter(([, value]) => value !== null);
    return new URLSearchParams(all).toString();
  }
}
