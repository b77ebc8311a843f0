// Which key may sign what, judged by index alone, from entry 0 on (docs/lot-pack.md, step 5).
import { equal, hex, join, need, sha, unbase64, unhex, utf8 } from "./check-bytes.js";
import { dumps } from "./check-json.js";
import { verify } from "./check-ed25519.js";

const GOVERNING = ["log", "registrars", "party", "key"];
const FREE_ROLES = ["registrar", "new_key", "heads"];
const pair = (party, key) => JSON.stringify([party, key]);
const isWithin = (some, all) => [...some].every((one) => all.has(one));

export class Keys {
  logKeys = [];
  signatures = 0;
  #keys = new Map(); // key id -> {raw, party, scopes, ended}
  #registrars = new Map(); // pair -> raw
  #quorum = 0;
  #heads = new Uint8Array();
  #operator = "";

  constructor(able) {
    this.able = able;
  }

  /** Check a record's signatures and the right to make them; then note what it says of keys. */
  async take(record) {
    const by = new Map();
    const governs = GOVERNING.includes(record.type.split(".")[0]);
    const loose = await this.#looseKeys(record.data);
    need(record.signers.length === record.sigs.length, "form", record.what);
    const message = join(utf8("lotproof/event/v1\n"), dumps(record.body));
    for (const [n, one] of record.signers.entries()) {
      const own = this.#keys.get(one.key);
      const raw = own?.raw ?? loose.get(one.key) ?? new Uint8Array();
      await verify(raw, unbase64(record.sigs[n]), message, record.what, this.able);
      this.signatures += 1;
      need(this.#may(one, own, record, governs), "key-may-not", record.what);
      by.set(one.role, (by.get(one.role) ?? new Set()).add(pair(one.party, one.key)));
    }
    if (record.type === "log.heads") await this.#heeds(record, by);
    else if (governs) await this.#agree(record, by);
  }

  #may(one, own, record, governs) {
    const inForce = own !== undefined && own.party === one.party && own.ended >= record.index;
    const scoped = governs ? one.role === "old_key" : own?.scopes.includes(`${record.type}:${one.role}`);
    const isFree = FREE_ROLES.includes(one.role) || (one.role === "old_key" && own === undefined);
    return (inForce && scoped) || (governs && isFree);
  }

  /** Keys that no key.registered names: registrars', the heads key, and those that this record brings. */
  async #looseKeys(data) {
    const named = [...(data.registrars ?? []), data].filter((one) => "public_key" in one);
    const raws = [...this.#registrars.values(), ...named.map((one) => unhex(one.public_key)), this.#heads];
    return new Map(await Promise.all(raws.map(async (raw) => [hex(await sha(raw)), raw])));
  }

  async #heeds(record, by) {
    const expected = pair(this.#operator, hex(await sha(this.#heads)));
    const heads = by.get("heads") ?? new Set();
    need(by.size === 1 && heads.size === 1 && heads.has(expected), "key-may-not", record.what);
  }

  /** What a quorum of registrars says; it counts from the next index. */
  async #agree(record, by) {
    const { data, what, index } = record;
    const acting = by.get("registrar") ?? new Set();
    const known = new Set(this.#registrars.keys());
    const named = new Map();
    for (const one of data.registrars ?? []) {
      const raw = unhex(one.public_key);
      named.set(pair(one.party, hex(await sha(raw))), raw);
    }
    // Parties agree, not keys: one that holds two of them is still one.
    const agreeing = new Set([...acting].filter((one) => known.has(one)).map((one) => JSON.parse(one)[0])).size;
    const least = Math.max(this.#quorum, (data.distrust_from_index ?? index) < index ? 2 : 0);
    const allowed = new Set([...known, ...named.keys()]);
    need(isWithin(named.keys(), acting) && isWithin(acting, allowed), "registrars", what);
    need(agreeing >= least, "registrars", what);
    if (named.size) {
      const parties = new Set(data.registrars.map((one) => one.party)).size;
      const isMeetable = Number.isSafeInteger(data.quorum) && data.quorum >= 1 && data.quorum <= parties;
      need(isMeetable && parties === data.registrars.length, "registrars", what);
      this.#registrars = named;
      this.#quorum = data.quorum;
    }
    if (record.type === "log.opened") {
      this.#operator = data.operator;
      this.#heads = unhex(data.heads_key);
    }
    if ("log_key" in data) this.logKeys.push(unhex(data.log_key));
    await this.#change(record, by);
  }

  /** A key that ends, and one that begins: the new one signs for itself. */
  async #change(record, by) {
    const { data, what, index } = record;
    const party = [...record.chains.keys()][0] ?? "";
    const old = data.key ?? "";
    const isOfOperator = record.type === "key.rotated" && party === this.#operator;
    const isHeads = isOfOperator && old === hex(await sha(this.#heads));
    if (old && !isHeads) {
      const ending = this.#keys.get(old);
      need(ending?.party === party, "key-may-not", what);
      ending.ended = Math.min(index, ending.ended);
    }
    if (!("public_key" in data)) return;
    const raw = unhex(data.public_key);
    const id = hex(await sha(raw));
    const isOnly = (role, one) => by.get(role)?.size === 1 && by.get(role).has(one);
    const oldSigns = old ? isOnly("old_key", pair(party, old)) : !by.has("old_key");
    need(isOnly("new_key", pair(party, id)) && oldSigns && !this.#keys.has(id), "key-may-not", what);
    if (isHeads) this.#heads = raw;
    else this.#keys.set(id, { raw, party, scopes: data.scopes, ended: Infinity });
  }

  /** Whether the log's own records name just these keys of it, the last of which signed the checkpoint. */
  fit(handed, signed) {
    const raws = handed.length ? handed : this.logKeys.slice(0, 1);
    const same = raws.length === this.logKeys.length && raws.every((raw, n) => equal(raw, this.logKeys[n]));
    return same && signed.some((raw) => equal(raw, this.logKeys.at(-1)));
  }
}
