/** The pictures of the map and its legend, drawn by us: each tells its meaning by shape as well as colour. */

import { make, svg } from "./dom.js";
import { COLOURS, DISC, DOTS, JAMS, LINE, lineStyle } from "./styles.js";
import { STATES, radius } from "./clusters.js";
import { short } from "./words.js";

const RING_PX = { waiting: 6, in_progress: 4, done: 2 }; // thickness tells the state where colour does not

const REPORT = {
  waiting: () => [
    svg("circle", { cx: 12, cy: 12, r: 10.5, fill: COLOURS.waiting, stroke: "#fff", "stroke-width": 1.6 }),
    svg("path", {
      d: "M12 6v7.4M12 16.4v1.8",
      stroke: "#fff",
      "stroke-width": 2.6,
      "stroke-linecap": "round",
    }),
  ],
  in_progress: () => [
    svg("path", {
      d: "M12 2.2 22.6 21.2H1.4Z",
      fill: COLOURS.in_progress,
      stroke: "#4a3200",
      "stroke-width": 1.5,
      "stroke-linejoin": "round",
    }),
    svg("path", {
      d: "M8.2 16.6h.01M12 16.6h.01M15.8 16.6h.01",
      stroke: "#2b1d00",
      "stroke-width": 2.6,
      "stroke-linecap": "round",
    }),
  ],
  done: () => [
    svg("rect", {
      x: 2,
      y: 2,
      width: 20,
      height: 20,
      rx: 4,
      fill: COLOURS.done,
      stroke: "#fff",
      "stroke-width": 1.6,
    }),
    svg("path", {
      d: "m7 12.4 3.4 3.5 6.8-7.4",
      fill: "none",
      stroke: "#fff",
      "stroke-width": 2.6,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    }),
  ],
};

const ALERT = {
  ACCIDENT: "M9 9l6 6M15 9l-6 6",
  ROAD_CLOSED: "M7.6 12h8.8",
  JAM: "M8 12h.01M12 12h.01M16 12h.01",
  other: "M12 7.6v5M12 16v.4",
};

const GLYPH = {
  petrol_stations: "M12 6.2c2.4 3 4 5 4 7a4 4 0 0 1-8 0c0-2 1.6-4 4-7Z",
  hospitals: "M12 7v10M7 12h10",
  restaurants: "M9.4 6.5v11M7.4 6.5v3.5a2 2 0 0 0 4 0V6.5M15 17.5v-11c1.6 1 2 3 2 5h-2",
};

/** Wrap shapes of a 24 x 24 grid into a picture. */
function picture(size, ...shapes) {
  return svg("svg", { viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" }, ...shapes);
}

/** The mark of a report by status: circle with "!", triangle, square with a check. */
export function reportMark(status, size = 26) {
  return picture(size, ...REPORT[status]());
}

/** The mark of words that change no status: a speech bubble. */
export function noteMark(size) {
  return picture(
    size,
    svg("path", {
      d: "M3 3.5h18v13h-10l-5 4.5v-4.5h-3Z",
      fill: DISC,
      stroke: LINE,
      "stroke-width": 1.7,
      "stroke-linejoin": "round",
    }),
    svg("path", {
      d: "M7.5 8h9M7.5 12h6",
      stroke: LINE,
      "stroke-width": 1.7,
      "stroke-linecap": "round",
    }),
  );
}

/** The mark of one thing of a layer that is not reports. */
export function layerMark(layer, properties = {}, size = 24) {
  if (layer === "alerts") {
    return picture(
      size,
      svg("path", {
        d: "M12 1.5 22.5 12 12 22.5 1.5 12Z",
        fill: "light-dark(#1f4e8c, #3f74c4)",
        stroke: "#fff",
        "stroke-width": 1.4,
        "stroke-linejoin": "round",
      }),
      svg("path", {
        d: ALERT[properties.type] ?? ALERT.other,
        stroke: "#fff",
        "stroke-width": 2.4,
        "stroke-linecap": "round",
        fill: "none",
      }),
    );
  }
  const colour = DOTS[layer]?.colour ?? LINE;
  const shape = DOTS[layer]?.square
    ? svg("rect", {
        x: 2,
        y: 2,
        width: 20,
        height: 20,
        rx: 3,
        fill: DISC,
        stroke: colour,
        "stroke-width": 2,
      })
    : svg("circle", { cx: 12, cy: 12, r: 10, fill: DISC, stroke: colour, "stroke-width": 2 });
  const fill = layer === "petrol_stations" ? colour : "none";
  const glyph = GLYPH[layer] ?? "M12 12h.01";
  return picture(
    size,
    shape,
    svg("path", {
      d: glyph,
      fill,
      stroke: colour,
      "stroke-width": 1.7,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    }),
  );
}

/** A cluster of reports: the count within a ring that shows the share of each state. */
export function donut(count, states, size = 2 * radius(count)) {
  const middle = size / 2;
  const ring = middle - 4;
  const around = 2 * Math.PI * ring;
  let start = 0;
  const arcs = STATES.map((state, index) => {
    const share = (states[index] / count) * around;
    const arc = svg("circle", {
      cx: middle,
      cy: middle,
      r: ring,
      fill: "none",
      stroke: COLOURS[state],
      "stroke-width": RING_PX[state],
      "stroke-dasharray": `${Math.max(0, share - 1)} ${around}`,
      "stroke-dashoffset": -start,
      transform: `rotate(-90 ${middle} ${middle})`,
    });
    start += share;
    return share > 0 ? arc : null;
  });
  const disc = svg("circle", {
    cx: middle,
    cy: middle,
    r: middle - 0.5,
    fill: DISC,
    stroke: LINE,
    "stroke-width": 0.8,
  });
  const text = svg(
    "text",
    { x: middle, y: middle, class: count > 999 ? "count small" : "count" },
    short(count),
  );
  return svg(
    "svg",
    { viewBox: `0 0 ${size} ${size}`, width: size, height: size, "aria-hidden": "true" },
    disc,
    ...arcs,
    text,
  );
}

/** Several things of another layer at one spot: its mark with their number. */
export function stack(layer, count, sample) {
  return make("span", { class: "stack" }, layerMark(layer, sample, 26), make("b", {}, short(count)));
}

/** A line from the middle of a marker to the place that it was moved aside from. */
export function stem(dx, dy) {
  return svg(
    "svg",
    { class: "stem", width: 1, height: 1, "aria-hidden": "true" },
    svg("path", { d: `M0 0L${dx} ${dy}`, stroke: LINE, "stroke-width": 1.5 }),
    svg("circle", { cx: dx, cy: dy, r: 2.5, fill: LINE }),
  );
}

/** A sample of a line for the legend. */
export function lineSample(layer, properties) {
  const { colour, width, dash, inner } =
    layer === "jams" ? JAMS[properties.level] : lineStyle(layer, properties);
  return sample({ colour, width, dash }, inner);
}

/** A sample of a stroke for the legend. */
export function sample(...styles) {
  const strokes = styles.filter(Boolean).map(({ colour, width, dash = [] }) =>
    svg("path", {
      d: "M3 8h34",
      stroke: colour,
      "stroke-width": width,
      "stroke-dasharray": dash.join(" ") || null,
      "stroke-linecap": dash.length && dash[0] > 1 ? "butt" : "round",
    }),
  );
  return svg("svg", { viewBox: "0 0 40 16", width: 40, height: 16, "aria-hidden": "true" }, ...strokes);
}
