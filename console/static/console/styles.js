/** How each layer looks. A layer that is not named here still shows, in its geometry's plain style. */

export const COLOURS = { waiting: "#c62828", in_progress: "#f5a800", done: "#1b7f4b" };
export const OUTSIDE = "#d5dfe5";
export const LAND = ["#f7f5ee", "#f2f1e7", "#f5f0e8", "#eff2e9", "#f6f3e6", "#f1eeea"];

/** Borders: wider for the higher tier; `from` is the first zoom where they are not a thicket. */
export const BORDERS = {
  kelurahan: { width: 0.8, colour: "#aeb6bb", from: 11 },
  kecamatan: { width: 1.3, colour: "#87919a", from: 9 },
  kota: { width: 2.4, colour: "#56626d", from: 9 },
};

/** Names of tiers: from which zoom to which, how large, how far a name may give way to a cluster. */
export const NAMES = {
  kota: { from: 0, to: 10, font: "650 13px", reach: 66 },
  kecamatan: { from: 11, to: 12, font: "600 12px", reach: 34 },
  kelurahan: { from: 13, to: 22, font: "500 12px", reach: 40 },
};

/** Jams by level: colour, width and dashes all tell it. */
export const JAMS = [
  { colour: "#7a8f7a", width: 2, dash: [] },
  { colour: "#d9a400", width: 3, dash: [1, 6] },
  { colour: "#e07b00", width: 3.5, dash: [6, 6] },
  { colour: "#d2451e", width: 4, dash: [14, 5] },
  { colour: "#a3131d", width: 5, dash: [] },
  { colour: "#3d0a10", width: 6, dash: [], inner: { colour: "#ffffff", width: 2, dash: [5, 6] } },
];
const IRREGULAR_WIDTHS = { SMALL: 5, MEDIUM: 6, LARGE: 7, HUGE: 8 };
const PLAIN_LINE = { colour: "#4a6572", width: 3, dash: [] };

/** Points drawn as dots in the tile while the map is too wide for a marker each. */
export const DOTS = {
  petrol_stations: { colour: "#00695c", square: true, until: 13 },
  hospitals: { colour: "#1f4e9c", square: true, until: 13 },
  restaurants: { colour: "#8d4b1f", square: false, until: 14 },
};

/** Return the stroke of a line feature. */
export function lineStyle(layer, properties) {
  if (layer === "jams") return JAMS[properties.level] ?? JAMS[0];
  if (layer === "irregularities") {
    const width = IRREGULAR_WIDTHS[properties.type] ?? 5;
    return { colour: "#6a1b9a", width, dash: [], inner: { colour: "#ffffff", width: width - 3, dash: [] } };
  }
  return PLAIN_LINE;
}

/** Return whether a point layer is dots at a zoom. */
export function isDots(layer, zoom) {
  return zoom <= (DOTS[layer]?.until ?? 0);
}

/** Return from which map zoom a layer is worth drawing. */
export function drawnFrom(layer) {
  return BORDERS[layer]?.from ?? 0;
}
