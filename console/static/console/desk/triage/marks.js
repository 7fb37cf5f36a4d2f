/** The mark of a state: a colour and a shape, as the table of states has them. */

import { svg } from "../../dom.js";

const SHAPES = {
  circle: () => [svg("circle", { cx: 12, cy: 12, r: 9 })],
  triangle: () => [svg("path", { d: "M12 3 22 20.500H2Z" })],
  diamond: () => [svg("path", { d: "M12 1.500 22.500 12 12 22.500 1.500 12Z" })],
  square: () => [svg("rect", { x: 3, y: 3, width: 18, height: 18, rx: 2 })],
  check: () => [svg("circle", { cx: 12, cy: 12, r: 10 }), sign("m7 12.400 3.400 3.500 6.800-7.400")],
  cross: () => [svg("circle", { cx: 12, cy: 12, r: 10 }), sign("m8 8 8 8M16 8l-8 8")],
};

/** Draw the mark of a state. */
export function stateMark({ colour, shape }, size = 18) {
  const about = { viewBox: "0 0 24 24", width: size, height: size, class: `state-mark ${colour}`, "aria-hidden": "true" };
  return svg("svg", about, (SHAPES[shape] ?? SHAPES.circle)());
}

function sign(d) {
  return svg("path", { d, class: "sign" });
}
