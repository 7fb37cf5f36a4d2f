/** Which tiles a view needs, and what the address bar remembers of it. */

/** Tiles are drawn at 512 pixels, so their zoom is one less than the map's: a quarter of the requests. */
export const TILE_PX = 512;

/** The side of the cells in which a tile of many points counts them: a 32nd of its own (GeoJSON). */
export const CELL_PX = TILE_PX / 32;

/** Where a map comes to rest between whole zooms: so that the land fills what there is of a view. */
export const ZOOM_SNAP = 0.25;

const MARGIN_PX = 8; // round what a map begins with
const [NOTES_PX, SOURCES_PX] = [52, 64]; // at its top, and at its bottom on a narrow screen

/** Whether fingers point here: they need wider targets. */
export const isTouch = window.matchMedia("(pointer: coarse)").matches;

/** Return the zoom of the tiles that a map zoom shows; between two zooms those of the lower one: a quarter as many. */
export function tileZoom(zoom) {
  return Math.floor(zoom) - 1;
}

/** Return how many pixels of the screen one of a tile is: one, between two zooms up to two. */
export function tileScale(zoom) {
  return 2 ** (zoom - 1 - tileZoom(zoom));
}

/** Return whether a layer has something to show at a map zoom. */
export function isShownAt(layer, zoom) {
  return tileZoom(zoom) >= layer.minzoom && tileZoom(zoom) <= layer.maxzoom;
}

/** Return the tiles {z, x, y} that a map shows, and those that a marker of `margin` pixels reaches from. */
export function tilesInView(map, margin = 40) {
  const bounds = map.getPixelBounds();
  const z = tileZoom(map.getZoom());
  const side = TILE_PX * tileScale(map.getZoom());
  const last = 2 ** z - 1;
  const clamp = (pixel) => Math.max(0, Math.min(last, Math.floor(pixel / side)));
  const tiles = [];
  for (let x = clamp(bounds.min.x - margin); x <= clamp(bounds.max.x + margin); x += 1) {
    for (let y = clamp(bounds.min.y - margin); y <= clamp(bounds.max.y + margin); y += 1) {
      tiles.push({ z, x, y });
    }
  }
  return tiles;
}

/** Return what `fitBounds` is to keep free of a map: its notes, its sources, and an open panel beside it. */
export function uncovered(map) {
  const { right, height } = map.getContainer().getBoundingClientRect();
  const [above, below] = [NOTES_PX, SOURCES_PX].map((px) => Math.min(px, height / 7)); // of a small frame less
  const { width, left } = document.getElementById("panel").getBoundingClientRect();
  const beside = width && left ? right - left : 0; // on a phone it comes from below
  return { paddingTopLeft: [MARGIN_PX, above], paddingBottomRight: [MARGIN_PX + beside, below] };
}

/** Read `#zoom/lat/lon&layers=a,b`; null for what is not there. */
export function readHash(hash) {
  const [place, ...rest] = hash.replace(/^#/, "").split("&");
  const [zoom, lat, lon] = place.split("/").map(Number);
  const layers = new URLSearchParams(rest.join("&")).get("layers");
  return {
    place: [zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) < 85 ? { zoom, lat, lon } : null,
    layers: layers === null ? null : layers.split(",").filter(Boolean),
  };
}

/** Write the view, so that the address can be shared. */
export function writeHash(map, names) {
  history.replaceState(null, "", hashOf(map, names));
}

/** Return the view as `readHash` reads it. */
export function hashOf(map, names) {
  const zoom = map.getZoom();
  const { lat, lng } = map.getCenter();
  const digits = Math.max(2, Math.ceil(zoom / 3.3));
  const place = `${zoom}/${lat.toFixed(digits)}/${lng.toFixed(digits)}`;
  return `#${place}&layers=${names.join(",")}`;
}
