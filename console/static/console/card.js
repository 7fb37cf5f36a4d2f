/** Where details show: a popup at its place, or a sheet at the bottom of a phone. */

import { make } from "./dom.js";
import { say } from "./words.js";

const L = window.L;
const narrow = window.matchMedia("(max-width: 640px)");

/** One card at a time; Esc closes it, and the focus goes back to where it came from. */
export class Card {
  #map;
  #sheet = document.getElementById("sheet");
  #popup = null;
  #before = null;

  constructor(map) {
    this.#map = map;
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  /** Show a title and a body at a position; returns what replaces both later. */
  show(at, title, body) {
    this.close();
    this.#before = document.activeElement;
    const heading = make("h2", { tabindex: "-1", id: "card-title" });
    const close = make("button", {
      type: "button",
      class: "close",
      "aria-label": say("close"),
      click: () => this.close(),
    });
    // It may scroll: then arrow keys must reach it, whatever it holds.
    const content = make("div", {
      class: "card-body",
      tabindex: "0",
      role: "group",
      "aria-labelledby": "card-title",
    });
    const card = make(
      "article",
      { class: "card" },
      make("div", { class: "card-head" }, heading, close),
      content,
    );
    const replace = (newTitle, ...newBody) => {
      heading.replaceChildren(newTitle);
      content.replaceChildren(...newBody.flat().filter(Boolean));
      this.refit();
    };
    replace(title, body);
    if (narrow.matches) this.#openSheet(at, card);
    else this.#openPopup(at, card);
    heading.focus({ preventScroll: true });
    return replace;
  }

  /** Fit the popup to what it holds now; Leaflet takes that out and in again, so focus and scroll are put back. */
  refit() {
    if (!this.#popup) return;
    const body = this.#popup.getContent().querySelector(".card-body");
    const [focused, top] = [document.activeElement, body.scrollTop];
    this.#popup.update();
    body.scrollTop = top;
    if (focused?.isConnected) focused.focus({ preventScroll: true });
  }

  /** Close whatever is open; true where something was. */
  close() {
    const isOpen = this.#popup !== null || !this.#sheet.hidden;
    const popup = this.#popup;
    this.#popup = null;
    popup?.remove();
    this.#sheet.hidden = true;
    this.#sheet.replaceChildren();
    if (isOpen && this.#before?.isConnected) this.#before.focus({ preventScroll: true });
    return isOpen;
  }

  /** Open as a sheet; what it is about stays in sight above it. */
  #openSheet(at, card) {
    this.#sheet.replaceChildren(card);
    this.#sheet.hidden = false;
    this.#map.panInside(at, {
      paddingTopLeft: [30, 60],
      paddingBottomRight: [30, this.#map.getSize().y * 0.64 + 20], // the largest marker whole
    });
  }

  /** Open as a popup that the map makes room for. */
  #openPopup(at, card) {
    const panel = document.getElementById("panel");
    card.style.maxHeight = `${Math.max(220, this.#map.getSize().y - 150)}px`;
    const popup = L.popup({
      closeButton: false,
      closeOnEscapeKey: false,
      autoClose: false,
      closeOnClick: false,
      minWidth: 300,
      maxWidth: 340,
      autoPanPaddingTopLeft: [16, 56],
      autoPanPaddingBottomRight: [panel.hidden ? 70 : panel.offsetWidth + 30, 36],
      offset: [0, -8],
    });
    popup.setLatLng(at).setContent(card).openOn(this.#map);
    this.#popup = popup;
  }
}
