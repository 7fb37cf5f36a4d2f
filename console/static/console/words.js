/** The page's language: strings, numbers, dates in the city's time. */

import { carried } from "./dom.js";

const strings = carried("words");
const { language, time_zone } = carried("config");
const locale = language === "id" ? "id-ID" : "en-GB";
const DAY_MS = 86_400_000;

const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 0 });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const moment = new Intl.DateTimeFormat(locale, {
  dateStyle: "long",
  timeStyle: "short",
  timeZone: time_zone,
});
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", timeZone: time_zone });
const date = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: time_zone });
const day = new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeZone: time_zone });

/** Say a string by its key, with {names} filled in; of a single one as the key with _1 says it, if there is one. */
export function say(key, values = {}) {
  const single = values.count === "1" ? strings[`${key}_1`] : undefined;
  return (single ?? strings[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Say the first key that is known, or else the text as it came. */
export function sayOr(key, text) {
  return strings[key] ?? text;
}

/** Choose from {id, en}. */
export function inLanguage(texts) {
  return texts[language] ?? texts.id;
}

/** Write a whole number. */
export function number(value) {
  return whole.format(value);
}

/** Write a number with at most one decimal. */
export function decimal(value) {
  return tenths.format(value);
}

/** Write a number so that it fits into a circle: 4 digits, then thousands. */
export function short(value) {
  return value < 10_000 ? whole.format(value) : compact.format(value);
}

/** Write an instant (ISO) in the city's time. */
export function instant(iso) {
  return `${moment.format(new Date(iso))} WIB`;
}

/** Write since when, in the city's time: the hour alone where it is today. */
export function since(iso) {
  const at = new Date(iso);
  const isToday = day.format(at) === day.format(new Date());
  return isToday ? clock.format(at) : `${date.format(at)}, ${clock.format(at)}`;
}

/** Say how many days ago, by the city's calendar. */
export function daysAgo(days) {
  return relative.format(-days, "day");
}

/** Count the city's days from an instant (ISO) to today. */
export function daysSince(iso) {
  return Math.round((Date.parse(day.format(new Date())) - Date.parse(day.format(new Date(iso)))) / DAY_MS);
}

/** Write a length in metres. */
export function length(metres) {
  return metres < 1000
    ? say("metres", { value: number(metres) })
    : say("kilometres", { value: decimal(metres / 1000) });
}
