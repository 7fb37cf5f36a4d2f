/** Questions about reports: one request for each answer, given up when it is outdated. */

import { get } from "../api.js";
import { during } from "../progress.js";

const TRIES = 5;
const LONGEST_S = 3; // that somebody who looks at a map waits without a word

/** Return the address at which anybody may ask the same. */
export function addressOf(question, parameters) {
  return `/api/${question}?${new URLSearchParams(parameters)}`;
}

/** Ask as this account; throws an Error with a sentence for people, or AbortError. */
export function ask(question, parameters, signal) {
  return gather(`questions/${question}?${new URLSearchParams(parameters)}`, signal);
}

/** Ask for a document of staff in the same way. */
export function gather(address, signal) {
  return during(patiently(() => get(address, { signal }), signal));
}

/** Ask again, some times, where a server that is busy says when: who moves a handle meets that with nobody's fault. */
async function patiently(call, signal) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error.againS > 0 && error.againS <= LONGEST_S) || tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, error.againS * 1000));
      signal?.throwIfAborted();
    }
  }
}
