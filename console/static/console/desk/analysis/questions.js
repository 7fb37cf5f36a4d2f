/** Questions about reports: one request for each answer, given up when it is outdated. */

import { get } from "../api.js";
import { during } from "../progress.js";

/** Return the address at which anybody may ask the same. */
export function addressOf(question, parameters) {
  return `/api/${question}?${new URLSearchParams(parameters)}`;
}

/** Ask as this account; throws an Error with a sentence for people, or AbortError. */
export function ask(question, parameters, signal) {
  return during(get(`questions/${question}?${new URLSearchParams(parameters)}`, { signal }));
}
