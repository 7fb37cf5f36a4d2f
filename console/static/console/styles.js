/**
 * How each layer looks, by light and by dark; a layer that is not named here still shows, in its geometry's
 * plain style. Elements take `light-dark()` as it is, a canvas by way of `resolved`.
 */

export const COLOURS = {
  waiting: "light-dark(#c62828, #e5534b)",
  in_progress: "light-dark(#f5a800, #f7b733)",
  done: "light-dark(#1b7f4b, #2f9e63)",
};
export const OUTSIDE = "light-dark(#d5dfe5, #0b1115)";
export const LAND = [
  "light-dark(#f7f5ee, #222b31)",
  "light-dark(#f2f1e7, #252d31)",
  "light-dark(#f5f0e8, #262c30)",
  "light-dark(#eff2e9, #212d2f)",
  "light-dark(#f6f3e6, #272d2f)",
  "light-dark(#f1eeea, #242a30)",
];
/** What lifts marks off the land: their edges, and the ground of marks that are drawn in lines. */
export const EDGE = "light-dark(#fff, #10181d)";
export const DISC = "light-dark(#fff, #1b252c)";
export const LINE = "light-dark(#37474f, #b4c1c9)";
export const HALO = "light-dark(rgb(255 255 255 / 85%), rgb(10 16 20 / 85%))";

/** Borders: wider for the higher tier; `from` is the first zoom where they are not a thicket. */
export const BORDERS = {
  kelurahan: { width: 0.8, colour: "light-dark(#aeb6bb, #46525a)", from: 11 },
  kecamatan: { width: 1.3, colour: "light-dark(#87919a, #6d7b85)", from: 9 },
  kota: { width: 2.4, colour: "light-dark(#56626d, #a3b0b9)", from: 9 },
};

/** Names of tiers: from which zoom to which, how large, how far a name may give way to a cluster. */
export const NAMES = {
  kota: { from: 0, to: 10, font: "650 13px", reach: 66 },
  kecamatan: { from: 11, to: 12, font: "600 12px", reach: 34 },
  kelurahan: { from: 13, to: 22, font: "500 12px", reach: 40 },
};

/** Jams by level: colour, width and dashes all tell it. */
export const JAMS = [
  { colour: "light-dark(#7a8f7a, #86a086)", width: 2, dash: [] },
  { colour: "light-dark(#d9a400, #e6bb2e)", width: 3, dash: [1, 6] },
  { colour: "light-dark(#e07b00, #f2932b)", width: 3.5, dash: [6, 6] },
  { colour: "light-dark(#d2451e, #f4693f)", width: 4, dash: [14, 5] },
  { colour: "light-dark(#a3131d, #ff6570)", width: 5, dash: [] },
  { colour: "light-dark(#3d0a10, #ffc9cd)", width: 6, dash: [], inner: { colour: "light-dark(#ffffff, #3d0a10)", width: 2, dash: [5, 6] } },
];
const IRREGULAR_WIDTHS = { SMALL: 5, MEDIUM: 6, LARGE: 7, HUGE: 8 };
const PLAIN_LINE = { colour: "light-dark(#4a6572, #9db6c2)", width: 3, dash: [] };

/** Points drawn as dots in the tile while the map is too wide for a marker each. */
export const DOTS = {
  petrol_stations: { colour: "light-dark(#00695c, #4fb8aa)", square: true, until: 13 },
  hospitals: { colour: "light-dark(#1f4e9c, #8fb4ff)", square: true, until: 13 },
  restaurants: { colour: "light-dark(#8d4b1f, #e3a575)", square: false, until: 14 },
};

/** Return the stroke of a line feature. */
export function lineStyle(layer, properties) {
  if (layer === "jams") return JAMS[properties.level] ?? JAMS[0];
  if (layer === "irregularities") {
    const width = IRREGULAR_WIDTHS[properties.type] ?? 5;
    return { colour: "light-dark(#6a1b9a, #cf96ec)", width, dash: [], inner: { colour: EDGE, width: width - 3, dash: [] } };
  }
  return PLAIN_LINE;
}

/** Return whether a point layer is dots at a zoom. */
export function isDots(layer, zoom) {
  return Math.floor(zoom) <= (DOTS[layer]?.until ?? 0);
}

/** Return from which map zoom a layer is worth drawing. */
export function drawnFrom(layer) {
  return BORDERS[layer]?.from ?? 0;
}
