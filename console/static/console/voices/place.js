/** Where a report is: by the device's own position, by a pin on the map, or by words. */

import { make } from "../dom.js";
import { ask } from "../store.js";
import { number, say } from "../words.js";

const L = window.L;
const CLOSE = 15; // zoom at which a place is shown: nearer, there may be no border in view
const NEAR = 14; // zoom at which a place that was chosen by name is shown
const PAUSE_MS = 350; // between keys, before words are looked up
const PATIENCE_MS = 15_000;

/** The part of the form that says where; tells `changed` of each pin. */
export class Place {
  #form;
  #config;
  #changed;
  #map = null;
  #pin = null;
  #timer = null;

  constructor(form, config, changed) {
    this.#form = form;
    this.#config = config;
    this.#changed = changed;
    document.getElementById("pinning").hidden = false;
    document.getElementById("locate").addEventListener("click", () => this.#locate());
    form.elements.hint.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#suggest(), PAUSE_MS);
    });
    this.#open();
  }

  /** Return the pin, or null. */
  get point() {
    const { lon, lat } = this.#form.elements;
    return lon.value && lat.value ? { lon: Number(lon.value), lat: Number(lat.value) } : null;
  }

  /** Open the map; one that was written before, as by a form that came back, has its pin. */
  async #open() {
    const { smallMap } = await import("./smallmap.js");
    const container = document.getElementById("map");
    // On the whole city a finger is half a kilometre wide: the map goes nearer, where the next tap hits a street.
    this.#map = smallMap(container, this.#config, ({ lng, lat }) => this.set({ lon: lng, lat }, CLOSE));
    if (this.point) this.set(this.point, CLOSE);
  }

  /** Set the pin, and say in which kelurahan it is. */
  async set({ lon, lat }, zoom = null) {
    const [west, south, east, north] = this.#config.bounds;
    if (lon < west || lon > east || lat < south || lat > north) return tellPlace(say("pin_outside"));
    this.#form.elements.lon.value = lon.toFixed(6);
    this.#form.elements.lat.value = lat.toFixed(6);
    this.#show([lat, lon], zoom);
    tellPlace(say("pin_placed"));
    this.#changed();
    try {
      const { body } = await ask(`/api/locate?lon=${lon.toFixed(6)}&lat=${lat.toFixed(6)}`);
      const { kelurahan, kecamatan } = body;
      tellPlace(
        kelurahan
          ? say("pin_at", { kelurahan: kelurahan.name, kecamatan: kecamatan.name })
          : say("pin_outside"),
      );
    } catch {
      tellPlace(say("pin_placed")); // without a line: it is set all the same
    }
  }

  /** Show the pin on the map, if there is a map. */
  #show(at, zoom) {
    if (!this.#map) return;
    if (this.#pin) this.#pin.setLatLng(at);
    else this.#pin = this.#makePin(at);
    if (zoom) this.#map.setView(at, Math.max(zoom, this.#map.getZoom()));
  }

  /** Make the pin, which can be dragged. */
  #makePin(at) {
    const icon = L.divIcon({ className: "pin", iconSize: [32, 42], iconAnchor: [16, 40] });
    const pin = L.marker(at, { icon, draggable: true, keyboard: false, alt: say("pin_placed") }).addTo(this.#map);
    pin.on("dragend", () => {
      const { lng, lat } = pin.getLatLng();
      this.set({ lon: lng, lat });
    });
    return pin;
  }

  /** Ask the device where it is. */
  #locate() {
    tellPlace(say("gps_looking"));
    if (!navigator.geolocation) return tellPlace(say("gps_refused"));
    return navigator.geolocation.getCurrentPosition(
      async ({ coords }) => {
        await this.set({ lon: coords.longitude, lat: coords.latitude }, CLOSE);
        const found = document.getElementById("found");
        found.append(` ${say("gps_found", { metres: number(coords.accuracy) })}`);
      },
      () => tellPlace(say("gps_refused")),
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 60_000 },
    );
  }

  /** Offer the places that the words may mean. */
  async #suggest() {
    const list = document.getElementById("suggestions");
    const words = this.#form.elements.hint.value.trim();
    let places = [];
    if (words.length > 2) {
      try {
        places = (await ask(`/api/places?q=${encodeURIComponent(words)}`)).body.places;
      } catch {
        places = []; // without a line: the words are sent as they are
      }
    }
    if (words !== this.#form.elements.hint.value.trim()) return; // typed on meanwhile
    list.hidden = !places.length;
    list.replaceChildren(...places.map((place) => make("li", {}, this.#choice(place))));
  }

  /** Make the button of a place: it is shown on the map, and a kelurahan is taken where no pin is set. */
  #choice({ level, code, name, within, lon, lat }) {
    const choose = () => {
      if (level === "kelurahan") this.#name(code);
      this.#map?.setView([lat, lon], level === "kelurahan" ? NEAR : NEAR - 2);
      document.getElementById("suggestions").hidden = true;
      if (!this.point) tellPlace(level === "kelurahan" ? say("chosen_place", { name }) : say("no_pin"));
    };
    const title = say("in_place", { kind: say(`level_${level}`), name });
    return make("button", { type: "button", class: "choice", click: choose }, title, make("span", {}, within));
  }

  /** Note a kelurahan that was chosen by its name. */
  #name(code) {
    let field = this.#form.querySelector("input[name=kelurahan][type=hidden]");
    if (!field) this.#form.append((field = make("input", { type: "hidden", name: "kelurahan" })));
    field.value = code;
  }
}

/** Say what is known of the place. */
function tellPlace(text) {
  document.getElementById("found").textContent = text;
}
