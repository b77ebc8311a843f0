// What was measured and not sent yet: kept in this browser, in order, until the server has taken it.
// Nothing is dropped but by whoever measured it. Only drafts go through here; a result is stated online.
"use strict";

const outbox = (() => {
  const NAME = "bench-outbox";
  const AGAIN_MS = 5000;
  const part = () => document.getElementById("outbox");
  const user = () => (part() ? part().dataset.user : "");
  let sending = false;

  function open() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("drafts", { keyPath: "id", autoIncrement: true });
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }

  async function within(mode, act) {
    const database = await open();
    try {
      return await new Promise((resolve, reject) => {
        const turn = database.transaction("drafts", mode);
        const asked = act(turn.objectStore("drafts"));
        turn.oncomplete = () => resolve(asked.result);
        turn.onabort = turn.onerror = () => reject(turn.error);
      });
    } finally {
      database.close();
    }
  }

  const all = () => within("readonly", (store) => store.getAll());
  const write = (draft) => within("readwrite", (store) => store.put(draft));
  const drop = (id) => within("readwrite", (store) => store.delete(id));

  // Durable when the promise is kept: the page may be closed then.
  async function keep(form, label) {
    const fields = [...new FormData(form)].filter(([name]) => name !== "csrf_token");
    const files = fields.filter(([, value]) => !(value instanceof File) || value.size);
    await write({ user: user(), action: form.getAttribute("action"), fields: files, label, trouble: "" });
    await show();
    send();
  }

  async function send() {
    if (sending || !part()) return;
    sending = true;
    try {
      for (const draft of await all()) {
        if (draft.user !== user() || draft.trouble) continue;
        if (!(await post(draft))) break; // in order: the next one waits, too
      }
    } finally {
      sending = false;
      await show();
    }
  }

  async function post(draft) {
    const body = new FormData();
    const token = document.querySelector("input[name=csrf_token]");
    body.append("csrf_token", token ? token.value : "");
    for (const [name, value] of draft.fields) body.append(name, value);
    let answer;
    try {
      answer = await fetch(draft.action, { method: "POST", body, headers: { accept: "application/json" } });
    } catch {
      return false; // no network: everything stays
    }
    if (answer.ok) {
      await drop(draft.id);
      const told = await answer.json();
      document.dispatchEvent(new CustomEvent("draft-sent", { detail: told }));
      await renumber(draft.action, told.version);
      return true;
    }
    if (answer.status === 403 || answer.status === 401) {
      part().querySelector("[data-sign-in]").hidden = false;
      return false;
    }
    if (answer.status >= 500 || answer.status === 429) return false;
    const told = await answer.json().catch(() => ({}));
    draft.trouble = told.slug === "measured-meanwhile" ? "moved" : told.slug === "work-closed" ? "closed" : "refused";
    draft.standing = told.standing ? told.standing.version : 0;
    await write(draft);
    return true;
  }

  // A later draft of the same article was made on what this very one has just become.
  async function renumber(action, version) {
    for (const draft of await all()) {
      if (draft.action === action && draft.user === user()) await write(seen(draft, version));
    }
  }

  function seen(draft, version) {
    draft.fields = draft.fields.map(([name, value]) => [name, name === "seen" ? String(version) : value]);
    return draft;
  }

  async function show() {
    const place = part();
    if (!place) return;
    const drafts = await all();
    const own = drafts.filter((draft) => draft.user === user());
    const list = place.querySelector("[data-troubles]");
    place.querySelector("[data-count]").textContent = String(own.length);
    place.querySelector("[data-waiting]").hidden = !own.length;
    place.querySelector("[data-offline]").hidden = navigator.onLine;
    place.querySelector("[data-others]").hidden = drafts.length === own.length;
    list.replaceChildren(...own.filter((draft) => draft.trouble).map(line));
    place.hidden = !drafts.length && navigator.onLine;
  }

  function line(draft) {
    const place = part();
    const item = place.querySelector("template[data-trouble]").content.cloneNode(true).firstElementChild;
    item.querySelector("[data-slot]").textContent = draft.label;
    item.querySelector("[data-why]").textContent = place.querySelector(`[data-says-${draft.trouble}]`).textContent;
    const again = item.querySelector("[data-keep]");
    again.hidden = draft.trouble !== "moved";
    again.addEventListener("click", async () => {
      draft.trouble = "";
      await write(seen(draft, draft.standing));
      send();
    });
    item.querySelector("[data-drop]").addEventListener("click", async () => {
      await drop(draft.id);
      show();
    });
    return item;
  }

  // One tablet, many hands: pages that were kept while somebody else worked here are not for this one.
  async function forgetOthers() {
    const before = localStorage.getItem("bench-user");
    if (before === user()) return;
    if (before && "caches" in window) await caches.delete("bench-pages");
    localStorage.setItem("bench-user", user());
  }

  function begin() {
    if (!part() || !("indexedDB" in window)) return;
    forgetOthers();
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
    addEventListener("online", send);
    addEventListener("offline", show);
    setInterval(send, AGAIN_MS);
    send();
  }

  return { begin, keep, pending: all, show };
})();

outbox.begin();
