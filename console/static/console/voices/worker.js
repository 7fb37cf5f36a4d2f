/** The form's service worker: keeps its files, so that it opens without a line, and sends what waits. */

import { TAG, send } from "/static/console/voices/queue.js";

const { version, scope, pages, files } = self.SHELL;
const PREFIX = "report-form-";
const CACHE = PREFIX + version;
const PATIENCE_MS = 4_000; // for a page, before the one that is kept is shown

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("sync", (event) => {
  if (event.tag === TAG) event.waitUntil(sendAll());
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && pathname === scope) event.respondWith(freshOrKept(request));
  else if (files.includes(pathname)) event.respondWith(keptOrFresh(request));
});

/** Keep all that the form needs, as it is now. */
async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll([...pages, ...files].map((address) => new Request(address, { cache: "reload" })));
  await self.skipWaiting();
}

/** Throw away what former versions kept. */
async function tidy() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** Answer with the form as it is now; without a line, or on a slow one, as it was kept in that language. */
async function freshOrKept(request) {
  const fresh = fetch(request);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const answer = await Promise.race([fresh, late]).catch(() => null);
  if (answer) return answer;
  const cache = await caches.open(CACHE);
  return (await cache.match(request)) ?? (await cache.match(request, { ignoreSearch: true })) ?? fresh;
}

/** Answer with a file as it was kept: a change of it is another version of all of them. */
async function keptOrFresh(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request)) ?? fetch(request);
}

/** Send what waits; what is left makes the browser wake us again. */
async function sendAll() {
  if (await send()) throw new Error("some reports wait still");
}
