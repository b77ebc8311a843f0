// Of every history that a lot rests on all records are shown, and no others (docs/lot-pack.md, step 4).
import { need, unhex } from "./check-bytes.js";
import { print } from "./check-json.js";
import { checkHead } from "./check-tree.js";

const START = "0".repeat(64);

/** Throws Refused. proofs: of whole.json. Returns how many histories were proved whole. */
export async function checkWhole(lot, records, proofs, size) {
  const first = records[0];
  const last = records.at(-1);
  need(first?.index === 0 && last.index === size - 1, "ends-missing", "", true);
  need(last.type === "log.heads" && last.data.through === size - 1, "not-whole", last.what);
  const chains = new Map();
  for (const record of records) {
    for (const name of record.chains.keys()) chains.set(name, [...(chains.get(name) ?? []), record]);
  }
  const rests = restsOn(lot, records, chains);
  for (const name of rests) {
    const mayBeEmpty = name.startsWith("party:") && name !== first.data.operator;
    need(chains.has(name) || mayBeEmpty, "not-in-pack", name, true);
  }
  const names = [...rests].filter((name) => chains.has(name)).sort();
  const shown = new Map(proofs.map((proof) => [proof.subject, proof.steps]));
  for (const name of names) need(shown.has(name), "not-in-pack", name, true);
  for (const name of names) {
    const end = checkChain(name, chains.get(name));
    await checkHead(shown.get(name), unhex(last.data.root), name, chains.get(name).length - 1, end);
  }
  const idle = records.slice(1, -1).find((one) => ![...one.chains.keys()].some((name) => rests.has(name)));
  need(!idle, "idle", idle?.what);
  const expected = names.map((name) => ({ steps: shown.get(name), subject: name }));
  need(print(proofs) === print(expected), "not-whole", "whole.json");
  return names.length;
}

/** The event id that a history ends with. */
function checkChain(name, chain) {
  let before = START;
  for (const [seq, record] of chain.entries()) {
    const link = record.chains.get(name);
    need(link.seq === seq, "not-in-pack", `${name} ${seq}`, true);
    need(link.prev === before, "chain", record.what);
    before = record.id;
  }
  return before;
}

/** Every subject that the lot's records lead to; of lots only those that it came out of. */
function restsOn(lot, records, chains) {
  const first = records[0];
  const rests = new Set();
  const lots = new Set([lot]);
  const stated = records.filter((one) => one.type === "evidence.stated" && one.named.includes(lot));
  const todo = [lot, first.data.operator, ...first.named, ...records.at(-1).named];
  todo.push(...stated.flatMap((one) => one.named));
  while (todo.length) {
    const name = todo.pop();
    if (rests.has(name) || (name.startsWith("lot:") && !lots.has(name))) continue;
    rests.add(name);
    for (const record of chains.get(name) ?? []) {
      const children = [...(record.data.children ?? []), record.data.child].filter(Boolean);
      const made = new Set(children.map((one) => one.id));
      const joins = ["lot.merged", "lot.bundled"].includes(record.type);
      if (made.size && (joins || record.chains.get(name).seq === 0)) {
        for (const parent of record.chains.keys()) if (!made.has(parent)) lots.add(parent);
      }
      todo.push(...record.named, ...lots);
    }
  }
  return rests;
}
