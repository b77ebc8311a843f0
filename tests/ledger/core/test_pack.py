"""A pack file is what its members give by one recipe, and nothing else."""

import json
import zipfile
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import canonical, pack
from ledger.core.pack import Pack
from ledger.errors import InvalidRecord, MissingEvidence, ProofError

PACK = Pack("lot:" + "0" * 20, "log.example/lots", 7, bytes(32), {"b/2": b"two", "a": b"", "c.json": b"{}"})
NAMES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)


def listing(data: bytes) -> bytes:
    return data[39 : 39 + int.from_bytes(data[22:26], "little")]


def with_listing(text: bytes) -> bytes:
    return pack.archive([("pack.json", text), *sorted(PACK.members.items())])


def altered(**changes: object) -> bytes:
    return with_listing(canonical.dumps({**json.loads(listing(pack.build(PACK))), **changes}))


@given(st.dictionaries(NAMES, st.binary(max_size=50), max_size=6))
def test_what_is_built_reads_as_it_was_and_builds_again_to_the_same_bytes(members: dict[str, bytes]) -> None:
    data = pack.build(replace(PACK, members=members))
    read = pack.read(data)
    assert dict(read.members) == members
    assert pack.build(read) == data


def test_the_order_of_members_does_not_matter_to_the_builder() -> None:
    turned = dict(reversed(PACK.members.items()))
    assert pack.build(replace(PACK, members=turned)) == pack.build(PACK)


def test_another_zip_program_reads_the_same_members() -> None:
    with zipfile.ZipFile(BytesIO(pack.build(PACK))) as found:
        assert found.namelist() == ["pack.json", "a", "b/2", "c.json"]
        assert {name: found.read(name) for name in PACK.members} == PACK.members


def test_a_zip_of_the_same_members_by_another_program_is_refused() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("pack.json", listing(pack.build(PACK)))
        for name, data in sorted(PACK.members.items()):
            made.writestr(name, data)
    with pytest.raises(ProofError, match="explains"):
        pack.read(stream.getvalue())


def test_every_prefix_misses_something_and_no_flip_reads_as_the_same() -> None:
    data = pack.build(PACK)
    for length in range(len(data)):
        with pytest.raises(MissingEvidence):
            pack.read(data[:length])
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit >> 3] ^= 1 << (bit & 7)
        try:
            read = pack.read(bytes(changed))
        except (ProofError, MissingEvidence):
            continue
        # What pack.json says of lot, log and tree is for whoever verifies the pack to judge.
        assert read != PACK
        assert dict(read.members) == PACK.members


@pytest.mark.parametrize("extra", [b"\0", b"PK\x05\x06", b"more"])
def test_bytes_behind_the_end_are_refused(extra: bytes) -> None:
    with pytest.raises(ProofError, match="explains"):
        pack.read(pack.build(PACK) + extra)


@pytest.mark.parametrize(
    "changes",
    [
        {"tree_size": "7"},
        {"tree_size": True},
        {"root": "00"},
        {"root": "0" * 63 + "G"},
        {"lot": 1},
        {"more": 1},
        {"members": {}},
        {"members": [1]},
        {"members": [{"name": "a"}]},
    ],
    ids=str,
)
def test_a_listing_of_another_form_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ProofError, match="is no list"):
        pack.read(altered(**changes))


def test_members_out_of_order_or_listed_twice_are_refused() -> None:
    members = json.loads(listing(pack.build(PACK)))["members"]
    for wrong in (members[::-1], [members[0], *members]):
        with pytest.raises(ProofError, match="out of order"):
            pack.read(altered(members=wrong))


def test_a_format_of_later_is_not_judged() -> None:
    with pytest.raises(MissingEvidence, match="this program reads lotproof-pack/1 and lotproof-pack/2"):
        pack.read(altered(format="lotproof-pack/3"))


def test_a_format_that_its_members_do_not_have_is_refused() -> None:
    with pytest.raises(ProofError, match="another format than its members"):
        pack.read(altered(format="lotproof-pack/2"))


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b'{"format":1.5}', b'{ "format":"lotproof-pack/1"}', b"\xff"]
)
def test_a_listing_that_is_not_canonical_json_is_refused(text: bytes) -> None:
    with pytest.raises((ProofError, MissingEvidence)):
        pack.read(with_listing(text))


def test_a_pack_that_a_plain_zip_cannot_hold_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack, "PACK_BYTES_MAX", 100)
    with pytest.raises(InvalidRecord, match="larger than"):
        pack.build(PACK)
    with pytest.raises(MissingEvidence, match="at most"):
        pack.read(bytes(101))
