/** Panels of reasons, which lie over the page: open for as long as they are read, and folded by whatever comes next. */

const OPEN = ".reasons[open]";
let width = window.innerWidth; // a phone's height changes while one scrolls

function fold(isKept = () => false) {
  for (const panel of document.querySelectorAll(OPEN)) panel.open = isKept(panel);
}

document.addEventListener("click", ({ target }) => fold((panel) => panel.contains(target)));
document.addEventListener("keydown", ({ key }) => key === "Escape" && fold());
window.addEventListener("resize", () => {
  if (window.innerWidth !== width) fold();
  width = window.innerWidth;
});
