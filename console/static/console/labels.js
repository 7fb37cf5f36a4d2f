/** Names of kota, kecamatan, kelurahan: none over another, none over a cluster, none outside its area. */

import { make } from "./dom.js";
import { isInside } from "./nearest.js";
import { NAMES } from "./styles.js";

const L = window.L;
const PADDING_PX = 3;
const STEP_PX = 11;
const SAMPLES = 6; // a side: where in the view an area lies whose own label point is outside it
const ruler = document.createElement("canvas").getContext("2d");

/** The labels of a map. What stands, stands until the zoom changes: panning only adds. */
export class Labels {
  #map;
  #placed = new Map();
  #zoom = null;

  constructor(map) {
    this.#map = map;
  }

  /**
   * Place the names of features.
   *
   * @param tiers pairs of the tier's name and its features
   * @param circles {x, y, r} in pixels of the zoom, to be avoided
   * @param isFresh place all anew, since what must be avoided has changed
   */
  render(tiers, circles, isFresh) {
    const zoom = this.#map.getZoom();
    if (isFresh || zoom !== this.#zoom) this.#clear();
    this.#zoom = zoom;
    const wanted = new Map();
    for (const [tier, features] of tiers) {
      const style = NAMES[tier];
      if (!style || Math.round(zoom) < style.from || Math.round(zoom) > style.to) continue;
      for (const { properties, geometry } of features) {
        const known = wanted.get(properties.code);
        if (known) known.shapes.push(geometry);
        else wanted.set(properties.code, { ...properties, style, tier, shapes: [geometry] });
      }
    }
    this.#dropHidden();
    for (const code of [...this.#placed.keys()].filter((known) => !wanted.has(known))) this.#remove(code);
    for (const code of [...wanted.keys()].sort()) {
      if (!this.#placed.has(code)) this.#place(wanted.get(code), circles);
    }
  }

  /** Put one name within its area where it is free, nearest to its own point; leave it out where nothing is. */
  #place(area, circles) {
    const { code, name, style, tier, shapes } = area;
    const text = name.replace(/^(Kota|Kabupaten) Administrasi /, "");
    const home = this.#home(area);
    if (!home) return;
    const size = measure(text, style.font);
    const taken = [...this.#placed.values()].map(({ box }) => box);
    const box = offsets(style.reach)
      .map(([dx, dy]) => boxAt(home.x + dx, home.y + dy, size))
      .find(
        (box) =>
          !taken.some((other) => touch(box, other)) &&
          !circles.some((circle) => covers(circle, box)) &&
          isInside(shapes, this.#lonLat(box)),
      );
    if (!box) return;
    const marker = L.marker(this.#map.unproject([box.x, box.y], this.#zoom), {
      pane: "labels",
      interactive: false,
      keyboard: false,
      icon: L.divIcon({ className: `label ${tier}`, iconSize: null, html: make("span", {}, text) }),
    }).addTo(this.#map);
    this.#placed.set(code, { box, marker });
  }

  /** Return where a name is at home: its label point, or the middle of what the view shows of its area. */
  #home({ label_lon, label_lat, shapes }) {
    const { min, max } = this.#map.getPixelBounds();
    const point = this.#map.project([label_lat, label_lon], this.#zoom);
    if (this.#zoom < 15 || this.#map.getPixelBounds().contains(point)) return point;
    const seen = [];
    for (let index = 0; index < SAMPLES ** 2; index += 1) {
      const [column, row] = [index % SAMPLES, Math.floor(index / SAMPLES)];
      const x = min.x + ((column + 0.5) * (max.x - min.x)) / SAMPLES;
      const y = min.y + ((row + 0.5) * (max.y - min.y)) / SAMPLES;
      if (isInside(shapes, this.#lonLat({ x, y }))) seen.push({ x, y });
    }
    if (seen.length < SAMPLES) return null;
    const mean = (axis) => seen.reduce((total, pixel) => total + pixel[axis], 0) / seen.length;
    return { x: mean("x"), y: mean("y") };
  }

  /** Return the position of a pixel of the zoom. */
  #lonLat({ x, y }) {
    const { lng, lat } = this.#map.unproject([x, y], this.#zoom);
    return [lng, lat];
  }

  /** Forget names that the view has left, so that they may come back elsewhere. */
  #dropHidden() {
    const bounds = this.#map.getPixelBounds();
    for (const [code, { box }] of [...this.#placed]) {
      const isSeen =
        box.x + box.halfWidth > bounds.min.x &&
        box.x - box.halfWidth < bounds.max.x &&
        box.y + box.halfHeight > bounds.min.y &&
        box.y - box.halfHeight < bounds.max.y;
      if (!isSeen) this.#remove(code);
    }
  }

  /** Take one name away. */
  #remove(code) {
    this.#placed.get(code).marker.remove();
    this.#placed.delete(code);
  }

  /** Take all names away. */
  #clear() {
    for (const code of [...this.#placed.keys()]) this.#remove(code);
  }
}

/** Return offsets to try, nearest first. */
function offsets(reach) {
  const along = [0];
  for (let step = STEP_PX; step <= reach; step += STEP_PX) along.push(-step, step);
  const all = along.flatMap((dx) => along.map((dy) => [dx, dy]));
  return all.sort((one, other) => Math.hypot(...one) - Math.hypot(...other));
}

/** Measure a text as the style sheet draws it. */
function measure(text, font) {
  ruler.font = `${font} system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif`;
  return { width: ruler.measureText(text).width, height: 15 };
}

/** Return the box of a label round its middle. */
function boxAt(x, y, { width, height }) {
  return { x, y, halfWidth: width / 2 + PADDING_PX, halfHeight: height / 2 + PADDING_PX };
}

/** Return whether two boxes overlap. */
function touch(one, other) {
  return (
    Math.abs(one.x - other.x) < one.halfWidth + other.halfWidth &&
    Math.abs(one.y - other.y) < one.halfHeight + other.halfHeight
  );
}

/** Return whether a circle reaches into a box. */
function covers({ x, y, r }, box) {
  const dx = Math.max(0, Math.abs(x - box.x) - box.halfWidth);
  const dy = Math.max(0, Math.abs(y - box.y) - box.halfHeight);
  return Math.hypot(dx, dy) < r;
}
