/** The list: only the rows in view are elements, so a hundred thousand scroll like ten. */

import { make } from "../../dom.js";
import { age, deadline, due } from "./due.js";
import { rowOf, skeletonRow } from "./row.js";

const ROW_PX = 78; // as triage.css has it
const BEYOND = 8; // rows above and below the view
const AHEAD = 30; // rows before the end at which the next page is fetched
const SKELETONS = 8;

/** A listbox over rows; tells `open` which one was opened and `point` which one is pointed at. */
export class List {
  #box;
  #sheet = make("div", { class: "sheet-of-rows", role: "presentation" });
  #rows;
  #choice;
  #on;
  #drawn = new Map(); // by number: element, and what it was made of
  refusals = new Map();

  constructor(box, rows, choice, on) {
    [this.#box, this.#rows, this.#choice, this.#on] = [box, rows, choice, on];
    box.append(this.#sheet);
    box.addEventListener("scroll", () => this.#soon(), { passive: true });
    new ResizeObserver(() => this.#soon()).observe(box);
    box.addEventListener("click", (event) => this.#click(event));
    box.addEventListener("dblclick", (event) => this.#id(event) && on.open(this.#id(event)));
    box.addEventListener("mouseover", (event) => on.point(this.#id(event)));
    box.addEventListener("mouseleave", () => on.point(null));
    rows.addEventListener("change", () => this.draw());
    choice.addEventListener("change", () => this.#follow());
  }

  /** Return the numbers of the list in its order. */
  get ids() {
    return this.#rows.listed.map(({ id }) => id);
  }

  /** Go to the head of the list. */
  top() {
    this.#box.scrollTop = 0;
  }

  #soon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  /** Draw the rows in view, and fetch what will be soon. */
  draw(now = Date.now()) {
    const { listed, next, isLoading, failure } = this.#rows;
    const waiting = next || (isLoading && !listed.length) ? SKELETONS : 0;
    this.#sheet.style.height = `${(listed.length + waiting) * ROW_PX}px`;
    const first = Math.max(0, Math.floor(this.#box.scrollTop / ROW_PX) - BEYOND);
    const last = Math.ceil((this.#box.scrollTop + this.#box.clientHeight) / ROW_PX) + BEYOND;
    const wanted = listed.slice(first, last).map((row, index) => this.#element(row, first + index, now));
    const ghosts = Array.from({ length: Math.max(0, Math.min(waiting, last - listed.length)) }, (_, index) =>
      at(skeletonRow(), listed.length + index),
    );
    this.#put([...wanted, ...ghosts]);
    for (const id of this.#drawn.keys()) if (!this.#drawn.get(id).element.isConnected) this.#drawn.delete(id);
    this.#box.setAttribute("aria-busy", String(isLoading));
    const { active } = this.#choice;
    if (this.#drawn.has(active)) this.#box.setAttribute("aria-activedescendant", `case-${active}`);
    else this.#box.removeAttribute("aria-activedescendant");
    if (last + AHEAD > listed.length && next && !isLoading && !failure) this.#rows.more();
    return first;
  }

  /** Put elements into the sheet, leaving alone those that stand where they should. */
  #put(elements) {
    const wanted = new Set(elements);
    for (const child of [...this.#sheet.children]) if (!wanted.has(child)) child.remove();
    elements.forEach((element, index) => {
      if (this.#sheet.children[index] !== element) this.#sheet.insertBefore(element, this.#sheet.children[index] ?? null);
    });
  }

  /** Return the element of a row, made anew only where it would look otherwise. */
  #element(row, index, now) {
    const shown = {
      place: index + 1,
      count: this.#rows.matched,
      isActive: row.id === this.#choice.active,
      isMarked: this.#choice.marked.has(row.id),
      refusal: this.refusals.get(row.id),
      due: due(deadline(row), now),
      age: age(row.submitted_at, now),
    };
    const key = JSON.stringify(shown);
    const known = this.#drawn.get(row.id);
    if (known?.row === row && known.key === key) return known.element;
    const element = at(rowOf(row, shown), index);
    this.#drawn.set(row.id, { row, key, element });
    return element;
  }

  /** Bring the active row into view. */
  #follow() {
    const index = this.ids.indexOf(this.#choice.active);
    if (index >= 0) {
      const [top, bottom] = [index * ROW_PX, (index + 1) * ROW_PX];
      const { scrollTop, clientHeight } = this.#box;
      if (top < scrollTop) this.#box.scrollTop = top;
      else if (bottom > scrollTop + clientHeight) this.#box.scrollTop = bottom - clientHeight;
    }
    this.draw();
  }

  #click(event) {
    const id = this.#id(event);
    if (!id) return;
    if (event.target.closest(".tickbox") || event.ctrlKey || event.metaKey) this.#choice.toggle(id);
    else if (event.shiftKey) this.#choice.reach(this.ids, id);
    else {
      this.#choice.set(id);
      this.#on.pick(id);
    }
  }

  #id({ target }) {
    return Number(target.closest("[role=option]")?.dataset.id) || null;
  }
}


function at(element, index) {
  element.style.top = `${index * ROW_PX}px`;
  return element;
}
