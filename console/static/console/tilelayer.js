/** Polygons and lines: one canvas a tile, drawn from the platform's own GeoJSON tiles. */

import { paintBorders, paintDots, paintLand, paintLines, projection } from "./paint.js";
import { drawnFrom, isDots } from "./styles.js";
import { TileStore } from "./store.js";
import { TILE_PX, isShownAt, tileScale, tileZoom } from "./view.js";

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

  /** Take tiles of the zoom that `tileZoom` says; Leaflet's own choice is the nearer one. */
  _setView(center, zoom, ...rest) {
    this.options.maxNativeZoom = tileZoom(zoom) + 1;
    L.GridLayer.prototype._setView.call(this, center, zoom, ...rest);
  },

  /** Return what is heard of: what every grid hears of, and that a zoom has come to rest. */
  getEvents() {
    return { ...L.GridLayer.prototype.getEvents.call(this), zoomend: this._redrawStretched };
  },

  /** Make a tile; Leaflet calls this, and shows the tile when it is done. */
  createTile(coords, done) {
    const canvas = L.DomUtil.create("canvas");
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

  /** Draw tiles again that are shown larger or smaller than they were drawn: they would be blurred. */
  _redrawStretched() {
    const scale = tileScale(this._map.getZoom());
    for (const { el, coords } of Object.values(this._tiles)) if (el.scale !== scale) this._draw(el, coords);
  },

  /** Fetch what a tile shows and draw it; what cannot be fetched is left out, and main.js says so. */
  async _draw(canvas, { x, y, z: zoom }) {
    const tile = { z: tileZoom(zoom), x, y };
    const turn = (canvas.turn = (canvas.turn ?? 0) + 1);
    const layers = this._layers.filter((layer) => isDrawn(layer, zoom));
    const answers = await Promise.allSettled(layers.map(({ name }) => this._store.load(name, tile)));
    if (turn !== canvas.turn || !this._map) return; // a later drawing has begun, or there is no map any more
    canvas.scale = tileScale(this._map.getZoom());
    const side = TILE_PX * canvas.scale;
    const ratio = Math.min(MAX_RATIO, Math.max(1, window.devicePixelRatio || 1));
    canvas.width = canvas.height = Math.round(side * ratio); // which clears it
    const context = canvas.getContext("2d");
    context.scale(canvas.width / side, canvas.width / side);
    const loaded = layers.map((layer, index) => ({ layer, features: answers[index].value ?? [] }));
    this._paint(context, loaded, projection(tile, side), { zoom, side });
  },

  /** Paint: land, borders, lines, dots, in this order. */
  _paint(context, loaded, project, { zoom, side }) {
    const of = (geometry) => loaded.filter(({ layer }) => layer.geometry === geometry);
    const polygons = of("polygon");
    const land = this._fillsLand && [...TIERS].reverse().find((tier) => polygons.some(isNamed(tier)));
    if (land) paintLand(context, polygons.find(isNamed(land)).features, project);
    polygons.sort((one, other) => TIERS.indexOf(one.layer.name) - TIERS.indexOf(other.layer.name));
    for (const { layer, features } of polygons) paintBorders(context, layer.name, features, project, zoom);
    for (const { layer, features } of of("line")) paintLines(context, layer.name, features, project);
    for (const { layer, features } of of("point")) paintDots(context, layer.name, features, project, side);
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
