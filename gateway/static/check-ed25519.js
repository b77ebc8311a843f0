// Strict Ed25519 (RFC 8032, without cofactor): the browser's own, and what browsers do not look at.
import { hex, need, unhex, utf8 } from "./check-bytes.js";

const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const SIGN = 2n ** 255n;
// Under a key of small order one signature would fit many messages.
const SMALL_ORDER = [
  0n,
  1n,
  P - 1n,
  littleEndian(unhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")),
  littleEndian(unhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")),
];

function littleEndian(bytes) {
  return BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`);
}

async function holds(key, signature, message) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
}

/** Whether this browser can check such signatures at all: it does one whose answer is known. */
export async function isSupported() {
  try {
    // RFC 8032 §7.1, test 1: the empty message.
    const key = unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    const signature = new Uint8Array([
      ...unhex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"),
      ...unhex("5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ]);
    return (await holds(key, signature, utf8(""))) && !(await holds(key, signature, utf8("x")));
  } catch {
    return false;
  }
}

/** Throws Refused. key: 32 bytes. able: false where the browser cannot; then only form is looked at. */
export async function verify(key, signature, message, whose, able = true) {
  need(key.length === 32, "key-weak", whose);
  const y = littleEndian(key) % SIGN;
  need(y < P && !SMALL_ORDER.includes(y), "key-weak", whose);
  need(signature.length === 64 && littleEndian(signature.slice(32)) < ORDER, "signature", whose);
  if (!able) return;
  let good = false;
  try {
    good = await holds(key, signature, message);
  } catch {
    good = false; // 32 bytes that are no point of the curve
  }
  need(good, "signature", whose);
}
