/** The page of analysis: a choice, what the API says of it, and where that is drawn. */

import { carried } from "../../dom.js";
import { hashOf } from "../../view.js";
import { instant, number, say } from "../../words.js";
import { bind } from "../keys.js";
import { complain } from "../toast.js";
import { Choice, FACETS } from "./choice.js";
import { signed, span } from "./dates.js";
import { showFigures } from "./figures.js";
import { compared, drawnAs, gatherCells, gatherNumbers, gatherSeries, jamSpan } from "./gathering.js";
import { picture, savePicture, saveTable } from "./keeping.js";
import { showLegend, titleOf } from "./legend.js";
import { Pane, aboutMaps, together } from "./maps.js";
import { Player } from "./player.js";
import { onScheme } from "./scale.js";
import { between } from "./spans.js";
import { changeTable, countTable, hourTable } from "./tables.js";
import { Timeline, stepOf } from "./timeline.js";

const AFTER_MS = 150; // a map that is still moving is not asked for
const config = carried("config");
const part = (id) => document.getElementById(id);
const choice = new Choice(config.today, location.search);
const line = new Timeline(part("line"));
const calls = {};
const shown = { cells: null, numbers: null, asOf: null };
let panes = [];
let busy = Promise.resolve(); // until what is chosen is drawn

/** Do something that newer calls of the same name give up; errors are shown on the page. */
async function only(name, act) {
  calls[name]?.abort();
  const call = (calls[name] = new AbortController());
  part("maps").setAttribute("aria-busy", "true");
  try {
    const found = await act(call.signal);
    return call === calls[name] ? found : null;
  } catch (error) {
    if (call === calls[name]) lose(name, error);
    return null;
  } finally {
    if (call === calls[name]) delete calls[name];
    if (!Object.keys(calls).length) part("maps").setAttribute("aria-busy", "false");
  }
}

/** What needs numbers waits for them: nothing looks usable that is not. */
function enable() {
  for (const id of ["play", "earlier", "later"]) part(id).disabled = !line.isThere;
  part("save-csv").disabled = !shown.numbers;
  part("save-png").disabled = !shown.cells;
}

/** What could not be had leaves nothing older beside a choice that it does not answer. */
const drop = {
  cells: () => {
    if (!shown.cells) return;
    for (const { cells } of panes) cells.show([], shown.cells.scale, shown.cells.drawn);
    shown.cells = null;
    part("legend").hidden = true;
  },
  numbers: () => {
    shown.numbers = null;
    part("numbers").replaceChildren();
    part("numbers-title").textContent = say(`numbers_${choice.get("mode")}`);
  },
  series: () => (known = ""), // asked for again with the next choice
};

function lose(name, error) {
  drop[name]();
  enable();
  fail(error);
}

function fail(error) {
  part("failed").hidden = false;
  part("failed-reason").textContent = error.message;
  if (!shown.numbers) part("numbers-note").textContent = say("no_numbers");
}

async function showCells() {
  const drawn = drawnAs(choice);
  const view = { bbox: panes[0].bbox, resolution: panes[0].resolution(drawn) };
  const found = await only("cells", (signal) => gatherCells(choice, view, signal));
  if (!found) return;
  [shown.cells, shown.asOf] = [{ ...found, drawn, view }, new Date().toISOString()];
  found.panes.forEach((cells, index) => panes[index].cells.show(cells, found.scale, drawn));
  showLegend(part("legend"), found.scale, drawn);
  part("empty").hidden = found.panes.some((cells) => cells.length);
  part("failed").hidden = true;
  enable();
}

async function showNumbers() {
  const found = await only("numbers", (signal) => gatherNumbers(choice, signal));
  if (!found) return;
  shown.numbers = found;
  enable();
  const mode = choice.get("mode");
  part("numbers-title").textContent = say(`numbers_${mode}`);
  part("numbers-note").textContent = note(mode, found.rows);
  ({ spots: countTable, compare: changeTable, jams: hourTable })[mode](part("numbers"), found.rows);
}

function note(mode, rows) {
  const sum = (name) => number(rows.reduce((total, row) => total + row[name], 0));
  if (mode === "spots") return say("note_spots", { count: sum("count") });
  if (mode === "jams") return say("note_jams", { near: sum("near"), reports: sum("reports"), span: span(jamSpan(choice.span)) });
  return say("note_compare", { now: sum("count"), before: sum("before"), chance: number(rows.length / 20) });
}

async function showSeries() {
  const { whole } = choice;
  const series = await only("series", (signal) => gatherSeries(choice, stepOf(whole), signal));
  if (!series) return;
  line.show(series, whole);
  enable();
}

/** Bring switches, fields, captions and the line of time in step with the choice. */
function reflect() {
  for (const button of document.querySelectorAll("[data-mode], [data-drawn], [data-pair]")) {
    const [[name, value]] = Object.entries(button.dataset);
    button.setAttribute("aria-pressed", String(choice.get(name) === value));
  }
  const mode = choice.get("mode");
  for (const element of document.querySelectorAll("[data-for]")) element.hidden = element.dataset.for !== mode;
  const { elements } = part("filters");
  for (const name of [...FACETS, "from", "to", "against"]) elements[name].value = choice.get(name);
  elements.from.max = elements.to.max = config.today;
  part("range").value = choice.get("range");
  if (!shown.numbers) part("numbers-title").textContent = say(`numbers_${mode}`);
  const other = compared(choice);
  const isBeside = other !== null && choice.get("pair") === "beside";
  const isFresh = isBeside && part("pane-1").hidden;
  part("pane-1").hidden = !isBeside;
  part("maps").classList.toggle("beside", isBeside);
  const [first, second] = captions(other, isBeside);
  part("caption-0").textContent = first;
  part("caption-1").textContent = second ?? "";
  const days = between(choice.get("from"), choice.get("to")) + 1;
  part("period").textContent = `${span(choice.span)} · ${say("days", { count: number(days) })}`;
  line.choose(choice.span, other);
  panes.forEach((pane) => pane.withJams(mode === "jams"));
  if (isFresh) panes[1].showAs(panes[0]);
}

function captions(other, isBeside) {
  if (isBeside) return [span(choice.span), span(other)];
  return [other ? say("caption_change", { now: span(choice.span), before: span(other) }) : say(`caption_${choice.get("mode")}`, { span: span(choice.span) })];
}

/** Show everything that depends on what has changed. */
function refresh(names) {
  reflect();
  const isFiltered = names.some((name) => FACETS.includes(name));
  const jobs = [showCells()];
  if (!names.every((name) => ["drawn", "pair", "range"].includes(name))) jobs.push(showNumbers());
  if (isFiltered || names.some((name) => ["range", "from", "to", "mode", "against"].includes(name))) jobs.push(seriesOnce());
  busy = Promise.all(jobs);
  return busy;
}

let known = "";

/** Ask for the series where its filters or its time are new. */
function seriesOnce() {
  const asked = JSON.stringify([choice.filters, choice.whole]);
  if (asked === known) return Promise.resolve();
  known = asked;
  return showSeries();
}

function tellCell(cell) {
  if ("then" in cell) return say("cell_change", { now: number(cell.now), before: number(cell.then), change: signed(cell.value) });
  return say("cell_count", { count: number(cell.value) });
}

function fileName() {
  return `${say("file_name")}-${choice.get("from")}-${choice.get("to")}`;
}

function saveFigure() {
  if (!shown.cells) return;
  const other = compared(choice);
  const isBeside = shown.cells.panes.length > 1;
  const chosen = FACETS.map((name) => part("filters").elements[name]).filter(({ value }) => value).map((field) => field.selectedOptions[0].textContent);
  const said = {
    title: [say(`mode_${choice.get("mode")}`), ...chosen].join(" · "),
    captions: captions(other, isBeside),
    source: say("source", { at: instant(shown.asOf) }),
    place: `${location.origin}${location.pathname}?${choice.query}${location.hash}`,
    legend: shown.cells.panes.some((cells) => cells.length) ? titleOf(shown.cells) : say("nothing"),
  };
  savePicture(picture(panes.slice(0, shown.cells.panes.length), said, shown.cells), fileName());
}

function saveNumbers() {
  if (!shown.numbers) return;
  saveTable(shown.numbers.rows, location.origin + shown.numbers.question, fileName());
}

function openKept(query) {
  choice.read(query);
  history.replaceState(null, "", `?${choice.query}${location.hash}`);
  known = "";
  refresh([...FACETS, "from", "mode"]);
}

function listen() {
  choice.addEventListener("change", ({ detail }) => refresh(detail));
  part("analysis").addEventListener("click", ({ target }) => {
    const button = target.closest("[data-mode], [data-drawn], [data-pair]");
    if (button) choice.set({ ...button.dataset });
  });
  part("filters").addEventListener("change", ({ target }) => changed(target));
  part("filters").addEventListener("submit", (event) => event.preventDefault());
  part("filters-button").addEventListener("click", ({ currentTarget: button }) => {
    button.setAttribute("aria-expanded", String(part("filters").classList.toggle("open")));
  });
  part("range").addEventListener("change", ({ target }) => choice.set({ range: target.value }));
  line.addEventListener("chosen", ({ detail }) => choice.set(detail));
  line.addEventListener("sliding", ({ detail }) => (part("period").textContent = span(detail)));
  part("save-png").addEventListener("click", saveFigure);
  part("save-csv").addEventListener("click", saveNumbers);
  part("figures-button").addEventListener("click", () => showFigures(choice.query, openKept).catch(complain));
  onScheme(() => refresh(["drawn"]));
}

function changed({ name, value }) {
  if (name !== "from" && name !== "to") return choice.set({ [name]: value });
  if (!value) return reflect();
  const values = { ...choice.span, [name]: value > config.today ? config.today : value };
  if (values.from > values.to) values[name === "from" ? "to" : "from"] = values[name];
  return choice.set(values);
}

function onMove() {
  clearTimeout(onMove.timer);
  onMove.timer = setTimeout(() => {
    history.replaceState(null, "", location.search + hashOf(panes[0].map, []).split("&")[0]);
    showCells();
  }, AFTER_MS);
}

async function begin() {
  const about = await aboutMaps();
  panes = [0, 1].map((index) => new Pane(part(`map-${index}`), about, config.land, tellCell));
  together(panes[0].map, panes[1].map);
  panes[0].map.on("moveend resize", onMove);
  listen();
  const player = new Player(line, part("play"), () => busy);
  part("earlier").addEventListener("click", () => player.step(-1));
  part("later").addEventListener("click", () => player.step(1));
  bind([
    { key: "p", says: say("play"), does: () => line.isThere && player.toggle() },
    { key: "[", says: say("earlier"), does: () => line.isThere && player.step(-1) },
    { key: "]", says: say("later"), does: () => line.isThere && player.step(1) },
    { key: "1", says: say("mode_spots"), does: () => choice.set({ mode: "spots" }) },
    { key: "2", says: say("mode_compare"), does: () => choice.set({ mode: "compare" }) },
    { key: "3", says: say("mode_jams"), does: () => choice.set({ mode: "jams" }) },
  ]);
  await refresh([...FACETS, "from", "mode"]);
}

/** Ask for everything anew; the page itself begins anew where it had not even a map. */
function retry() {
  known = "";
  part("failed").hidden = true;
  return panes.length ? refresh([...FACETS, "from", "mode"]) : begin().catch(fail);
}

part("retry").addEventListener("click", retry);
begin().catch(fail);
