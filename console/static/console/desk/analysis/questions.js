/** The questions that the API answers to everybody: one request for each answer, given up when it is outdated. */

import { say } from "../../words.js";
import { during } from "../progress.js";

/** Return the address of a question. */
export function addressOf(question, parameters) {
  return `/api/${question}?${new URLSearchParams(parameters)}`;
}

/** Ask; throws an Error with a sentence for people, or AbortError. */
export function ask(question, parameters, signal) {
  return during(asked(addressOf(question, parameters), signal));
}

async function asked(address, signal) {
  const answer = await fetch(address, { signal, headers: { Accept: "application/json" } }).catch((error) => {
    throw error.name === "AbortError" ? error : new Error(say("offline"));
  });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(say("failed", { reason: body.detail ?? answer.statusText }));
  return body;
}
