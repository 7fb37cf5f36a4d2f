/** All reports of a view as the platform's tiles count them: what a map shows where a list has too many points. */

import { ask } from "../../store.js";
import { tilesInView } from "../../view.js";

const KEPT = 300;
const FILTERS = ["category", "kelurahan", "channel"]; // of a list, which tiles know as well

/** Tiles of reports by address, the last few hundred of them. */
export class ReportTiles {
  #kept = new Map();

  /** Return the features of the tiles that a map shows. */
  async inView(map, query) {
    const filters = new URLSearchParams(FILTERS.filter((name) => query.get(name)).map((name) => [name, query.get(name)]));
    const tiles = tilesInView(map).map(({ z, x, y }) => `/tiles/reports/${z}/${x}/${y}.geojson?${filters}`);
    return (await Promise.all(tiles.map((address) => this.#load(address)))).flat();
  }

  /** Forget what is kept, for reports have changed. */
  forget() {
    this.#kept.clear();
  }

  #load(address) {
    if (!this.#kept.has(address)) {
      const asked = ask(address).then(({ body }) => body.features);
      asked.catch(() => this.#kept.delete(address));
      this.#kept.set(address, asked);
      if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value);
    }
    return this.#kept.get(address);
  }
}
