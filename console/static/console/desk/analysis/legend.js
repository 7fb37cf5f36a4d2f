/** What the colours of the map mean, in counts. */

import { make } from "../../dom.js";
import { number, say } from "../../words.js";
import { colours, inkOn } from "./scale.js";

/** Return the lines of a legend {colour, text, sign}, most first: for the page and for pictures. */
export function lines(scale, drawn) {
  if (!scale.largest) return [];
  if (drawn === "heat") return heatLines(scale);
  const more = classLines(scale, 1, scale.kind === "change" ? "+" : "");
  return scale.kind === "change" ? [...more, ...classLines(scale, -1, "−").reverse()] : more;
}

/** Return what a legend is of. */
export function titleOf({ scale, drawn }) {
  return say(scale.kind === "change" ? "legend_change" : drawn === "heat" ? "legend_heat" : "legend_count");
}

/** Show a legend. */
export function showLegend(box, scale, drawn) {
  const all = lines(scale, drawn);
  box.hidden = !all.length;
  const list = make("ul", {}, all.map(({ colour, text, sign }) => {
    const mark = make("i", { "aria-hidden": "true" }, sign);
    mark.style.background = colour;
    mark.style.color = inkOn(colour);
    return make("li", {}, mark, text);
  }));
  box.replaceChildren(make("b", {}, titleOf({ scale, drawn })), list);
}

function classLines({ firsts, largest, ...scale }, direction, sign) {
  const shades = colours({ firsts, ...scale }, direction);
  return firsts.map((first, index) => {
    const last = index + 1 < firsts.length ? firsts[index + 1] - 1 : Math.max(first, largest);
    const between = sign ? " … " : "–";
    const text = sign + number(first) + (first === last ? "" : between + sign + number(last));
    return { colour: shades[index], text, sign };
  }).reverse();
}

function heatLines(scale) {
  const shades = colours({ ...scale, firsts: [1, 2, 3, 4, 5] });
  const words = { 4: say("heat_most"), 2: say("heat_middle"), 0: say("heat_few") };
  return [4, 2, 0].map((index) => ({ colour: shades[index], text: words[index], sign: "" }));
}
