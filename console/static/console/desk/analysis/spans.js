/** Days of the city as texts (YYYY-MM-DD), and spans of them, both ends included. */

const DAY_MS = 86_400_000;

/** Return the day so many days later. */
export function plus(day, days) {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Count the days from one to another: 0 where they are the same. */
export function between(day, other) {
  return Math.round((Date.parse(other) - Date.parse(day)) / DAY_MS);
}

/** Return the span, as long, that one is compared with: that just before, or that of a year (52 weeks) earlier. */
export function before({ from, to }, against) {
  const length = between(from, to);
  const back = against === "year" ? Math.max(364, 7 * Math.ceil((length + 1) / 7)) : length + 1;
  return { from: plus(from, -back), to: plus(to, -back) };
}

/** Keep a span within another, as long as it was where that is possible. */
export function within({ from, to }, whole) {
  const length = Math.min(between(from, to), between(whole.from, whole.to));
  if (from < whole.from) return { from: whole.from, to: plus(whole.from, length) };
  if (to > whole.to) return { from: plus(whole.to, -length), to: whole.to };
  return { from, to };
}
