/** Reports of a view as the platform's tiles count them: what a map shows of a list that is too long for points and squares. */

import { ask } from "../../store.js";
import { tilesInView } from "../../view.js";

const KEPT = 300;

/** Tiles of reports by address, the last few hundred of them. */
export class ReportTiles {
  #kept = new Map();

  /** Return the features of the tiles that a map shows; `template` is their address with {z}, {x} and {y}. */
  async inView(map, template) {
    const tiles = tilesInView(map).map((at) => template.replace(/\{([zxy])\}/g, (_, part) => at[part]));
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
