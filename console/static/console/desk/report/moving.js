/** A pin on the move: dragged, or by the arrow keys; says whose turn it would be where it stands. */

import { get } from "../api.js";
import { complain } from "../toast.js";

const STEP_PX = 10;
const FAR_PX = 60;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const DIGITS = 7;

/** Moves the pin of one map; its form holds the point and sends it. */
export class Moving {
  constructor(map, marker, form, category) {
    Object.assign(this, { map, marker, form, category, home: marker.getLatLng(), isMoving: false });
    this.says = form.querySelector("[role=status]");
    marker.getElement().addEventListener("keydown", (event) => this.#key(event));
    marker.on("dragend", () => this.#moved());
    form.querySelector("[data-stay]").addEventListener("click", () => this.stop());
  }

  /** Begin: show what to do, and stand on the pin. */
  start() {
    this.isMoving = true;
    this.form.hidden = false;
    this.marker.dragging.enable();
    const pin = this.marker.getElement();
    pin.classList.add("moving");
    pin.setAttribute("aria-describedby", "pin-help");
    this.map.getContainer().scrollIntoView({ block: "center" });
    pin.focus();
  }

  /** Leave the pin where it was. */
  stop() {
    this.isMoving = false;
    this.form.hidden = true;
    this.marker.dragging.disable();
    this.marker.getElement().classList.remove("moving");
    this.marker.setLatLng(this.home);
    this.map.panTo(this.home, { animate: false });
    this.form.querySelector("button").disabled = true;
    this.says.textContent = this.says.dataset.unmoved;
  }

  /** Move by arrows, save by Enter, leave by Escape. */
  #key(event) {
    if (!this.isMoving) return;
    const way = ARROWS[event.key];
    if (!way && event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") this.stop();
    else if (event.key === "Enter") this.form.querySelector("button:enabled")?.click();
    else this.#shift(way, event.shiftKey ? FAR_PX : STEP_PX);
  }

  /** Move the pin so many pixels, and the map where it would leave it. */
  #shift([right, down], px) {
    const at = this.map.latLngToContainerPoint(this.marker.getLatLng()).add([right * px, down * px]);
    const point = this.map.containerPointToLatLng(at);
    this.marker.setLatLng(point);
    this.map.panInside(point, { padding: [40, 50], animate: false });
    this.#moved();
  }

  /** Put the point into the form, and ask whose turn it would be there. */
  async #moved() {
    const { lng, lat } = this.marker.getLatLng();
    const [lon, north] = [lng, lat].map((value) => Number(value.toFixed(DIGITS)));
    this.form.elements.point.value = JSON.stringify({ lon, lat: north });
    this.asking?.abort();
    this.asking = new AbortController();
    const query = new URLSearchParams({ lon, lat: north, category: this.category });
    try {
      const { explanation } = await get(`rules/try?${query}`, { signal: this.asking.signal });
      const { would, unit } = this.says.dataset;
      this.says.textContent = would.replace("{office}", explanation.office ?? unit);
      this.form.querySelector("button").disabled = false;
    } catch (error) {
      if (error.name !== "AbortError") complain(error);
    }
  }
}
