// Pages that were opened, and what they show, without a network. Python itself is kept by the
// worker that runs it. With a network, nothing comes from here; and once a reader has said
// *Forget it*, the cache is gone, and nothing is kept.
"use strict";

const KEPT = "lstm-pages";
const root = new URL("./", location.href).href;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(clients.claim()));

const answer = async (request) => {
  try {
    const found = await fetch(request);
    if (found.status === 200 && (await caches.has(KEPT))) {
      const copy = found.clone();
      caches.open(KEPT).then((kept) => kept.put(request, copy)).catch(() => {});
    }
    return found;
  } catch (error) {
    const options = { cacheName: KEPT, ignoreSearch: true, ignoreVary: true };
    const found = await caches.match(request, options);
    if (found) return found;
    throw error;
  }
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(root)) return;
  const path = request.url.slice(root.length);
  // Of the site in lite/, only what pages use; not JupyterLite, which is not made for it.
  if (/^lite\/(?!files\/|[\w-]+\.(js|css)\b)/.test(path) || path.startsWith("lite/static/")) return;
  event.respondWith(answer(request));
});
