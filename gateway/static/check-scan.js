// On the page of a code: keeps the check page for when there is no network, and leads a signed label to it.
const link = document.getElementById("check-here");
const fragment = /^#s1\./.test(location.hash) ? location.hash : "";
if (link && fragment) {
  link.href += fragment;
  document.getElementById("signed").hidden = false;
  document.getElementById("signed-link").href += fragment;
}
if (navigator.serviceWorker) {
  const worker = `/q/check-worker.js?lang=${document.documentElement.lang}`;
  navigator.serviceWorker.register(worker).catch(() => {
    // private windows refuse it: the page is as good without
  });
}
