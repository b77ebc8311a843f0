// Whom to trust (C2SP tlog-policy), and tree heads that they signed (C2SP signed-note, tlog-checkpoint,
// tlog-cosignature).
import { decoded, equal, hex, join, need, sha, unbase64, utf8 } from "./check-bytes.js";
import { verify } from "./check-ed25519.js";

const CONTROL = /[\x00-\x08\x0b-\x1f\x7f]/;
const LOG = 1;
const WITNESS = 4;

/** How a signature line names a key: the name, and the first four bytes of a hash over name and key. */
export async function keyName(name, kind, raw) {
  return `${name} ${hex((await sha(utf8(`${name}\n`), Uint8Array.of(kind), raw)).slice(0, 4))}`;
}

export class Policy {
  quorum = "";
  keys = new Map(); // keyName -> {raw, own}; own: the policy's name of a witness, "" for the log
  #groups = new Map([["none", { least: 0, members: [] }]]); // a witness: one of nobody

  static async parse(text) {
    need(!CONTROL.test(text), "policy");
    const policy = new Policy();
    for (const line of text.split("\n")) {
      const words = line.split(/[ \t]/).filter((word) => word);
      if (words.length && !words[0].startsWith("#")) await policy.#take(words, line);
    }
    const logs = [...policy.keys.values()].filter((key) => !key.own);
    need(policy.quorum && logs.length, "policy", "", true);
    return policy;
  }

  async #take(words, line) {
    const [kind, name] = words;
    const isNew = name !== undefined && !this.#groups.has(name);
    if (kind === "log" && [2, 3].includes(words.length)) {
      await this.#add(name, LOG, "");
    } else if (kind === "witness" && isNew && [3, 4].includes(words.length)) {
      this.#groups.set(name, { least: 1, members: [] });
      await this.#add(words[2], WITNESS, name);
    } else if (kind === "group" && isNew && words.length >= 3) {
      this.#group(name, words[2], words.slice(3), line);
    } else {
      need(kind === "quorum" && words.length === 2 && !this.quorum && this.#groups.has(name), "policy", line);
      this.quorum = name;
    }
  }

  #group(name, rule, members, line) {
    const taken = [...this.#groups.values()].flatMap((group) => group.members);
    const named = [...taken, ...members, "none"];
    const least = { any: 1, all: members.length }[rule] ?? Number(rule);
    const spelt = ["any", "all", String(least)].includes(rule) && Number.isSafeInteger(least);
    const known = members.every((one) => this.#groups.has(one)) && new Set(named).size === named.length;
    need(spelt && known && least >= 1 && least <= members.length, "policy", line);
    this.#groups.set(name, { least, members });
  }

  async #add(vkey, kind, own) {
    const [name, id, ...rest] = vkey.split("+");
    const blob = unbase64(rest.join("+"));
    const raw = blob.slice(1);
    const known = [...this.keys.values()].some((key) => !key.own === !own && equal(key.raw, raw));
    const isKey = name && !/\s/.test(name) && blob.length === 33 && blob[0] === kind && !known;
    need(isKey && `${name} ${id}` === (await keyName(name, kind, raw)), "policy", vkey);
    this.keys.set(`${name} ${id}`, { raw, own });
  }

  /** To trust one key of the log is to trust the last of those that it handed over to. */
  follow(handed) {
    const trusted = [...this.keys.values()].filter((key) => !key.own);
    const raws = [...handed.values()].map((key) => key.raw);
    if (!raws.some((raw) => trusted.some((key) => equal(key.raw, raw)))) return;
    const [name, key] = [...handed].at(-1);
    this.keys.set(name, key);
  }

  /** Whether enough witnesses cosigned. present: Map of a witness's own name to when. */
  isMet(present, name = this.quorum) {
    const { least, members } = this.#groups.get(name);
    if (name !== "none" && !members.length) return present.has(name);
    return members.filter((one) => this.isMet(present, one)).length >= least;
  }
}

/** A signed tree head, opened with the keys that are trusted. Throws Refused. */
export async function openCheckpoint(bytes, keys, able) {
  const note = decoded(bytes);
  const end = note.lastIndexOf("\n\n");
  const text = note.slice(0, end + 1);
  const signatures = [...note.slice(end + 2).matchAll(/— ([^ \n]+) ([^ \n]+)\n/g)];
  const lines = text.slice(0, -1).split("\n");
  const printed = `${text}\n${signatures.map((line) => line[0]).join("")}`;
  const isNote = end > 0 && printed === note && lines.length >= 3 && lines.every((line) => line);
  need(isNote && !/[\x00-\x09\x0b-\x1f]/.test(note), "note");
  const size = Number(lines[1]);
  need(/^[1-9][0-9]*$/.test(lines[1]) && Number.isSafeInteger(size), "note");
  const head = { origin: lines[0], size, root: unbase64(lines[2]), signed: [], cosigned: new Map() };
  for (const [, name, coded] of signatures) {
    const blob = unbase64(coded);
    const key = keys.get(`${name} ${hex(blob.slice(0, 4))}`);
    if (key?.own) {
      const at = BigInt(`0x${hex(blob.slice(4, 12)) || "0"}`);
      const message = join(utf8(`cosignature/v1\ntime ${at}\n`), utf8(text));
      await verify(key.raw, blob.slice(12), message, name, able);
      head.cosigned.set(key.own, Number(at));
    } else if (key && name === head.origin) {
      await verify(key.raw, blob.slice(4), utf8(text), name, able);
      if (!head.signed.some((raw) => equal(raw, key.raw))) head.signed.push(key.raw); // a line twice is one
    }
  }
  need(head.signed.length, "not-signed", head.origin);
  return head;
}
