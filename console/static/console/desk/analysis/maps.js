/** One or two maps that move together: land and names below, cells above. */

import { make } from "../../dom.js";
import { Labels } from "../../labels.js";
import { TileStore, ask } from "../../store.js";
import { drawnFrom } from "../../styles.js";
import { TileLayer } from "../../tilelayer.js";
import { isShownAt, readHash, tilesInView } from "../../view.js";
import { say } from "../../words.js";
import { reached } from "../api.js";
import { during } from "../progress.js";
import { Cells } from "./cells.js";

const L = window.L;
const TIERS = ["kelurahan", "kecamatan", "kota"];
const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
// The edge of a hexagon in metres, by resolution of H3.
const EDGE_M = { 6: 3725, 7: 1406, 8: 531, 9: 201, 10: 75.9 };
const LEAST_PX = { hex: 11, heat: 6 };
const PAD = 0.5; // of the view: a cell that the box cuts is not in view

/** Fetch what maps are to be made of. */
export async function aboutMaps() {
  const [about, catalogue] = await during(reached(Promise.all([ask("/api/map"), ask("/tiles")])));
  return { about: about.body, layers: catalogue.body.layers };
}

/** A map in a box. */
export class Pane {
  #store = new TileStore();
  #tiers;
  #jams;
  #hint;

  constructor(box, { about, layers }, land, tell) {
    this.map = makeMap(box, about);
    this.#tiers = layers.filter(({ name }) => TIERS.includes(name));
    this.#jams = layers.filter(({ name }) => name === "jams");
    this.tiles = new TileLayer(this.#store, { fillsLand: !about.base_map }).addTo(this.map);
    this.labels = new Labels(this.map);
    this.cells = new Cells().addTo(this.map);
    const place = readHash(location.hash).place;
    if (place) this.map.setView([place.lat, place.lon], place.zoom, { animate: false });
    else this.map.fitBounds(L.latLngBounds([land[1], land[0]], [land[3], land[2]]), { animate: false });
    this.withJams(false);
    this.map.on("moveend", () => this.#name());
    this.#hint = L.tooltip({ direction: "top", offset: [0, -6], className: "hint-box" });
    this.map.on("mousemove click", ({ latlng }) => this.#point(latlng, tell));
    this.map.on("mouseout", () => this.#hint.remove());
    new ResizeObserver(() => this.map.invalidateSize({ animate: false })).observe(box);
    this.#name();
  }

  /** Draw the jams of now, or not. */
  withJams(isOn) {
    this.tiles.show([...this.#tiers, ...(isOn ? this.#jams : [])]);
  }

  /** The resolution at which cells are as small as can be told apart. */
  resolution(drawn) {
    const { lat } = this.map.getCenter();
    const metres = (40_075_017 * Math.cos((lat * Math.PI) / 180)) / 256 / 2 ** this.map.getZoom();
    return [10, 9, 8, 7].find((one) => EDGE_M[one] / metres >= LEAST_PX[drawn]) ?? 6;
  }

  /** West, south, east, north of what cells are asked for: the view and half of it around, on a coarse grid. */
  get bbox() {
    const bounds = this.map.getBounds().pad(PAD);
    const step = 2 ** Math.max(0, 12 - this.map.getZoom()) / 100;
    const low = (degrees) => (Math.floor(degrees / step) * step).toFixed(4);
    const high = (degrees) => (Math.ceil(degrees / step) * step).toFixed(4);
    return [low(bounds.getWest()), low(bounds.getSouth()), high(bounds.getEast()), high(bounds.getNorth())].join(",");
  }

  /** Show the place of another pane, which has been moved while this one was not to be seen. */
  showAs({ map }) {
    this.map.invalidateSize({ animate: false });
    this.map.setView(map.getCenter(), map.getZoom(), { animate: false });
  }

  #point(latlng, tell) {
    const cell = this.cells.cellAt(latlng);
    if (!cell || !cell.value) this.#hint.remove();
    else this.#hint.setLatLng([cell.lat, cell.lon]).setContent(make("span", {}, tell(cell))).addTo(this.map);
  }

  async #name() {
    const zoom = this.map.getZoom();
    const shown = this.#tiers.filter((layer) => isShownAt(layer, zoom) && zoom >= drawnFrom(layer.name));
    const wanted = tilesInView(this.map);
    const loaded = shown.map(async ({ name }) => {
      const answers = await Promise.allSettled(wanted.map((tile) => this.#store.load(name, tile)));
      return [name, answers.flatMap(({ value }) => value ?? [])];
    });
    const named = await Promise.all(loaded);
    if (zoom === this.map.getZoom()) this.labels.render(named, [], false);
  }
}

/** Let two maps show the same place, whichever is moved. */
export function together(one, other) {
  let isFollowing = false;
  const follow = (leader, follower) => () => {
    if (isFollowing || !follower.getSize().x) return;
    isFollowing = true;
    follower.setView(leader.getCenter(), leader.getZoom(), { animate: false });
    isFollowing = false;
  };
  one.on("move", follow(one, other));
  other.on("move", follow(other, one));
}

function makeMap(box, about) {
  const bounds = L.latLngBounds([about.bounds[1], about.bounds[0]], [about.bounds[3], about.bounds[2]]);
  const map = L.map(box, {
    minZoom: 9,
    zoomSnap: 0.5, // so that the land fills what there is of a view
    maxZoom: 17,
    zoomControl: false,
    attributionControl: false,
    zoomAnimation: !isStill,
    fadeAnimation: !isStill,
    inertia: !isStill,
  });
  map.setMaxBounds(bounds.pad(1));
  L.control.zoom({ position: "topright", zoomInTitle: say("zoom_in"), zoomOutTitle: say("zoom_out") }).addTo(map);
  map.createPane("labels").style.zIndex = 450;
  if (about.base_map) L.tileLayer(about.base_map.url, { maxZoom: 19 }).addTo(map);
  return map;
}
