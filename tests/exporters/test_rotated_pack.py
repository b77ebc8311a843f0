"""A lot pack of a log that changed its key: whoever trusts either key verifies it, offline."""

import json
from pathlib import Path

import pytest

from exporters import audit_pack
from ledger.core import pack
from ledger.core.checkpoint import Checkpoint, open_checkpoint, signed, signed_by_all
from ledger.core.note import Note
from ledger.core.proof import InclusionProof
from tests.exporters.packs import alone, made, ours, played
from tests.ledger.fakes import MemorySigner
from tests.ledger.rotating import FIRST, SECOND, THIRD, announce, grow, publisher_of, rotated, vkey
from tests.ledger.world import World

STRANGER = MemorySigner("stranger's log key")
HANDOVER = "log-keys/1.tlog-proof"


def policy(*signers: MemorySigner) -> bytes:
    return "".join([*(f"log {vkey(signer)}\n" for signer in signers), "quorum none\n"]).encode()


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, World]:
    """After one change of the key, and after two."""
    found = []
    for changes in (1, 2):
        world = played(World(tmp_path_factory.mktemp("world")))
        hands = rotated(world)
        if changes == 2:
            hands.held.append(THIRD)
            announce(world, THIRD)
            publisher_of(world, hands).publish()
            hands.held.remove(SECOND)
            grow(world, "after the second")
            publisher_of(world, hands).publish()
        found.append(world)
    return found[0], found[1]


@pytest.fixture(scope="module")
def once(worlds: tuple[World, World]) -> bytes:
    return made(worlds[0])


@pytest.fixture(scope="module")
def twice(worlds: tuple[World, World]) -> bytes:
    return made(worlds[1])


def verdicts(data: bytes, trusted: bytes) -> tuple[int, int]:
    return ours(data, trusted), alone(data, trusted)


def repacked(data: bytes, **members: bytes | None) -> bytes:
    """The pack with members replaced or, for None, left out, listed as a forger would list them."""
    read = pack.read(data)
    kept = {name.replace("_PROOF", HANDOVER): content for name, content in members.items()}
    merged = {name: content for name, content in {**read.members, **kept}.items() if content is not None}
    return pack.build(pack.Pack(read.lot, read.origin, read.tree_size, read.root, merged))


def test_both_verifiers_follow_the_keys_from_each_that_is_trusted(once: bytes, twice: bytes) -> None:
    for trusted in ((FIRST,), (SECOND,), (SECOND, FIRST)):
        assert verdicts(once, policy(*trusted)) == (0, 0)
    for trusted in ((FIRST,), (SECOND,), (THIRD,), (THIRD, FIRST)):
        assert verdicts(twice, policy(*trusted)) == (0, 0)
    assert b'"format":"lotproof-pack/2"' in once


@pytest.mark.parametrize("trusted", [STRANGER, THIRD], ids=["a stranger's", "one that comes later"])
def test_no_other_key_verifies_it(once: bytes, trusted: MemorySigner) -> None:
    line = f"log {vkey(FIRST).__class__(vkey(FIRST).name, trusted.public_key)}\nquorum none\n".encode()
    assert verdicts(once, line) == (3, 3)


def test_a_pack_of_before_stays_valid_under_the_key_of_then(tmp_path: Path) -> None:
    world = played(World(tmp_path))
    before = made(world)
    rotated(world)
    assert verdicts(before, policy(FIRST)) == (0, 0)
    assert verdicts(before, policy(SECOND)) == (3, 3)
    assert verdicts(before, policy(SECOND, FIRST)) == (0, 0)


def test_a_pack_without_its_handover_is_refused(once: bytes) -> None:
    data = repacked(once, _PROOF=None)
    for trusted in (policy(FIRST), policy(SECOND)):
        assert verdicts(data, trusted) == (3, 3)


def handover(
    data: bytes, *, index: int | None = None, root: bytes | None = None, by: tuple[MemorySigner, ...]
) -> bytes:
    """The handover of a pack, changed and signed again."""
    proof = InclusionProof.parse(pack.read(data).members[HANDOVER])
    stated = Checkpoint.parse(Note.parse(proof.checkpoint).text)
    told = Checkpoint(stated.origin, stated.size, root or stated.root)
    note = signed_by_all(told, [(vkey(one), one.sign(told.text.encode())) for one in by])
    return bytes(InclusionProof(proof.index if index is None else index, proof.path, str(note).encode()))


@pytest.mark.parametrize(
    "change",
    [
        {"by": (FIRST,)},
        {"by": (SECOND,)},
        {"by": (FIRST, THIRD)},
        {"by": (FIRST, SECOND), "root": bytes(32)},
        {"by": (FIRST, SECOND), "index": 0},
        {"by": (FIRST, SECOND), "index": 1},
    ],
    ids=["former alone", "new alone", "another successor", "another tree", "entry 0", "another entry"],
)
def test_a_handover_that_the_keys_did_not_sign_so_is_refused(once: bytes, change: dict[str, object]) -> None:
    data = repacked(once, _PROOF=handover(once, **change))  # type: ignore[arg-type]
    for trusted in (policy(FIRST), policy(SECOND)):
        found = verdicts(data, trusted)
        assert found[0] == found[1] != 0


def test_the_former_key_alone_signs_no_tree_any_more(once: bytes) -> None:
    read = pack.read(once)
    checkpoint = open_checkpoint(read.members[pack.CHECKPOINT], vkey(SECOND))
    note = str(signed(checkpoint, vkey(FIRST), FIRST.sign(checkpoint.text.encode()))).encode()
    members = dict(read.members) | {pack.CHECKPOINT: note}
    for name, content in read.members.items():
        if name.startswith(pack.RECORDS) and name.endswith(".tlog-proof"):
            proof = InclusionProof.parse(content)
            members[name] = bytes(InclusionProof(proof.index, proof.path, note))
    whole = pack.Pack(read.lot, read.origin, read.tree_size, read.root, members)
    for stripped in (False, True):
        if stripped:
            del members[HANDOVER]
        for trusted in (policy(FIRST), policy(SECOND), policy(FIRST, SECOND)):
            assert verdicts(pack.build(whole), trusted) == (3, 3)


def test_every_byte_of_the_handover_matters(once: bytes) -> None:
    start = once.index(HANDOVER.encode())
    end = once.index(b"PK\x03\x04", start)
    for place in range(start, end, 11):
        data = bytearray(once)
        data[place] ^= 1
        found = verdicts(bytes(data), policy(FIRST))
        assert found[0] == found[1] != 0, place


def test_the_listing_names_the_format_that_its_members_have(once: bytes) -> None:
    read = pack.read(once)
    listing = once[39 : 39 + int.from_bytes(once[22:26], "little")]
    said = json.loads(listing)
    assert said["format"] == pack.FORMAT_HANDED_OVER
    told = listing.replace(b"lotproof-pack/2", b"lotproof-pack/1")
    data = pack.archive([(pack.LISTING, told), *read.members.items()])
    assert verdicts(data, policy(FIRST)) == (3, 3)


def test_the_verifier_of_the_release_before_is_still_known(once: bytes) -> None:
    from exporters.pack import verify_lot

    assert audit_pack.OLDER <= verify_lot.KNOWN
