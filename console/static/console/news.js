/** What changed, as the platform tells it; without it the map asks each minute, as ever. */

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
const GATHER_MS = 500; // for which changes are gathered before tiles are asked for
const SPREAD_MS = 1_000; // over which the maps of a city ask

/** Listens to `address`; fires "change" with {layer, blocks} for each change, a layer's later ones joined. */
export class News extends EventTarget {
  #address;
  #source = null;
  #pause = FIRST_PAUSE_MS;
  #position = "";
  #gathered = new Map();
  #timer = null;

  constructor(address) {
    super();
    this.#address = address;
    if (address) this.#open();
  }

  /** Listen from where we were. */
  #open() {
    const address = new URL(this.#address, location.href);
    if (this.#position) address.searchParams.set("last-event-id", this.#position);
    this.#source = new EventSource(address);
    const source = this.#source;
    source.addEventListener("state", (event) => {
      this.#pause = FIRST_PAUSE_MS;
      this.#position = event.lastEventId;
    });
    source.addEventListener("change", (event) => {
      this.#position = event.lastEventId;
      this.#gather(JSON.parse(event.data));
    });
    source.addEventListener("error", () => {
      source.close(); // it would come again each three seconds, for ever
      const pause = this.#pause * (0.5 + Math.random());
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MS);
      setTimeout(() => this.#open(), pause);
    });
  }

  /** Join what changed with what did a moment ago. */
  #gather({ layer, blocks }) {
    const known = this.#gathered.get(layer);
    const joined = blocks && known !== null ? [...(known ?? []), ...blocks] : null;
    this.#gathered.set(layer, joined);
    this.#timer ??= setTimeout(() => this.#tell(), GATHER_MS + Math.random() * SPREAD_MS);
  }

  #tell() {
    this.#timer = null;
    const changes = [...this.#gathered].map(([layer, blocks]) => ({ layer, blocks }));
    this.#gathered.clear();
    this.dispatchEvent(new CustomEvent("change", { detail: changes }));
  }
}

/** Say whether a tile lies in, or holds, one of some blocks [zoom, column, row]; null blocks: it may. */
export function isTouched({ z, x, y }, blocks) {
  if (!blocks) return true;
  return blocks.some(([zoom, column, row]) => {
    const up = Math.min(z, zoom);
    return x >> (z - up) === column >> (zoom - up) && y >> (z - up) === row >> (zoom - up);
  });
}
