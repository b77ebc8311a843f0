"""records.md worked once: every intermediate value, byte for byte.

The worked log is ours, so it stands beside the tests.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.core import canonical, checkpoint, commitments, heads, keys, leaf, manifest, merkle
from ledger.core.encoding import encode_base64
from ledger.core.envelope import SignedRecord

WORKED = json.loads((Path(__file__).parent / "worked.json").read_text())
KEYS = {k["key_id"]: bytes.fromhex(k["public_key"]) for k in WORKED["keys"].values()}
ENTRIES = WORKED["entries"]


def _record(entry: dict[str, Any]) -> SignedRecord:
    from ledger.core.encoding import decode_base64

    return SignedRecord.parse(entry["body_jcs"].encode(), [decode_base64(s) for s in entry["sigs"]])


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: f"{e['index']}-{e['type']}")
def test_a_record_gives_its_event_id_signatures_and_leaf(entry: dict[str, Any]) -> None:
    record = _record(entry)
    assert record.event_id == entry["event_id"]
    record.verify(KEYS.__getitem__)
    previous = ENTRIES[entry["index"] - 1]["leaf_hash"] if entry["index"] else leaf.FIRST_PREVIOUS
    made = leaf.sequenced(
        record,
        index=entry["index"],
        previous=previous,
        recorded_at=json.loads(entry["leaf"])["log"]["rec"],
    )
    assert made.encoded == entry["leaf"].encode()
    assert made.hash.hex() == entry["leaf_hash"]
    assert leaf.Leaf.parse(made.encoded) == made


def test_the_tree_has_the_worked_roots_and_path() -> None:
    hashes = [bytes.fromhex(e["leaf_hash"]) for e in ENTRIES]
    for size, root in WORKED["roots"].items():
        assert merkle.root_of(hashes[: int(size)]).hex() == root
    path = [bytes.fromhex(h) for h in WORKED["inclusion_of_entry_6_in_10"]]

    def read(level: int, index: int) -> bytes:
        return merkle.root_of(hashes[index << level : (index + 1) << level])

    assert merkle.inclusion_path(6, 10, read) == path
    merkle.verify_inclusion(
        hashes[6], leaf_index=6, tree_size=10, path=path, root=bytes.fromhex(WORKED["roots"]["10"])
    )


@pytest.mark.parametrize("field", WORKED["commitments"])
def test_commitments_open(field: str) -> None:
    case = WORKED["commitments"][field]
    opening = commitments.Opening(case["value"], bytes.fromhex(case["salt"]))
    assert commitments.commitment(field, opening) == case["commitment"]


def test_manifest_rows_give_the_root_also_when_one_is_erased() -> None:
    case = WORKED["manifest"]
    rows = [text.encode() for text in case["rows"]]
    assert manifest.root(rows) == case["rows_root"]
    for n, data in enumerate(rows):
        facts = manifest.parse_row(data, n)
        salt = bytes.fromhex(json.loads(data)["salt"])
        assert manifest.row(n, salt, facts) == data
    kept = [merkle.leaf_hash(data) for data in rows]
    assert case["erased_row_2"]["erased"] == kept[2].hex()
    assert manifest.root_with_erased([rows[0], rows[1], None], kept) == case["rows_root"]
    path = [bytes.fromhex(h) for h in case["inclusion_of_row_1"]]
    merkle.verify_inclusion(
        kept[1], leaf_index=1, tree_size=3, path=path, root=bytes.fromhex(case["rows_root"])
    )
    split = json.loads(ENTRIES[8]["body_jcs"])["data"]
    for child in split["children"]:
        child_rows = [text.encode() for text in case["children"][child["id"]]]
        assert manifest.root(child_rows) == child["manifest"]["rows_root"]


def _heads_values() -> dict[bytes, bytes]:
    values = {}
    for item in WORKED["heads"]["keys"]:
        key = heads.subject_key(item["subject"])
        assert key.hex() == item["key"]
        values[key] = heads.value_hash(item["seq"], item["event_id"])
        assert values[key].hex() == item["value_hash"]
        assert heads.leaf_hash(key, values[key]).hex() == item["leaf"]
    code = WORKED["heads"]["issued_code"]
    key = heads.code_key(bytes.fromhex(WORKED["code"]["code_hash"]))
    assert key.hex() == code["key"]
    values[key] = heads.value_hash(code["seq"], code["event_id"])
    return values


def test_the_heads_tree_proves_presence_and_absence() -> None:
    case, values = WORKED["heads"], _heads_values()
    update = heads.Update(heads.EMPTY_HEAD, lambda bits, prefix: update.changed[bits, prefix])
    head = update.put(values)
    assert (head.root.hex(), head.count) == (case["root"], case["count"])

    def read(bits: int, prefix: bytes) -> heads.Node:
        return update.changed[bits, prefix]

    lot = next(item for item in case["keys"] if item["subject"].startswith("lot:") and item["seq"] == 2)
    proof = heads.prove(bytes.fromhex(lot["key"]), head, read)
    assert proof.to_json() == case["presence_of_lot"]
    heads.verify_presence(
        proof, root=head.root, key=bytes.fromhex(lot["key"]), seq=2, event_id=lot["event_id"]
    )
    code = bytes.fromhex(case["issued_code"]["key"])
    assert heads.prove(code, head, read).to_json() == case["presence_of_code"]
    absent = bytes.fromhex(WORKED["code"]["never_issued_heads_key"])
    proof = heads.prove(absent, head, read)
    assert proof.to_json() == case["absence_of_never_issued_code"]
    heads.verify_absence(proof, root=head.root, key=absent)


def test_the_made_up_heads_tree_with_long_prefixes() -> None:
    case = WORKED["heads_extra"]
    values = {bytes.fromhex(i["key"]): bytes.fromhex(i["value_hash"]) for i in case["items"]}
    update = heads.Update(heads.EMPTY_HEAD, lambda bits, prefix: update.changed[bits, prefix])
    head = update.put(values)
    assert head.root.hex() == case["root"]
    for name, proof in case["proofs"].items():
        key = bytes.fromhex(proof["key"])
        made = heads.prove(key, head, lambda bits, prefix: update.changed[bits, prefix])
        expected = {"steps": proof["steps"], "terminal": proof["terminal"]}
        assert made.to_json() == expected
        assert heads.HeadsProof.from_json(expected) == made
        if name.startswith("absence"):
            heads.verify_absence(made, root=head.root, key=key)
    first = case["items"][0]
    one = {bytes.fromhex(first["key"]): bytes.fromhex(first["value_hash"])}
    roots = {
        heads.root_of({bytes.fromhex(i["key"]): bytes.fromhex(i["value_hash"])}).hex() for i in case["items"]
    }
    assert case["one_key_root"] in roots
    assert heads.root_of(one).hex() in roots
    assert heads.EMPTY.hex() == case["empty_root"]


def test_the_checkpoint_opens_under_its_vkey_and_prints_itself() -> None:
    key = keys.VerifierKey.parse(WORKED["vkey"])
    assert str(key) == WORKED["vkey"]
    opened = checkpoint.open_checkpoint(WORKED["checkpoint"].encode(), key)
    assert opened.origin == WORKED["origin"]
    assert opened.root.hex() == WORKED["roots"]["10"]
    assert encode_base64(opened.root) in opened.text


def test_bodies_are_the_bytes_of_our_encoder() -> None:
    for entry in ENTRIES:
        assert canonical.dumps(canonical.loads(entry["body_jcs"].encode())) == entry["body_jcs"].encode()
