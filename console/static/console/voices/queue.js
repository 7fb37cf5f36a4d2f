/** Reports on this device that wait for a line: kept in IndexedDB, sent once by their key. Page and worker share it. */

const NAME = "reports-to-send";
const STORE = "reports";
const ADDRESS = "/api/reports";
const PATIENCE_MS = 90_000;
const KEPT_MS = 7 * 86_400_000; // of what was sent, so that its number can be looked up
const TRY_AGAIN = new Set([408, 425, 429]);

export const WAITING = "waiting";
export const SENT = "sent";
export const REFUSED = "refused";
export const TAG = "send-reports";

/** Open the database. */
function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "key" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

/** Do something with the store in one transaction; resolves with its result once all of it is written. */
async function within(mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const asked = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** Tell every page of the form that something changed. */
function announce() {
  const channel = new BroadcastChannel(NAME);
  channel.postMessage("changed");
  channel.close();
}

/** Call back when the queue changes, whoever changed it. */
export function watch(changed) {
  new BroadcastChannel(NAME).addEventListener("message", changed);
}

/** Put a report down: {key, fields, photo}. Resolves when it is safely on this device. */
export async function put({ key, fields, photo }) {
  const report = { key, fields, photo, state: WAITING, created_at: Date.now(), after: 0 };
  await within("readwrite", (store) => store.put(report));
  announce();
}

/** Return all reports, the newest first. */
export async function all() {
  const reports = await within("readonly", (store) => store.getAll());
  return reports.sort((one, other) => other.created_at - one.created_at);
}

/** Forget one. */
export async function remove(key) {
  await within("readwrite", (store) => store.delete(key));
  announce();
}

/** Note what became of one, unless it was deleted meanwhile. */
async function note(key, changes) {
  await within("readwrite", (store) => {
    const found = store.get(key);
    found.onsuccess = () => found.result && store.put({ ...found.result, ...changes });
  });
  announce();
}

/** Forget what was sent long ago. */
export async function tidy(now = Date.now()) {
  const old = (await all()).filter(({ state, created_at }) => state === SENT && created_at < now - KEPT_MS);
  for (const { key } of old) await remove(key);
}

/** Send what waits, oldest first, one sender at a time; resolves with how many still wait. */
export function send() {
  return navigator.locks.request(NAME, async () => {
    const waiting = (await all()).filter(({ state, after }) => state === WAITING && after <= Date.now());
    for (const report of waiting.reverse()) await sendOne(report);
    return (await all()).filter(({ state }) => state === WAITING).length;
  });
}

/** Send one. Sent again under its key it is the same report, so an answer that was lost does no harm. */
async function sendOne({ key, fields, photo }) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  if (photo) body.set("photo", photo, "photo.jpg");
  const headers = { "Idempotency-Key": key };
  let answer;
  let said;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    answer = await fetch(ADDRESS, { method: "POST", body, headers, signal });
    said = await answer.json();
  } catch {
    return; // no line, or it broke: it waits on
  }
  if (answer.ok) {
    await note(key, { state: SENT, number: said.report, page: said.page, photo: null });
  } else if (answer.status >= 500 || TRY_AGAIN.has(answer.status)) {
    const pause_s = Number(answer.headers.get("Retry-After")) || 30;
    await note(key, { after: Date.now() + pause_s * 1000 });
  } else {
    await note(key, { state: REFUSED, wrong: said.fields ?? null, detail: said.detail ?? "" });
  }
}
