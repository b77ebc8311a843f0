"""A leaf is a record plus the log's link, in bytes that can be read one way only (records.md 2)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import canonical, leaf, merkle
from ledger.core.leaf import Leaf
from ledger.errors import InvalidRecord
from tests.ledger.core.records import HASH, public_key, record

REC = "2026-11-20T01:00:09Z"
MADE = leaf.sequenced(record(), index=7, previous=HASH, recorded_at=REC)


def _altered(**members: Any) -> bytes:
    return canonical.dumps({**json.loads(MADE.encoded), **members})


def _refused(match: str, data: bytes, pointer: str = "") -> None:
    with pytest.raises(InvalidRecord, match=match) as caught:
        Leaf.parse(data)
    assert caught.value.pointer == pointer


@given(st.integers(0, canonical.INTEGER_MAX), st.binary(min_size=32, max_size=32))
def test_a_leaf_reads_back(index: int, previous: bytes) -> None:
    made = leaf.sequenced(record(), index=index, previous=previous.hex(), recorded_at=REC)
    assert Leaf.parse(made.encoded) == made
    assert (made.index, made.previous, made.recorded_at) == (index, previous.hex(), REC)


def test_a_leaf_is_canonical_and_holds_body_log_and_signatures() -> None:
    assert canonical.dumps(canonical.loads(MADE.encoded)) == MADE.encoded
    assert list(json.loads(MADE.encoded)) == ["body", "log", "sigs"]
    assert json.loads(MADE.encoded)["log"] == {"i": 7, "prev": HASH, "rec": REC}


def test_a_leaf_hash_is_the_tree_s() -> None:
    assert MADE.hash == Leaf.parse(MADE.encoded).hash == merkle.leaf_hash(MADE.encoded)


def test_the_record_inside_keeps_its_bytes_and_still_verifies() -> None:
    read = Leaf.parse(MADE.encoded)
    assert read.record == record()
    read.record.verify(public_key)


def test_the_first_leaf_follows_64_zeros() -> None:
    first = leaf.sequenced(record(), index=0, previous=leaf.FIRST_PREVIOUS, recorded_at=REC)
    assert json.loads(first.encoded)["log"]["prev"] == "0" * 64


@pytest.mark.parametrize("name", ["body", "log", "sigs"])
def test_a_missing_member_is_refused(name: str) -> None:
    members = json.loads(MADE.encoded)
    del members[name]
    _refused("Field required", canonical.dumps(members), f"/{name}")


def test_an_unknown_member_is_refused() -> None:
    _refused("Extra inputs are not permitted", _altered(more=1), "/more")
    _refused("Extra inputs are not permitted", _altered(a=1), "/a")
    link = {"i": 7, "prev": HASH, "rec": REC}
    _refused("Extra inputs are not permitted", _altered(log={**link, "a": 1}), "/log/a")


@pytest.mark.parametrize(
    ("member", "value", "match"),
    [
        ("i", -1, "greater than or equal to 0"),
        ("i", "7", "valid integer"),
        ("i", True, "valid integer"),
        ("prev", HASH.upper(), "match pattern"),
        ("prev", HASH[2:], "match pattern"),
        ("rec", 7, "valid string"),
    ],
)
def test_a_link_outside_the_grammar_is_refused(member: str, value: Any, match: str) -> None:
    link = {"i": 7, "prev": HASH, "rec": REC, member: value}
    _refused(match, _altered(log=link), f"/log/{member}")


@pytest.mark.parametrize("rec", ["", "2026-11-20", "2026-11-31T00:00:00Z", 'x","y":"'])
def test_a_time_that_is_none_is_refused(rec: str) -> None:
    with pytest.raises(InvalidRecord, match=r"is not YYYY|no such second"):
        Leaf.parse(_altered(log={"i": 7, "prev": HASH, "rec": rec}))


@pytest.mark.parametrize("text", ["", "AAAA", "!" * 88, "A" * 86 + "=="])
def test_signatures_in_another_form_are_refused(text: str) -> None:
    with pytest.raises(InvalidRecord, match=r"/sigs: .*(64 bytes|base64|2 signers)"):
        Leaf.parse(_altered(sigs=[text]))


def test_signatures_in_lax_base64_are_refused() -> None:
    """64 bytes leave four bits unused: `...A==` and `...B==` would be one signature in two leaves."""
    sigs = json.loads(MADE.encoded)["sigs"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = alphabet[alphabet.index(sigs[0][85]) + 1]
    _refused("is not canonical base64", _altered(sigs=[sigs[0][:85] + other + "==", sigs[1]]), "/sigs")


def test_a_signature_more_or_less_is_refused() -> None:
    sigs = json.loads(MADE.encoded)["sigs"]
    for count in (0, 1, 3):
        _refused(f"{count} signatures for 2 signers", _altered(sigs=(sigs * 2)[:count]), "/sigs")


def test_bytes_that_are_not_canonical_are_refused() -> None:
    _refused("not in canonical form", MADE.encoded + b" ")
    _refused("not in canonical form", json.dumps(json.loads(MADE.encoded)).encode())
    _refused("Input should be a valid dictionary", b"[]")


def test_a_body_inside_a_leaf_obeys_the_rules_of_a_body() -> None:
    members = json.loads(MADE.encoded)["body"]
    with pytest.raises(InvalidRecord, match="is not YYYY-MM-DD"):
        Leaf.parse(_altered(body={**members, "at": "yesterday"}))
    _refused("body is longer than 60000", _altered(body={**members, "data": {"a": "x" * 60_000}}), "/body")


def test_a_leaf_beyond_a_bundle_s_uint16_is_refused() -> None:
    _refused("leaf is longer than 65535 bytes", b'"' + b"x" * 65_534 + b'"')


def test_the_largest_body_with_eight_signers_fits_a_leaf() -> None:
    signed = record()
    room = 60_000 - len(record(data={"text": ""}).encoded)
    large = record(data={"text": "x" * room})
    made = leaf.sequenced(large, index=canonical.INTEGER_MAX, previous=HASH, recorded_at=REC)
    signature_and_quotes = 88 + 3
    assert len(large.encoded) == 60_000
    assert len(made.encoded) + 6 * signature_and_quotes <= 65_535
    assert len(signed.signatures) == 2
