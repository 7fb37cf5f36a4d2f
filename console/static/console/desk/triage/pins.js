/** Cases as pins of a map, those that would overlap as circles with their number. */

import { cluster, gridPx, pointOf } from "../../clusters.js";
import { make } from "../../dom.js";
import { donut } from "../../symbols.js";
import { number, say } from "../../words.js";
import { due } from "./due.js";
import { stateMark } from "./marks.js";

const L = window.L;
const BOX_PX = 36;
const APART_PX = 24;
const STATUS = { red: "waiting", yellow: "in_progress", green: "done", grey: "done" };
const SAME_PLACE_DEG = 2e-5; // about two metres: no zoom parts these

/** The pins of a map; `on.open` hears which cases were clicked, `on.point` which one is pointed at. */
export class Pins {
  #map;
  #states;
  #on;
  #pins = new Map(); // by what they show
  #holders = new Map(); // number of a case: the element in which it is

  constructor(map, states, on) {
    [this.#map, this.#states, this.#on] = [map, states, on];
  }

  /** Show features, of the API's points (each a case, or how many lie in a square) or of tiles, and nothing else. */
  render(features, now) {
    const zoom = this.#map.getZoom();
    const points = features.map((feature) => this.#point(feature, zoom));
    const groups = cluster(points, gridPx(zoom), APART_PX);
    const wanted = new Map(groups.map((group) => [this.#key(group, now), group]));
    for (const [key, pin] of this.#pins) {
      if (wanted.has(key)) continue;
      pin.remove();
      this.#pins.delete(key);
    }
    this.#holders.clear();
    for (const [key, group] of wanted) {
      if (!this.#pins.has(key)) this.#pins.set(key, this.#pin(group, now));
      const element = this.#pins.get(key).getElement();
      for (const { id } of group.members) if (id !== undefined) this.#holders.set(id, element);
    }
    return groups;
  }

  /** Show which case is active or pointed at, and which ones are marked. */
  highlight(active, pointed, marked) {
    for (const pin of this.#pins.values()) pin.getElement().classList.remove("is-active", "is-pointed", "is-marked");
    for (const id of marked) this.#holders.get(id)?.classList.add("is-marked");
    this.#holders.get(pointed)?.classList.add("is-pointed");
    this.#holders.get(active)?.classList.add("is-active");
  }

  #point(feature, zoom) {
    const [lon, lat] = feature.geometry.coordinates;
    const { x, y } = this.#map.project([lat, lon], zoom);
    const state = this.#states[feature.properties.state];
    if (!state) return pointOf(feature, [x, y]); // of a tile
    const status = STATUS[state.colour];
    return pointOf({ ...feature, properties: { ...feature.properties, status } }, [x, y]);
  }

  #pin(group, now) {
    const pin = L.marker(this.#map.unproject([group.x, group.y], this.#map.getZoom()), {
      pane: "pins",
      keyboard: false, // the list speaks, and is worked by keys
      icon: L.divIcon({ className: "case-pin", iconSize: [BOX_PX, BOX_PX], html: this.#picture(group, now) }),
      riseOnHover: true,
    });
    const ids = group.members.map(({ id }) => id).filter((id) => id !== undefined);
    pin.on("click", () => this.#activate(group, ids));
    pin.on("mouseover", () => this.#on.point(ids[0] ?? null));
    pin.on("mouseout", () => this.#on.point(null));
    pin.addTo(this.#map);
    pin.getElement().title = this.#title(group, now);
    if (ids.length === 1 && group.count === 1) pin.getElement().dataset.id = ids[0];
    return pin;
  }

  /** Open what was clicked, or go nearer to many. */
  #activate({ extent: [west, south, east, north], count }, ids) {
    const isOne = east - west < SAME_PLACE_DEG && north - south < SAME_PLACE_DEG;
    if (ids.length === count && (isOne || this.#map.getZoom() >= this.#map.getMaxZoom())) return this.#on.open(ids);
    const bounds = L.latLngBounds([south, west], [north, east]);
    const near = this.#map.getBoundsZoom(bounds, false, L.point(80, 80));
    this.#map.setView(bounds.getCenter(), Math.min(this.#map.getMaxZoom(), Math.max(this.#map.getZoom() + 1, near)));
  }

  #picture(group, now) {
    const late = this.#late(group, now);
    const state = this.#states[group.members[0].properties.state];
    const mark = group.count > 1 || !state ? donut(group.count, group.states) : stateMark(state, 24);
    const text = group.count > 1 ? say("late_count", { count: number(late) }) : due(group.members[0].properties.due_at, now)?.short;
    return make("span", { class: late ? "is-late" : "" }, mark, late && text ? make("b", {}, text) : null);
  }

  /** Say in words what a pin shows. */
  #title(group, now) {
    const late = this.#late(group, now);
    if (group.members[0].id === undefined || group.count > 1) return say(late ? "pin_many_late" : "pin_many", { count: number(group.count), late: number(late) });
    const { state, due_at } = group.members[0].properties;
    const name = this.#states[state]?.said ?? "";
    return [`#${group.members[0].id}`, name, due(due_at, now)?.text].filter(Boolean).join(" · ");
  }

  /** Return how many of a group's cases are late: those of a square as they were counted. */
  #late({ members }, now) {
    const counted = members.map(({ properties: { late, due_at } }) => late ?? (due(due_at, now)?.short ? 1 : 0));
    return counted.reduce((sum, one) => sum + one, 0);
  }

  #key(group, now) {
    const { x, y, count, members } = group;
    const one = count === 1 ? `${members[0].id} ${members[0].properties.state}` : members.map(({ id }) => id ?? "").join(",");
    const late = count === 1 ? due(members[0].properties.due_at, now)?.short : this.#late(group, now);
    return [one, Math.round(x), Math.round(y), count, ...group.states, late].join(" ");
  }
}
