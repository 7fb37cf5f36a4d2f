/** A small map of the city to point at: borders and names, over a base map where there is one. */

import { TIERS, nameAreas } from "../names.js";
import { TileStore, ask } from "../store.js";
import { TileLayer } from "../tilelayer.js";
import { say } from "../words.js";

const L = window.L;

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
  const layers = catalogue.layers.filter(({ name }) => TIERS.includes(name));
  if (about.base_map) L.tileLayer(about.base_map.url, { maxZoom: 19 }).addTo(map);
  const store = new TileStore();
  const canvas = new TileLayer(store, { fillsLand: !about.base_map }).addTo(map);
  canvas.show(layers);
  nameAreas(map, store);
}
