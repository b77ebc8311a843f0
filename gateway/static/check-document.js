// Compares a file with the issued one inside the browser: nothing is sent. Without scripts the page says
// how to compare by hand.
import { hex, sha } from "./check-bytes.js";

const part = document.getElementById("compare");
const input = part.querySelector("input");
const said = [...part.querySelectorAll("[data-said]")];
const forms = JSON.parse(part.dataset.forms);
const BYTES_MAX = 64 * 1024 * 1024;

function show(word, detail = "") {
  for (const one of said) {
    one.hidden = one.dataset.said !== word;
    const place = one.querySelector("[data-detail]");
    if (place) place.textContent = detail;
  }
}

async function compare(file) {
  if (!file) return;
  if (file.size > BYTES_MAX) return show("large");
  show("running");
  try {
    const found = hex(await sha(new Uint8Array(await file.arrayBuffer())));
    const form = forms.find((one) => one[1] === found);
    show(form ? "same" : "other", form ? form[0].toUpperCase() : found);
  } catch {
    show("unable");
  }
}

if (globalThis.crypto?.subtle) {
  part.hidden = false;
  input.addEventListener("change", () => compare(input.files[0]));
  part.addEventListener("dragover", (event) => event.preventDefault());
  part.addEventListener("drop", (event) => {
    event.preventDefault();
    compare(event.dataTransfer.files[0]);
  });
}
