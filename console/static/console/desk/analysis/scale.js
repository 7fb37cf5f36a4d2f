/** From counts to classes and from classes to colours: few classes, at round numbers, that a legend can name. */

const isDark = window.matchMedia("(prefers-color-scheme: dark)");
const ROUND = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];
// Where classes begin, as shares of the cells: closer towards the top, where what matters lies.
const SHARES = { 3: [0.6, 0.9], 5: [0.5, 0.8, 0.92, 0.98] };
// More is darker by day and brighter by night. Each step differs in lightness, not in hue alone.
const MORE = {
  light: ["#fbdf9d", "#f8b25a", "#e97b35", "#c83f27", "#841021"],
  dark: ["#5c2b25", "#95402b", "#d16c33", "#f3a84f", "#ffe7a3"],
};
const RISE = { light: ["#f6c29a", "#e0743c", "#a3260f"], dark: ["#6b3a24", "#c05a2b", "#ff9d66"] };
const FALL = { light: ["#a9cbe8", "#4d8fc4", "#15508c"], dark: ["#24415c", "#3a78ad", "#8cc8ff"] };

/** Return the name of the scheme that the page is shown in. */
export function scheme() {
  return isDark.matches ? "dark" : "light";
}

/** Call back when the page turns dark or light. */
export function onScheme(callback) {
  isDark.addEventListener("change", callback);
}

/**
 * Return a scale of counts: `firsts` are the lowest counts of its classes.
 *
 * The highest classes hold few cells; where few counts differ there are fewer classes.
 */
export function sequential(counts) {
  return { kind: "more", firsts: firsts(counts, MORE.light.length), largest: Math.max(0, ...counts) };
}

/** Return a scale of differences, the same upwards and downwards. */
export function diverging(differences) {
  const sizes = differences.map(Math.abs).filter(Boolean);
  return { kind: "change", firsts: firsts(sizes, RISE.light.length), largest: Math.max(0, ...sizes) };
}

/** Return the class of a value, from 0; -1 for what lies below the first. */
export function classOf(scale, value) {
  return scale.firsts.findLastIndex((first) => Math.abs(value) >= first);
}

/** Return the colour of a value; null for zero. */
export function colourOf(scale, value) {
  return value ? colours(scale, value)[classOf(scale, value)] : null;
}

/** Return the colours of a scale's classes, spread over the palette where there are few. */
export function colours(scale, sign = 1) {
  const palette = (scale.kind === "more" ? MORE : sign > 0 ? RISE : FALL)[scheme()];
  const last = palette.length - 1;
  const steps = scale.firsts.length;
  return scale.firsts.map((_, index) => palette[steps === 1 ? Math.ceil(last / 2) : Math.round((index * last) / (steps - 1))]);
}

/** Return the colour of a sign on a ground (#rrggbb): the one of two that is seen better. */
export function inkOn(ground) {
  const [red, green, blue] = [1, 3, 5].map((place) => (parseInt(ground.slice(place, place + 2), 16) / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? "#10181d" : "#ffffff";
}

function firsts(counts, classes) {
  const sorted = counts.filter((count) => count > 0).sort((one, other) => one - other);
  if (!sorted.length) return [1];
  const found = new Set([roundDown(sorted[0])]);
  for (const share of SHARES[classes]) found.add(roundDown(sorted[Math.floor(sorted.length * share)]));
  return [...found].sort((one, other) => one - other);
}

function roundDown(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return Math.ceil(power * ROUND.findLast((step) => step * power <= value));
}
