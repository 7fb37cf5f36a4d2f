/** Colours by light and by dark for a canvas, which knows one at a time. */

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const probe = document.createElement("span");
const known = new Map();
probe.hidden = true;
document.body.append(probe);

/** Return a colour as it is in the scheme of the moment; each is computed once. */
export function resolved(colour) {
  if (!known.has(colour)) {
    probe.style.color = colour;
    known.set(colour, getComputedStyle(probe).color);
  }
  return known.get(colour);
}

/** Hear when the scheme is another. */
export function whenChanged(tell) {
  dark.addEventListener("change", () => {
    known.clear();
    tell();
  });
}
