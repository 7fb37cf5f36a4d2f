/** What a choice needs of the API, asked for at once, and brought into the form that is drawn. */

import { addressOf, ask, gather } from "./questions.js";
import { diverging, sequential } from "./scale.js";
import { before, between, plus } from "./spans.js";

const JAM_DAYS = 31; // as many as the API holds against jams

/** Return how the cells of a choice are drawn. */
export function drawnAs(choice) {
  return choice.get("mode") === "spots" ? choice.get("drawn") : "hex";
}

/** Return the span that a choice is compared with, or null. */
export function compared(choice) {
  return choice.get("mode") === "compare" ? before(choice.span, choice.get("against")) : null;
}

/** Return the span whose reports are held against jams: the last days of the one chosen. */
export function jamSpan({ from, to }) {
  return { from: between(from, to) < JAM_DAYS ? from : plus(to, 1 - JAM_DAYS), to };
}

/** Ask for the cells in view; returns {panes: a list of cells for each map, scale}. */
export async function gatherCells(choice, { bbox, resolution }, signal) {
  const heat = (span) => ask("heat", { ...choice.filters, ...span, resolution, bbox }, signal);
  const other = compared(choice);
  const spans = other ? [choice.span, other] : [choice.span];
  const [now, then] = (await Promise.all(spans.map(heat))).map(({ features }) => features.map(cellOf));
  if (!other) return { panes: [now], scale: sequential(values(now)) };
  if (choice.get("pair") === "beside") return { panes: [now, then], scale: sequential(values([...now, ...then])) };
  const cells = differences(now, then);
  return { panes: [cells], scale: diverging(values(cells)) };
}

/** Ask for the numbers beside the map; returns {rows, question, hours}. */
export async function gatherNumbers(choice, signal) {
  if (choice.get("mode") === "jams") {
    const asked = new URLSearchParams({ ...choice.filters, ...jamSpan(choice.span) });
    const { hours } = await gather(`jam-hours?${asked}`, signal);
    return { rows: hours, question: `/api/staff/jam-hours?${asked}` };
  }
  const other = compared(choice);
  const [name, parameters] = other
    ? ["changes", { by: "kelurahan", ...choice.filters, ...choice.span, before: other.from }]
    : ["counts", { by: "kelurahan", geometry: "false", f: "json", ...choice.filters, ...choice.span }];
  const { areas } = await ask(name, parameters, signal);
  return { rows: areas, question: addressOf(name, parameters) };
}

/** Ask how many reports there were in each step of a time. */
export async function gatherSeries(choice, step, signal) {
  const { series } = await ask("series", { step, ...choice.filters, ...choice.whole }, signal);
  return series;
}

function cellOf({ id, geometry, properties }) {
  const ring = geometry.coordinates[0];
  const corners = ring.slice(0, -1);
  const mean = (axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length;
  return { id, ring, lon: mean(0), lat: mean(1), value: properties.count };
}

function differences(now, then) {
  const all = new Map(now.map((cell) => [cell.id, { ...cell, now: cell.value, then: 0 }]));
  for (const cell of then) {
    const known = all.get(cell.id) ?? { ...cell, now: 0 };
    all.set(cell.id, { ...known, then: cell.value, value: known.now - cell.value });
  }
  return [...all.values()];
}

function values(cells) {
  return cells.map(({ value }) => value);
}
