/** One row of the list, of one height: what a report is, where, how old, how urgent and why. */

import { carried, make } from "../../dom.js";
import { inLanguage, number, say } from "../../words.js";
import { stateMark } from "./marks.js";

const { channels } = carried("config");

/**
 * Make the row of a case.
 *
 * @param row as the API lists it
 * @param shown `place` in the list (from 1), `count`, `isActive`, `isMarked`, `refusal`, `due`, `age`
 */
export function rowOf(row, { place, count, isActive, isMarked, refusal, due, age }) {
  const classes = ["row", isActive && "is-active", isMarked && "is-marked", refusal && "is-refused"];
  return make(
    "div",
    {
      role: "option",
      id: `case-${row.id}`,
      class: classes.filter(Boolean).join(" "),
      "aria-selected": String(isMarked),
      "aria-posinset": place,
      "aria-setsize": count ?? -1,
      "data-id": row.id,
    },
    make("span", { class: "tickbox", "aria-hidden": "true" }),
    make("span", { class: "state" }, stateMark(row.state), make("span", { class: "unseen" }, inLanguage(row.state.name))),
    line(
      make("span", { class: "head" }, make("b", {}, inLanguage(row.category.name)), " ", make("span", { class: "number-of" }, `#${row.id}`)),
      dueOf(due),
    ),
    make("span", { class: "words", title: refusal }, refusal ? say("refused_row", { reason: refusal }) : row.text || say("no_words")),
    line(make("span", { class: "about" }, aboutOf(row, age)), make("span", { class: "flags" }, flagsOf(row))),
  );
}

/** Make the row of a case that is still on its way. */
export function skeletonRow() {
  return make(
    "div",
    { class: "row is-loading", "aria-hidden": "true" },
    make("span", { class: "skeleton head" }, "."),
    make("span", { class: "skeleton words" }, "."),
    make("span", { class: "skeleton about" }, "."),
  );
}

/** A line of a row: what gives way where there is no room for all, and what stands whole at its end. */
function line(...parts) {
  return make("span", { class: "line" }, ...parts);
}

/** The countdown to the answer, in words beside its colour. */
function dueOf(due) {
  return make("span", { class: `due ${due?.kind ?? ""}` }, due?.text ?? "");
}

/** Where it is, how old, which channel. */
function aboutOf({ kelurahan, channel }, age) {
  return [kelurahan?.name ?? say("no_place"), age, channels[channel] ?? channel].join(" · ");
}

/** What of it wants a look, and its points with their reason. */
function flagsOf(row) {
  const citizens = row.priority?.parts.find(({ part }) => part === "crowd")?.count ?? 1;
  return [
    row.kelurahan ? null : flag("no_place", "yellow", say("flag_no_place")),
    row.near_border ? flag("border", "yellow", say("flag_border")) : null,
    row.candidates ? flag("twins", "blue", say("flag_candidates", { count: number(row.candidates) })) : null,
    citizens > 1 ? flag("crowd", "grey", say("flag_crowd", { count: number(citizens) })) : null,
    row.priority
      ? make("span", { class: "points", title: inLanguage(row.priority.words) }, say("points", { count: row.priority.points }))
      : null,
  ];
}

function flag(kind, colour, text) {
  return make("span", { class: `flag ${colour}`, "data-flag": kind }, text);
}
