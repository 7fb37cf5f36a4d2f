/** Which case has the focus of the work, and which are marked for what is done to many. */

/** Fires "change". */
export class Choice extends EventTarget {
  #anchor = null;
  active = null;
  marked = new Set();

  /** Make a case the active one. */
  set(id) {
    if (id === this.active) return;
    this.active = id;
    this.#anchor = null;
    this.#changed();
  }

  /** Go some rows up or down a list of numbers; with `marks` all on the way are marked. */
  move(ids, by, marks = false) {
    if (!ids.length) return;
    const from = ids.indexOf(this.active);
    const to = Math.max(0, Math.min(ids.length - 1, from < 0 ? 0 : from + by));
    if (marks) {
      this.#anchor ??= this.active ?? ids[to];
      const ends = [ids.indexOf(this.#anchor), to].sort((one, other) => one - other);
      for (const id of ids.slice(Math.max(0, ends[0]), ends[1] + 1)) this.marked.add(id);
    } else {
      this.#anchor = null;
    }
    this.active = ids[to];
    this.#changed();
  }

  /** Mark a case, or no longer. */
  toggle(id) {
    if (!this.marked.delete(id)) this.marked.add(id);
    this.#anchor = id;
    this.#changed();
  }

  /** Mark all from the active case to another. */
  reach(ids, id) {
    const [from, to] = [ids.indexOf(this.active), ids.indexOf(id)].sort((one, other) => one - other);
    for (const one of ids.slice(Math.max(0, from), to + 1)) this.marked.add(one);
    this.active = id;
    this.#changed();
  }

  /** Mark these and no others. */
  mark(ids) {
    this.marked = new Set(ids);
    this.#anchor = null;
    this.#changed();
  }

  /** Return what the next action is done to: the marked cases, else the active one. */
  get targets() {
    if (this.marked.size) return [...this.marked];
    return this.active === null ? [] : [this.active];
  }

  /** Take cases out that are no longer there; the active one gives way to its neighbour in the list of before. */
  drop(gone, before) {
    const lost = new Set(gone);
    if (lost.has(this.#anchor)) this.#anchor = null;
    for (const id of lost) this.marked.delete(id);
    if (lost.has(this.active)) {
      const at = before.indexOf(this.active);
      const behind = before.slice(at).find((id) => !lost.has(id));
      this.active = behind ?? before.slice(0, Math.max(0, at)).findLast((id) => !lost.has(id)) ?? null;
    }
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
