/** The numbers beside the map: what a screen reader gets in its place, and everybody reads. */

import { make } from "../../dom.js";
import { decimal, number, say } from "../../words.js";
import { dayName, limits, signed } from "./dates.js";
import { sequential, classOf } from "./scale.js";

const SHOWN = 12; // rises, and falls
const DAYS = [1, 2, 3, 4, 5, 6, 7];

/** Kelurahan with the most reports. */
export function countTable(table, areas) {
  const most = Math.max(1, ...areas.map(({ count }) => count));
  const rows = areas.filter(({ count }) => count).sort((one, other) => other.count - one.count);
  table.className = "counts";
  fill(table, ["kelurahan", "count", "per_km2"], rows.slice(0, 2 * SHOWN).map((area) => {
    const bar = make("span", { class: "bar", "aria-hidden": "true" });
    bar.style.inlineSize = `${(100 * area.count) / most}%`;
    return [make("th", { scope: "row" }, area.name, bar), cell(number(area.count)), cell(decimal(area.per_km2))];
  }));
}

/** The largest rises, then the largest falls. */
export function changeTable(table, areas) {
  const sorted = areas.filter(({ change }) => change).sort((one, other) => other.change - one.change);
  const rises = sorted.filter(({ change }) => change > 0).slice(0, SHOWN);
  const falls = sorted.filter(({ change }) => change < 0).reverse().slice(0, SHOWN);
  table.className = "changes";
  fill(table, ["kelurahan", "now_before", "change", "interval"], [
    ...group("rises", rises),
    ...group("falls", falls),
  ]);
}

/** Hours by weekdays: how many reports near a jam. */
export function hourTable(table, hours) {
  const at = new Map(hours.map((hour) => [`${hour.weekday}-${hour.hour}`, hour]));
  const scale = sequential(hours.map(({ near }) => near));
  table.className = "hours";
  const head = make("tr", {}, make("th", { scope: "col" }, say("hour")), DAYS.map((day) => make("th", { scope: "col", class: "number" }, dayName(day))));
  const rows = Array.from({ length: 24 }, (_, hour) =>
    make("tr", {}, make("th", { scope: "row" }, `${String(hour).padStart(2, "0")}.00`), DAYS.map((day) => hourCell(at.get(`${day}-${hour}`), scale))),
  );
  table.replaceChildren(make("thead", {}, head), make("tbody", {}, rows));
}

function hourCell(hour, scale) {
  if (!hour) return make("td", { class: "number none" }, "·");
  const said = say("near_of", { near: number(hour.near), reports: number(hour.reports) });
  const shade = hour.near ? `shade-${classOf(scale, hour.near) + 1}` : "";
  return make("td", { class: `number ${shade}`, title: said }, number(hour.near), make("small", {}, `/${number(hour.reports)}`));
}

function group(key, areas) {
  if (!areas.length) return [];
  return [
    [make("th", { class: "group", colspan: 4, scope: "colgroup" }, say(key))],
    ...areas.map((area) => [
      make("th", { scope: "row" }, area.name),
      cell(`${number(area.count)} / ${number(area.before)}`),
      make("td", { class: `number ${area.clear ? "clear" : ""}` }, signed(area.change), area.clear ? make("span", { class: "unseen" }, ` ${say("clear")}`) : null),
      make("td", { class: "number quiet" }, limits(area)),
    ]),
  ];
}

function fill(table, heads, rows) {
  const head = heads.map((key, index) => make("th", { scope: "col", class: index ? "number" : null }, say(key)));
  table.replaceChildren(make("thead", {}, make("tr", {}, head)), make("tbody", {}, rows.map((row) => make("tr", {}, row))));
}

function cell(text) {
  return make("td", { class: "number" }, text);
}
