// The bench goes on without waiting: a saved article is kept by the outbox and the form turns to the next
// one at once, with or without a network. Without scripts the form posts and the server answers with it.
"use strict";

const bench = (() => {
  const form = () => document.getElementById("measure");
  const root = () => document.getElementById("outbox").dataset.work;
  const GRADE_AFTER_MS = 400;
  let articles = []; // [slot, identifier, version] in the order of the lot
  let waiting = 0;

  async function begin() {
    if (!document.getElementById("outbox")) return;
    if ("serviceWorker" in navigator) {
      navigator.serviceWorker.register("/measure/bench-worker.js").catch(() => {});
    }
    for (const leave of document.querySelectorAll('form[action="/logout"]')) {
      leave.addEventListener("submit", () => caches.delete("bench-pages"));
    }
    const scan = document.querySelector("[data-scan]");
    scan.addEventListener("submit", scanned);
    if (form()) form().addEventListener("submit", saved);
    if (form()) form().addEventListener("input", typed);
    document.addEventListener("draft-sent", sent);
    await load();
    const slot = location.pathname.split("/articles/")[1];
    if (slot && form() && form().dataset.slot !== slot) turn(slot); // a kept page of another article
    keepPage();
  }

  async function load() {
    try {
      const answer = await fetch(`${root()}/index.json`);
      if (answer.ok) articles = (await answer.json()).articles;
    } catch {
      articles = [];
    }
    for (const draft of await outbox.pending()) mark(slotOf(draft.action), -1);
  }

  // The first page of a visit came before the service worker: ask once more, so that it is kept.
  async function keepPage() {
    if (!("serviceWorker" in navigator)) return;
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) await new Promise((done) => {
      navigator.serviceWorker.addEventListener("controllerchange", done, { once: true });
    });
    const parts = [...document.querySelectorAll("link[rel=stylesheet], script[src]")];
    const paths = [location.pathname, `${root()}/index.json`, ...parts.map((one) => one.href || one.src)];
    try {
      await Promise.all(paths.map((path) => fetch(path)));
      document.documentElement.dataset.offline = "ready";
    } catch {
      // the next page that is opened online is kept instead
    }
  }

  const slotOf = (action) => action.split("/articles/")[1];
  const entry = (slot) => articles.find((one) => one[0] === slot);

  function mark(slot, version) {
    const found = entry(slot);
    if (found) found[2] = version;
  }

  function sent(event) {
    mark(event.detail.slot, event.detail.version);
    if (form() && form().dataset.slot === event.detail.slot) form().elements.seen.value = event.detail.version;
  }

  function scanned(event) {
    const text = event.target.elements.q.value.trim();
    const found = articles.filter((one) => one[1] === text || one[0] === `u${text}`);
    const ends = found.length || text.length < 4 ? found : articles.filter((one) => one[1].endsWith(text));
    if (!form() || ends.length !== 1 || !single()) return; // the server looks for it
    event.preventDefault();
    event.target.reset();
    turn(ends[0][0]);
  }

  const single = () => form().dataset.single === "yes";

  async function saved(event) {
    if (event.submitter && event.submitter.hasAttribute("data-look")) return;
    if (!single() || !articles.length) return; // pieces of a style: the page shows what is left
    event.preventDefault();
    const slot = form().dataset.slot;
    const name = document.querySelector("[data-name]").textContent.trim();
    try {
      await outbox.keep(form(), name);
    } catch {
      form().submit(); // no room in this browser: the server takes it
      return;
    }
    mark(slot, -1);
    const next = after(slot);
    if (next) turn(next[0], form().elements.same.checked);
    else location.assign(root());
  }

  function after(slot) {
    const place = articles.findIndex((one) => one[0] === slot);
    const ring = [...articles.slice(place + 1), ...articles.slice(0, Math.max(place, 0))];
    return ring.find((one) => one[2] === 0);
  }

  // What is known of an article is fetched where there is a network; an unknown one begins empty.
  async function turn(slot, same = false) {
    const found = entry(slot);
    if (!found) return;
    const path = `${root()}/articles/${slot}`;
    if (found[2] !== 0 && navigator.onLine) {
      location.assign(path);
      return;
    }
    if (location.pathname !== path) history.pushState(null, "", path);
    const place = form();
    const kept = same ? [...new FormData(place)].filter(([name]) => /^m_/.test(name)) : [];
    place.reset();
    for (const field of place.querySelectorAll("input:not([type=hidden],[type=radio],[type=checkbox],[type=file])")) field.value = "";
    for (const field of place.querySelectorAll("[type=radio],[type=checkbox]")) field.checked = false;
    for (const field of place.querySelectorAll("select")) field.selectedIndex = 0;
    for (const field of place.querySelectorAll(".error, .error-summary, .thumbs")) field.remove();
    for (const [name, value] of kept) fill(place, name, value);
    if (same) place.elements.same.checked = true;
    place.action = path;
    place.setAttribute("action", path);
    place.dataset.slot = slot;
    place.elements.seen.value = Math.max(found[2], 0);
    place.elements.token.value = token();
    place.elements.device.value = "";
    const look = place.querySelector("[data-look]");
    if (look) look.setAttribute("formaction", `${path}/grade`);
    document.querySelector("[data-name]").textContent = found[1] || slot.slice(1);
    document.querySelector("[data-about]").textContent = "";
    const states = document.querySelector("[data-states]");
    if (states) states.replaceChildren();
    grade();
    const first = place.querySelector("input:not([type=hidden])");
    if (first) first.focus();
    scrollTo(0, 0);
  }

  function fill(place, name, value) {
    const field = place.elements[name];
    if (field) field.value = value; // of radios, the one that is so called
  }

  const token = () => [...crypto.getRandomValues(new Uint8Array(13))].map((one) => one.toString(16).padStart(2, "0")).join("");

  function typed() {
    clearTimeout(waiting);
    waiting = setTimeout(grade, GRADE_AFTER_MS);
  }

  // The server computes the grade, by the same rules as everybody who computes it again.
  async function grade() {
    const place = document.getElementById("grade");
    const look = form().querySelector("[data-look]");
    if (!place || !look) return;
    const body = new FormData(form());
    for (const name of ["photo", "photo_2"]) body.delete(name);
    try {
      const answer = await fetch(look.getAttribute("formaction"), { method: "POST", body, headers: { accept: "text/html" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("grade");
      if (fresh) place.replaceChildren(...document.adoptNode(fresh).childNodes);
    } catch {
      // without a network the grade appears when the article was sent
    }
  }

  return { begin };
})();

bench.begin();
