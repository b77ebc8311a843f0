// A whole lot pack, step by step, as verify_lot.py does it: docs/lot-pack.md says what and why.
import { Refused, bigEndian, decoded, equal, hex, join, need, sha, unhex, utf8 } from "./check-bytes.js";
import { isSupported } from "./check-ed25519.js";
import { dumps, loads, print } from "./check-json.js";
import { Keys } from "./check-keys.js";
import { Policy, keyName, openCheckpoint } from "./check-note.js";
import { leafHash, treeRoot } from "./check-tree.js";
import { checkWhole } from "./check-whole.js";
import { readPack } from "./check-zip.js";

export const STEPS = ["file", "checkpoint", "records", "whole", "signatures", "private"];
const PARTS = ["checkpoint", "index.html", "openings.json", "policy", "rows.json", "verify_lot.py", "whole.json"];
const FACTS = ["<!-- facts -->\n", "<!-- end of facts -->\n"];

/** Check a pack. Throws Refused, its step in `step`.
 *
 *  policy: text of a tlog-policy that the reader trusts. known: SHA-256, hex, of pages and programs that
 *  packs may carry. tell(step, count): called as each step passes. Returns what is proved; able: whether
 *  signatures were checked.
 */
export async function checkPack(data, { policy, known = [], tell = () => {} }) {
  const able = await isSupported();
  let step = "checkpoint";
  const passed = (count) => {
    tell(step, count);
    step = STEPS[STEPS.indexOf(step) + 1];
  };
  try {
    const trusted = await trustedPolicy(policy);
    step = "file";
    const pack = await readPack(data);
    const indexes = checkParts(pack.members);
    passed(pack.members.size);
    const { head, handed } = await checkTree(pack, trusted, able);
    passed(head.cosigned.size);
    const records = [];
    for (const index of indexes) records.push(await readRecord(index, pack.members, head));
    passed(records.length);
    const whole = loads(pack.members.get("whole.json"), "whole.json");
    passed(await checkWhole(pack.stated.lot, records, whole, head.size));
    const keys = await checkSignatures(records, head, handed, able);
    passed(keys.signatures);
    passed(await checkPrivate(pack, records, known));
    return { able, head, lot: pack.stated.lot, records };
  } catch (error) {
    const refused = error instanceof Refused ? error : new Refused("form", String(error).slice(0, 120));
    refused.step = step;
    throw refused;
  }
}

/** What is trusted is the reader's own: where it cannot be used, nothing is wrong with the pack. */
async function trustedPolicy(text) {
  try {
    return await Policy.parse(text);
  } catch (error) {
    throw new Refused("policy", error.what, true);
  }
}

/** Indexes of the records. Every member of the table is there, and nothing else. */
function checkParts(members) {
  const names = [...members.keys()];
  const found = names.filter((name) => name.startsWith("records/"));
  const indexes = [...new Set(found.map((name) => Number(name.slice(8).split(".")[0])))];
  need(indexes.every(Number.isSafeInteger), "form", "records");
  indexes.sort((one, other) => one - other);
  const records = indexes.flatMap((n) => [`records/${n}.json`, `records/${n}.tlog-proof`]);
  const handovers = names.filter((name) => name.startsWith("log-keys/"));
  const files = names.filter((name) => name.startsWith("documents/"));
  const expected = [...PARTS, ...records];
  for (const name of expected) need(members.has(name), "not-in-pack", name, true);
  const numbered = handovers.map((_, n) => `log-keys/${n + 1}.tlog-proof`);
  const all = new Set(["pack.json", ...expected, ...numbered, ...files]);
  need(all.size === members.size && names.every((name) => all.has(name)), "file");
  return indexes;
}

/** The signed tree, by the keys that are trusted, or those that they handed over to. */
async function checkTree({ stated, members }, trusted, able) {
  const changes = [...members.keys()].filter((name) => name.startsWith("log-keys/")).length;
  const names = Array.from({ length: changes }, (_, n) => `log-keys/${n + 1}.tlog-proof`);
  const handed = changes ? await handOver(members, stated.origin, names, able) : new Map();
  let head = null;
  for (const one of [await Policy.parse(decoded(members.get("policy"))), trusted]) {
    if (handed.size) one.follow(handed);
    head = await openCheckpoint(members.get("checkpoint"), one.keys, able);
    need(one.isMet(head.cosigned), "quorum", one.quorum);
  }
  const format = changes ? "lotproof-pack/2" : "lotproof-pack/1";
  const { origin, size } = head;
  const same = { ...stated, format, origin, root: hex(head.root), tree_size: size };
  need(Object.keys(stated).length === 6 && print(stated) === print(same), "other-tree", "pack.json");
  return { head, handed };
}

/** The log's keys: each, and the next, signed a tree with the entry that names the next. */
async function handOver(members, origin, names, able) {
  const keys = new Map();
  let size = 0;
  for (const name of ["", ...names]) {
    const proof = name ? decoded(members.get(name)) : "";
    const index = name ? Number(proof.split("\n")[1].slice(6)) : 0;
    const record = `records/${index}.json`;
    need(members.has(record), "not-in-pack", record, true);
    const raw = unhex(loads(members.get(record), record).body.data.log_key);
    keys.set(await keyName(origin, 1, raw), { raw, own: "" });
    if (!name) continue;
    const note = utf8(proof.slice(proof.indexOf("\n\n") + 2));
    const head = await openCheckpoint(note, new Map([...keys].slice(-2)), able);
    const path = new Map([...members, ["checkpoint", note]]);
    await readRecord(index, path.set(`records/${index}.tlog-proof`, members.get(name)), head);
    need(head.signed.length === 2 && index >= size, "log-key", `entry ${index}`);
    size = head.size;
  }
  return keys;
}

/** One entry: a leaf whose place in the signed tree is proved (C2SP tlog-proof). */
async function readRecord(index, members, head) {
  const what = `entry ${index}`;
  const bytes = members.get(`records/${index}.json`);
  const proof = members.get(`records/${index}.tlog-proof`);
  const note = members.get("checkpoint");
  const top = String.fromCharCode(...proof.slice(0, Math.max(0, proof.length - note.length)));
  const path = top.split("\n\n")[0].split("\n").slice(2);
  const printed = ["c2sp.org/tlog-proof@v1", `index ${index}`, ...path, "", ""].join("\n");
  const isOfThis = top === printed && equal(proof.slice(top.length), note);
  need(isOfThis, "proof", what);
  let root = null;
  try {
    root = await treeRoot(await leafHash(bytes), index, head.size, path);
  } catch {
    throw new Refused("proof", what);
  }
  need(equal(root, head.root), "not-in-tree", what);
  const leaf = loads(bytes, what);
  const { body, log, sigs } = leaf;
  const signers = body.signers;
  need(signers.length && new Set(signers.map((one) => one.key)).size === sigs.length, "form", what);
  need(log.i === index && body.origin === head.origin, "other-tree", what);
  const chains = new Map(body.subjects.map((link) => [link.id, link]));
  const named = [...body.refs.map((one) => one.id), ...signers.map((one) => one.party), ...chains.keys()];
  if (body.data.worker_party) named.push(body.data.worker_party);
  const id = hex(await sha(utf8("lotproof/event-id/v1\n"), dumps(body)));
  return { index, what, leaf, body, log, sigs, signers, chains, named, id, type: body.type, data: body.data };
}

async function checkSignatures(records, head, handed, able) {
  let before = "";
  for (const { log, what } of records) {
    need(typeof log.rec === "string" && log.rec >= before, "time", what);
    before = log.rec;
  }
  const keys = new Keys(able);
  for (const record of records) await keys.take(record);
  const raws = [...handed.values()].map((key) => key.raw);
  need(keys.fit(raws, head.signed), "log-key");
  return keys;
}

/** Opened values, rows, documents and every word of index.html are what the records say. */
async function checkPrivate({ stated, members }, records, known) {
  const [openings, rows] = ["openings.json", "rows.json"].map((name) => loads(members.get(name), name));
  const byId = new Map(records.map((record) => [record.id, record]));
  for (const one of openings) await checkOpening(one, byId);
  for (const one of rows) await checkRow(one, byId);
  for (const shown of [openings, rows]) {
    const lines = shown.map(print);
    need(print(lines) === print([...new Set(lines)].sort()), "form", "rows.json");
    need(shown.every((one) => Object.keys(one).length === 4), "form", "rows.json");
  }
  const files = [...members.keys()].filter((name) => name.startsWith("documents/"));
  const papers = records.filter((record) => record.type === "document.issued");
  const issued = new Map(papers.map((one) => [`documents/${one.index}-${one.data.kind}.pdf`, one.data.sha256]));
  for (const name of files) need(issued.get(name) === hex(await sha(members.get(name))), "document", name);
  await checkPage(members, await facts(stated, records, openings, rows, files), known);
  return openings.length + rows.length + files.length;
}

async function checkOpening(one, byId) {
  const record = byId.get(one.event_id);
  need(record, "opening", one.field);
  const name = utf8(one.field);
  const head = join(utf8("lotproof/commit/v1\n"), unhex(one.salt), bigEndian(name.length, 4), name);
  need(hex(await sha(head, dumps(one.value))) === record.body.commit[one.field], "opening", record.what);
}

/** Throws Refused unless the row stands under the root that its record states. byId: event id -> record. */
export async function checkRow(one, byId) {
  const record = byId.get(one.event_id);
  need(record, "row", one.event_id);
  const { data } = record;
  const made = [...(data.children ?? []), ...(data.child ? [data.child] : [])];
  const part = one.part === "" ? (data.remaining ?? data) : made.find((lot) => lot.id === one.part);
  const told = part?.manifest;
  need(told && Number.isSafeInteger(one.row.n), "row", record.what);
  const root = await treeRoot(await leafHash(dumps(one.row)), one.row.n, told.count, one.path);
  need(equal(root, unhex(told.rows_root)), "row", `${record.what}, ${one.row.n}`);
}

async function checkPage(members, lines, known) {
  const page = decoded(members.get("index.html"));
  const begin = page.indexOf(FACTS[0]);
  const end = page.indexOf(FACTS[1], begin);
  need(begin >= 0 && end > begin, "page", "index.html");
  const said = page.slice(begin + FACTS[0].length, end);
  const words = page.slice(0, begin) + FACTS.join("") + page.slice(end + FACTS[1].length);
  need(known.includes(hex(await sha(utf8(words)))), "page", "index.html");
  need(said === escaped(`${lines.join("\n")}\n`), "page", "index.html");
  need(known.includes(hex(await sha(members.get("verify_lot.py")))), "page", "verify_lot.py");
}

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };
const escaped = (text) => text.replace(/[&<>"']/g, (character) => ESCAPES[character]);

/** What the pack shows, line by line, as index.html has it. */
async function facts(stated, records, openings, rows, files) {
  const { lot, origin, tree_size: size, root } = stated;
  const lines = [lot, `log ${origin}: ${size} entries, root ${root}`];
  const revoked = records.filter((one) => one.type === "key.revoked").map((one) => one.data);
  for (const { index, id, log, signers, type, data } of records) {
    const bad = revoked.filter((one) => (one.distrust_from_index ?? Infinity) <= index).map((one) => one.key);
    const mark = signers.some((one) => bad.includes(one.key)) ? "  DISTRUSTED" : "";
    const who = signers.map((one) => `${one.role} ${one.party.slice(6, 14)}`).join(", ");
    lines.push(`${String(index).padStart(7)}  ${log.rec}  ${type}  by ${who}${mark}`);
    const told = [["says", data]];
    for (const one of openings) if (one.event_id === id) told.push([one.field, one.value]);
    for (const one of rows) if (one.event_id === id) told.push(["row", one.row]);
    for (const name of files) if (name.startsWith(`documents/${index}-`)) told.push(["file", name]);
    for (const [name, value] of told) {
      lines.push(`${name.padStart(18)}: ${[...print(value)].slice(0, 600).join("")}`);
    }
  }
  return lines;
}
