/** The list from which a report was opened, so that its page knows what comes next: kept while the tab is open. */

const KEY = "desk-list";

/** Remember the numbers of a list, in its order. */
export function keep(ids) {
  sessionStorage.setItem(KEY, JSON.stringify(ids));
}

/** Return the number so many places further in the list; undefined where there is none. */
export function beside(id, places) {
  const ids = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  const at = ids.indexOf(id);
  return at < 0 ? undefined : ids[at + places];
}
