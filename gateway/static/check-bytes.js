// Bytes, their spellings, their hash, and what is said when something does not hold.

/** Why a check failed. reason: a word of the check page. what: which part, as the log calls it.
 *  missing: it could not be checked, which is not the same as wrong (docs/lot-pack.md, codes 4 and 3). */
export class Refused extends Error {
  constructor(reason, what = "", missing = false) {
    super(`${reason} ${what}`.trim());
    this.reason = reason;
    this.what = what;
    this.missing = missing;
  }
}

export function need(holds, reason, what = "", missing = false) {
  if (!holds) throw new Refused(reason, what, missing);
}

export const utf8 = (text) => new TextEncoder().encode(text);

/** Text of bytes that are strict UTF-8; a byte order mark stays where it is. */
export const decoded = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);

export function join(...parts) {
  const made = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}

export const equal = (one, other) =>
  one.length === other.length && one.every((byte, n) => byte === other[n]);

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** 32 bytes from exactly 64 lower-case hex digits. */
export function unhex(text) {
  need(typeof text === "string" && /^[0-9a-f]{64}$/.test(text), "form", String(text).slice(0, 80));
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}

export const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

/** Bytes of canonical, padded base64: each value has one spelling. */
export function unbase64(text) {
  let raw = "";
  try {
    raw = atob(text);
  } catch {
    throw new Refused("form", String(text).slice(0, 80));
  }
  need(btoa(raw) === text, "form", String(text).slice(0, 80));
  return Uint8Array.from(raw, (character) => character.charCodeAt(0));
}

export const sha = async (...parts) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));

/** A whole number as so many bytes, the highest first. */
export function bigEndian(number, size) {
  const made = new Uint8Array(size);
  for (let n = size - 1, rest = BigInt(number); n >= 0; n--, rest >>= 8n) made[n] = Number(rest & 255n);
  return made;
}
