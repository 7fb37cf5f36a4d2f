/** The API of staff, as this page's account: JSON in and out, errors as sentences. */

import { say } from "../words.js";

const UNAUTHORISED = 401;

/** What the API refused or could not do; `status` is 0 where it was not reached; `againS`: when to ask again, 0 if never. */
export class Refused extends Error {
  constructor(message, status, problem = {}, againS = 0) {
    super(message);
    this.status = status;
    this.problem = problem;
    this.againS = againS;
  }
}

/** Ask for a document below /api/staff/. */
export function get(address, options = {}) {
  return call("GET", address, undefined, options);
}

/** Send a document, or a picture (a Blob) as it is, below /api/staff/; the answer's document comes back. */
export function post(address, body = {}, options = {}) {
  return call("POST", address, body, options);
}

/** Remove what lies at an address below /api/staff/. */
export function remove(address, options = {}) {
  return call("DELETE", address, undefined, options);
}

/** Ask for a file below /api/staff/: a Blob. */
export async function file(address) {
  return (await answered("GET", address, { Accept: "*/*" })).blob();
}

/** Return what the public API brings, which is asked for by `ask`; a server that is not reached is the same sentence. */
export function reached(promise) {
  return promise.catch((error) => {
    throw error instanceof TypeError || error.name === "TimeoutError" ? new Refused(say("offline"), 0) : error;
  });
}

/** Call an address; returns the document that it answers with. */
async function call(method, address, body, { signal } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = body instanceof Blob ? body.type : "application/json";
  if (method !== "GET") headers["X-CSRFToken"] = document.querySelector("meta[name=csrf]").content;
  const sent = body === undefined || body instanceof Blob ? body : JSON.stringify(body);
  return (await answered(method, address, headers, { signal, body: sent })).json();
}

/** Return what an address answers; throws Refused with a sentence for people. */
async function answered(method, address, headers, options = {}) {
  const answer = await fetch(`/api/staff/${address}`, { method, headers, ...options }).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Refused(say("offline"), 0);
  });
  if (answer.ok) return answer;
  if (answer.status === UNAUTHORISED) throw new Refused(say("logged_out"), UNAUTHORISED);
  const problem = await answer.json().catch(() => ({}));
  throw new Refused(say("failed", { reason: problem.detail ?? answer.statusText }), answer.status, problem, Number(answer.headers.get("Retry-After")));
}
