/** The public map: one more reader of the platform's API. */

import { Answers } from "./answers.js";
import { radius } from "./clusters.js";
import { carried } from "./dom.js";
import { placeBox, wireFilters } from "./filters.js";
import { Labels } from "./labels.js";
import { showAttribution, showBanners, showNotice } from "./margins.js";
import { buildPanel, wirePanel } from "./panel.js";
import { News, isTouched } from "./news.js";
import { Pane } from "./pane.js";
import { Points } from "./points.js";
import { whenChanged } from "./scheme.js";
import { showFailure, showLoading, showStarted } from "./starting.js";
import { TileStore, ask } from "./store.js";
import { drawnFrom, isDots } from "./styles.js";
import { TileLayer } from "./tilelayer.js";
import { ZOOM_SNAP, hashOf, isShownAt, readHash, tilesInView, uncovered, writeHash } from "./view.js";
import { inLanguage, number, say, since } from "./words.js";

const L = window.L;
const config = carried("config");
const { embedded } = config; // in a frame of another page: what it is to show
const ON_AT_FIRST = ["kelurahan", "kecamatan", "kota", "jams", "reports"];
const RETRY_MS = 10_000;
const CHOSEN_ZOOM = 16; // where a report of the list is shown
let waiting = null; // until the next attempt to start

/** The map and all that hangs on it. */
class PublicMap {
  constructor(about, layers) {
    this.about = about;
    this.layers = layers;
    this.categories = new Map(about.categories.map(({ code, name }) => [code, inLanguage(name)]));
    this.on = new Set(this.#known(embedded?.layers ?? readHash(location.hash).layers ?? ON_AT_FIRST));
    this.turn = 0;
    this.store = new TileStore();
    this.map = makeMap(about);
    this.answers = new Answers(this.map, this.categories, about.channels);
    this.labels = new Labels(this.map);
    this.points = new Points(this.map, this.categories, (chosen) => this.answers.open(chosen));
    this.canvas = new TileLayer(this.store, { fillsLand: !about.base_map }).addTo(this.map);
    this.panel = buildPanel(
      layers,
      ({ name }) => this.on.has(name),
      (layer, isOn) => this.toggle(layer, isOn),
    );
    this.pane = embedded ? null : new Pane(this.map, (chosen) => this.#openListed(chosen));
    this.#listen();
    this.switched();
  }

  /** Keep the names that the catalogue has. */
  #known(names) {
    return names.filter((name) => this.layers.some((layer) => layer.name === name));
  }

  /** Hear of moves, clicks, keys, new tiles and the clock. */
  #listen() {
    const { map, store } = this;
    map.on("moveend", () => this.update());
    map.on("moveend", () => this.pane?.moved());
    whenChanged(() => this.canvas.show(this.switchedOn()));
    document.addEventListener("visibilitychange", () => document.hidden || this.update());
    map.on("click", ({ latlng }) => this.answers.ask(latlng, this.scene));
    map.getContainer().addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target !== map.getContainer()) return;
      this.answers.ask(map.getCenter(), this.scene);
    });
    store.addEventListener("change", () => this.update());
    window.addEventListener("hashchange", () => this.follow());
    setInterval(() => this.refresh(), config.refresh_s * 1000);
    this.news = new News(config.events);
    this.news.addEventListener("change", ({ detail }) => this.hear(detail));
  }

  /** Ask again for the tiles in view that changed; those out of view are fetched when they come into it. */
  async hear(changes) {
    const inView = tilesInView(this.map);
    const keys = changes.flatMap(({ layer, blocks }) => {
      const touched = this.on.has(layer) && !document.hidden ? inView.filter((tile) => isTouched(tile, blocks)) : [];
      const own = new Set(touched.map((tile) => TileStore.key(layer, tile)));
      this.store.forget(layer, (tile) => isTouched(tile, blocks) && !own.has(TileStore.key(layer, tile)));
      return [...own];
    });
    await this.store.refresh(keys); // which has the view brought up to date where a tile is another
  }

  /** Show a report of the list where it is. */
  #openListed(chosen) {
    const layer = this.layers.find(({ name }) => name === "reports");
    const zoom = Math.max(this.map.getZoom(), CHOSEN_ZOOM);
    this.map.setView(chosen.at, zoom, { animate: false });
    this.answers.open({ layer, ...chosen });
  }

  /** Return the layers that are switched on, lowest first. */
  switchedOn() {
    return this.layers.filter(({ name }) => this.on.has(name));
  }

  /** Switch a layer on or off. */
  toggle({ name }, isOn) {
    if (isOn) this.on.add(name);
    else this.on.delete(name);
    this.switched();
  }

  /** Show what is switched on now. */
  switched() {
    this.canvas.show(this.switchedOn());
    showAttribution(this.switchedOn(), this.about);
    this.isFresh = true;
    this.update();
    this.pane?.moved();
  }

  /** Go where a changed address says. */
  follow() {
    const { place, layers } = readHash(location.hash);
    if (layers) {
      this.on = new Set(this.#known(layers));
      for (const { name } of this.layers) this.panel.set(name, this.on.has(name));
    }
    if (place) this.map.setView([place.lat, place.lon], place.zoom, { animate: false });
    this.switched();
  }

  /** Bring markers, names, notes and notice up to date with the view. */
  async update() {
    const turn = (this.turn += 1);
    this.map.getContainer().setAttribute("aria-busy", "true");
    this.#remember();
    const zoom = this.map.getZoom();
    const shown = this.switchedOn().filter(
      (layer) => isShownAt(layer, zoom) && zoom >= drawnFrom(layer.name),
    );
    const scene = await Promise.all(shown.map((layer) => this.gather(layer)));
    if (turn !== this.turn) return; // the view has moved on
    this.scene = scene;
    const marked = scene.filter(({ layer }) => layer.geometry === "point" && !isDots(layer.name, zoom));
    const groups = this.points.render(marked.map(({ layer, features }) => [layer, features]));
    const circles = groups.map(({ x, y, count }) => ({ x, y, r: radius(count) }));
    const tiers = scene.filter(({ layer }) => layer.geometry === "polygon");
    this.labels.render(
      tiers.map(({ layer, features }) => [layer.name, features]),
      circles,
      this.isFresh,
    );
    this.isFresh = false;
    this.#writeNotes(scene);
    showNotice(scene.filter(({ failed }) => failed).map(({ layer }) => inLanguage(layer.title)));
    this.map.getContainer().setAttribute("aria-busy", "false");
    showStarted();
  }

  /** Let the address, and every link to another page of the map, lead to what is shown. */
  #remember() {
    const names = this.switchedOn().map(({ name }) => name);
    if (!embedded) writeHash(this.map, names);
    for (const link of document.querySelectorAll(".languages a, #larger")) link.hash = hashOf(this.map, names);
  }

  /** Collect a layer's features from the tiles of the view. */
  async gather(layer) {
    const tiles = tilesInView(this.map);
    const answers = await Promise.allSettled(tiles.map((tile) => this.store.load(layer.name, tile)));
    const features = answers.flatMap(({ value }) => value ?? []);
    return { layer, features, failed: answers.some(({ status }) => status === "rejected") };
  }

  /** Say beside each layer what of it is in view. */
  #writeNotes(scene) {
    const bounds = this.map.getBounds();
    for (const layer of this.layers) {
      const seen = scene.find((entry) => entry.layer === layer);
      const ofView = !this.on.has(layer.name) ? "" : seen ? noteOf(seen, bounds) : say("zoom_to_see");
      const isMissing = this.about.not_connected.includes(layer.name) && !seen?.features.length && !seen?.failed;
      const when = layer.stale_since;
      const note = isMissing ? say("not_connected") : ofView;
      this.panel.note(layer.name, when ? say("no_data_since", { when: since(when) }) : note, when !== null);
    }
  }

  /** Ask again for what is in view; the same answer changes nothing on the page. */
  async refresh() {
    if (document.hidden || !this.scene) return;
    const tiles = tilesInView(this.map);
    await this.store.refresh(
      this.scene.flatMap(({ layer }) => tiles.map((tile) => TileStore.key(layer.name, tile))),
    );
    try {
      const [about, catalogue] = await Promise.all(
        ["/api/map", "/tiles"].map((address) => ask(address, { cache: "no-cache" })),
      );
      this.about = about.body;
      const known = new Map(catalogue.body.layers.map((layer) => [layer.name, layer.stale_since]));
      for (const layer of this.layers) layer.stale_since = known.get(layer.name) ?? null;
      showBanners(this.about);
      showAttribution(this.switchedOn(), this.about);
    } catch {
      showNotice([say("title")]);
      return;
    }
    this.update();
  }
}

/** Say what of a layer is in view: how many, none, or that it could not be loaded. */
function noteOf({ layer, features, failed }, bounds) {
  if (failed) return say("not_loaded");
  if (!features.length) return say("no_data");
  if (layer.geometry !== "point") return "";
  const inside = features.filter(
    ({
      geometry: {
        coordinates: [lon, lat],
      },
    }) => bounds.contains([lat, lon]),
  );
  const count = inside.reduce((total, { properties }) => total + (properties.count ?? 1), 0);
  return count ? say("in_view", { count: number(count) }) : say("no_data");
}

/** Make the Leaflet map, at the address's place or the city's. */
function makeMap(about) {
  const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map("map", {
    minZoom: 9,
    maxZoom: 19,
    zoomSnap: ZOOM_SNAP,
    zoomControl: false,
    attributionControl: false,
    zoomAnimation: !isStill,
    fadeAnimation: !isStill,
    markerZoomAnimation: !isStill,
    inertia: !isStill,
    scrollWheelZoom: !embedded, // who scrolls through a page does not mean the map in it
  });
  const [west, south, east, north] = about.bounds;
  map.setMaxBounds(L.latLngBounds([south, west], [north, east]).pad(2));
  L.control
    .zoom({ position: "bottomright", zoomInTitle: say("zoom_in"), zoomOutTitle: say("zoom_out") })
    .addTo(map);
  map.createPane("labels").style.zIndex = 450;
  map.createPane("reports").style.zIndex = 610;
  if (about.base_map) L.tileLayer(about.base_map.url, { maxZoom: 19 }).addTo(map);
  if (embedded) map.on("focus", () => map.scrollWheelZoom.enable()).on("blur", () => map.scrollWheelZoom.disable());
  const { place } = readHash(location.hash);
  if (place && !embedded) map.setView([place.lat, place.lon], place.zoom);
  else map.fitBounds(boundsOf(embedded?.bbox ?? placeBox ?? config.land), uncovered(map));
  return map;
}

/** Turn west, south, east, north into Leaflet's bounds. */
function boundsOf([west, south, east, north]) {
  return [
    [south, west],
    [north, east],
  ];
}

/** Start; while the platform does not answer, say so and try again. */
async function start() {
  clearTimeout(waiting);
  showLoading();
  try {
    const [about, catalogue] = await Promise.all([ask("/api/map"), ask("/tiles")]);
    showBanners(about.body);
    window.publicMap = new PublicMap(about.body, catalogue.body.layers);
  } catch (error) {
    if (document.querySelector(".leaflet-container")) throw error; // ours, not the network's
    showFailure(RETRY_MS / 1000, start);
    waiting = setTimeout(start, RETRY_MS);
  }
}

wirePanel(!embedded);
if (!embedded) wireFilters();
start();
