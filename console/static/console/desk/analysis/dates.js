/** Days, spans of days and changes, as the reader writes them. */

import { carried } from "../../dom.js";
import { decimal, number } from "../../words.js";

const { language } = carried("config");
const locale = language === "id" ? "id-ID" : "en-GB";
const style = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" };
const written = new Intl.DateTimeFormat(locale, style);
const weekday = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

/** Write a day (YYYY-MM-DD). */
export function date(day) {
  return written.format(new Date(day));
}

/** Write a span of days. */
export function span({ from, to }) {
  return from === to ? date(from) : written.formatRange(new Date(from), new Date(to));
}

/** Write the name of a weekday, 1 is Monday. */
export function dayName(iso) {
  return weekday.format(new Date(MONDAY + (iso - 1) * DAY_MS));
}

/** Write a change with its sign: a minus as long as the plus. */
export function signed(value, write = number) {
  return `${value > 0 ? "+" : value < 0 ? "−" : "±"}${write(Math.abs(value))}`;
}

/** Write the limits of a change. */
export function limits({ low, high }) {
  return `${signed(low, decimal)} … ${signed(high, decimal)}`;
}
