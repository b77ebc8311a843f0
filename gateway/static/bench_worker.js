// Keeps the pages of a bench for the time without a network. Scope: /measure/. What is sent goes to the
// server alone (outbox.js keeps it); what is shown comes from the server whenever it answers.
"use strict";
const PAGES = "bench-pages";
const OURS = /^\/measure\/[0-9a-z]{20}(\/articles\/[a-z0-9]+|\/index\.json)?$/;
const PARTS = /^\/static\/[\w.-]+$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (OURS.test(address.pathname)) event.respondWith(page(request, address));
  else if (PARTS.test(address.pathname)) event.respondWith(part(request));
});

async function page(request, address) {
  const kept = await caches.open(PAGES);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await kept.put(address.pathname, answer.clone());
    else if (answer.status === 403) await caches.delete(PAGES); // signed out: nothing of it stays here
    return answer;
  } catch (error) {
    const found = await kept.match(address.pathname) || await another(kept, address.pathname);
    if (found) return found;
    throw error;
  }
}

// Every article of a work order has the same form: measure.js puts the right one into it.
async function another(kept, path) {
  const work = path.split("/").slice(0, 3).join("/");
  const isArticle = path.startsWith(`${work}/articles/`);
  for (const request of isArticle ? await kept.keys() : []) {
    if (new URL(request.url).pathname.startsWith(`${work}/articles/`)) return kept.match(request);
  }
  return undefined;
}

async function part(request) {
  const kept = await caches.open(PAGES);
  try {
    const answer = await fetch(request);
    if (answer.ok) await kept.put(request, answer.clone());
    return answer;
  } catch (error) {
    const found = await kept.match(request);
    if (found) return found;
    throw error;
  }
}
