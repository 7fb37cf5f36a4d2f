/** What is taken away from the page: a picture with all that it needs to be understood, and the numbers shown. */

import { save } from "../taking.js";
import { paint } from "./cells.js";
import { lines } from "./legend.js";
import { inkOn } from "./scale.js";

const WIDTH = 1600;
const HEAD = 104;
const FOOT = 72;
const PAD = 32;
const RISKY = /^[=+\-@\t\r\n]/; // what a spreadsheet takes for a formula

/**
 * Draw a figure.
 *
 * @param panes panes that are shown, side by side
 * @param said {title, captions, legend, source, place} in the reader's words
 * @param shown {scale, drawn} of the legend
 */
export function picture(panes, said, { scale, drawn }) {
  const colour = { ink: swatch("--ink"), quiet: swatch("--quiet"), paper: swatch("--paper") };
  const each = (WIDTH - PAD * (panes.length + 1)) / panes.length;
  const size = panes[0].map.getSize();
  const height = Math.round((each * size.y) / size.x);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [WIDTH, HEAD + height + FOOT];
  const context = canvas.getContext("2d");
  context.fillStyle = colour.paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  text(context, said.title, PAD, 44, 28, colour.ink, 650);
  panes.forEach((pane, index) => {
    const left = PAD + index * (each + PAD);
    text(context, said.captions[index], left, 84, 20, colour.quiet);
    drawPane(context, pane, { left, top: HEAD, width: each, height });
  });
  drawLegend(context, lines(scale, drawn), said.legend, colour, HEAD + height - 20);
  text(context, said.source, PAD, HEAD + height + 30, 17, colour.quiet);
  text(context, said.place, PAD, HEAD + height + 56, 15, colour.quiet);
  return canvas;
}

/** Save a canvas as a file. */
export function savePicture(canvas, name) {
  canvas.toBlob((blob) => save(blob, `${name}.png`));
}

/** Save rows as CSV: objects of one form, each with the question that they answer. */
export function saveTable(rows, question, name) {
  const header = [...Object.keys(rows[0] ?? { count: 0 }), "question"];
  const all = [header, ...rows.map((row) => [...Object.values(row), question])];
  const csv = all.map((line) => line.map(field).join(",")).join("\r\n");
  save(new Blob([`${csv}\r\n`], { type: "text/csv" }), `${name}.csv`);
}

function field(value) {
  const text = typeof value === "string" && RISKY.test(value) ? `'${value}` : String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The land as the page's tiles show it, and the cells drawn anew at the picture's size. */
function drawPane(context, pane, { left, top, width, height }) {
  const { map, cells } = pane;
  const box = map.getContainer().getBoundingClientRect();
  const zoom = width / box.width;
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.translate(left, top);
  context.scale(zoom, zoom);
  context.fillStyle = getComputedStyle(map.getContainer()).backgroundColor;
  context.fillRect(0, 0, box.width, box.height);
  for (const tile of map.getContainer().querySelectorAll(".tiles canvas")) {
    const at = tile.getBoundingClientRect();
    context.drawImage(tile, at.left - box.left, at.top - box.top, at.width, at.height);
  }
  const own = document.createElement("canvas");
  [own.width, own.height] = [Math.round(box.width * zoom), Math.round(box.height * zoom)];
  const ink = own.getContext("2d");
  ink.scale(zoom, zoom);
  paint(ink, ...cells.shown(), (lat, lon) => map.latLngToContainerPoint([lat, lon]));
  context.drawImage(own, 0, 0, box.width, box.height);
  drawNames(context, map.getContainer(), box);
  context.restore();
}

function drawNames(context, container, box) {
  for (const name of container.querySelectorAll(".label span")) {
    const at = name.getBoundingClientRect();
    const style = getComputedStyle(name);
    context.font = style.font;
    [context.textAlign, context.textBaseline, context.lineWidth] = ["center", "middle", 3];
    const middle = [at.left + at.width / 2 - box.left, at.top + at.height / 2 - box.top];
    context.strokeStyle = swatch("--halo");
    context.strokeText(name.textContent, ...middle);
    context.fillStyle = style.color;
    context.fillText(name.textContent, ...middle);
  }
  [context.textAlign, context.textBaseline] = ["start", "alphabetic"];
}

function drawLegend(context, all, title, colour, bottom) {
  const [width, step] = [220, 30];
  const top = bottom - step * (all.length + 1) - 16;
  context.fillStyle = colour.paper;
  context.fillRect(PAD + 16, top, width, bottom - top);
  text(context, title, PAD + 28, top + 30, 18, colour.ink, 650);
  all.forEach((line, index) => {
    const y = top + 10 + (index + 1) * step;
    context.fillStyle = line.colour;
    context.fillRect(PAD + 28, y + 3, 24, 24);
    if (line.sign) text(context, line.sign, PAD + 34, y + 22, 20, inkOn(line.colour), 700);
    text(context, line.text, PAD + 64, y + 22, 18, colour.ink);
  });
}

function text(context, words, x, y, size, colour, weight = 400) {
  context.font = `${weight} ${size}px system-ui, "Noto Sans", Arial, sans-serif`;
  context.fillStyle = colour;
  context.fillText(words, x, y, WIDTH - x - PAD);
}

/** Return a token of the style sheet as a canvas can take it: light-dark() is resolved by an element. */
function swatch(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.getElementById("analysis").append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
