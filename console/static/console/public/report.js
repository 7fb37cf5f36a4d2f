/** One report's page: the small map of where it is, and sharing it. */

import { carried } from "../dom.js";
import { TIERS, nameAreas } from "../names.js";
import { ask, TileStore } from "../store.js";
import { whenChanged } from "../scheme.js";
import { reportMark } from "../symbols.js";
import { TileLayer } from "../tilelayer.js";
import { say } from "../words.js";

const L = window.L;
const ZOOM = 15;
const MARK_PX = 34;
const SAID_MS = 4_000;
const { report } = carried("config");

/** Draw boundaries, their names and the report's mark; nothing of it moves. Without a line there is no map. */
async function draw([lon, lat]) {
  const box = document.getElementById("small-map");
  let catalogue;
  try {
    ({ body: catalogue } = await ask("/tiles"));
  } catch {
    box.hidden = true; // the place is told in words below
    return;
  }
  const map = L.map(box, {
    zoomControl: false,
    attributionControl: false,
    dragging: false,
    scrollWheelZoom: false,
    doubleClickZoom: false,
    boxZoom: false,
    keyboard: false,
    touchZoom: false,
    tapHold: false,
  }).setView([lat, lon], ZOOM);
  const store = new TileStore();
  const canvas = new TileLayer(store, { fillsLand: true }).addTo(map);
  const layers = catalogue.layers.filter(({ name }) => TIERS.includes(name));
  canvas.show(layers);
  whenChanged(() => canvas.show(layers));
  nameAreas(map, store, [{ ...map.project([lat, lon], ZOOM), r: MARK_PX / 2 }]);
  const html = reportMark(report.status, MARK_PX);
  const icon = L.divIcon({ className: "mark-box", iconSize: [MARK_PX, MARK_PX], html });
  L.marker([lat, lon], { icon, interactive: false, keyboard: false }).addTo(map);
}

/** Offer to share the page: by what the device has for it, else by copying the link. */
function offerSharing() {
  const button = document.getElementById("share");
  const label = button.textContent;
  const address = document.querySelector("link[rel=canonical]").href;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (navigator.share) {
      await navigator.share({ title: document.title, url: address }).catch((error) => {
        if (error.name !== "AbortError") throw error; // who changes their mind has done nothing wrong
      });
      return;
    }
    await navigator.clipboard.writeText(address);
    button.textContent = say("shared");
    setTimeout(() => (button.textContent = label), SAID_MS);
  });
}

if (report.point) draw(report.point);
offerSharing();
