/** The tiles and answers of the platform: fetched once, kept, asked for again without flicker. */

import { queryOf } from "./filters.js";

const KEPT = 800; // tiles
const PATIENCE_MS = 15_000;

/** Fetch JSON, or throw. */
export async function ask(address, options = {}) {
  const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS), ...options });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return { body: await response.json(), tag: response.headers.get("ETag") };
}

/** Return the address of a tile, with the filters of its layer. */
function addressOf(key) {
  return `/tiles/${key}.geojson${queryOf(key.split("/")[0])}`;
}

/** Tiles by layer and number; fires "change" with the keys whose content is new. */
export class TileStore extends EventTarget {
  #tiles = new Map();

  /** Name a tile. */
  static key(layer, { z, x, y }) {
    return `${layer}/${z}/${x}/${y}`;
  }

  /** Return a tile's features; one that failed is asked for anew. */
  load(layer, tile) {
    const key = TileStore.key(layer, tile);
    const known = this.#tiles.get(key);
    if (known && !known.failed) {
      this.#tiles.delete(key); // to the end of the queue: the oldest go first
      this.#tiles.set(key, known);
      return known.promise;
    }
    const entry = { tag: null, failed: false };
    entry.promise = ask(addressOf(key)).then(
      ({ body, tag }) => {
        entry.tag = tag;
        if (known) this.#announce([key]);
        return body.features;
      },
      (error) => {
        entry.failed = true;
        throw error;
      },
    );
    entry.promise.catch(() => {}); // who asked hears of it; nobody else must
    this.#tiles.set(key, entry);
    this.#forget();
    return entry.promise;
  }

  /** Forget what is known of a layer's tiles of which something is so. */
  forget(layer, isSo) {
    for (const key of [...this.#tiles.keys()]) {
      const [name, z, x, y] = key.split("/");
      if (name === layer && isSo({ z: Number(z), x: Number(x), y: Number(y) })) this.#tiles.delete(key);
    }
  }

  /** Ask again for tiles that are known; the cheap answer is 304, and then nothing happens. */
  async refresh(keys) {
    const known = keys.filter((key) => this.#tiles.has(key));
    const asked = await Promise.all(known.map((key) => this.#recheck(key)));
    const changed = known.filter((_, index) => asked[index]);
    if (changed.length) this.#announce(changed);
  }

  /** Fetch one tile anew; true where it differs. A failure leaves what is shown. */
  async #recheck(key) {
    const before = this.#tiles.get(key);
    try {
      const { body, tag } = await ask(addressOf(key), { cache: "no-cache" });
      if (tag !== null && tag === before.tag && !before.failed) return false;
      this.#tiles.set(key, { tag, failed: false, promise: Promise.resolve(body.features) });
      return true;
    } catch {
      return false;
    }
  }

  /** Tell that tiles have new content. */
  #announce(keys) {
    this.dispatchEvent(new CustomEvent("change", { detail: keys }));
  }

  /** Drop the tiles that were not asked for longest. */
  #forget() {
    for (const key of this.#tiles.keys()) {
      if (this.#tiles.size <= KEPT) return;
      this.#tiles.delete(key);
    }
  }
}
