// Canonical JSON: RFC 8785 without fractions and null. One value has one spelling.
import { decoded, equal, need, utf8 } from "./check-bytes.js";

const LONE_SURROGATE = /[\ud800-\udfff]/u; // half a character: UTF-8 has no bytes for it

/** The text that is hashed. Throws Refused for what has no canonical form here. */
export function print(value) {
  if (Array.isArray(value)) return `[${value.map(print).join(",")}]`;
  switch (typeof value) {
    case "boolean":
      return String(value);
    case "number":
      need(Number.isSafeInteger(value) && !Object.is(value, -0), "form", String(value));
      return String(value);
    case "string":
      need(!LONE_SURROGATE.test(value), "form");
      return JSON.stringify(value);
  }
  need(value !== null && typeof value === "object", "form", String(value));
  const members = Object.keys(value).sort(); // by UTF-16 code units, as RFC 8785 says
  return `{${members.map((name) => `${print(name)}:${print(value[name])}`).join(",")}}`;
}

export const dumps = (value) => utf8(print(value));

/** The value of canonical bytes: what is printed again must be the same bytes. */
export function loads(bytes, what) {
  let value;
  try {
    value = JSON.parse(decoded(bytes));
  } catch {
    need(false, "not-canonical", what);
  }
  need(equal(dumps(value), bytes), "not-canonical", what);
  return value;
}
