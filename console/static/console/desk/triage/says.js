/** What the page says of itself: how many, how many are marked, what was refused, what came. */

import { make } from "../../dom.js";
import { donut } from "../../symbols.js";
import { number, say } from "../../words.js";
import { hush } from "../toast.js";
import { stateMark } from "./marks.js";

const MOST_NAMED = 5;
const find = (id) => document.getElementById(id);

/** Say how many the list has, that it is empty, or what went wrong. */
export function showRows({ listed, matched, isLoading, failure }) {
  find("empty").hidden = Boolean(listed.length || isLoading || failure);
  find("failed").hidden = !failure;
  find("failed").querySelector("p").textContent = failure?.message ?? "";
  if (failure) hush(failure.message);
  find("list").classList.toggle("has-none", !listed.length && !isLoading);
  const isFirst = isLoading && !listed.length;
  const isUnknown = failure && matched === null;
  write("matched", isFirst ? say("loading") : isUnknown ? "" : matched === null ? say("matched_many") : say("matched", { count: number(matched) }));
}

/** Say what is marked, whether the list is that of the view, and whether there is anything to act on. */
export function showChoice({ marked, targets }, query, isFollowing) {
  for (const button of document.querySelectorAll("[id^=act-]")) button.disabled = !targets.length;
  find("marked").hidden = !marked.size;
  write("marked-count", say("marked_n", { count: number(marked.size) }));
  find("in-view").setAttribute("aria-pressed", String(isFollowing && query.get("worklist") !== "no_place"));
  find("in-view").disabled = query.get("worklist") === "no_place";
}

/** Say why what was meant was not done; of those that were `marked`, how many were, and that the others still are. */
export function showRefusals(refused, count = 0, marked = false) {
  const box = find("refusals");
  box.hidden = !refused.size;
  if (!refused.size) return;
  const named = [...refused].slice(0, MOST_NAMED).map(([id, reason]) => make("li", {}, `#${id}: ${reason}`));
  const more = refused.size - named.length;
  box.replaceChildren(
    make("p", {}, make("b", {}, marked ? say("taken_n", { taken: number(count - refused.size), refused: number(refused.size) }) : say("not_done"))),
    make("ul", {}, named, more > 0 ? make("li", {}, say("and_more", { count: number(more) })) : null),
  );
}

/** Say quietly how many came since. */
export function showArrivals(count) {
  find("arrivals").hidden = !count;
  write("arrivals-count", count ? say("new_n", { count: number(count) }) : "");
}

/** Say what the marks of the map mean. */
export function showLegend(states) {
  const alike = Object.groupBy(Object.values(states), ({ colour, shape }) => `${colour} ${shape}`);
  const rows = Object.values(alike).map((all) => [stateMark(all[0]), all.map(({ said }) => said).join("; ")]);
  rows.push([donut(9, [4, 3, 2], 30), say("legend_circle")]);
  rows.push([make("span", { class: "case-pin sample" }, make("b", {}, say("short_hours", { count: 3 }))), say("legend_late")]);
  rows.push([make("span", { class: "case-pin sample" }, make("b", {}, say("late_count", { count: 3 }))), say("legend_late_many")]);
  find("legend").replaceChildren(...rows.map(([mark, text]) => make("li", {}, mark, make("span", {}, text))));
}

function write(id, text) {
  if (find(id).textContent !== text) find(id).textContent = text;
}
