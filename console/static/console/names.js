/** Names of kota, kecamatan and kelurahan on a small map, beside which nothing else is written. */

import { Labels } from "./labels.js";
import { tilesInView } from "./view.js";

export const TIERS = ["kelurahan", "kecamatan", "kota"];

/**
 * Write the names of the areas in view, now and whenever the map has moved or more is known.
 *
 * @param avoided circles {x, y, r} in pixels of the zoom, over which no name is written
 */
export function nameAreas(map, store, avoided = []) {
  map.createPane("labels").style.zIndex = 450;
  const labels = new Labels(map);
  const write = () => writeNames(map, store, labels, avoided);
  map.on("moveend", write);
  store.addEventListener("change", write);
  write();
}

async function writeNames(map, store, labels, avoided) {
  const tiles = tilesInView(map);
  const tiers = await Promise.all(
    TIERS.map(async (tier) => {
      const answers = await Promise.allSettled(tiles.map((tile) => store.load(tier, tile)));
      return [tier, answers.flatMap(({ value }) => value ?? [])];
    }),
  );
  labels.render(tiers, avoided, false);
}
