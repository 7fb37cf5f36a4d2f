/**
 * google.maps.visualization.MapsEngineLayer for pages whose map is Leaflet's.
 *
 * Load it behind leaflet.js. A page that drew a Maps Engine layer goes on as it was, but for the map:
 *
 *   const layer = new google.maps.visualization.MapsEngineLayer({ layerId: "reports", map });
 *   google.maps.event.addListener(layer, "click", (event) => console.log(event.featureId));
 *
 * Tiles are drawn here from the platform's GeoJSON tiles, in the style that /mapsengine/v1/layers tells; what
 * was clicked is asked of /mapsengine/v1/tables. docs/how-to/move-off-google-maps-engine.md shows all of it.
 */
(function () {
  "use strict";

  const L = window.L;
  const HOME = new URL(document.currentScript.src).origin;
  const API = HOME + "/mapsengine/v1/";
  const SIDE = 256; // pixels of a tile
  const MARGIN = 16; // a point's dot reaches over the edge of its tile
  const REACH = 8; // pixels from a point or a line that still are on it
  const DOT = 5;
  const CELL = 32; // pixels between the dots of two cells
  const OK = "OK";
  const INVALID_LAYER = "INVALID_LAYER";
  const UNKNOWN_ERROR = "UNKNOWN_ERROR";
  const DEFAULTS = { clickable: true, suppressInfoWindows: false, opacity: 1, zIndex: 1, map: null };

  /** A position as Google's events have it. */
  class LatLng {
    constructor(lat, lng) {
      this._lat = lat;
      this._lng = lng;
    }

    lat() {
      return this._lat;
    }

    lng() {
      return this._lng;
    }

    toString() {
      return `(${this._lat}, ${this._lng})`;
    }
  }

  /** Return a function from [lon, lat] to pixels from a tile's upper left corner. */
  function projection({ x, y, z }) {
    const world = SIDE * 2 ** z;
    return ([lon, lat]) => {
      const sine = Math.sin((lat * Math.PI) / 180);
      const north = Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
      return [((lon + 180) / 360) * world - x * SIDE, (0.5 - north) * world - y * SIDE];
    };
  }

  /** Return the lists of positions that make up a geometry. */
  function lists({ type, coordinates }) {
    if (type === "Point") return [[coordinates]];
    if (type === "MultiPoint" || type === "LineString") return [coordinates];
    return type === "MultiPolygon" ? coordinates.flat() : coordinates;
  }

  /** Return a feature as it is drawn in one tile: its kind, its path, and the place of a point. */
  function drawn(feature, project) {
    const { type } = feature.geometry;
    const path = new Path2D();
    let at = null;
    for (const positions of lists(feature.geometry)) {
      positions.forEach((position, index) => {
        at = project(position);
        if (index) path.lineTo(...at);
        else path.moveTo(...at);
      });
      if (type.endsWith("Polygon")) path.closePath();
    }
    const kind = type.endsWith("Point") ? "point" : type.endsWith("Polygon") ? "polygon" : "line";
    return { feature, kind, path, at };
  }

  /** Return how large the dot of a point is, or of a cell that stands for many. */
  function radius({ feature }) {
    const { count } = feature.properties;
    return count > 1 ? Math.min(MARGIN - 1, 7 + 2 * Math.log10(count)) : DOT;
  }

  /** Return what is shown of one tile: of cells that would lie on one another one for all of them. */
  function apart(shown) {
    if (!shown.some(({ feature }) => feature.properties.count)) return shown;
    const groups = new Map();
    for (const one of shown) {
      const key = one.at.map((part) => Math.floor(part / CELL)).join();
      groups.set(key, [...(groups.get(key) || []), one]);
    }
    return [...groups.values()].map((group) => (group.length > 1 ? merged(group) : group[0]));
  }

  /** Return one cell for several, at the mean of their points. */
  function merged(group) {
    const counts = group.map(({ feature }) => feature.properties.count || 1);
    const count = counts.reduce((sum, one) => sum + one, 0);
    const mean = (part) => group.reduce((sum, { at }, index) => sum + at[part] * counts[index], 0) / count;
    const opens = group.map(({ feature }) => feature.properties.opens_at).filter(Boolean);
    const properties = { count, opens_at: opens.length ? Math.min(...opens) : undefined };
    return { feature: { properties, geometry: group[0].feature.geometry }, kind: "point", at: [mean(0), mean(1)] };
  }

  /** Return colours and widths from the display rule of a layer. */
  function styleOf(layer) {
    const rules = (layer.style && layer.style.displayRules) || [];
    const { lineOptions, polygonOptions } = rules[0] || {};
    const stroke = (lineOptions || polygonOptions || {}).stroke || {};
    const fill = (polygonOptions || {}).fill || {};
    return {
      stroke: stroke.color || "#b3261e",
      width: stroke.width || 2,
      strokeOpacity: stroke.opacity === undefined ? 1 : stroke.opacity,
      fill: fill.color || "#d93025",
      fillOpacity: fill.opacity === undefined ? 1 : fill.opacity,
    };
  }

  function paintShape(context, one, style) {
    if (one.kind === "polygon") {
      context.globalAlpha = style.fillOpacity;
      context.fillStyle = style.fill;
      context.fill(one.path, "evenodd");
    }
    context.globalAlpha = style.strokeOpacity;
    context.strokeStyle = style.stroke;
    context.lineWidth = style.width;
    context.stroke(one.path);
  }

  function paintDot(context, one, style) {
    const [x, y] = one.at;
    context.globalAlpha = 1;
    context.fillStyle = style.fill;
    context.strokeStyle = "#ffffff";
    context.lineWidth = 1.5;
    context.beginPath();
    context.arc(x, y, radius(one), 0, 2 * Math.PI);
    context.fill();
    context.stroke();
    if (one.feature.properties.count > 1) {
      context.fillStyle = "#ffffff";
      context.font = "bold 10px sans-serif";
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillText(String(one.feature.properties.count), x, y);
    }
  }

  /** The tiles of one layer on a Leaflet map. */
  const Tiles = L.GridLayer.extend({
    initialize(name, style, options) {
      L.GridLayer.prototype.initialize.call(this, { tileSize: SIDE, ...options });
      this._name = name;
      this._style = style;
    },

    createTile(coords, done) {
      const tile = L.DomUtil.create("div", "mapsengine-tile");
      const canvas = L.DomUtil.create("canvas", "", tile);
      const ratio = Math.min(2, window.devicePixelRatio || 1);
      const side = SIDE + 2 * MARGIN;
      canvas.width = canvas.height = side * ratio;
      Object.assign(canvas.style, {
        position: "absolute",
        left: `${-MARGIN}px`,
        top: `${-MARGIN}px`,
        width: `${side}px`,
        height: `${side}px`,
      });
      this._fetch(coords)
        .then((features) => {
          const context = canvas.getContext("2d");
          context.setTransform(ratio, 0, 0, ratio, MARGIN * ratio, MARGIN * ratio);
          tile.shown = apart(features.map((feature) => drawn(feature, projection(coords))));
          this._paint(context, tile.shown);
          done(null, tile);
        })
        .catch((error) => done(error, tile));
      return tile;
    },

    async _fetch({ x, y, z }) {
      const side = 2 ** z;
      const column = ((x % side) + side) % side;
      if (y < 0 || y >= side) return [];
      const answer = await fetch(`${HOME}/tiles/${encodeURIComponent(this._name)}/${z}/${column}/${y}.geojson`);
      if (!answer.ok) throw new Error(`tile ${z}/${x}/${y}: ${answer.status}`);
      return (await answer.json()).features.filter((feature) => feature.geometry);
    },

    _paint(context, shown) {
      const shapes = shown.filter(({ kind }) => kind !== "point");
      if (shapes.length) {
        // What reaches over the edge is drawn by the neighbour: a border must not be there twice.
        context.save();
        context.beginPath();
        context.rect(0, 0, SIDE, SIDE);
        context.clip();
        for (const one of shapes) paintShape(context, one, this._style);
        context.restore();
      }
      for (const one of shown) if (one.kind === "point") paintDot(context, one, this._style);
    },

    /** Return the topmost feature at a position, or null. */
    hit(latlng) {
      const context = (this._probe = this._probe || document.createElement("canvas").getContext("2d"));
      context.lineWidth = 2 * REACH;
      for (const { el, coords } of Object.values(this._tiles || {})) {
        if (coords.z !== this._tileZoom || !el.shown) continue;
        const [x, y] = projection(coords)([latlng.lng, latlng.lat]);
        if (x < -MARGIN || y < -MARGIN || x > SIDE + MARGIN || y > SIDE + MARGIN) continue;
        const isInside = x >= 0 && y >= 0 && x < SIDE && y < SIDE;
        const found = el.shown.filter((one) => {
          if (one.kind === "point") return Math.hypot(one.at[0] - x, one.at[1] - y) <= Math.max(REACH, radius(one));
          if (!isInside) return false;
          if (one.kind === "line") return context.isPointInStroke(one.path, x, y);
          return context.isPointInPath(one.path, x, y, "evenodd");
        });
        if (found.length) return found[found.length - 1].feature;
      }
      return null;
    },
  });

  /** Return text that is text in HTML, too. */
  function escaped(value) {
    const element = document.createElement("span");
    element.textContent = value === null || value === undefined ? "" : String(value);
    return element.innerHTML;
  }

  function infoWindowHtml(properties) {
    const rows = Object.entries(properties)
      .filter(([name]) => name !== "gx_id")
      .map(([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`);
    return `<table class="mapsengine-info">${rows.join("")}</table>`;
  }

  async function read(path) {
    const answer = await fetch(API + path);
    if (!answer.ok) throw Object.assign(new Error(`${path}: ${answer.status}`), { status: answer.status });
    return answer.json();
  }

  /** A Maps Engine layer on a Leaflet map, by the names that it had on Google's. */
  class MapsEngineLayer {
    constructor(options = {}) {
      this._listeners = {};
      this._values = { ...DEFAULTS };
      this._turn = 0;
      this._onClick = (event) => this._clicked(event);
      this.setOptions(options);
    }

    get(name) {
      return this._values[name];
    }

    set(name, value) {
      this.setOptions({ [name]: value });
    }

    /** Set any options at once; what has changed is told as Google's objects tell it. */
    setOptions(options) {
      const changed = Object.keys(options).filter((name) => options[name] !== this._values[name]);
      const former = this._values.map;
      Object.assign(this._values, options);
      if (changed.includes("opacity") && this._tiles) this._tiles.setOpacity(this._values.opacity);
      if (changed.includes("zIndex") && this._tiles) this._tiles.setZIndex(this._values.zIndex);
      if (changed.some((name) => ["layerId", "layerKey", "mapId", "map"].includes(name))) this._show(former);
      for (const name of changed) this._tell(`${name.toLowerCase()}_changed`);
    }

    addListener(name, listener) {
      (this._listeners[name] = this._listeners[name] || []).push(listener);
      return { remove: () => this._forget(name, listener) };
    }

    getLayerId() {
      return this._values.layerId;
    }

    getLayerKey() {
      return this._values.layerKey;
    }

    getMap() {
      return this._values.map;
    }

    getMapId() {
      return this._values.mapId;
    }

    getOpacity() {
      return this._values.opacity;
    }

    getProperties() {
      return this._values.properties;
    }

    getStatus() {
      return this._values.status;
    }

    getZIndex() {
      return this._values.zIndex;
    }

    setLayerId(layerId) {
      this.setOptions({ layerId });
    }

    setLayerKey(layerKey) {
      this.setOptions({ layerKey });
    }

    setMap(map) {
      this.setOptions({ map });
    }

    setMapId(mapId) {
      this.setOptions({ mapId });
    }

    setOpacity(opacity) {
      this.setOptions({ opacity });
    }

    setZIndex(zIndex) {
      this.setOptions({ zIndex });
    }

    /** Put the layer on its map, or take it off the former one. */
    async _show(former) {
      const turn = ++this._turn;
      if (former) {
        former.off("click", this._onClick);
        if (this._tiles) former.removeLayer(this._tiles);
      }
      this._tiles = null;
      const { map } = this._values;
      const name = this._values.layerId || this._values.layerKey;
      if (!map || !name) return;
      try {
        const layer = await read(`layers/${encodeURIComponent(name)}`);
        if (turn !== this._turn) return; // another layer, or another map, was asked for since
        const { min, max } = layer.style.displayRules[0].zoomLevels;
        const { opacity, zIndex } = this._values;
        this._tiles = new Tiles(name, styleOf(layer), { opacity, zIndex, minZoom: min, maxNativeZoom: max });
        this._tiles.addTo(map);
        map.on("click", this._onClick);
        this.setOptions({ properties: { name: layer.name }, status: OK });
      } catch (error) {
        if (turn !== this._turn) return;
        this.setOptions({ status: error.status === 404 ? INVALID_LAYER : UNKNOWN_ERROR });
        console.error(error);
      }
    }

    /** Tell of a click on a feature, and open a window on it unless the page does so itself. */
    async _clicked({ latlng }) {
      const { clickable, map, suppressInfoWindows } = this._values;
      const feature = clickable && this._tiles ? this._tiles.hit(latlng) : null;
      if (!feature) return;
      if (feature.properties.count > 1) {
        map.setView(latlng, feature.properties.opens_at || map.getZoom() + 2);
        return;
      }
      const name = this._values.layerId || this._values.layerKey;
      const { properties } = await read(`tables/${encodeURIComponent(name)}/features/${feature.id}`);
      const event = {
        featureId: properties.gx_id,
        infoWindowHtml: infoWindowHtml(properties),
        latLng: new LatLng(latlng.lat, latlng.lng),
        pixelOffset: L.point(0, 0),
      };
      this._tell("click", event);
      if (!suppressInfoWindows) L.popup().setLatLng(latlng).setContent(event.infoWindowHtml).openOn(map);
    }

    _tell(name, event) {
      for (const listener of [...(this._listeners[name] || [])]) listener.call(this, event);
    }

    _forget(name, listener) {
      this._listeners[name] = (this._listeners[name] || []).filter((one) => one !== listener);
    }
  }

  // Where a page has something of these names already, it keeps it.
  const google = (window.google = window.google || {});
  const maps = (google.maps = google.maps || {});
  maps.LatLng = maps.LatLng || LatLng;
  maps.event = maps.event || {
    addListener: (target, name, listener) => target.addListener(name, listener),
    removeListener: (handle) => handle.remove(),
  };
  maps.visualization = maps.visualization || {};
  maps.visualization.MapsEngineStatus = { INVALID_LAYER, OK, UNKNOWN_ERROR };
  maps.visualization.MapsEngineLayer = MapsEngineLayer;
})();
