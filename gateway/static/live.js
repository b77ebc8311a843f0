// Shows what changed on the server without a reload: the part of the page marked data-live="seconds" is
// asked for again while somebody looks at it and types nothing into it. Without scripts, reload.
"use strict";
const live = () => document.getElementById("live");

async function refresh() {
  const part = live();
  const every = Number(part && part.dataset.live);
  if (!every) return;
  const busy = document.hidden || part.contains(document.activeElement);
  if (!busy) {
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("live");
      if (!fresh) return;
      live().replaceWith(document.adoptNode(fresh));
    } catch {
      // the server is away for a moment: the next round asks again
    }
  }
  setTimeout(refresh, every * 1000);
}

setTimeout(refresh, 1000 * (Number(live() && live().dataset.live) || 1));
