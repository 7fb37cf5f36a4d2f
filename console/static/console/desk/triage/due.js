/** How long until an answer is due, or by how much it is late; pure but for the words. */

import { number, say } from "../../words.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Return how it stands with a deadline (ISO) at an instant (ms): `late`, `soon` or `later`; null where there is none. */
export function due(at, now) {
  if (!at) return null;
  const left = Date.parse(at) - now;
  const kind = left < 0 ? "late" : left < DAY_MS ? "soon" : "later";
  return { kind, text: say(left < 0 ? "late_by" : "due_in", { time: span(Math.abs(left)) }), short: brief(-left) };
}

/** Return the deadline of a row while an answer is waited for. */
export function deadline({ turn }) {
  return turn?.is_waiting ? turn.due_at : null;
}

/** Say since when, shortly. */
export function age(iso, now) {
  return say("ago", { time: span(Math.max(0, now - Date.parse(iso))) });
}

/** Say a span of time in its largest unit, minutes beside hours of less than three. */
export function span(ms) {
  if (ms < HOUR_MS) return say("minutes", { count: number(Math.floor(ms / MINUTE_MS)) });
  const [hours, minutes] = [Math.floor(ms / HOUR_MS), Math.floor((ms % HOUR_MS) / MINUTE_MS)];
  if (hours < 3 && minutes) return say("hours_minutes", { hours, minutes });
  return ms < 2 * DAY_MS ? say("hours", { count: hours }) : say("days", { count: number(Math.floor(ms / DAY_MS)) });
}

/** Say by how much it is late in three signs, for a pin; nothing where it is not. */
function brief(ms) {
  if (ms < 0) return "";
  if (ms < HOUR_MS) return say("short_minutes", { count: Math.floor(ms / MINUTE_MS) });
  if (ms < 2 * DAY_MS) return say("short_hours", { count: Math.floor(ms / HOUR_MS) });
  return say("short_days", { count: number(Math.floor(ms / DAY_MS)) });
}
