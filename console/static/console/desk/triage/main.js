/** Triage: the list and the map of the same cases, each the filter of the other, worked through by the keyboard. */

import { carried } from "../../dom.js";
import { keep } from "../list.js";
import { complain } from "../toast.js";
import { Actions } from "./actions.js";
import { Arrivals } from "./arrivals.js";
import { Bar } from "./bar.js";
import { Choice } from "./choice.js";
import { wireFilters } from "./filters.js";
import { wireKeys } from "./hands.js";
import { List } from "./list.js";
import { Lists } from "./lists.js";
import { DeskMap, aboutMap } from "./map.js";
import { Preview } from "./preview.js";
import { Query } from "./query.js";
import { Rows } from "./rows.js";
import { Selection } from "./selection.js";
import { showArrivals, showChoice, showLegend, showRefusals, showRows } from "./says.js";

const TICK_MS = 15_000; // a deadline that passes is seen within a minute
const FOLLOW_MS = 150; // keys that are held down open nothing on their way
const NO_PLACE = "no_place";

const config = carried("config");
const find = (id) => document.getElementById(id);

/** The page: what hangs together by the query, the rows and the choice. */
class Triage {
  constructor() {
    this.query = new Query(location.search);
    if (!Object.keys(this.query.parts).length) this.query.set({ worklist: config.first });
    this.rows = new Rows(this.query);
    this.choice = new Choice();
    this.isFollowing = true; // of the list: what is in view on the map
    this.pointed = null;
    this.map = null;
    this.preview = new Preview(find("preview"), (id) => this.refresh([id]).catch(complain));
    this.list = new List(find("list"), this.rows, this.choice, {
      open: (id) => this.open(id),
      pick: (id) => this.open(id),
      point: (id) => this.point(id),
    });
    this.lists = new Lists(find("lists"), find("views"), this.query);
    this.actions = new Actions(this.rows, this.choice, new Bar(find("working")), {
      settled: (ids, refused) => this.settled(ids, refused),
      movePin: (id) => this.movePin(id),
    });
    this.selection = new Selection(this);
    wireFilters(find("filters"), this.query);
    wireKeys(this);
    this.#listen();
    showLegend(config.states);
    this.load(true);
    this.#startMap();
  }

  #listen() {
    this.query.addEventListener("change", ({ detail }) => this.#asked(detail));
    this.rows.addEventListener("change", () => showRows(this.rows));
    this.choice.addEventListener("change", () => this.#chosen());
    find("arrivals").addEventListener("click", () => this.insert());
    find("retry").addEventListener("click", () => this.load(true));
    find("in-view").addEventListener("click", () => this.toggleView());
    this.arrivals = new Arrivals(config.events, () => this.look().catch(() => {})); // it is asked again
    setInterval(() => this.tick(), TICK_MS);
  }

  async #startMap() {
    const on = { open: (ids) => this.openPins(ids), point: (id) => this.point(id) };
    try {
      const parts = { ...(await aboutMap()), states: config.states, start: config.start, land: config.land };
      this.map = new DeskMap(find("map"), this.query, parts, on);
    } catch (error) {
      find("map-failed").hidden = false;
      return complain(error);
    }
    this.map.addEventListener("moved", () => this.#moved());
    this.map.addEventListener("pins", () => this.#highlight());
    this.map.addEventListener("failed", () => (find("map-failed").hidden = false));
    this.map.addEventListener("drawn", () => (find("map-failed").hidden = true));
  }

  /** The list is to be of what is in view now. */
  #moved() {
    if (!this.isFollowing || this.query.get("worklist") === NO_PLACE) return;
    this.isFromMap = true;
    this.query.set({ bbox: this.map.bbox });
    this.isFromMap = false;
  }

  /** Something else is asked for. */
  #asked(changed) {
    const isOther = changed.some((name) => name !== "bbox");
    if (isOther) {
      this.list.refusals.clear();
      showRefusals(new Map());
      this.choice.mark([]);
      this.choice.set(null);
      this.list.top();
    }
    if (changed.includes("bbox") && !this.isFromMap) this.map?.show(this.query.get("bbox"));
    if (isOther) this.map?.update();
    if (this.query.get("worklist") === NO_PLACE && this.query.get("bbox")) return this.query.set({ bbox: "" });
    showChoice(this.choice, this.query, this.isFollowing);
    this.load(isOther);
  }

  /** Fetch the list; the first case is the active one where the former is no longer there. */
  async load(isOther = false) {
    if (!(await this.rows.load({ isOther }))) return;
    const { ids } = this.list;
    if (!ids.includes(this.choice.active)) this.choice.set(ids[0] ?? null);
    showArrivals(0);
  }

  #chosen() {
    showChoice(this.choice, this.query, this.isFollowing);
    this.#highlight();
    if (!this.preview.isOpen || this.choice.active === null) return;
    clearTimeout(this.timer);
    // Closed meanwhile, it stays so.
    const follow = () => this.preview.isOpen && this.choice.active !== null && this.preview.open(this.choice.active);
    this.timer = setTimeout(follow, FOLLOW_MS);
  }

  #highlight() {
    this.map?.pins.highlight(this.choice.active, this.pointed, this.choice.marked);
  }

  /** Mark what is pointed at, in the list and on the map. */
  point(id) {
    if (id === this.pointed) return;
    find(`case-${this.pointed}`)?.classList.remove("is-pointed");
    this.pointed = id;
    find(`case-${id}`)?.classList.add("is-pointed");
    this.#highlight();
  }

  /** Show a case beside the list, and where it is. */
  open(id) {
    if (id === null) return;
    this.choice.set(id);
    keep(this.list.ids);
    this.preview.open(id);
    this.map?.reveal(this.rows.find(id)?.point);
  }

  /** Show a case beside the list, with its pin ready to be moved. */
  movePin(id) {
    this.choice.set(id);
    keep(this.list.ids);
    return this.preview.movePin(id);
  }

  /** One pin opens its case, several at one place are marked. */
  openPins(ids) {
    if (ids.length > 1) this.choice.mark(ids);
    this.open(ids[0]);
  }

  /** Say whether only what is in view is listed, or all. */
  toggleView() {
    this.isFollowing = !this.isFollowing;
    this.isFromMap = true;
    this.query.set({ bbox: this.isFollowing && this.map ? this.map.bbox : "" });
    this.isFromMap = false;
    showChoice(this.choice, this.query, this.isFollowing);
  }

  /** Show the whole city, in the list as well. */
  whole() {
    this.query.set({ bbox: "" });
    this.map?.show("");
  }

  /** Bring up to date what was worked on: what left the list goes, what was refused stays marked. */
  async settled(ids, refused) {
    for (const id of ids) this.list.refusals.delete(id);
    for (const [id, reason] of refused) this.list.refusals.set(id, reason);
    const wasMarked = this.choice.marked.size > 0;
    await this.refresh(ids);
    if (wasMarked) this.choice.mark(ids.filter((id) => refused.has(id)));
    showRefusals(refused, ids.length, wasMarked);
    if (ids.includes(this.preview.id)) this.preview.open(this.choice.active ?? this.preview.id, true);
  }

  /** Have cases, counts and pins as they are now; the place in the list stays. */
  async refresh(ids) {
    const before = this.list.ids;
    this.choice.drop(await this.rows.refresh(ids), before);
    this.map?.update();
    this.lists.count().catch(complain);
  }

  /** See what came; counts change by themselves, rows on demand. */
  async look() {
    const [newer] = await Promise.all([this.rows.newer(), this.lists.count()]);
    showArrivals(newer);
    if (newer) this.map?.forget();
  }

  /** Put what came into the list and on the map. */
  async insert() {
    await this.load();
    this.map?.update();
    find("list").focus();
  }

  /** Time passes: ages, deadlines, pins. */
  tick() {
    this.list.draw();
    this.map?.draw();
  }
}

window.triage = new Triage();
