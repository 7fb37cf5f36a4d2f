/** What stands at the map's margins: warnings, notices, whose data these are. */

import { make, textAndLinks } from "./dom.js";
import { say, since } from "./words.js";

/** Say plainly where boundaries are schematic, where data are simulated, and which feeds are silent. */
export function showBanners({ edition, simulated, silent }) {
  const what = silent.map(({ title, stale_since }) => say("silent_one", { title, when: since(stale_since) }));
  const banners = [
    edition === null ? ["no_boundaries", null] : null,
    edition?.schematic ? ["schematic", "schematic_hint"] : null,
    simulated ? ["simulated", "simulated_hint"] : null,
    what.length ? ["silent", "silent_hint"] : null,
  ].filter(Boolean);
  document
    .getElementById("banners")
    .replaceChildren(
      ...banners.map(([key, hint]) =>
        make(
          "p",
          { class: "banner", title: hint && say(hint), "data-banner": key },
          say(key, { what: what.join("; ") }),
        ),
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
