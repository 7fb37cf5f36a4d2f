/** Which reports are shown: the filters of the address, as the server has read them. */

import { carried } from "./dom.js";

const { filters } = carried("config");
const tiles = filters?.tiles ? `?${filters.tiles}` : "";

/** What a list asks the platform for, beside its box. */
export const listed = filters?.list ? `&${filters.list}` : "";

/** The box of the place that is chosen: west, south, east, north; or null. */
export const placeBox = filters?.bbox ?? null;

/** Return the query of a layer's tiles. */
export function queryOf(layer) {
  return layer === "reports" ? tiles : "";
}

/** Let the form lead to the same view of the map, unless it asks for another place; empty fields are left out. */
export function wireFilters() {
  const form = document.getElementById("filters");
  const { place } = form.elements;
  const before = place.value;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const query = new URLSearchParams([...new FormData(form)].filter(([, text]) => text.trim()));
    const address = new URL(form.action);
    address.search = query;
    if (place.value === before) address.hash = location.hash;
    if (address.href.split("#")[0] === location.href.split("#")[0]) location.reload();
    else location.assign(address);
  });
}
