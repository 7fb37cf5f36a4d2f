/** What stands at the map's margins: warnings, notices, whose data these are. */

import { make, textAndLinks } from "./dom.js";
import { say } from "./words.js";

/** Say plainly where boundaries are schematic and where data are simulated. */
export function showBanners({ edition, simulated }) {
  const banners = [
    edition === null ? ["no_boundaries", null] : null,
    edition?.schematic ? ["schematic", "schematic_hint"] : null,
    simulated ? ["simulated", "simulated_hint"] : null,
  ].filter(Boolean);
  document
    .getElementById("banners")
    .replaceChildren(
      ...banners.map(([key, hint]) =>
        make("p", { class: "banner", title: hint && say(hint), "data-banner": key }, say(key)),
      ),
    );
}

/** Say what could not be loaded, or nothing. */
export function showNotice(what) {
  const text = what.length ? say("failed", { what: what.join(", ") }) : "";
  const notice = document.getElementById("notice");
  if (notice.textContent !== text) notice.textContent = text; // said once, not at each move
}

/** Name the sources of what is switched on; boundaries are the edition's. */
export function showAttribution(layers, { edition, base_map }) {
  const lines = [edition?.attribution, base_map?.attribution];
  for (const layer of layers) if (layer.geometry !== "polygon") lines.push(layer.attribution);
  const parts = [...new Set(lines.filter(Boolean))].map((line) => make("span", {}, textAndLinks(line)));
  document.getElementById("attribution").replaceChildren(...parts);
}
