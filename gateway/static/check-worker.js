// Answers /q/CODE from a kept check page when there is no network, and does nothing else. It is asked for
// as /q/check-worker.js, so no other page of this server is ever under it.
"use strict";
const CACHE = "check-1";
const DAY_MS = 86400000;
const shell = `/check?lang=${new URL(self.location.href).searchParams.get("lang") || "en"}`;
const MODULES = ["bytes", "ed25519", "json", "keys", "link", "note", "pack", "tree", "whole", "zip"];
const FILES = [
  shell,
  "/static/site.css",
  "/static/console.css",
  "/static/check.css",
  "/static/check.js",
  "/static/mark.svg",
  ...MODULES.map((name) => `/static/check-${name}.js`),
];

// Without cookies: what is kept shows nobody's name.
async function keepAll() {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES.map((path) => new Request(path, { credentials: "omit" })));
}

/** Keys and words on the kept page are at most a day older than the last time that there was a network. */
async function renew() {
  const kept = await caches.match(shell);
  const at = kept ? Date.parse(kept.headers.get("date")) : NaN;
  if (!(Date.now() - at < DAY_MS)) await keepAll();
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keepAll());
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function answer(request) {
  try {
    const fresh = await fetch(request);
    if (request.mode === "navigate" && fresh.ok) renew().catch(() => {});
    return fresh;
  } catch (error) {
    const path = request.mode === "navigate" ? shell : new URL(request.url).pathname;
    const kept = await caches.match(path);
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && new URL(url).origin === self.location.origin) event.respondWith(answer(event.request));
});
