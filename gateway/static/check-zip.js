// The one file of a lot pack (docs/lot-pack.md): read, and made again from its members byte by byte.
import { equal, hex, join, need, sha, utf8 } from "./check-bytes.js";
import { loads, print } from "./check-json.js";

const FORMATS = ["lotproof-pack/1", "lotproof-pack/2"];
const DATE = 33; // 1980-01-01
const LOCAL = 30; // bytes of a local header before the name
const FIRST = "pack.json";

/** {stated, members}: what pack.json says, and Map of name to bytes, pack.json first. Throws Refused. */
export async function readPack(data) {
  const size = new DataView(data.buffer, data.byteOffset).getUint32(22, true);
  let at = LOCAL + FIRST.length + size;
  need(data.length >= at && size > 0, "cut-off", FIRST, true);
  const members = new Map([[FIRST, data.slice(LOCAL + FIRST.length, at)]]);
  const stated = loads(members.get(FIRST), FIRST);
  need(FORMATS.includes(stated.format), "format", String(stated.format).slice(0, 40), true);
  const names = stated.members.map((one) => one.name);
  need(print(names) === print([...new Set(names)].sort()), "file", FIRST);
  for (const one of stated.members) {
    need(Number.isSafeInteger(one.size), "form", one.name);
    need(/^[ -~]+$/.test(one.name), "not-in-pack", one.name, true);
    const start = at + LOCAL + one.name.length;
    const content = data.slice(start, start + one.size);
    at = start + one.size;
    const isHere = equal(data.slice(start - one.name.length, start), utf8(one.name)) && at <= data.length;
    need(isHere, "not-in-pack", one.name, true);
    const found = { name: one.name, sha256: hex(await sha(content)), size: content.length };
    need(print(one) === print(found), "member-changed", one.name);
    members.set(one.name, content);
  }
  const whole = archive(members);
  const isCut = data.length < whole.length && equal(whole.slice(0, data.length), data);
  need(equal(whole, data), isCut ? "cut-off" : "file", "", isCut);
  return { stated, members };
}

/** The one zip of these members: stored one after the other, nothing between them. */
export function archive(members) {
  const parts = [];
  const directory = [];
  let at = 0;
  for (const [name, content] of members) {
    const title = utf8(name);
    const { length } = content;
    const sizes = [[crc32(content), 4], [length, 4], [length, 4], [title.length, 2], [0, 2]];
    const head = numbers([10, 2], [0, 2], [0, 2], [0, 2], [DATE, 2], ...sizes);
    const rest = numbers([0, 2], [0, 2], [0, 2], [0, 4], [at, 4]);
    directory.push(utf8("PK\x01\x02\n\0"), head, rest, title);
    parts.push(utf8("PK\x03\x04"), head, title, content);
    at += LOCAL + title.length + content.length;
  }
  const listed = join(...directory);
  const count = [members.size, 2];
  const end = numbers([0, 2], [0, 2], count, count, [listed.length, 4], [at, 4], [0, 2]);
  return join(...parts, listed, utf8("PK\x05\x06"), end);
}

/** Numbers one after the other, each in so many bytes, the lowest first. */
function numbers(...all) {
  const spelt = ([value, size]) => Uint8Array.from({ length: size }, (_, n) => Math.floor(value / 256 ** n) & 255);
  return join(...all.map(spelt));
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = TABLE[(value ^ byte) & 255] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
