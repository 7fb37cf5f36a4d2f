/** Moving through time: a step at a press, or one after another until the end. */

import { say } from "../../words.js";

const PAUSE_MS = 900;

/** Moves what is chosen on a line of time by a seventh of its length; a next step waits until one is drawn. */
export class Player {
  #line;
  #button;
  #drawn;
  #timer = null;

  constructor(line, button, drawn) {
    [this.#line, this.#button, this.#drawn] = [line, button, drawn];
    // Nothing moves by itself for who does not want it: they have the steps beside the button.
    button.hidden = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    button.addEventListener("click", () => this.toggle());
  }

  /** Move by one step, forward (1) or back (-1); says whether there was room. */
  step(direction) {
    return this.#line.move(direction * Math.max(1, Math.round(this.#line.length / 7)));
  }

  /** Begin to play, at the end of the line from its beginning; or stop. */
  toggle() {
    if (this.#button.hidden) this.step(1);
    else if (this.#timer === null) this.#play(this.step(1) || this.#line.rewind());
    else this.#stop();
  }

  async #play(hasMoved) {
    this.#show(true);
    if (!hasMoved) return this.#stop();
    this.#timer = 0;
    await this.#drawn();
    if (this.#timer === null) return;
    this.#timer = setTimeout(() => this.#play(this.step(1)), PAUSE_MS);
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#show(false);
  }

  #show(isPlaying) {
    this.#button.setAttribute("aria-pressed", String(isPlaying));
    this.#button.textContent = say(isPlaying ? "stop" : "play");
  }
}
