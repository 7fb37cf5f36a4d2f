/** Drawing an area to follow, corner by corner, on a small map; the form is the same without. */

import { carried, make } from "../dom.js";
import { number, say } from "../words.js";
import { smallMap } from "./smallmap.js";

const L = window.L;
const config = carried("config");
const form = document.getElementById("choose");
const drawing = document.getElementById("drawing");
const MOST = 200; // corners that the server takes
const DIGITS = 6;
let corners = read();
let map = null;
let shape = null;

/** Read the corners that the address has. */
function read() {
  const numbers = (form.elements.polygon?.value ?? "").split(",").filter(Boolean).map(Number);
  return numbers.flatMap((value, index) => (index % 2 ? [] : [[numbers[index + 1], value]]));
}

/** Write the corners into the form, which has no field where nothing is drawn. */
function write() {
  const known = form.elements.polygon;
  const text = corners.map(([lat, lon]) => `${lon.toFixed(DIGITS)},${lat.toFixed(DIGITS)}`).join(",");
  if (corners.length < 3) known?.remove();
  else if (known) known.value = text;
  else form.append(make("input", { type: "hidden", name: "polygon", value: text }));
  document.getElementById("corners").textContent = corners.length
    ? say("corners", { count: number(corners.length) })
    : "";
}

/** Show the corners on the map. */
function show() {
  shape?.remove();
  const icon = L.divIcon({ className: "corner", iconSize: [14, 14] });
  const marks = corners.map((at) => L.marker(at, { icon, interactive: false, keyboard: false }));
  shape = L.layerGroup([L.polygon(corners, { color: "#0b5c7a", interactive: false }), ...marks]).addTo(map);
  write();
}

/** Open the map once somebody wants to draw. */
function open() {
  if (map || !drawing.open) return;
  map = smallMap(document.getElementById("map"), config, ({ lat, lng }) => {
    if (corners.length < MOST) corners.push([lat, lng]);
    show();
  });
  if (corners.length) map.fitBounds(L.latLngBounds(corners).pad(0.3));
  show();
}

drawing.hidden = false;
drawing.addEventListener("toggle", open);
document.getElementById("undo").addEventListener("click", () => {
  corners.pop();
  show();
});
document.getElementById("clear").addEventListener("click", () => {
  corners = [];
  show();
});
open();
