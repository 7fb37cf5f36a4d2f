/** The offices that a case may be given to, offered while somebody types: asked for when they are first wanted. */

import { make } from "../../dom.js";
import { get } from "../api.js";

let known;

/** Fill a list of suggestions with every office, once. */
export async function fillOffices(list) {
  if (list.options.length) return;
  known ??= get("offices");
  const { offices } = await known.catch((error) => {
    known = undefined; // another time
    throw error;
  });
  if (list.options.length) return;
  list.append(...offices.map(({ code, title }) => make("option", { value: title, "data-code": code })));
}
