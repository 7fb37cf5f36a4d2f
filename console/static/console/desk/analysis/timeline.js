/** The line of time: reports by day or week as bars, and two handles that choose from when to when. */

import { make, svg } from "../../dom.js";
import { number, say } from "../../words.js";
import { date } from "./dates.js";
import { between, plus, within } from "./spans.js";

const DAILY_DAYS = 120; // a longer time is told by weeks
const WIDTH = 1000;
const HEIGHT = 56;
const JUMP_DAYS = 7;

/** Return the steps in which a span is told. */
export function stepOf({ from, to }) {
  return between(from, to) > DAILY_DAYS ? "week" : "day";
}

/** The line; fires "chosen" with the span, "sliding" while a handle is under way. */
export class Timeline extends EventTarget {
  #whole = null;
  #span = null;
  #compared = null;

  constructor(box) {
    super();
    this.bars = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.band = make("div", { class: "band", pointerdown: (event) => this.#grab(event, "band") });
    this.other = make("div", { class: "band other", hidden: "" });
    this.handles = { from: this.#handle("from"), to: this.#handle("to") };
    this.first = make("span", { class: "end" });
    this.last = make("span", { class: "end" });
    this.most = make("span", { class: "most" });
    const track = make("div", { class: "track" }, this.bars, this.other, this.band, this.handles.from, this.handles.to);
    box.append(track, make("div", { class: "ends" }, this.first, this.most, this.last));
    this.track = track;
  }

  /** Show the counts of a time. */
  show(series, whole) {
    this.#whole = whole;
    const most = Math.max(1, ...series.map(({ count }) => count));
    const days = between(whole.from, whole.to) + 1;
    this.bars.replaceChildren(
      ...series.map(({ start, count, days: long }) => {
        const first = Math.max(0, between(whole.from, start));
        const height = (count / most) * HEIGHT;
        const width = Math.max(1, ((long ?? 1) / days) * WIDTH - 1.2);
        return svg("rect", { x: (first / days) * WIDTH, y: HEIGHT - height, width, height });
      }),
    );
    this.first.textContent = date(whole.from);
    this.last.textContent = date(whole.to);
    const key = stepOf(whole) === "day" ? "most_a_day" : "most_a_week";
    this.most.textContent = series.length ? say(key, { count: number(most) }) : "";
    if (this.#span) this.choose(this.#span, this.#compared);
  }

  /** Mark what is chosen, and what it is compared with, if anything. */
  choose(span, compared = null) {
    [this.#span, this.#compared] = [span, compared];
    if (!this.#whole) return;
    this.#place(this.band, span);
    this.other.hidden = !compared || compared.to < this.#whole.from;
    if (!this.other.hidden) this.#place(this.other, compared);
    for (const [end, handle] of Object.entries(this.handles)) {
      handle.hidden = false;
      handle.style.left = `${this.#share(end === "from" ? span.from : plus(span.to, 1))}%`;
      handle.setAttribute("aria-valuemin", 0);
      handle.setAttribute("aria-valuemax", between(this.#whole.from, this.#whole.to));
      handle.setAttribute("aria-valuenow", between(this.#whole.from, span[end]));
      handle.setAttribute("aria-valuetext", date(span[end]));
    }
  }

  /** Whether there is a time to move along. */
  get isThere() {
    return this.#whole !== null;
  }

  /** How many days are chosen. */
  get length() {
    return between(this.#span.from, this.#span.to) + 1;
  }

  /** Move what is chosen by some days; says whether it could be moved. */
  move(days) {
    const { from, to } = this.#span;
    const moved = within({ from: plus(from, days), to: plus(to, days) }, this.#whole);
    if (moved.from === from) return false;
    this.#chosen(moved);
    return true;
  }

  /** Move what is chosen to the beginning of the line; says whether it could be moved. */
  rewind() {
    return this.move(between(this.#span.from, this.#whole.from));
  }

  #place(element, { from, to }) {
    const left = Math.max(0, this.#share(from));
    element.style.left = `${left}%`;
    element.style.width = `${Math.max(0.3, this.#share(plus(to, 1)) - left)}%`;
  }

  #share(day) {
    return (100 * between(this.#whole.from, day)) / (between(this.#whole.from, this.#whole.to) + 1);
  }

  #handle(end) {
    return make("button", {
      type: "button",
      class: "handle",
      role: "slider",
      hidden: "", // until there is a time to slide along
      "aria-label": say(end === "from" ? "first_day" : "last_day"),
      "aria-orientation": "horizontal",
      keydown: (event) => this.#key(event, end),
      pointerdown: (event) => this.#grab(event, end),
    });
  }

  #key(event, end) {
    const back = { ArrowLeft: -1, ArrowDown: -1, PageDown: -JUMP_DAYS, ArrowRight: 1, ArrowUp: 1, PageUp: JUMP_DAYS };
    const ends = { Home: this.#whole.from, End: this.#whole.to };
    if (!(event.key in back) && !(event.key in ends)) return;
    event.preventDefault();
    this.#chosen(this.#at(end, ends[event.key] ?? plus(this.#span[end], back[event.key])));
  }

  /** Return the span with one end on a day: neither behind the other end nor outside. */
  #at(end, day) {
    const { from, to } = this.#span;
    const inside = day < this.#whole.from ? this.#whole.from : day > this.#whole.to ? this.#whole.to : day;
    return end === "from" ? { from: inside < to ? inside : to, to } : { from, to: inside > from ? inside : from };
  }

  #grab(event, part) {
    event.preventDefault();
    const element = event.currentTarget;
    element.setPointerCapture(event.pointerId);
    element.focus?.();
    const begin = { x: event.clientX, span: this.#span };
    const width = this.track.getBoundingClientRect().width;
    const daysAPx = (between(this.#whole.from, this.#whole.to) + 1) / width;
    let moved = this.#span;
    const slide = ({ clientX }) => {
      const days = Math.round((clientX - begin.x) * daysAPx);
      this.#span = begin.span;
      moved = part === "band" ? this.#carried(days) : this.#at(part, plus(begin.span[part], days));
      this.choose(moved, null);
      this.dispatchEvent(new CustomEvent("sliding", { detail: moved }));
    };
    const drop = () => {
      element.removeEventListener("pointermove", slide);
      if (moved !== begin.span) this.#chosen(moved);
    };
    element.addEventListener("pointermove", slide);
    element.addEventListener("pointerup", drop, { once: true });
    element.addEventListener("pointercancel", drop, { once: true });
  }

  #carried(days) {
    return within({ from: plus(this.#span.from, days), to: plus(this.#span.to, days) }, this.#whole);
  }

  #chosen(span) {
    this.choose(span, null);
    this.dispatchEvent(new CustomEvent("chosen", { detail: span }));
  }
}
