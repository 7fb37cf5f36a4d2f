/** What a click on the map opens: a report or a list of them, a shop, a stretch of traffic, the place. */

import { Card } from "./card.js";
import { locateBody, reportBody, thingBody, trafficBody } from "./details.js";
import { carried, make } from "./dom.js";
import { listOf, pagesOf } from "./list.js";
import { nearestDots, nearestLine } from "./nearest.js";
import { ask } from "./store.js";
import { isDots } from "./styles.js";
import { isTouch } from "./view.js";
import { inLanguage, number, say } from "./words.js";

const REACH_PX = isTouch ? 22 : 12; // a click this near to a line or a dot means it
const { language, embedded: isFramed } = carried("config");
const NEARER = 2; // zooms that a click on a dot of many goes

/** Opens one card at a time on a map. */
export class Answers {
  #map;
  #card;
  #categories;
  #channels;

  constructor(map, categories, channels) {
    this.#map = map;
    this.#card = new Card(map);
    this.#categories = categories;
    this.#channels = channels;
  }

  /** Answer a click on the map: the line or dot nearest to it, or else the place. */
  ask(at, scene = []) {
    const found = this.#under(at, scene);
    if (!found) return this.#locate(at);
    const { layer, features } = found;
    if (layer.geometry === "line") return this.#openStretch(layer, at, features[0]);
    const [lon, lat] = features[0].geometry.coordinates;
    if (features.some(({ properties }) => properties.count)) {
      return this.#map.setView([lat, lon], Math.min(this.#map.getMaxZoom(), this.#map.getZoom() + NEARER));
    }
    return this.open({ layer, at: [lat, lon], features, count: features.length });
  }

  /** Open what a marker stands for; `back` leads to the list that it was chosen from. */
  open({ layer, at, features, count, box, back }) {
    if (layer.name !== "reports") {
      const body = make("div", {}, ...thingBody(layer, features, count).filter(Boolean));
      this.#card.show(at, inLanguage(layer.title), body);
    } else if (count === 1 && features.length === 1) {
      this.#openReport(at, features[0], back);
    } else {
      const title = say("cluster_list", { count: number(count) });
      const back = () => this.#card.show(at, title, list);
      const list = listOf({
        fetchPage: pagesOf(features, count, box),
        count,
        categories: this.#categories,
        open: (feature) => this.open({ layer, at, features: [feature], count: 1, back }),
        grown: () => this.#card.refit(),
      });
      back();
    }
  }

  /** Return the layer and features that a click means, the nearest and of equals the topmost; or null. */
  #under(at, scene) {
    const zoom = this.#map.getZoom();
    const pixel = this.#map.latLngToContainerPoint(at);
    const project = ([lon, lat]) => this.#map.latLngToContainerPoint([lat, lon]);
    let best = null;
    for (const { layer, features } of [...scene].reverse()) {
      const isDot = layer.geometry === "point" && isDots(layer.name, zoom);
      const find = layer.geometry === "line" ? nearestLine : isDot ? nearestDots : null;
      const found = find?.(features, project, pixel, REACH_PX);
      if (found && (!best || found.apart < best.apart)) best = { layer, ...found };
    }
    return best;
  }

  /** Show a stretch of traffic. */
  #openStretch(layer, at, { properties }) {
    const body = make("div", {}, ...trafficBody(layer, properties));
    this.#card.show(at, properties.street || say("street_unknown"), body);
  }

  /** Show one report, whole. */
  #openReport(at, { id, properties }, back) {
    const title = this.#categories.get(properties.category) ?? properties.category;
    const button = back && make("button", { type: "button", class: "button", click: back }, say("list_back"));
    this.#fill(this.#card.show(at, title, say("loading")), `/api/reports/${id}`, (body) => [
      inLanguage(body.properties.category.name),
      ...reportBody(body, this.#channels),
      make("a", { class: "button", href: pageOf(id), target: isFramed ? "_blank" : null }, say("open_page")),
      button,
    ]);
  }

  /** Say where a point lies and who answers there. */
  #locate(at) {
    const address = `/api/locate?lon=${at.lng.toFixed(6)}&lat=${at.lat.toFixed(6)}`;
    this.#fill(this.#card.show(at, say("here"), say("loading")), address, (body) => [
      body.kelurahan?.name ?? say("here"),
      ...locateBody(body),
    ]);
  }

  /** Fill a card with an answer; where there is none, say so and offer to ask again. */
  async #fill(replace, address, write) {
    let body;
    try {
      ({ body } = await ask(address)); // and no more: an error of ours is not the network's
    } catch {
      const again = make(
        "button",
        { type: "button", class: "button", click: () => this.#fill(replace, address, write) },
        say("retry"),
      );
      replace(say("details"), make("p", {}, say("failed_one")), again);
      return;
    }
    replace(...write(body));
  }
}

/** Return the address of a report's page. */
function pageOf(id) {
  return `/reports/${id}${language === "id" ? "" : `?lang=${language}`}`;
}
