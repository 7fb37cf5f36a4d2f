/** A small map of the city to point at: borders and names, over a base map where there is one. */

import { Labels } from "../labels.js";
import { TileStore, ask } from "../store.js";
import { TileLayer } from "../tilelayer.js";
import { tilesInView } from "../view.js";
import { say } from "../words.js";

const L = window.L;
const SHOWN = ["kelurahan", "kecamatan", "kota"]; // of which the names are written, too

/**
 * Make a map in a container.
 *
 * @param config the page's: centre as [lon, lat, zoom], bounds as west, south, east, north
 * @param pick called with a position where somebody taps, or presses Enter over the middle
 */
export function smallMap(container, { centre, bounds }, pick) {
  const [lon, lat, zoom] = centre;
  const [west, south, east, north] = bounds;
  const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(container, {
    minZoom: 9,
    maxZoom: 19,
    zoomControl: false,
    attributionControl: false,
    zoomAnimation: !isStill,
    fadeAnimation: !isStill,
    markerZoomAnimation: !isStill,
    inertia: !isStill,
    scrollWheelZoom: false, // who scrolls through the form does not mean the map in it
  }).setView([lat, lon], zoom);
  map.setMaxBounds(L.latLngBounds([south, west], [north, east]).pad(0.5));
  L.control.zoom({ position: "topright", zoomInTitle: say("zoom_in"), zoomOutTitle: say("zoom_out") }).addTo(map);
  map.createPane("labels").style.zIndex = 450;
  map.on("focus", () => map.scrollWheelZoom.enable()).on("blur", () => map.scrollWheelZoom.disable());
  map.on("click", ({ latlng }) => pick(latlng));
  container.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== container) return;
    event.preventDefault();
    pick(map.getCenter());
  });
  draw(map);
  return map;
}

/** Draw the city; without a line the map stays empty, and a pin can be set all the same. */
async function draw(map) {
  let answers;
  try {
    answers = await Promise.all([ask("/api/map"), ask("/tiles")]);
  } catch {
    map.getContainer().dataset.empty = "true";
    return;
  }
  const [{ body: about }, { body: catalogue }] = answers;
  const layers = catalogue.layers.filter(({ name }) => SHOWN.includes(name));
  if (about.base_map) L.tileLayer(about.base_map.url, { maxZoom: 19 }).addTo(map);
  const store = new TileStore();
  const canvas = new TileLayer(store, { fillsLand: !about.base_map }).addTo(map);
  canvas.show(layers);
  const labels = new Labels(map);
  const name = () => writeNames(map, store, labels);
  map.on("moveend", name);
  store.addEventListener("change", name);
  name();
}

/** Write the names of areas in view. */
async function writeNames(map, store, labels) {
  const tiles = tilesInView(map);
  const tiers = await Promise.all(
    SHOWN.map(async (tier) => {
      const answers = await Promise.allSettled(tiles.map((tile) => store.load(tier, tile)));
      return [tier, answers.flatMap(({ value }) => value ?? [])];
    }),
  );
  labels.render(tiers, [], false);
}
