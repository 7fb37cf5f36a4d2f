/** The report form in a browser that can do more than send it: map, small photos, similar reports, no line. */

import { carried, make } from "../dom.js";
import { ask } from "../store.js";
import { instant, number, say } from "../words.js";
import { shrink } from "./photo.js";
import { Place } from "./place.js";
import * as queue from "./queue.js";
import { showQueue } from "./waiting.js";

const config = carried("config");
const form = document.getElementById("report");
const similar = document.getElementById("similar");
const TEXTS = ["category", "description", "hint", "kelurahan", "lon", "lat", "contact", "website"];
let photo = null;
let preparing = Promise.resolve();
let isSure = false;

const place = new Place(form, config, () => {
  takeBack();
  look();
});

/** Show the kinds whose names have what is typed. */
function wireKinds() {
  const search = document.getElementById("kind-search");
  search.addEventListener("input", () => {
    const sought = search.value.trim().toLocaleLowerCase();
    const kinds = [...form.querySelectorAll(".kind")];
    for (const kind of kinds) kind.hidden = !kind.textContent.toLocaleLowerCase().includes(sought);
    document.getElementById("no-kind").hidden = kinds.some((kind) => !kind.hidden);
  });
  search.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  form.querySelector(".kinds").addEventListener("change", () => look());
}

/** Make a photo small as soon as it is chosen, and show it. */
function wirePhoto() {
  const preview = document.getElementById("preview");
  const [image] = preview.getElementsByTagName("img");
  form.elements.photo.addEventListener("change", () => {
    const [file] = form.elements.photo.files;
    preparing = file ? shrink(file).then(show) : Promise.resolve(show(null));
  });
  document.getElementById("no-photo").addEventListener("click", () => {
    form.elements.photo.value = "";
    show(null);
    form.elements.photo.focus();
  });

  function show(blob) {
    if (image.src) URL.revokeObjectURL(image.src);
    photo = blob;
    preview.hidden = !blob;
    if (blob) image.src = URL.createObjectURL(blob);
    else image.removeAttribute("src");
    takeBack();
  }
}

/** Look for similar reports once kind and pin are known. */
async function look() {
  const category = form.elements.category.value;
  const { point } = place;
  isSure = false;
  similar.hidden = true;
  const button = document.getElementById("send");
  if (button) button.textContent = say("send");
  if (!category || !point) return;
  const asked = new URLSearchParams({ layer: "reports", category, ...point, ...config.similar });
  try {
    const { body } = await ask(`/api/nearest?${asked}`);
    if (category === form.elements.category.value) showSimilar(body.features);
  } catch {
    similar.hidden = true; // without a line nobody knows; duplicates are found later, too
  }
}

/** Show similar reports, each with a way to see and to follow it. */
function showSimilar(features) {
  similar.hidden = !features.length;
  const language = config.language === "id" ? "" : `lang=${config.language}`;
  similar.querySelector(".alike").replaceChildren(
    ...features.map(({ id, properties }) =>
      make(
        "li",
        {},
        make("p", {}, properties.text.slice(0, 160)),
        make(
          "p",
          { class: "quiet small" },
          `${say("away", { metres: number(properties.distance_m) })} · ${instant(properties.submitted_at)}`,
        ),
        make(
          "p",
          { class: "buttons" },
          make("a", { class: "button", href: `/reports/${id}${language && `?${language}`}` }, say("see")),
          make("a", { class: "button", href: `/follow?report=${id}${language && `&${language}`}` }, say("follow_it")),
        ),
      ),
    ),
  );
}

/** Return which fields are missing, by the rules that the server has, too. */
function missing() {
  const { category, description, hint, contact } = form.elements;
  const named = form.querySelector("input[name=kelurahan]:checked, input[name=kelurahan][type=hidden]");
  const contactIsOdd = contact?.value && !/^\S+@\S+\.\S+$|^\+?[\d\s().-]{8,24}$/.test(contact.value.trim());
  return [
    !category.value && "category",
    !place.point && !hint.value.trim() && !named?.value && "place",
    !description.value.trim() && !photo && !form.elements.kept_photo && "description",
    contactIsOdd && "contact",
  ].filter(Boolean);
}

/** Say beside each field what is missing; returns whether nothing is. */
function isWhole() {
  const wrong = missing();
  for (const said of form.querySelectorAll("[data-wrong]")) said.hidden = !wrong.includes(said.dataset.wrong);
  if (!wrong.length) return true;
  const first = form.querySelector(`[data-wrong=${wrong[0]}]`);
  first.scrollIntoView({ block: "center" });
  first.closest("fieldset, .field").querySelector("input:not([type=hidden]), textarea, button").focus();
  return false;
}

/** Take back what was said of a field that is mended; what else is missing is said when it is sent. */
function takeBack() {
  const wrong = missing();
  for (const said of form.querySelectorAll("[data-wrong]:not([data-wrong=photo])")) {
    said.hidden ||= !wrong.includes(said.dataset.wrong);
  }
}

/** Put the report into the queue, and send it: the form works alike with a line and without. */
async function submit(event) {
  event.preventDefault();
  if (!isWhole()) return;
  if (!similar.hidden && !isSure) {
    isSure = true; // once seen, the next press means another problem
    document.getElementById("send").textContent = say("another_problem");
    similar.scrollIntoView({ block: "center" });
    document.getElementById("similar-title").focus();
    return;
  }
  const button = document.getElementById("send") ?? event.submitter;
  button.disabled = true;
  button.textContent = say("sending");
  await preparing;
  const given = new FormData(form);
  const texts = TEXTS.filter((name) => given.get(name)).map((name) => [name, given.get(name)]);
  const fields = { ...Object.fromEntries(texts), written_at: new Date().toISOString() };
  if (given.get("kept_photo")) fields.kept_photo = given.get("kept_photo");
  const key = crypto.randomUUID();
  try {
    await queue.put({ key, fields, photo });
  } catch {
    form.submit(); // nothing can be kept here, as in some private windows: it is sent as without JavaScript
    return;
  }
  await askForSync();
  await queue.send();
  const kept = (await queue.all()).find((one) => one.key === key);
  if (kept?.state === queue.SENT) {
    location.assign(new URL(kept.page).pathname + (config.language === "id" ? "" : `?lang=${config.language}`));
    return;
  }
  button.disabled = false;
  button.textContent = say("send");
  if (kept?.state === queue.WAITING) clear();
  document.getElementById("queue").scrollIntoView({ block: "start" });
}

/** Empty the form: what was on it is in the queue now. */
function clear() {
  form.reset();
  form.elements.lon.value = form.elements.lat.value = "";
  document.getElementById("no-photo").click();
  similar.hidden = true;
}

/** Ask the browser to wake the worker when the line is back, where it can. */
async function askForSync() {
  const registration = await navigator.serviceWorker?.getRegistration();
  await registration?.sync?.register(queue.TAG).catch(() => {}); // then the page itself sends, when it is open
}

/** Show whether there is a line. */
function wireLine() {
  const told = document.getElementById("offline");
  const tell = () => (told.hidden = navigator.onLine);
  window.addEventListener("online", tell);
  window.addEventListener("offline", tell);
  tell();
}

form.classList.add("scripted");
wireKinds();
wirePhoto();
wireLine();
if (window.indexedDB && navigator.locks) {
  form.addEventListener("submit", submit);
  form.addEventListener("input", takeBack);
  showQueue(document.getElementById("queue"));
  navigator.serviceWorker?.register(config.worker, { type: "module" });
}
for (const button of form.querySelectorAll(".without-script")) button.hidden = true;
document.getElementById("summary")?.focus();
