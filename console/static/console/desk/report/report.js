/**
 * A report wherever it is shown, on its page or beside a list: its dialogs, and what is done about it.
 *
 * The server renders all of it. What somebody does is a call of the API; then the report is asked for anew and
 * takes its own place, so that what is seen is what is so.
 */

import { make } from "../../dom.js";
import { say } from "../../words.js";
import { post } from "../api.js";
import { during } from "../progress.js";
import { complain, tell } from "../toast.js";
import { watchDue } from "./due.js";
import { bodyOf } from "./form.js";
import { fillOffices } from "./offices.js";
import { showPlace, startMoving } from "./place.js";
import "./reasons.js";
import { wireWords } from "./writing.js";

const CONFLICT = 409;
const SETTLED = ["afterSettle", "responseError", "sendError"]; // what ends a request, one way or another

const report = () => document.getElementById("report");

/** Do what a form asks for, and show what the report is then. */
async function act(form, button) {
  const { call, done, then } = form.dataset;
  const id = Number(report().dataset.id);
  try {
    if (form.querySelector("[data-offices]")) await fillOffices(document.getElementById("offices"));
    const body = "picture" in form.dataset ? form.elements.picture.files[0] : bodyOf(form, button);
    button.disabled = true; // only now: a button that is disabled says nothing
    const answer = await during(post(call, body));
    const undo = undoOf(form, answer, id);
    tell(done, { undo, isFinal: !undo });
    if (then) location.assign(then);
    else await refresh(id);
  } catch (error) {
    await fail(form, error);
  } finally {
    button.disabled = false;
  }
}

/** Return what takes back what a form did; undefined where nothing does. */
function undoOf({ dataset: { undoCall, undoStep, undoBody = "{}" } }, answer, id) {
  const back = (address, body) => async () => {
    await during(post(address, body));
    tell(say("taken_back"));
    await refresh(id);
  };
  if (undoStep?.split(" ").includes(answer.state.code)) return back(`cases/${answer.id}/undo`, { seen: answer.changes.at(-1).id });
  if (undoCall === undefined) return undefined;
  return back(undoCall.replace(/\{(\w+)\}/g, (_, name) => answer[name]), JSON.parse(undoBody));
}

/** Say why something was refused; where somebody was faster, show the report as it is, with what was typed. */
async function fail(form, error) {
  const dialog = form.closest("dialog")?.id;
  const typed = [...form.querySelectorAll("textarea[id], input[id]")].map(({ id, value }) => [id, value]);
  if (error.status === CONFLICT) await refresh(Number(report().dataset.id));
  for (const [id, value] of typed) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
  const reopened = dialog && document.getElementById(dialog);
  if (!reopened) return void complain(error);
  if (!reopened.open) reopened.showModal();
  reopened.querySelector(".refused")?.remove();
  reopened.querySelector(".buttons").before(make("p", { class: "notice error refused", role: "alert" }, error.message));
}

/**
 * Say that a report has changed; where it is still shown, ask for it anew and put it in its place.
 *
 * Who stood on something with a name stands there still.
 */
async function refresh(id) {
  document.dispatchEvent(new CustomEvent("report:changed", { detail: id }));
  if (Number(report()?.dataset.id) !== id) return;
  const focused = document.activeElement?.id;
  const settled = new Promise((resolve) => {
    for (const name of SETTLED) document.body.addEventListener(`htmx:${name}`, resolve, { once: true });
  });
  window.htmx.trigger(report(), "stale");
  await settled;
  (document.getElementById(focused) ?? document.getElementById("report-title")).focus({ preventScroll: true });
}

/** Open a dialog, with the choice or the tick that the button stands for. */
function open({ dataset: { open: id, choose, check } }) {
  const dialog = document.getElementById(id);
  const wanted = choose ?? check;
  const chosen = wanted && dialog.querySelector(`input[value="${CSS.escape(wanted)}"]`);
  if (chosen) {
    chosen.checked = true;
    chosen.dispatchEvent(new Event("change", { bubbles: true }));
  }
  dialog.showModal();
  if (choose) dialog.querySelector("textarea")?.focus();
}

/** Say that a photo cannot be shown, where a browser would draw a broken picture. */
function miss(image) {
  const thumb = image.closest("#report .thumb");
  thumb?.replaceWith(make("span", { class: `${thumb.className} gone small` }, report().dataset.noPhoto));
}

/** Show a photo as large as there is room. */
function enlarge({ dataset: { photo } }) {
  const dialog = document.getElementById("d-photo");
  dialog.querySelector("img").src = photo;
  dialog.showModal();
}

/** What a click on an element that says so does. */
const CLICKS = {
  "[data-open]": open,
  "[data-close]": (button) => button.closest("dialog").close(),
  "[data-move]": startMoving,
  "[data-photo]": enlarge,
  "[data-zoom]": (button) => button.setAttribute("aria-pressed", button.closest("dialog").classList.toggle("full")),
  "[data-focus]": ({ dataset: { focus } }) => {
    const field = document.getElementById(focus);
    field.scrollIntoView({ block: "center" });
    field.focus();
  },
};

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form.act");
  if (!form) return;
  event.preventDefault();
  act(form, event.submitter ?? form.querySelector("button"));
});
document.addEventListener("click", ({ target }) => {
  for (const [selector, does] of Object.entries(CLICKS)) {
    const found = target.closest(`#report ${selector}`);
    if (found) does(found);
  }
});
document.addEventListener("focusin", ({ target }) => {
  if (target.matches("#report [data-offices]")) fillOffices(document.getElementById("offices")).catch(complain);
});

document.addEventListener("error", ({ target }) => target instanceof HTMLImageElement && miss(target), true);

/** Bring to life what was just rendered. */
function shown() {
  if (!report()) return;
  for (const image of report().querySelectorAll("img[src]")) if (image.complete && !image.naturalWidth) miss(image);
  watchDue(report());
  wireWords(report());
  showPlace(report().querySelector("#place-map"));
  document.dispatchEvent(new CustomEvent("report:shown"));
}

document.body.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id === "report" || target.querySelector?.("#report")) shown();
});
shown();
