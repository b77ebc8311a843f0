// Proofs: a record stands in the log's tree (RFC 6962), and is its subject's last one (tree of heads).
import { bigEndian, equal, join, need, sha, unbase64, unhex, utf8 } from "./check-bytes.js";
import { print } from "./check-json.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const leafHash = (entry) => sha(LEAF, entry);

/** The root over `size` leaves that a node at `index` leads to. path: base64, the leaf's sibling first. */
export async function treeRoot(node, index, size, path) {
  if (size <= 1) {
    need(size === 1 && index === 0 && path.length === 0, "proof");
    return node;
  }
  need(path.length > 0, "proof");
  let half = 1;
  while (half * 2 < size) half *= 2;
  const other = unbase64(path.at(-1));
  need(other.length === 32 && Number.isSafeInteger(index) && index >= 0 && index < size, "proof");
  const rest = path.slice(0, -1);
  if (index >= half) return sha(NODE, other, await treeRoot(node, index - half, size - half, rest));
  return sha(NODE, await treeRoot(node, index, half, rest), other);
}

/** Throws Refused unless record number `seq` is the subject's last. steps: [bits, sibling] from the root. */
export async function checkHead(steps, root, subject, seq, eventId) {
  const key = await sha(utf8("lotproof/subject/v1\n"), utf8(subject));
  need(steps.every((step) => step.length === 2), "not-whole", subject);
  const bits = steps.map((step) => step[0]);
  const rising = [...new Set(bits)].filter((n) => Number.isInteger(n) && n >= 0 && n < 256);
  need(print(bits) === print(rising.sort((one, other) => one - other)), "not-whole", subject);
  const value = await sha(bigEndian(seq, 8), unhex(eventId));
  let node = await sha(utf8("lotproof/heads-leaf/v1\n"), key, value);
  for (const [n, sibling] of [...steps].reverse()) {
    const other = unhex(sibling);
    const isRight = (key[n >> 3] >> (7 - (n & 7))) & 1;
    const pair = isRight ? join(other, node) : join(node, other);
    node = await sha(utf8("lotproof/heads-node/v1\n"), Uint8Array.of(n), firstBits(key, n), pair);
  }
  need(equal(node, root), "not-whole", subject);
}

/** The first `count` bits of a key, the rest zero. */
function firstBits(key, count) {
  return key.map((byte, n) => {
    const kept = Math.max(0, Math.min(8, count - 8 * n));
    return byte & (0xff00 >> kept);
  });
}
