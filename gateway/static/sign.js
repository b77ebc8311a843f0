// Signs a statement in the browser. The chosen key file is read here and nowhere else: the key is brought
// into WebCrypto so that it cannot be taken out again, signs the very text that the page shows, and only the
// signature is posted. Without scripts, or without Ed25519 in the browser, lotproof sign does the same.
"use strict";

const PEM = /-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----/;
const CONTEXT = "lotproof/event/v1\n";

const bytesOf = (base64) => Uint8Array.from(atob(base64.replace(/\s+/g, "")), (one) => one.charCodeAt(0));
const base64Of = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));

async function keyIn(file, words) {
  const text = await file.text();
  if (text.includes("BEGIN ENCRYPTED PRIVATE KEY")) throw new Error(words.encrypted);
  const found = PEM.exec(text);
  if (!found) throw new Error(words.unreadable);
  if (!globalThis.crypto || !crypto.subtle) throw new Error(words.unable);
  let der;
  try {
    der = bytesOf(found[1]);
  } catch {
    throw new Error(words.unreadable);
  }
  try {
    return await crypto.subtle.importKey("pkcs8", der, { name: "Ed25519" }, false, ["sign"]);
  } catch (error) {
    throw new Error(error.name === "NotSupportedError" ? words.unable : words.unreadable);
  } finally {
    der.fill(0);
  }
}

for (const part of document.querySelectorAll("[data-sign]")) {
  const input = part.querySelector("input[type=file]");
  const form = part.querySelector("form");
  const button = form.querySelector("button");
  const said = part.querySelector(".error");
  part.hidden = false;

  input.addEventListener("change", () => {
    said.hidden = true;
    button.disabled = input.files.length === 0;
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      const key = await keyIn(input.files[0], part.dataset);
      const body = document.getElementById("body").textContent;
      const signature = await crypto.subtle.sign("Ed25519", key, new TextEncoder().encode(CONTEXT + body));
      form.elements.signature.value = base64Of(signature);
      form.submit(); // the file input is no part of this form
    } catch (error) {
      said.textContent = error.message;
      said.hidden = false;
      button.disabled = false;
    }
  });
}
