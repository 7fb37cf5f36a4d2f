/** Cells of a grid on one canvas over a map: filled hexagons, a glow of heat, or differences with their signs. */

import { colourOf, colours, inkOn } from "./scale.js";

const L = window.L;
const PADDING = 0.25; // of the view, on each side: what a short pan brings into view is there
const SIGN_FROM_PX = 9;
const MAX_RATIO = 2;

/** A Leaflet layer; `show` takes cells {lat, lon, ring, value} and how they are drawn. */
export const Cells = L.Layer.extend({
  initialize() {
    this._cells = [];
    this._scale = null;
    this._drawn = "hex";
  },

  getEvents() {
    return { moveend: this.redraw, resize: this.redraw };
  },

  onAdd() {
    this._canvas = L.DomUtil.create("canvas", "cells leaflet-zoom-hide", this.getPane());
    this.redraw();
  },

  onRemove() {
    this._canvas.remove();
  },

  /** Take what is shown from now on, and draw it. */
  show(cells, scale, drawn) {
    [this._cells, this._scale, this._drawn] = [cells, scale, drawn];
    this.redraw();
  },

  /** What is shown, as `paint` takes it. */
  shown() {
    return [this._cells, this._scale, this._drawn];
  },

  /** Draw what is known at the map's place; no request is made. */
  redraw() {
    if (!this._map || !this._scale) return;
    const size = this._map.getSize();
    const margin = size.multiplyBy(PADDING).round();
    const origin = this._map.containerPointToLayerPoint(margin.multiplyBy(-1));
    const whole = size.add(margin.multiplyBy(2));
    const ratio = Math.min(MAX_RATIO, window.devicePixelRatio || 1);
    const canvas = this._canvas;
    [canvas.width, canvas.height] = [whole.x * ratio, whole.y * ratio];
    [canvas.style.width, canvas.style.height] = [`${whole.x}px`, `${whole.y}px`];
    L.DomUtil.setPosition(canvas, origin);
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    const at = (lat, lon) => this._map.latLngToLayerPoint([lat, lon]).subtract(origin);
    paint(context, this._cells, this._scale, this._drawn, at);
  },

  /** Return the cell under a point of the map, if there is one. */
  cellAt({ lat, lng }) {
    return this._cells.find(({ ring }) => isInside(ring, lng, lat)) ?? null;
  },
});

/** Paint cells; `at` turns degrees into pixels. */
export function paint(context, cells, scale, drawn, at) {
  if (drawn === "heat") paintHeat(context, cells, scale, at);
  else paintHexagons(context, cells, scale, at);
}

function paintHexagons(context, cells, scale, at) {
  for (const { ring, value, lat, lon } of cells) {
    const colour = colourOf(scale, value);
    if (!colour) continue;
    context.beginPath();
    const corners = ring.map(([x, y]) => at(y, x));
    corners.forEach((corner) => context.lineTo(corner.x, corner.y));
    context.closePath();
    context.globalAlpha = 0.82;
    context.fillStyle = colour;
    context.fill();
    context.globalAlpha = 1;
    if (scale.kind === "change") paintSign(context, value, colour, at(lat, lon), corners);
  }
}

/** A plus or a minus, as a line or two: it is seen where the colour is not. */
function paintSign(context, value, ground, middle, corners) {
  const radius = Math.hypot(corners[0].x - middle.x, corners[0].y - middle.y);
  if (radius < SIGN_FROM_PX) return;
  const arm = Math.min(6, radius * 0.35);
  context.beginPath();
  context.moveTo(middle.x - arm, middle.y);
  context.lineTo(middle.x + arm, middle.y);
  if (value > 0) {
    context.moveTo(middle.x, middle.y - arm);
    context.lineTo(middle.x, middle.y + arm);
  }
  [context.strokeStyle, context.lineWidth] = [inkOn(ground), 2];
  context.stroke();
}

/** Each cell glows over its neighbours; glows add up, the sum is coloured as the legend's classes are. */
function paintHeat(context, cells, scale, at) {
  const { canvas } = context;
  const sums = document.createElement("canvas");
  [sums.width, sums.height] = [canvas.width, canvas.height];
  const ink = sums.getContext("2d", { willReadFrequently: true });
  ink.setTransform(context.getTransform());
  for (const { lat, lon, ring, value } of cells) {
    const middle = at(lat, lon);
    const radius = 2.2 * Math.hypot(at(ring[0][1], ring[0][0]).x - middle.x, at(ring[0][1], ring[0][0]).y - middle.y);
    const glow = ink.createRadialGradient(middle.x, middle.y, 0, middle.x, middle.y, radius);
    const strength = Math.min(1, 0.06 + 0.9 * (Math.log1p(value) / Math.log1p(Math.max(4, scale.largest))) ** 1.6);
    glow.addColorStop(0, `rgb(0 0 0 / ${strength})`);
    glow.addColorStop(1, "rgb(0 0 0 / 0)");
    ink.fillStyle = glow;
    ink.fillRect(middle.x - radius, middle.y - radius, 2 * radius, 2 * radius);
  }
  if (!canvas.width || !canvas.height) return;
  const pixels = ink.getImageData(0, 0, canvas.width, canvas.height);
  colourSums(pixels.data, ramp(scale));
  ink.putImageData(pixels, 0, 0);
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(sums, 0, 0);
  context.restore();
}

function colourSums(data, ramp) {
  for (let index = 3; index < data.length; index += 4) {
    const sum = data[index];
    if (!sum) continue;
    data[index - 3] = ramp[4 * sum];
    data[index - 2] = ramp[4 * sum + 1];
    data[index - 1] = ramp[4 * sum + 2];
    data[index] = Math.min(215, sum * 2.4);
  }
}

function ramp(scale) {
  const strip = document.createElement("canvas");
  [strip.width, strip.height] = [256, 1];
  const context = strip.getContext("2d");
  const gradient = context.createLinearGradient(0, 0, 256, 0);
  const steps = colours({ ...scale, firsts: [1, 2, 3, 4, 5] });
  steps.forEach((colour, index) => gradient.addColorStop(index / (steps.length - 1), colour));
  context.fillStyle = gradient;
  context.fillRect(0, 0, 256, 1);
  return context.getImageData(0, 0, 256, 1).data;
}

function isInside(ring, x, y) {
  let inside = false;
  for (let one = 0, other = ring.length - 1; one < ring.length; other = one, one += 1) {
    const [[x1, y1], [x2, y2]] = [ring[one], ring[other]];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}
