/** The list beside the map: the reports in view, a page at a time; for who cannot see a map it is the map. */

import { carried, make } from "./dom.js";
import { listed } from "./filters.js";
import { ask } from "./store.js";
import { reportMark } from "./symbols.js";
import { daysAgo, daysSince, inLanguage, number, say } from "./words.js";

const PAGE = 40;
const REST_MS = 350; // the map must have come to rest: no list is fetched while it moves
const { language } = carried("config");
const narrow = window.matchMedia("(max-width: 759px)");

/** The pane of one map; tells `open` which report was chosen. */
export class Pane {
  #map;
  #open;
  #timer = null;
  #turn = 0;
  #asked = "";
  #next = null;
  #list = document.getElementById("pane-list");
  #said = document.getElementById("pane-said");
  #more = document.getElementById("pane-more");
  #pane = document.getElementById("pane");

  constructor(map, open) {
    this.#map = map;
    this.#open = open;
    this.#more.addEventListener("click", () => this.#add(true));
    this.#wireSwitch();
  }

  /** The view has changed: list it once it rests, if anybody sees the list. */
  moved() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#begin(), REST_MS);
  }

  /** On a phone list and map take turns: the bar's links to both switch, and load nothing anew. */
  #wireSwitch() {
    const links = new Map(
      ["map", "list"].map((part) => [part, document.querySelector(`.parts a[data-part="${part}"]`)]),
    );
    for (const [part, link] of links) {
      link.addEventListener("click", (event) => {
        if (!narrow.matches) return;
        event.preventDefault();
        document.body.dataset.shown = part;
        for (const [other, its] of links) {
          if (other === part) its.setAttribute("aria-current", "page");
          else its.removeAttribute("aria-current");
        }
        if (part === "map") this.#map.invalidateSize();
        else this.#begin();
      });
    }
  }

  /** List the view from its newest report on, unless it is listed already. */
  #begin() {
    if (getComputedStyle(this.#pane).display === "none") return;
    const bounds = this.#map.getBounds();
    const sides = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    const query = `?bbox=${sides.map((side) => side.toFixed(5)).join(",")}${listed}&limit=${PAGE}`;
    if (query === this.#asked) return;
    this.#asked = query;
    this.#next = query;
    this.#turn += 1;
    this.#add(false);
  }

  /** Fetch a page and show it: in place of the list, or behind it. */
  async #add(isMore) {
    const turn = this.#turn;
    this.#more.disabled = true;
    if (!isMore) this.#list.setAttribute("aria-busy", "true");
    try {
      const { body } = await ask(`/api/reports${this.#next}`);
      if (turn !== this.#turn) return; // the view has moved on
      this.#next = body.next && new URL(body.next).search; // its host may be another behind a proxy
      const items = body.features.map((feature) => this.#item(feature));
      if (isMore) this.#list.append(...items);
      else this.#list.replaceChildren(...items);
      this.#say();
      if (isMore) items[0]?.querySelector("a").focus();
    } catch {
      if (turn !== this.#turn) return;
      this.#asked = "";
      this.#said.textContent = say("failed_one");
      this.#more.textContent = say("retry");
      this.#more.hidden = false;
    }
    this.#more.disabled = false;
    this.#list.removeAttribute("aria-busy");
  }

  /** Say how many are listed. */
  #say() {
    const count = this.#list.children.length;
    const key = !count ? "list_none_here" : this.#next ? "list_so_far" : "list_all";
    this.#said.textContent = say(key, { count: number(count) });
    this.#more.textContent = say("pane_more");
    this.#more.hidden = !this.#next;
  }

  /** A report: a link to its page, which on a desk's screen opens on the map. */
  #item({ id, geometry, properties: report }) {
    const own = language === "id" ? "" : `?lang=${language}`;
    const choose = (event) => {
      if (narrow.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const [lon, lat] = geometry.coordinates;
      const properties = { status: report.status, category: report.category.code };
      this.#open({ at: [lat, lon], features: [{ id, geometry, properties }], count: 1 });
    };
    const said = [say(`status_${report.status}`), daysAgo(daysSince(report.submitted_at))].join(" · ");
    return make(
      "li",
      {},
      make(
        "a",
        { href: `/reports/${id}${own}`, click: choose },
        reportMark(report.status, 20),
        make(
          "span",
          { class: "what" },
          make("b", {}, inLanguage(report.category.name)),
          make("span", { class: "words" }, report.text || say("no_text")),
          make("small", {}, said),
        ),
      ),
    );
  }
}
