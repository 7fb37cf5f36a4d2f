/** Polygons and lines: one canvas a tile, drawn from the platform's own GeoJSON tiles. */

import { paintBorders, paintDots, paintLand, paintLines, projection } from "./paint.js";
import { drawnFrom, isDots } from "./styles.js";
import { TileStore } from "./store.js";
import { TILE_PX, isShownAt, tileZoom } from "./view.js";

const L = window.L;
const TIERS = ["kelurahan", "kecamatan", "kota"]; // borders: the lowest tier first, the highest over it
const MAX_RATIO = 2; // a phone with three pixels to one gains nothing and runs out of memory

/** A Leaflet layer that draws every switched-on layer of the catalogue that is not made of markers. */
export const TileLayer = L.GridLayer.extend({
  options: { tileSize: TILE_PX, updateWhenIdle: false, keepBuffer: 1, className: "tiles" },

  /** Take the store, and whether land is filled (not over a base map). */
  initialize(store, { fillsLand }) {
    L.GridLayer.prototype.initialize.call(this, {});
    this._store = store;
    this._fillsLand = fillsLand;
    this._layers = [];
    store.addEventListener("change", ({ detail }) => this._redrawKeys(new Set(detail)));
  },

  /** Say which layers are switched on, lowest first, and draw them into the tiles that are there. */
  show(layers) {
    this._layers = layers;
    this._redrawKeys(null);
  },

  /** Make a tile; Leaflet calls this, and shows the tile when it is done. */
  createTile(coords, done) {
    const canvas = L.DomUtil.create("canvas");
    const ratio = Math.min(MAX_RATIO, Math.max(1, window.devicePixelRatio || 1));
    canvas.width = canvas.height = TILE_PX * ratio;
    this._draw(canvas, coords).then(() => done(null, canvas));
    return canvas;
  },

  /** Draw tiles again in place: those that show one of the keys, or all. */
  _redrawKeys(keys) {
    for (const { el, coords } of Object.values(this._tiles ?? {})) {
      const tile = { z: tileZoom(coords.z), x: coords.x, y: coords.y };
      const isTouched = this._layers.some(({ name }) => keys?.has(TileStore.key(name, tile)));
      if (keys === null || isTouched) this._draw(el, coords);
    }
  },

  /** Fetch what a tile shows and draw it; what cannot be fetched is left out, and main.js says so. */
  async _draw(canvas, { x, y, z: zoom }) {
    const tile = { z: tileZoom(zoom), x, y };
    const turn = (canvas.turn = (canvas.turn ?? 0) + 1);
    const layers = this._layers.filter((layer) => isDrawn(layer, zoom));
    const answers = await Promise.allSettled(layers.map(({ name }) => this._store.load(name, tile)));
    if (turn !== canvas.turn) return; // a later drawing has begun
    const context = canvas.getContext("2d");
    const ratio = canvas.width / TILE_PX;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, TILE_PX, TILE_PX);
    const loaded = layers.map((layer, index) => ({ layer, features: answers[index].value ?? [] }));
    this._paint(context, loaded, projection(tile), zoom);
  },

  /** Paint: land, borders, lines, dots, in this order. */
  _paint(context, loaded, project, zoom) {
    const of = (geometry) => loaded.filter(({ layer }) => layer.geometry === geometry);
    const polygons = of("polygon");
    const land = this._fillsLand && [...TIERS].reverse().find((tier) => polygons.some(isNamed(tier)));
    if (land) paintLand(context, polygons.find(isNamed(land)).features, project);
    polygons.sort((one, other) => TIERS.indexOf(one.layer.name) - TIERS.indexOf(other.layer.name));
    for (const { layer, features } of polygons) paintBorders(context, layer.name, features, project, zoom);
    for (const { layer, features } of of("line")) paintLines(context, layer.name, features, project);
    for (const { layer, features } of of("point")) paintDots(context, layer.name, features, project);
  },
});

/** Return whether a layer is drawn in tiles at a zoom. */
function isDrawn(layer, zoom) {
  if (!isShownAt(layer, zoom) || zoom < drawnFrom(layer.name)) return false;
  return layer.geometry !== "point" || isDots(layer.name, zoom);
}

/** Return a test for the name of a loaded layer. */
function isNamed(name) {
  return ({ layer }) => layer.name === name;
}
