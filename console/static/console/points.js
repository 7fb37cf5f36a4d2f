/** Point layers as markers: reports in clusters, others side by side where they would overlap. */

import { keptApart } from "./apart.js";
import { STATES, cluster, gridPx, pointOf } from "./clusters.js";
import { make } from "./dom.js";
import { donut, layerMark, reportMark, stack, stem } from "./symbols.js";
import { CELL_PX, isTouch, tileScale } from "./view.js";
import { inLanguage, number, say } from "./words.js";

const L = window.L;
const TOUCH_PX = 44; // the least that a finger hits
const AROUND = 0.25; // of the view: markers that a short drag brings in are there already
const SAME_PLACE_DEG = 2e-5; // about two metres: no zoom parts these
const ROUNDED_PX = 1; // how far the decimals of a tile may move a point at the nearest zoom, and more

/** The markers of every point layer; tells `open` what was clicked. */
export class Points {
  #map;
  #open;
  #markers = new Map();

  constructor(map, categories, open) {
    this.#map = map;
    this.#open = open;
    this.categories = categories;
  }

  /** Show [layer, features] pairs and nothing else; markers that stay the same are left alone. */
  render(layers) {
    const wanted = new Map();
    // Reports keep their places, then the layers from the lowest on: an alert matters more than a restaurant.
    const ranked = [...layers].sort(([one], [other]) => isReports(other) - isReports(one));
    const marks = ranked.flatMap(([layer, features]) =>
      this.#clusters(layer, features).map((group) => ({ layer, group })),
    );
    for (const { layer, group } of keptApart(marks)) wanted.set(keyOf(layer, group), { layer, group });
    for (const [key, marker] of this.#markers) {
      if (!wanted.has(key)) {
        marker.remove();
        this.#markers.delete(key);
      }
    }
    for (const [key, { layer, group }] of wanted) {
      if (!this.#markers.has(key)) this.#markers.set(key, this.#marker(layer, group));
    }
    return [...wanted.values()].map(({ group }) => group);
  }

  /** Cluster the features of a layer at the present zoom. */
  #clusters(layer, features) {
    const zoom = this.#map.getZoom();
    const points = features.map((feature) => {
      const [lon, lat] = feature.geometry.coordinates;
      const { x, y } = this.#map.project([lat, lon], zoom);
      return pointOf(feature, [x, y]);
    });
    const around = this.#map.getPixelBounds();
    const margin = around.getSize().multiplyBy(AROUND);
    const near = L.bounds(around.min.subtract(margin), around.max.add(margin));
    const groups = cluster(points, isReports(layer) ? gridPx(zoom) : 0, isTouch ? TOUCH_PX : 30);
    return groups.filter(({ x, y }) => near.contains([x, y]));
  }

  /** Make the marker of a cluster or a single thing. */
  #marker(layer, group) {
    const title = this.#title(layer, group);
    const marker = L.marker(this.#map.unproject([group.x, group.y], this.#map.getZoom()), {
      pane: isReports(layer) ? "reports" : "markerPane",
      icon: L.divIcon({ className: "mark-box", iconSize: [TOUCH_PX, TOUCH_PX], html: picture(layer, group) }),
      riseOnHover: true,
    });
    const activate = () => this.#activate(layer, group, marker);
    marker.on("click", activate);
    marker.on("keydown", ({ originalEvent }) => {
      if (originalEvent.key !== "Enter" && originalEvent.key !== " ") return;
      originalEvent.preventDefault();
      L.DomEvent.stopPropagation(originalEvent);
      activate();
    });
    marker.addTo(this.#map);
    const element = marker.getElement();
    element.setAttribute("aria-label", title);
    element.title = title;
    element.dataset.layer = layer.name;
    element.dataset.count = group.count;
    return marker;
  }

  /** Open one thing, go nearer to many, or list those that lie at the same point. */
  #activate(layer, group, marker) {
    const [west, south, east, north] = group.extent;
    const at = marker.getLatLng();
    if (isSamePlace(group) || this.#map.getZoom() >= this.#map.getMaxZoom()) {
      const features = group.members.filter(isKnown);
      this.#open({ layer, at, features, count: group.count, box: this.#box(group) });
    } else {
      const bounds = L.latLngBounds([south, west], [north, east]);
      const near = this.#map.getBoundsZoom(bounds, false, L.point(80, 120));
      const zoom = Math.min(this.#map.getMaxZoom(), Math.max(this.#map.getZoom() + 1, near));
      this.#map.setView(bounds.getCenter(), zoom);
    }
  }

  /** Return west, south, east, north round all that a group counts, whole cells included. */
  #box({ members }) {
    const zoom = this.#map.getZoom();
    const box = L.bounds([]);
    for (const member of members) {
      const [lon, lat] = member.geometry.coordinates;
      const pixel = this.#map.project([lat, lon], zoom);
      const cell = isKnown(member) ? 1 : CELL_PX * tileScale(zoom);
      box.extend(pixel.subtract([ROUNDED_PX, ROUNDED_PX]).divideBy(cell).floor().multiplyBy(cell));
      box.extend(pixel.add([ROUNDED_PX, ROUNDED_PX]).divideBy(cell).ceil().multiplyBy(cell));
    }
    const [southWest, northEast] = [box.getBottomLeft(), box.getTopRight()].map((corner) =>
      this.#map.unproject(corner, zoom),
    );
    return [southWest.lng, southWest.lat, northEast.lng, northEast.lat];
  }

  /** Say in words what a marker shows. */
  #title(layer, { count, states, members }) {
    const [{ properties }] = members;
    if (!isReports(layer)) {
      return count > 1
        ? say("group", { layer: inLanguage(layer.title), count: number(count) })
        : properties.name || properties.street || inLanguage(layer.title);
    }
    if (count === 1 && isKnown(members[0])) {
      const category = this.categories.get(properties.category) ?? properties.category;
      return say("marker", { category, status: say(`status_${properties.status}`) });
    }
    const [waiting, in_progress, done] = states.map(number);
    return say("cluster", { count: number(count), waiting, in_progress, done });
  }
}

/** Return whether a layer is that of the reports. */
function isReports({ name }) {
  return name === "reports";
}

/** Return whether a feature is one thing and not a cell, which only counts. */
function isKnown({ id }) {
  return id !== undefined;
}

/** Return whether no zoom would part a group; cells may yet part, so they can be gone nearer to. */
function isSamePlace({ extent: [west, south, east, north], members }) {
  return east - west < SAME_PLACE_DEG && north - south < SAME_PLACE_DEG && members.every(isKnown);
}

/** Name what a marker shows: the same name, the same marker. */
function keyOf(layer, { x, y, count, states, members }) {
  const single = count === 1 ? (members[0].id ?? "") : "";
  return [layer.name, single, Math.round(x), Math.round(y), count, ...states].join(" ");
}

/** Draw a group, and where it was moved aside a line to its place. */
function picture(layer, group) {
  const { x, y, from } = group;
  const mark = drawing(layer, group);
  return from ? make("div", {}, stem(from.x - x, from.y - y), mark) : mark;
}

/** Draw a group. */
function drawing(layer, { count, states, members }) {
  if (isReports(layer))
    return count > 1 ? donut(count, states) : reportMark(STATES[states.indexOf(1)]);
  return count > 1
    ? stack(layer.name, count, members[0].properties)
    : layerMark(layer.name, members[0].properties);
}
