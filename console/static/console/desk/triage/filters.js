/** Search and filters: a form that asks as soon as something in it changes. */

import { make } from "../../dom.js";
import { number, say } from "../../words.js";
import { ALL } from "./areas.js";

const TYPING_MS = 300;
const INDENT = { kota: "", kecamatan: "\u2003", kelurahan: "\u2003\u2003" };
const FIELDS = ["category", "kelurahan", "state", "channel"];

/** Keep form and query the same. */
export function wireFilters(form, query) {
  const { elements } = form;
  elements.kelurahan.append(...areaGroups(ALL));
  const button = document.getElementById("filter-button");
  let timer;
  const read = () => {
    const q = elements.q.value.trim();
    query.set({ q: q.length < 2 ? "" : q, ...Object.fromEntries(FIELDS.map((name) => [name, elements[name].value])) });
  };
  const show = () => {
    if (document.activeElement !== elements.q) elements.q.value = query.get("q");
    for (const name of FIELDS) elements[name].value = query.get(name);
    elements.order.value = query.get("order") || (query.get("worklist") ? "urgent" : "newest");
    elements.order.disabled = !query.get("worklist");
    const count = FIELDS.filter((name) => query.get(name)).length;
    button.querySelector("span").textContent = count ? say("filters_on", { count: number(count) }) : say("filters");
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  elements.q.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(read, TYPING_MS);
  });
  elements.q.addEventListener("keydown", (event) => {
    if (event.key === "Escape") elements.q.value = "";
    if (event.key !== "Escape" && event.key !== "Enter") return;
    read();
    document.getElementById("list").focus();
  });
  for (const name of FIELDS) elements[name].addEventListener("change", read);
  elements.order.addEventListener("change", () => query.set({ order: elements.order.value }));
  button.addEventListener("click", () => {
    const isOpen = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(isOpen));
    document.getElementById("filter-fields").hidden = !isOpen;
  });
  document.getElementById("filters-off").addEventListener("click", () => {
    form.reset();
    query.set({ q: "", ...Object.fromEntries(FIELDS.map((name) => [name, ""])) });
  });
  query.addEventListener("change", show);
  show();
}

/** Every kota with its kecamatan and kelurahan, as the options of a select. */
function areaGroups(areas) {
  return areas
    .filter(({ level }) => level === "kota")
    .map((kota) => {
      const within = areas.filter(({ code }) => code.startsWith(kota.code));
      return make("optgroup", { label: kota.name }, within.map(({ code, name, level }) => make("option", { value: code }, INDENT[level] + name)));
    });
}
