/** Elements made without markup: what arrives from outside is only ever text. */

const SVG = "http://www.w3.org/2000/svg";

/** Make an HTML element; attributes that are functions listen, null ones are left out, strings become text. */
export function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Make an SVG element. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Set attributes and append children; returns the element. */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/** Read what the page carries as JSON under an id. */
export function carried(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

/** Turn a line of HTML into text and links to the web; everything else in it is dropped. */
export function textAndLinks(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  return [...parsed.body.childNodes].map((node) =>
    node.nodeName === "A" && /^https?:\/\//.test(node.getAttribute("href") ?? "")
      ? make("a", { href: node.getAttribute("href"), rel: "noopener" }, node.textContent)
      : node.textContent,
  );
}
