"""Check a lot pack offline:   python verify_lot.py PACK --policy FILE   (or --vkey KEY, --json)

Set tight, to be read first and whole. It needs Python 3.11, the package "cryptography" and no network.
FILE, a C2SP tlog-policy from somebody you trust, not from the pack, says which log key you believe.
Exit 0 valid, 3 something is there and wrong, 4 something is missing. Format: docs/lot-pack.md of Lotproof.
    1  the zip, rebuilt from its members, gives the same bytes, and its members are those of pack.json
    2  the checkpoint is signed by your log key, or one it handed over to, and cosigned by your quorum
    3  every record stands in the tree of that checkpoint, at its index
    4  every history that the lot rests on is whole: no gap, and its last record is the last in the log
    5  every signature holds, under a key that was valid for this record at this index
    6  opened values, rows, documents and every word of index.html are what the records say
"""

# fmt: off
import argparse
import base64
import hashlib
import html
import json
import re
import struct
import sys
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMATS, START, MAX = ("lotproof-pack/1", "lotproof-pack/2"), "0" * 64, 2**53 - 1
FACTS = (b"<!-- facts -->\n", b"<!-- end of facts -->\n")  # around what index.html says of a lot
PARTS = {"checkpoint", "index.html", "openings.json", "policy", "rows.json", "verify_lot.py", "whole.json"}
KNOWN = {"e7efda71c4aa6452e27f6869c281260192a656af61dc38c320a807ab82f5f3c7",  # index.html without facts
         "8db4fd659932b208ff68fc27aff636a08e2f722d6ace8d3638f060601ee54050",  # and as it was
         "3299e500efa521980680e0a53a2766db0109cf0e117223a802a2613b56c8a0e6",  # and as it was
         "3083b727e1556ebe958993365408c6b35c5a28629bf68e3a496c98c64f03bb99",  # verify_lot.py before this one
         "72d347ff320ac903c0cb13d24533cba1d32f88057450028fa81885a28839ae4a"}  # verify_lot.py before this one
PROVED = """Proved: who signed what, in what order, with keys valid then; that nothing is left out or altered.
Not shown: that it is true; that quantities and grades follow the rules (lotproof verify); unopened values."""
SMALL_ORDER = {0, 1, 2**255 - 20, *(int.from_bytes(bytes.fromhex(y), "little") for y in (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"))}
class Refused(Exception):
    """The exit code, 3 or 4, and the reason in words."""
def need(holds: object, problem: str, code: int = 3) -> None:
    if not holds:
        raise Refused(code, problem)
def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()
def dumps(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
def loads(data: bytes, what: str) -> Any:
    """Canonical JSON only (RFC 8785; int() refuses fractions and NaN): one value has one spelling."""
    out = json.loads(data, parse_int=lambda n: min(int(n), MAX, key=abs), parse_float=int, parse_constant=int)
    need(dumps(out) == data, f"{what} is not canonical JSON")
    return out
def unhex(text: str) -> bytes:
    need(re.fullmatch("[0-9a-f]{64}", text), f"{text!r:.80} is not 64 hex digits")
    return bytes.fromhex(text)
def unbase64(text: str) -> bytes:
    data = base64.b64decode(text)
    need(base64.b64encode(data).decode() == text, f"{text!r:.80} is not canonical base64")
    return data
def check_signature(raw: bytes, signature: bytes, message: bytes, whose: str) -> None:
    """Strict Ed25519: under a key of small order, or a misspelt one, a signature could fit many messages."""
    y = int.from_bytes(raw, "little") % 2**255
    need(y < 2**255 - 19 and y not in SMALL_ORDER, f"{whose}: the public key is weak or misspelt")
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Refused(3, f"{whose}: the signature does not verify") from None
def tree_root(node: bytes, index: int, size: int, path: list[str]) -> bytes:
    """The root over ``size`` leaves that this node at ``index`` leads to (RFC 6962 §2.1.1). path: base64."""
    if size == 1:
        need(index == 0 and not path, "an inclusion proof is too long or for another place")
        return node
    half, other = 1 << (size - 1).bit_length() - 1, unbase64(path[-1])
    if index >= half:
        return sha(b"\1", other, tree_root(node, index - half, size - half, path[:-1]))
    return sha(b"\1", tree_root(node, index, half, path[:-1]), other)
def archive(members: list[tuple[str, bytes]]) -> bytes:
    """The one zip of these members: stored one after the other at a fixed time, nothing between them."""
    body, directory, n = bytearray(), bytearray(), len(members)
    for name, data in members:
        head = struct.pack("<5H3I2H", 10, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(name), 0)
        directory += b"PK\1\2\n\0" + head + struct.pack("<3H2I", 0, 0, 0, 0, len(body)) + name.encode()
        body += b"PK\3\4" + head + name.encode() + data
    end = struct.pack("<4H2IH", 0, 0, n, n, len(directory), len(body), 0)
    return bytes(body + directory + b"PK\5\6" + end)
def read_pack(data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What pack.json, the first member, says, and the members that it lists."""
    at = 39 + int.from_bytes(data[22:26], "little")
    need(len(data) >= at > 39, "pack.json, the first member, is cut off", 4)
    stated, members = loads(data[39:at], "pack.json"), {"pack.json": data[39:at]}
    need(stated["format"] in FORMATS, f"this program reads {FORMATS}, not {stated['format']!r:.40}", 4)
    names = [one["name"] for one in stated["members"]]
    need(names == sorted({*names}), "pack.json lists its members out of order")
    for one in stated["members"]:
        name, start = one["name"], at + 30 + len(one["name"])
        content, at = data[start : start + one["size"]], start + one["size"]
        here = data[start - len(name) : start] == name.encode() and at <= len(data)
        need(here, f"not in the pack: {here or ', '.join(names[len(members) - 1 :])}", 4)
        true = {"name": name, "sha256": sha(content).hex(), "size": len(content)}
        need(repr(one) == repr(true), f"{name} was changed")
        members[name] = content
    whole = archive([*members.items()])
    need(whole == data, "the zip is cut off, or not made as a pack is", 4 if whole.startswith(data) else 3)
    return stated, members
class Policy:
    """What you trust (C2SP tlog-policy): log keys, witnesses, and which of them make a quorum."""
    def __init__(self, data: bytes) -> None:
        self.quorum, self.keys = "", dict[tuple[str, bytes], tuple[bytes, str]]()  # key, witness's own name
        self.groups: dict[str, tuple[int, list[str]]] = {"none": (0, [])}  # how many, of whom; a witness: []
        need(not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", data), "the policy has a control character")
        for line in data.decode("utf-8", "surrogateescape").split("\n"):
            words = [word for word in re.split("[ \t]", line) if word]
            match words if words and words[0][0] != "#" else []:
                case ["log", vkey] | ["log", vkey, _]:
                    self.add(vkey, 1, "")
                case ["witness", name, vkey] | ["witness", name, vkey, _] if name not in self.groups:
                    self.groups[name] = (1, [])
                    self.add(vkey, 4, name)
                case ["group", name, rule, *members] if name not in self.groups:
                    named = [one for _, others in self.groups.values() for one in others] + members + ["none"]
                    good = {*members} <= self.groups.keys() and len({*named}) == len(named)
                    self.groups[name] = ({"any": 1, "all": len(members)}.get(rule) or int(rule), members)
                    good = good and rule in ("any", "all", str(self.groups[name][0]))
                    need(good and 1 <= self.groups[name][0] <= len(members), f"a bad group: {line!r:.80}")
                case ["quorum", name] if not self.quorum and name in self.groups:
                    self.quorum = name
                case other:
                    need(not other, f"this is no policy line: {line!r:.80}")
        logs = [name for (name, _), (_, own) in self.keys.items() if not own]
        need(self.quorum and logs, "no policy names a log and a quorum to trust: give --policy FILE")
    def add(self, vkey: str, kind: int, own: str) -> None:
        name, ident, coded = vkey.split("+", 2)
        blob, known = unbase64(coded), [key for key, other in self.keys.values() if bool(own) == bool(other)]
        good = name and not re.search(r"[\s\x00-\x1f]", name) and len(blob) == 33 and blob[0] == kind
        good = good and sha(name.encode(), b"\n", blob)[:4].hex() == ident and blob[1:] not in known
        need(good, f"this is no key, of another kind, or known already: {vkey!r:.80}")
        self.keys[name, bytes.fromhex(ident)] = (blob[1:], own)
    def met(self, name: str, present: dict[str, int]) -> bool:
        least, members = self.groups[name]
        return name in present or sum(self.met(one, present) for one in members) >= least
class Checkpoint:
    """A tree head, signed by a key of its log. signed: log keys; cosigned: witness, POSIX seconds."""
    def __init__(self, note: bytes, keys: dict[tuple[str, bytes], tuple[bytes, str]]) -> None:
        head, _, tail = note.decode().rpartition("\n\n")
        text, lines, signatures = head + "\n", head.split("\n"), re.findall("— ([^ \n]+) ([^ \n]+)\n", tail)
        printed = f"{text}\n" + "".join(f"— {name} {blob}\n" for name, blob in signatures)
        self.origin, self.size, self.root = lines[0], int(lines[1]), unbase64(lines[2])
        good = printed.encode() == note and all(lines) and str(self.size) == lines[1] and self.size > 0
        need(good and not re.search(r"[\x00-\x09\x0b-\x1f]", printed), "the checkpoint is no signed note")
        self.signed, self.cosigned = set[bytes](), dict[str, int]()
        for name, coded in signatures:
            blob = unbase64(coded)
            key, own = keys.get((name, blob[:4]), (b"", ""))
            if own:
                self.cosigned[own] = int.from_bytes(blob[4:12], "big")
                message = f"cosignature/v1\ntime {self.cosigned[own]}\n{text}".encode()
                check_signature(key, blob[12:], message, f"checkpoint, witness {name}")
            elif key and name == self.origin:
                check_signature(key, blob[4:], text.encode(), f"checkpoint, {name}")
                self.signed.add(key)
        need(self.signed, f"no key that the policy lists for the log {self.origin!r:.80} signed the pack")
class Record:
    """One entry: a leaf whose place in the signed tree is proved (C2SP tlog-proof)."""
    def __init__(self, index: int, members: dict[str, bytes], checkpoint: Checkpoint) -> None:
        self.index, self.what, note = index, f"entry {index}", members["checkpoint"]
        leaf, proof = members[f"records/{index}.json"], members[f"records/{index}.tlog-proof"]
        path = proof.decode("latin-1").split("\n\n")[0].split("\n")[2:]
        printed = "\n".join(["c2sp.org/tlog-proof@v1", f"index {index}", *path, "", ""])
        need(printed.encode("latin-1") + note == proof, f"{self.what}: its proof is of another checkpoint")
        root = tree_root(sha(b"\0", leaf), index, checkpoint.size, path)
        need(root == checkpoint.root, f"{self.what} does not stand in the signed tree")
        self.leaf = loads(leaf, self.what)
        self.body, self.log, self.sigs = self.leaf["body"], self.leaf["log"], self.leaf["sigs"]
        self.type, self.data, self.signers = self.body["type"], self.body["data"], self.body["signers"]
        self.id = sha(b"lotproof/event-id/v1\n", dumps(self.body)).hex()
        self.chains = {link["id"]: link for link in self.body["subjects"]}
        self.named = [one["id"] for one in self.body["refs"]] + [one["party"] for one in self.signers]
        self.named += [*self.chains, *({self.data.get("worker_party", "")} - {""})]
        good = len({one["key"] for one in self.signers}) == len(self.sigs) > 0 and self.log["i"] == index
        need(good and self.body["origin"] == checkpoint.origin, f"{self.what} is of another log or place")
def hand_over(members: dict[str, bytes], origin: str, changes: list[str]) -> dict[Any, tuple[bytes, str]]:
    """The log's keys: each, and the next, signed a tree with the entry that names the next."""
    keys, size = dict[tuple[str, bytes], tuple[bytes, str]](), 0
    for name in ["", *changes]:
        index = int(members[name].split(b"\n")[1][6:]) if name else 0
        need(f"records/{index}.json" in members, f"not in the pack: records/{index}.json", 4)
        raw = unhex(loads(members[f"records/{index}.json"], f"entry {index}")["body"]["data"]["log_key"])
        keys[origin, sha(origin.encode(), b"\n\1", raw)[:4]] = (raw, "")
        if name:
            head = Checkpoint(note := members[name].partition(b"\n\n")[2], dict([*keys.items()][-2:]))
            Record(index, members | {"checkpoint": note, f"records/{index}.tlog-proof": members[name]}, head)
            need(len(head.signed) == 2 and index >= size, f"the log key of entry {index} is not in force")
            size = head.size
    return keys
def check_whole(lot: str, records: list[Record], proofs: Any, size: int) -> None:
    """Of every history that the lot rests on all records are here, and no others are."""
    ends = [records[0].index, records[-1].index] if records else []
    need(ends == [0, size - 1], "entry 0 or the last entry is not in the pack", 4)
    first, last, rests = records[0], records[-1], set[str]()
    need(last.type == "log.heads" and last.data["through"] == size - 1, "the log does not end with its heads")
    subjects = {name for record in records for name in record.chains}
    chains = {name: [record for record in records if name in record.chains] for name in subjects}
    lots, todo = {lot}, [lot, first.data["operator"], *first.named, *last.named]
    todo += [n for one in records if one.type == "evidence.stated" and lot in one.named for n in one.named]
    while todo:
        name = todo.pop()
        if name not in rests and (name in lots or not name.startswith("lot:")):
            rests.add(name)
            for record in chains.get(name, []):
                made = {x["id"] for x in [*record.data.get("children", []), record.data.get("child")] if x}
                if made and (record.type in ("lot.merged", "lot.bundled") or not record.chains[name]["seq"]):
                    lots |= record.chains.keys() - made  # here the lot came of others
                todo += [*record.named, *lots]
    gone = [name for name in rests - chains.keys() if name[:6] != "party:" or name == first.data["operator"]]
    need(not gone, f"no record of {', '.join(gone)} is in the pack", 4)
    names, shown = sorted(rests & chains.keys()), {proof["subject"]: proof["steps"] for proof in proofs}
    need({*names} <= shown.keys(), f"nothing proves whole: {', '.join({*names} - shown.keys())}", 4)
    for name in names:
        before = START
        for seq, record in enumerate(chains[name]):
            need(record.chains[name]["seq"] == seq, f"record {seq} of {name} is not in the pack", 4)
            need(record.chains[name]["prev"] == before, f"{record.what} does not continue {name}")
            before = record.id
        check_head(shown[name], unhex(last.data["root"]), name, len(chains[name]) - 1, before)
    idle = [record.what for record in records[1:-1] if rests.isdisjoint(record.chains)]
    need(not idle, f"{', '.join(idle)} has nothing to do with {lot}")
    expected = [{"steps": shown[name], "subject": name} for name in names]
    need(dumps(proofs) == dumps(expected), "whole.json proves more than the pack shows, or out of order")
def check_head(steps: Any, root: bytes, subject: str, seq: int, event_id: str) -> None:
    """The tree of heads holds this very record as the subject's last. steps: bits, sibling, from the root."""
    key, bits = sha(b"lotproof/subject/v1\n", subject.encode()), [n for n, _ in steps]
    whole, good = int.from_bytes(key, "big"), dumps(bits) == dumps(sorted({*bits} & {*range(256)}))
    node = sha(b"lotproof/heads-leaf/v1\n", key, sha(seq.to_bytes(8, "big"), unhex(event_id)))
    for n, other in reversed(steps if good else []):
        prefix = (whole >> (256 - n) << (256 - n)).to_bytes(32, "big")
        pair = unhex(other) + node if whole >> (255 - n) & 1 else node + unhex(other)
        node = sha(b"lotproof/heads-node/v1\n", bytes([n]), prefix, pair)
    need(good and node == root, f"record {seq} of {subject} is not its last one, or the proof is wrong")
class Keys:
    """Which key may sign what, judged by index alone, from entry 0 on."""
    def __init__(self) -> None:
        self.keys, self.registrars = dict[str, dict[str, Any]](), dict[tuple[str, str], bytes]()  # by id
        self.heads, self.operator, self.quorum, self.log_keys = b"", "", 0, list[bytes]()
    def take(self, record: Record) -> None:
        """Check a record's signatures and the right to make them; then note what it says of keys."""
        data, what, kind, by = record.data, record.what, record.type, dict[str, set[tuple[str, str]]]()
        governs = kind.split(".")[0] in ("log", "registrars", "party", "key")
        raws = [unhex(x["public_key"]) for x in (*data.get("registrars", []), data) if "public_key" in x]
        loose = {sha(raw).hex(): raw for raw in (*self.registrars.values(), *raws, self.heads)}
        for one, coded in zip(record.signers, record.sigs, strict=True):
            role, own = one["role"], self.keys.get(one["key"], {})
            raw = own.get("raw") or loose.get(one["key"], b"")
            message = b"lotproof/event/v1\n" + dumps(record.body)
            check_signature(raw, unbase64(coded), message, f"{what}, {role}")
            good = own.get("party") == one["party"] and own["ended"] >= record.index
            good = good and (role == "old_key" if governs else f"{kind}:{role}" in own["scopes"])
            free = governs and (role in ("registrar", "new_key", "heads") or (role == "old_key" and not own))
            need(good or free, f"{what}: the key {one['key']:.16} may not sign it as {role}")
            by.setdefault(role, set()).add((one["party"], one["key"]))
        if kind == "log.heads":
            need(by == {"heads": {(self.operator, sha(self.heads).hex())}}, f"{what}: another key signs")
        elif governs:
            self.agree(record, by)
    def agree(self, record: Record, by: dict[str, set[tuple[str, str]]]) -> None:
        """What a quorum of registrars says; it counts from the next index."""
        data, what, party = record.data, record.what, next(iter(record.chains), "")
        acting, known, old = by.get("registrar", set()), self.registrars.keys(), data.get("key", "")
        raws = {one["party"]: unhex(one["public_key"]) for one in data.get("registrars", [])}
        named = {(one, sha(raw).hex()): raw for one, raw in raws.items()}
        agreeing, back = {one for one, _ in acting & known}, data.get("distrust_from_index", record.index)
        fits = named.keys() <= acting <= known | named.keys()
        fits = fits and len(agreeing) >= max(self.quorum, 2 * (back < record.index))
        need(fits, f"{what}: too few registrars sign it, or others do")
        if named:
            self.registrars, self.quorum = named, data["quorum"]
            need(1 <= self.quorum <= len(named), f"{what}: its quorum cannot be met")
        if record.type == "log.opened":
            self.operator, self.heads = data["operator"], unhex(data["heads_key"])
        self.log_keys += [unhex(data["log_key"])] if "log_key" in data else []
        heads = record.type == "key.rotated" and (party, old) == (self.operator, sha(self.heads).hex())
        if old and not heads:
            need(self.keys[old]["party"] == party, f"{what}: the key is not one of {party}")
            self.keys[old]["ended"] = min(record.index, self.keys[old]["ended"])
        if "public_key" in data:
            new, ident = unhex(data["public_key"]), sha(unhex(data["public_key"])).hex()
            good = by.get("new_key") == {(party, ident)} and ident not in self.keys
            good = good and by.get("old_key", set()) == ({(party, old)} if old else set())
            need(good, f"{what}: the new or the old key does not sign, or the new one is known")
            made = {ident: {"raw": new, "party": party, "scopes": data["scopes"], "ended": MAX}}
            self.heads, self.keys = (new, self.keys) if heads else (self.heads, self.keys | made)
def check_private(records: list[Record], openings: Any, rows: Any, files: dict[str, bytes]) -> None:
    """Opened values, rows and documents are those that the records commit to."""
    by_id = {record.id: record for record in records}
    for one in openings:
        name, commit, salt = one["field"], by_id[one["event_id"]].body["commit"], unhex(one["salt"])
        head = b"lotproof/commit/v1\n" + salt + struct.pack(">I", len(name)) + name.encode()
        need(sha(head, dumps(one["value"])).hex() == commit.get(name), f"{name} of {one['event_id']} differs")
    for one in rows:
        data, row = by_id[one["event_id"]].data, one["row"]
        made = [*data.get("children", []), *([data["child"]] if "child" in data else [])]
        told = ({"": data.get("remaining", data)} | {lot["id"]: lot for lot in made})[one["part"]]["manifest"]
        root = tree_root(sha(b"\0", dumps(row)), row["n"], told["count"], one["path"])
        need(root == unhex(told["rows_root"]), f"row {row['n']} of {one['event_id']} was not recorded so")
    tidy = all([*map(dumps, shown)] == sorted({*map(dumps, shown)}) for shown in (openings, rows))
    need(tidy and {4} >= {*map(len, [*openings, *rows])}, "values or rows are out of order")
    issued = {f"documents/{record.index}-{record.data['kind']}.pdf": record.data["sha256"]
              for record in records if record.type == "document.issued"}
    for name, content in files.items():
        need(issued.get(name) == sha(content).hex(), f"{name} is not the document that was recorded")
def facts(stated: Any, leaves: Any, openings: Any, rows: Any, files: list[str]) -> list[str]:
    """What the pack shows, line by line, as index.html has it."""
    lines = [stated["lot"], f"log {stated['origin']}: {stated['tree_size']} entries, root {stated['root']}"]
    revoked = [leaf["body"]["data"] for leaf in leaves if leaf["body"]["type"] == "key.revoked"]
    for leaf in leaves:
        i, body = leaf["log"]["i"], leaf["body"]
        event = sha(b"lotproof/event-id/v1\n", dumps(body)).hex()
        bad = {one["key"] for one in revoked if one.get("distrust_from_index", MAX) <= i}
        mark = "  DISTRUSTED" * any(one["key"] in bad for one in body["signers"])
        who = ", ".join(f"{one['role']} {one['party'][6:14]}" for one in body["signers"])
        lines.append(f"{i:>7}  {leaf['log']['rec']}  {body['type']}  by {who}{mark}")
        told = [("says", body["data"])]
        told += [(one["field"], one["value"]) for one in openings if one["event_id"] == event]
        told += [("row", one["row"]) for one in rows if one["event_id"] == event]
        told += [("file", name) for name in files if name.startswith(f"documents/{i}-")]
        lines += [f"{name:>18}: {dumps(value).decode():.600}" for name, value in told]
    return lines
def check(data: bytes, policy: Policy) -> dict[str, Any]:
    """All steps in their order; returns what is proved."""
    stated, members = read_pack(data)
    indexes = sorted({int(name[8:].split(".")[0]) for name in members if name.startswith("records/")})
    parts = PARTS | {f"records/{i}.{ending}" for i in indexes for ending in ("json", "tlog-proof")}
    files = {name: content for name, content in members.items() if name.startswith("documents/")}
    need(not parts - members.keys(), f"not in the pack: {', '.join(sorted(parts - members.keys()))}", 4)
    changes = [f"log-keys/{n + 1}.tlog-proof" for n in range(sum(one[:9] == "log-keys/" for one in members))]
    whole = parts | files.keys() | {"pack.json", *changes}
    need(members.keys() == whole, "there are members that belong to no pack")
    handed = hand_over(members, stated["origin"], changes) if changes else {}
    for one in (Policy(members["policy"]), policy):  # to trust one of them is to trust those after it
        one.keys |= [*handed.items()][-1:] if {*handed.values()} & {*one.keys.values()} else []
        head = Checkpoint(members["checkpoint"], one.keys)
        need(one.met(one.quorum, head.cosigned), f"the quorum {one.quorum!r:.80} has not cosigned")
    same = {"format": FORMATS[bool(changes)], "origin": head.origin, "root": head.root.hex()}
    same = stated | same | {"tree_size": head.size}
    need(len(stated) == 6 and dumps(stated) == dumps(same), "pack.json speaks of another tree")
    records = [Record(i, members, head) for i in indexes]
    check_whole(stated["lot"], records, loads(members["whole.json"], "whole.json"), head.size)
    need(records == sorted(records, key=lambda one: str(one.log["rec"])), "the log's own time runs backwards")
    keys = Keys()
    for record in records:
        keys.take(record)
    good = keys.log_keys == ([raw for raw, _ in handed.values()] or keys.log_keys[:1])
    good = good and keys.log_keys[-1] in head.signed
    need(good, "the log's own records name another log key than you trust")
    openings, rows = (loads(members[name], name) for name in ("openings.json", "rows.json"))
    check_private(records, openings, rows, files)
    lines = facts(stated, [record.leaf for record in records], openings, rows, [*files])
    before, _, rest = members["index.html"].partition(FACTS[0])
    said, _, after = rest.partition(FACTS[1])
    good = sha(before, *FACTS, after).hex() in KNOWN and said == html.escape("\n".join(lines) + "\n").encode()
    need(good, "index.html says something else than the records do")
    strange = {sha(members["verify_lot.py"]).hex()} - KNOWN - {sha(Path(__file__).read_bytes()).hex()}
    need(not strange, "verify_lot.py in the pack is no verifier that this one knows")
    return {"facts": lines, "cosigned": head.cosigned, "whole_through": head.size - 1}
def verify(data: bytes, policy: bytes) -> dict[str, Any]:
    """exit, problem, and of a valid pack what it proves. policy: a tlog-policy; empty: nothing is trusted."""
    code = 4
    try:
        trusted, code = Policy(policy), 3
        return {"exit": 0, "problem": "", **check(data, trusted)}
    except Refused as refused:
        return {"exit": max(code, refused.args[0]), "problem": refused.args[1]}
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        return {"exit": code, "problem": f"a part has not the form that it must have: {error!r:.120}"}
def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check a lot pack offline.")
    parser.add_argument("pack", type=Path)
    parser.add_argument("--policy", type=Path, help="a tlog-policy that you got from somebody you trust")
    parser.add_argument("--vkey", help="short form of a policy: one log key, no witness")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    try:
        key = f"log {given.vkey}\nquorum none\n".encode() if given.vkey else b""
        found = verify(given.pack.read_bytes(), key or (given.policy.read_bytes() if given.policy else b""))
    except OSError as error:
        found = {"exit": 4, "problem": f"a file cannot be read: {error}"}
    words, lines = {0: "VALID", 3: "WRONG", 4: "COULD NOT VERIFY"}[found["exit"]], [found["problem"]]
    if not found["exit"]:
        times = {name: datetime.fromtimestamp(min(at, 2**37), UTC) for name, at in found["cosigned"].items()}
        by = ", ".join(f"{name} at {time}" for name, time in times.items()) or "nobody that you named"
        lines = [*found["facts"], f"\nWhole up to entry {found['whole_through']}, cosigned by {by}.", PROVED]
    sys.stdout.write(json.dumps(found) + "\n" if given.json else "\n".join([words, *lines, ""]))
    return int(found["exit"])
if __name__ == "__main__":
    sys.exit(main())
