/** The small map of a report: its pin between the borders, what is around it, and the pin on the move. */

import { make, svg } from "../../dom.js";
import { TileStore, ask } from "../../store.js";
import { layerMark } from "../../symbols.js";
import { TileLayer } from "../../tilelayer.js";
import { isShownAt, tilesInView } from "../../view.js";
import { Moving } from "./moving.js";

const DRAWN = ["kelurahan", "kecamatan", "kota", "jams"];
const MARKED = ["alerts", "petrol_stations", "hospitals"];
const ZOOMS = [[150, 17], [400, 16], [900, 15], [Infinity, 14]]; // by metres to the border, so that it is in view
const store = new TileStore();
let catalogue;
let moving;

/** Draw the map of a report into its element; nothing where it has no point. */
export async function showPlace(element) {
  moving = undefined;
  if (!element) return;
  const { lat, lon, border, pin, in: zoomIn, out: zoomOut } = element.dataset;
  const map = window.L.map(element, { zoomControl: false, attributionControl: false, scrollWheelZoom: false, zoomAnimation: false });
  map.setView([lat, lon], ZOOMS.find(([metres]) => Number(border) <= metres)[1]);
  element.setAttribute("role", "application");
  element.setAttribute("aria-label", element.dataset.map);
  window.L.control.zoom({ position: "bottomright", zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(map);
  const marker = window.L.marker([lat, lon], { icon: pinIcon(), title: pin, alt: pin, keyboard: true }).addTo(map);
  const form = document.getElementById("pin-form");
  if (form) moving = new Moving(map, marker, form, element.dataset.category);
  await drawAround(map);
}

/** Let the pin be moved, by drag or by the arrow keys. */
export function startMoving() {
  moving?.start();
}

/** Draw borders and jams as tiles, and mark what else is around. */
async function drawAround(map) {
  catalogue ??= Promise.all([ask("/tiles"), ask("/api/map")]);
  const [{ body: tiles }, { body: about }] = await catalogue;
  if (about.base_map) window.L.tileLayer(about.base_map.url, { maxZoom: 19 }).addTo(map);
  const layers = tiles.layers.filter(({ name }) => DRAWN.includes(name));
  new TileLayer(store, { fillsLand: !about.base_map }).addTo(map).show(layers);
  const around = window.L.layerGroup().addTo(map);
  const mark = () => markAround(map, around, tiles.layers);
  map.on("moveend", mark);
  await mark();
}

/** Mark the points of the view that are not reports. */
async function markAround(map, around, layers) {
  const wanted = layers.filter((layer) => MARKED.includes(layer.name) && isShownAt(layer, map.getZoom()));
  const asked = wanted.flatMap((layer) => tilesInView(map).map((tile) => [layer.name, store.load(layer.name, tile)]));
  const answers = await Promise.allSettled(asked.map(([, features]) => features));
  around.clearLayers();
  answers.forEach(({ value = [] }, at) => {
    for (const { geometry, properties } of value) around.addLayer(markOf(asked[at][0], geometry, properties));
  });
}

/** Make the mark of one thing of a layer. */
function markOf(layer, { coordinates: [lon, lat] }, properties) {
  const html = make("span", {}, layerMark(layer, properties, 18));
  const icon = window.L.divIcon({ html, className: "around", iconSize: [18, 18] });
  return window.L.marker([lat, lon], { icon, interactive: false, keyboard: false });
}

/** Make the pin: its point is where the report is. */
function pinIcon() {
  const drop = svg("path", { d: "M14 1.500C7.400 1.500 2.500 6.300 2.500 12.600 2.500 20.500 14 34.500 14 34.500S25.500 20.500 25.500 12.600C25.500 6.300 20.600 1.500 14 1.500Z" });
  const eye = svg("circle", { cx: 14, cy: 12.5, r: 4.5 });
  const html = svg("svg", { viewBox: "0 0 28 36", width: 28, height: 36, "aria-hidden": "true" }, drop, eye);
  return window.L.divIcon({ html, className: "pin", iconSize: [28, 36], iconAnchor: [14, 35] });
}
