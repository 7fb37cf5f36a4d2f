/** The reports on this device, each with its state; sends what waits while the page is open. */

import { make } from "../dom.js";
import { instant, say } from "../words.js";
import * as queue from "./queue.js";

const EVERY_MS = 20_000;

/** Show the queue in a section, and keep it moving. */
export function showQueue(section) {
  const render = async () => {
    const reports = await queue.all();
    section.hidden = !reports.length;
    section.querySelector("ul").replaceChildren(...reports.map(row));
  };
  const send = () => queue.send();
  queue.watch(render);
  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", () => document.hidden || send());
  setInterval(send, EVERY_MS);
  queue.tidy().then(render).then(send);
}

/** Make the row of a report. */
function row(report) {
  const { key, fields, state, created_at, page } = report;
  const name = document.querySelector(`input[name=category][value="${fields.category}"]`);
  const title = name?.closest("label").textContent.trim() ?? fields.category;
  const remove = () => queue.remove(key);
  return make(
    "li",
    { class: state },
    make("p", {}, make("strong", {}, title), ` ${fields.description?.slice(0, 80) ?? ""}`),
    make("p", { class: "small" }, make("span", { class: "state" }, stateOf(report)), ` · ${instant(created_at)}`),
    make(
      "p",
      { class: "buttons" },
      page && make("a", { class: "button", href: new URL(page).pathname }, say("queue_open")),
      state === queue.WAITING
        ? make("button", { type: "button", class: "button", click: () => queue.send() }, say("queue_send"))
        : null,
      make("button", { type: "button", class: "button plain", click: remove }, say("queue_remove")),
    ),
  );
}

/** Say how it stands with a report. */
function stateOf({ state, number, wrong, detail }) {
  if (state === queue.WAITING) return say("queue_waiting");
  if (state === queue.SENT) return number ? say("queue_sent", { number }) : say("queue_kept");
  const why = wrong ? Object.entries(wrong).map(([name, what]) => say(`wrong_${name}_${what}`)).join(" ") : detail;
  return say("queue_refused", { why });
}
