/** The panel: every layer to switch, what it shows at present, and what its marks mean. */

import { make, svg } from "./dom.js";
import { BORDERS, COLOURS, DOTS, JAMS, OUTSIDE } from "./styles.js";
import { donut, layerMark, lineSample, reportMark, sample } from "./symbols.js";
import { inLanguage, say } from "./words.js";

const wide = window.matchMedia("(min-width: 1200px)");

/** Open and close the panel: open at first where there is room, if it may be. */
export function wirePanel(mayBeOpen = true) {
  const panel = document.getElementById("panel");
  const button = document.getElementById("panel-button");
  const set = (isOpen) => {
    panel.hidden = !isOpen;
    button.setAttribute("aria-expanded", isOpen);
  };
  const close = () => {
    set(false);
    button.focus();
  };
  button.addEventListener("click", () => set(panel.hidden));
  document.getElementById("panel-close").addEventListener("click", close);
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  set(mayBeOpen && wide.matches);
}

/** Build a row for each layer, the topmost first; returns what writes a note beside a layer. */
export function buildPanel(layers, isOn, toggle) {
  const notes = new Map();
  const rows = [...layers].reverse().map((layer) => {
    const note = make("span", { class: "note", id: `note-${layer.name}` });
    const entries = legendOf(layer);
    const legend = make(
      "ul",
      { class: "legend" },
      entries.map(([mark, text]) => make("li", {}, mark, make("span", {}, text))),
    );
    const box = make("input", {
      type: "checkbox",
      name: "layer",
      value: layer.name,
      "aria-describedby": note.id,
      change: () => {
        legend.hidden = !box.checked;
        toggle(layer, box.checked);
      },
    });
    notes.set(layer.name, { note, box, legend });
    set(layer.name, isOn(layer));
    const label = make(
      "label",
      {},
      box,
      make("span", { class: "name" }, inLanguage(layer.title), note),
      entries.length ? null : markOf(layer),
    );
    return make("div", { class: "row" }, label, legend);
  });
  const outside = make("p", { class: "outside" }, swatch(OUTSIDE), say("outside"));
  document.getElementById("panel-body").replaceChildren(...rows, outside);

  /** Tick a box without being clicked. */
  function set(name, checked) {
    const { box, legend } = notes.get(name);
    box.checked = checked;
    legend.hidden = !checked;
  }
  /** Write a note beside a layer; a warning where it shows nothing of the present. */
  function write(name, text, isWarning) {
    const { note } = notes.get(name);
    note.textContent = text;
    note.classList.toggle("stale", isWarning);
  }
  return { set, note: write };
}

/** Return pairs of mark and meaning for a layer of several marks. */
function legendOf({ name }) {
  if (name === "jams")
    return JAMS.map((_, level) => [lineSample(name, { level }), `${level} ${say(`jam_${level}`)}`]);
  if (name === "alerts") {
    return ["ACCIDENT", "HAZARD", "JAM", "ROAD_CLOSED"].map((type) => [
      layerMark(name, { type }, 20),
      say(`alert_${type}`),
    ]);
  }
  if (name !== "reports") return [];
  return [
    ...Object.keys(COLOURS).map((status) => [reportMark(status, 20), say(`status_${status}`)]),
    [donut(24, [12, 7, 5], 34), say("cluster_legend")],
  ];
}

/** Return the one mark of a layer that needs no more: its name says what it means. */
function markOf({ name, geometry }) {
  if (geometry === "polygon") return sample(BORDERS[name] ?? { colour: "light-dark(#87919a, #6d7b85)", width: 1 });
  if (geometry === "line") return lineSample(name, { type: "LARGE" });
  return make("span", { class: "marks" }, DOTS[name] ? dot(DOTS[name]) : null, layerMark(name, {}, 20));
}

/** The dot that stands for a mark while the map is wide. */
function dot({ colour, square }) {
  const shape = square
    ? svg("rect", { x: 3, y: 3, width: 6, height: 6, fill: colour })
    : svg("circle", { cx: 6, cy: 6, r: 3, fill: colour });
  return svg("svg", { viewBox: "0 0 12 12", width: 12, height: 12, "aria-hidden": "true" }, shape);
}

/** A patch of colour. */
function swatch(colour) {
  return svg(
    "svg",
    { viewBox: "0 0 24 16", width: 24, height: 16, "aria-hidden": "true" },
    svg("rect", { width: 24, height: 16, fill: colour, stroke: "light-dark(#87919a, #6d7b85)" }),
  );
}
