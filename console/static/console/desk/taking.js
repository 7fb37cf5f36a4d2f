/** Files that are made when they are asked for: fetched behind the bar, then saved; what goes wrong is a sentence. */

import { file } from "./api.js";
import { during } from "./progress.js";
import { complain } from "./toast.js";

const API = "/api/staff/";

/** Take along what a link of the API leads to; one that is opened elsewhere is the browser's. */
export function onTake(event) {
  const link = event.target.closest("a[download]");
  if (!link?.pathname.startsWith(API) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const address = link.pathname.slice(API.length) + link.search;
  during(file(address)).then((blob) => save(blob, link.download), complain);
}

/** Save something as a file. */
export function save(blob, name) {
  const link = document.createElement("a");
  [link.href, link.download] = [URL.createObjectURL(blob), name];
  link.click();
  URL.revokeObjectURL(link.href);
}
