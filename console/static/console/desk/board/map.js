/** The map of shares: what the pointer or the keyboard is at is told below it, and both are marked. */

const list = new Map([...document.querySelectorAll(".listed [data-code]")].map((link) => [link.dataset.code, link]));
const shapes = new Map([...document.querySelectorAll(".choropleth [data-code]")].map((one) => [one.dataset.code, one]));
const readout = document.getElementById("readout");

/** Tell of a kelurahan, and mark it on the map; null: of none. */
function tell(code) {
  for (const shape of shapes.values()) shape.classList.toggle("marked", shape.dataset.code === code);
  const link = list.get(code);
  readout.textContent = link ? [...link.children].map((part) => part.textContent).join(": ") : readout.dataset.empty;
}

const map = document.querySelector(".choropleth");
map.addEventListener("pointerover", ({ target }) => tell(target.dataset.code ?? null));
map.addEventListener("pointerleave", () => tell(null));
map.addEventListener("click", ({ target }) => list.get(target.dataset.code)?.click());

const listed = document.querySelector(".listed");
for (const event of ["focusin", "pointerover"]) {
  listed.addEventListener(event, ({ target }) => tell(target.closest("[data-code]")?.dataset.code ?? null));
}
listed.addEventListener("focusout", () => tell(null));
