/** The map of the desk: land and names as the public map has them, and the pins of the list. */

import { radius } from "../../clusters.js";
import { Labels } from "../../labels.js";
import { TileStore, ask } from "../../store.js";
import { drawnFrom } from "../../styles.js";
import { TileLayer } from "../../tilelayer.js";
import { isShownAt, tilesInView } from "../../view.js";
import { say } from "../../words.js";
import { get, reached } from "../api.js";
import { during } from "../progress.js";
import { Pins } from "./pins.js";
import { ReportTiles } from "./tiles.js";

const L = window.L;
const TIERS = ["kelurahan", "kecamatan", "kota"];
const AFTER_MS = 200; // a map that is still moving is not asked for
const DIGITS = 5;

/** The map; fires "moved" when a hand moved it. */
export class DeskMap extends EventTarget {
  #query;
  #tiles = new ReportTiles();
  #call = null;
  #tiers = [];
  #isByHand = false; // the move that nobody was told of yet, whatever moved the map since
  features = [];

  constructor(box, query, { about, layers, states, start, land }, on) {
    super();
    this.#query = query;
    this.map = makeMap(box, about);
    this.land = boundsOf(land);
    this.start = boundsOf(start);
    this.store = new TileStore();
    this.#tiers = layers.filter(({ name }) => TIERS.includes(name));
    this.canvas = new TileLayer(this.store, { fillsLand: !about.base_map }).addTo(this.map);
    this.labels = new Labels(this.map);
    this.pins = new Pins(this.map, states, on);
    this.isUnseen = !this.map.getSize().x; // as on a phone: what is asked for does not fit yet
    this.#begin();
    this.canvas.show(this.#tiers);
    this.map.on("moveend", () => this.#moved());
    new ResizeObserver(() => this.fit()).observe(box);
    this.isBySelf = false;
  }

  /** Show the piece that the address names, or the one that a map begins with. */
  #begin() {
    const bbox = this.#query.get("bbox");
    this.map.fitBounds(bbox ? boundsOf(bbox.split(",").map(Number)) : this.start, { animate: false });
  }

  /** Return west, south, east, north of the view as the API reads it. */
  get bbox() {
    const bounds = this.map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()]
      .map((degrees) => degrees.toFixed(DIGITS))
      .join(",");
  }

  /** Show a piece of the city, without that counting as a hand's move. */
  show(bbox) {
    this.#isByHand = false;
    this.isBySelf = true;
    if (bbox) this.map.fitBounds(boundsOf(bbox.split(",").map(Number)), { animate: false });
    else this.map.fitBounds(this.land, { animate: false });
    this.isBySelf = false;
  }

  /** Take the room that the page gives it. */
  fit() {
    this.isBySelf = true;
    this.map.invalidateSize({ animate: false });
    if (this.isUnseen && this.map.getSize().x) {
      this.isUnseen = false;
      this.#begin();
    }
    this.isBySelf = false;
    this.update();
  }

  /** Bring a case into view where it is not. */
  reveal(point) {
    if (!point || !this.map.getSize().x || this.map.getBounds().pad(-0.1).contains([point.lat, point.lon])) return;
    this.isBySelf = true;
    this.map.panTo([point.lat, point.lon], { animate: false });
    this.isBySelf = false;
  }

  /** Fetch what the view shows, and draw it; what nobody sees is not asked for. */
  async update() {
    if (!this.map.getSize().x) return;
    this.#call?.abort();
    const call = (this.#call = new AbortController());
    this.map.getContainer().setAttribute("aria-busy", "true");
    try {
      await Promise.all([this.#fetchPoints(call.signal), this.#names()]);
    } catch (error) {
      if (call !== this.#call) return; // of a view that is no longer
      this.map.getContainer().setAttribute("aria-busy", "false");
      this.dispatchEvent(new Event("failed"));
      return;
    }
    if (call !== this.#call) return;
    this.draw();
    this.map.getContainer().setAttribute("aria-busy", "false");
    this.dispatchEvent(new Event("drawn"));
  }

  /** Draw the pins as they are at this instant. */
  draw(now = Date.now()) {
    const groups = this.pins.render(this.features, now);
    const circles = groups.map(({ x, y, count }) => ({ x, y, r: radius(count) }));
    this.labels.render(this.#named ?? [], circles, true);
    this.dispatchEvent(new Event("pins"));
  }

  #named = null;

  async #fetchPoints(signal) {
    const asked = this.#query.search({ bbox: this.bbox, order: null });
    const { features, tiles } = await during(get(`cases/points?${asked}`, { signal }));
    this.features = tiles ? await this.#tiles.inView(this.map, tiles) : features;
  }

  async #names() {
    const zoom = this.map.getZoom();
    const shown = this.#tiers.filter((layer) => isShownAt(layer, zoom) && zoom >= drawnFrom(layer.name));
    const tiles = tilesInView(this.map);
    this.#named = await Promise.all(
      shown.map(async ({ name }) => [name, (await Promise.all(tiles.map((tile) => this.store.load(name, tile)))).flat()]),
    );
  }

  /** Reports have changed: what tiles told of them is forgotten. */
  forget() {
    this.#tiles.forget();
  }

  #moved() {
    clearTimeout(this.timer);
    this.#isByHand ||= !this.isBySelf && this.map.getSize().x > 0; // what is hidden, as on a phone, no hand moved
    this.timer = setTimeout(() => {
      if (this.#isByHand) this.dispatchEvent(new Event("moved"));
      this.#isByHand = false;
      this.update();
    }, AFTER_MS);
  }
}

/** Fetch what the map is to be made of. */
export async function aboutMap() {
  const [about, catalogue] = await during(reached(Promise.all([ask("/api/map"), ask("/tiles")])));
  return { about: about.body, layers: catalogue.body.layers };
}

function makeMap(box, about) {
  const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(box, {
    minZoom: 9,
    zoomSnap: 0.5, // so that the land fills what there is of a view
    maxZoom: 19,
    zoomControl: false,
    attributionControl: false,
    zoomAnimation: !isStill,
    fadeAnimation: !isStill,
    markerZoomAnimation: !isStill,
    inertia: !isStill,
  });
  map.setMaxBounds(boundsOf(about.bounds).pad(2));
  L.control.zoom({ position: "bottomright", zoomInTitle: say("zoom_in"), zoomOutTitle: say("zoom_out") }).addTo(map);
  map.createPane("labels").style.zIndex = 450;
  map.createPane("pins").style.zIndex = 610;
  if (about.base_map) L.tileLayer(about.base_map.url, { maxZoom: 19 }).addTo(map);
  return map;
}

function boundsOf([west, south, east, north]) {
  return L.latLngBounds([south, west], [north, east]);
}
