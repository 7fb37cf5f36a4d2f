/** Lists of reports that no zoom parts: a page at a time, however many they are. */

import { reportItem } from "./details.js";
import { make } from "./dom.js";
import { listed } from "./filters.js";
import { ask } from "./store.js";
import { daysSince, number, say } from "./words.js";

const PAGE = 50;

/**
 * Return what fetches one page after the other, as {features, isLast}.
 *
 * @param features those that a tile showed one by one
 * @param count how many there are; where that is more, the platform is asked for all of the box
 * @param box west, south, east, north in degrees
 */
export function pagesOf(features, count, box) {
  if (features.length < count) return pagesIn(box);
  let shown = 0;
  return async () => {
    const page = features.slice(shown, shown + PAGE);
    shown += page.length;
    return { features: page, isLast: shown >= features.length };
  };
}

/** Fetch the pages of a box. */
function pagesIn(box) {
  let query = `?bbox=${box.map((degrees) => degrees.toFixed(7)).join(",")}${listed}&limit=${PAGE}`;
  return async () => {
    const { body } = await ask(`/api/reports${query}`);
    if (body.next) query = new URL(body.next).search; // its host may be another behind a proxy
    return { features: body.features.map(inBrief), isLast: body.next === null };
  };
}

/** Return a report of the API as a tile has it. */
function inBrief({ id, properties: { status, category, submitted_at } }) {
  return { id, properties: { status, category: category.code, age_days: daysSince(submitted_at) } };
}

/** Make a list that shows its first page at once and more on demand; tells `grown` when it has. */
export function listOf({ fetchPage, count, categories, open, grown }) {
  const list = make("ul", { class: "list" });
  const said = make("p", { class: "aside", role: "status" }, say("loading"));
  const more = make("button", { type: "button", class: "button", hidden: "", click: () => add(true) });
  const add = async (isAsked) => {
    more.disabled = true;
    try {
      const { features, isLast } = await fetchPage();
      const items = features.map((feature) => reportItem(feature, categories, open));
      list.append(...items);
      const shown = list.children.length;
      const all = isLast ? shown : Math.max(count, shown);
      said.textContent = say("list_shown", { shown: number(shown), count: number(all) });
      more.textContent = say("list_more");
      more.hidden = isLast;
      if (isAsked) items[0]?.querySelector("button").focus();
    } catch {
      said.textContent = say("failed_one");
      more.textContent = say("retry");
      more.hidden = false;
    }
    more.disabled = false;
    grown();
  };
  add(false);
  return make("div", {}, said, list, more);
}
