/** What a card says of a report, a place, a street, a shop: built of elements, never of markup. */

import { make } from "./dom.js";
import { layerMark, noteMark, reportMark } from "./symbols.js";
import { daysAgo, daysSince, decimal, inLanguage, instant, length, number, say, sayOr } from "./words.js";

/** The whole of one report: text, place, official, trace; `channels` are the titles of the feeds by name. */
export function reportBody({ properties: report }, channels) {
  return [
    make("p", { class: "tags" }, badge(report.status), report.simulated ? simulated() : null),
    make("p", { class: "text" }, report.text || say("no_text")),
    facts([
      [say("channel"), sayOr(`channel_${report.channel}`, channels[report.channel] ?? report.channel)],
      [say("reported"), `${instant(report.submitted_at)} (${daysAgo(daysSince(report.submitted_at))})`],
      [say("updated"), instant(report.updated_at)],
    ]),
    make("h3", {}, say("place")),
    ...place(report.place),
    make("h3", {}, say("responsible")),
    responsible(report.office, report.official),
    make("h3", {}, say("trace")),
    report.updates.length
      ? make("ol", { class: "trace" }, report.updates.map(step))
      : make("p", {}, say("trace_none")),
  ];
}

/** A report in a list: a button that opens it. */
export function reportItem(feature, categories, open) {
  const { status, category, age_days } = feature.properties;
  const name = categories.get(category) ?? category;
  const label = make("span", {}, name, make("small", {}, `${say(`status_${status}`)}, ${daysAgo(age_days)}`));
  return make(
    "li",
    {},
    make("button", { type: "button", click: () => open(feature) }, reportMark(status, 22), label),
  );
}

/** Where a point lies and who answers there. */
export function locateBody({ kelurahan, kecamatan, kota, edition, offices }) {
  if (!kelurahan) return [make("p", {}, say("outside_place"))];
  return [
    ...tiers({ kelurahan, kecamatan, kota }),
    edition.schematic ? make("p", { class: "aside" }, `${say("schematic")}. ${say("schematic_hint")}`) : null,
    make("h3", {}, say("offices")),
    make(
      "ul",
      { class: "offices" },
      offices.map((office) => make("li", {}, ...holder(office, office.official))),
    ),
  ];
}

/** A stretch of traffic. */
export function trafficBody(layer, stretch) {
  const isJam = layer.name === "jams";
  const kind = isJam ? `jam_${stretch.level}` : `irregular_${stretch.type}`;
  return [
    make(
      "p",
      { class: "tags" },
      make("b", {}, inLanguage(layer.title)),
      stretch.simulated ? simulated() : null,
    ),
    facts([
      [say("level"), isJam ? `${stretch.level}: ${say(kind)}` : sayOr(kind, stretch.type)],
      [say("speed"), speed(stretch.speed_kmh)],
      [say("speed_regular"), speed(stretch.regular_speed_kmh)],
      [say("delay"), delay(stretch.delay_s)],
      [say("length"), stretch.length_m ? length(stretch.length_m) : null],
      [say("reported"), stretch.reported_at ? instant(stretch.reported_at) : null],
    ]),
  ];
}

/** Alerts, shops and whatever layer is added: each with the facts it has. */
export function thingBody(layer, features, count) {
  const parts = features.map(({ properties: thing }) => {
    const heading = thing.type
      ? sayOr(`alert_${thing.type}`, say("alert_other"))
      : thing.name || say("nameless");
    return make(
      "div",
      { class: "thing" },
      layerMark(layer.name, thing, 22),
      make(
        "div",
        {},
        make("b", {}, heading),
        thing.simulated ? simulated() : null,
        facts([
          [say("street"), thing.street],
          [say("kind"), thing.kind ? sayOr(`kind_${thing.kind}`, thing.kind) : null],
          [say("brand"), thing.brand],
          [say("opening_hours"), thing.opening_hours],
          [say("reported"), thing.reported_at ? instant(thing.reported_at) : null],
          [
            say("reliability"),
            thing.reliability >= 0 ? say("reliability_of", { value: thing.reliability }) : null,
          ],
        ]),
      ),
    );
  });
  const all =
    count > features.length
      ? make("p", {}, say("group", { layer: inLanguage(layer.title), count: number(count) }))
      : null;
  return [all, ...parts];
}

/** A status in shape and word. */
function badge(status) {
  return make("span", { class: "badge" }, reportMark(status, 18), say(`status_${status}`));
}

/** The mark of what never happened. */
function simulated() {
  return make("span", { class: "badge simulated" }, say("simulated_one"));
}

/** Pairs of name and value; empty ones are left out. */
function facts(pairs) {
  const rows = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return make(
    "dl",
    {},
    rows.map(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]),
  );
}

/** The place of a report, and how we know it. */
function place({ placed_by, near_border, border_m, neighbour, edition, ...areas }) {
  if (!areas.kelurahan) return [make("p", {}, say("place_unknown"))];
  const near = near_border && neighbour;
  return [
    ...tiers(areas),
    make(
      "p",
      { class: "aside" },
      `${say(`placed_${placed_by}`)}${edition?.schematic ? `; ${say("schematic").toLowerCase()}` : ""}`,
    ),
    near
      ? make(
          "p",
          { class: "warning" },
          say("near_border", { neighbour: neighbour.name, metres: decimal(border_m) }),
        )
      : null,
  ];
}

/** The three tiers by name. */
function tiers({ kelurahan, kecamatan, kota }) {
  const near = say("place_tiers", { kelurahan: kelurahan.name, kecamatan: kecamatan?.name });
  return [make("p", { class: "tiers" }, near, make("br"), kota?.name ?? "")];
}

/** Who answers for a report: office and person, or honestly nobody. */
function responsible(office, official) {
  return office
    ? make("p", { class: "official" }, ...holder(office, official))
    : make("p", {}, say("office_unknown"));
}

/** An office and who holds it. */
function holder(office, official) {
  if (!official)
    return [make("b", {}, office.title), make("span", { class: "aside" }, say("official_unknown"))];
  return [
    make("b", {}, `${official.acting ? `${say("acting")} ` : ""}${office.title}`),
    make("span", {}, official.name),
  ];
}

/** One step of the trace; words that change no status have none. */
function step({ at, status, by, note }) {
  return make(
    "li",
    {},
    status ? reportMark(status, 18) : noteMark(18),
    make(
      "div",
      {},
      make("b", {}, say(status ? `status_${status}` : "trace_note")),
      make("span", {}, ` ${by}`),
      make("time", { datetime: at }, instant(at)),
      note ? make("p", {}, note) : null,
    ),
  );
}

/** A speed in words. */
function speed(kmh) {
  return kmh === null || kmh === undefined ? null : say("kmh", { value: number(kmh) });
}

/** A delay in words. */
function delay(seconds) {
  if (seconds === null || seconds === undefined) return null;
  return seconds < 0 ? say("delay_blocked") : say("delay_minutes", { value: number(seconds / 60) });
}
