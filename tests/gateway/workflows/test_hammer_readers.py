"""A reader believes nothing: whatever a log takes back, changes or leaves out, it says so."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.workflows.hammer_readers import LogReader
from ledger.core import merkle, tiles
from ledger.core.checkpoint import Checkpoint, signed
from ledger.core.keys import VerifierKey
from ledger.errors import MissingEvidence, ProofError
from tests.ledger.fakes import MemoryObjectStore
from tests.ledger.world import LOG_KEY, ORIGIN, World

KEY = VerifierKey(ORIGIN, LOG_KEY.public_key)
SEED = 20261120


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path).play("received")
    world.publisher.publish()
    yield world
    world.close()


def objects(world: World) -> MemoryObjectStore:
    assert isinstance(world.objects, MemoryObjectStore)
    return world.objects


def reader(world: World) -> LogReader:
    return LogReader(world.objects, world.policy, random.Random(SEED))


def show(world: World, size: int, root: bytes) -> None:
    """Sign another tree and make it visible."""
    checkpoint = Checkpoint(ORIGIN, size, root)
    objects(world).replace(
        "checkpoint", str(signed(checkpoint, KEY, LOG_KEY.sign(checkpoint.text.encode()))).encode()
    )


def size_of(world: World) -> int:
    return world.publisher.publish().size


def hashes(world: World, size: int) -> tiles.TileHashes:
    return tiles.TileHashes(size, lambda tile: world.objects.get(tile.path))


def test_a_growing_log_is_read_again_and_again(shown: World) -> None:
    looking = reader(shown)
    first = looking.read()
    shown.record(shown.assigned("inspection late"))
    shown.publisher.publish()
    assert [looking.read() for _ in range(20)] == [first + 2] * 20


def test_a_log_that_shrinks_is_refused(shown: World) -> None:
    looking = reader(shown)
    old = objects(shown).get("checkpoint")
    shown.record(shown.assigned("inspection late"))
    shown.publisher.publish()
    looking.read()
    objects(shown).replace("checkpoint", old)
    with pytest.raises(ProofError, match="showed"):
        looking.read()


def test_another_tree_of_the_same_size_is_refused(shown: World) -> None:
    looking = reader(shown)
    size = looking.read()
    show(shown, size, b"\x01" * 32)
    with pytest.raises(ProofError, match="two roots for one tree size"):
        looking.read()


def test_a_tree_that_does_not_extend_the_one_before_is_refused(shown: World) -> None:
    """Sizes that grow prove nothing by themselves."""
    looking = reader(shown)
    size = looking.read()
    shown.record(shown.assigned("inspection late"))
    grown = size_of(shown)
    leaves = [hashes(shown, grown)(0, n) for n in range(grown)]
    leaves[size // 2] = bytes(32)
    objects(shown).objects[f"tile/0/000.p/{grown}"] = b"".join(leaves)
    show(shown, grown, merkle.root_of(leaves))
    with pytest.raises(ProofError, match="does not extend"):
        looking.read()


def test_a_checkpoint_of_another_key_is_refused(shown: World) -> None:
    note = objects(shown).get("checkpoint")
    objects(shown).replace("checkpoint", note[:-10] + b"AAAAAAAA=\n")
    with pytest.raises(ProofError):
        reader(shown).read()


@pytest.mark.parametrize("position", [0.0, 0.4, 0.99])
def test_a_bundle_with_another_byte_is_refused_whichever_entry_was_wanted(
    shown: World, position: float
) -> None:
    size = reader(shown).read()
    key = f"tile/entries/000.p/{size}"
    data = bytearray(objects(shown).get(key))
    data[int(position * len(data))] ^= 1
    objects(shown).objects[key] = bytes(data)
    with pytest.raises(ProofError, match="tile/entries/000"):
        reader(shown).read()


def test_a_tile_with_another_byte_is_refused(shown: World) -> None:
    size = reader(shown).read()
    key = f"tile/0/000.p/{size}"
    data = bytearray(objects(shown).get(key))
    data[40] ^= 1
    objects(shown).objects[key] = bytes(data)
    with pytest.raises(ProofError):
        reader(shown).read()


def test_a_tile_that_is_gone_is_missing(shown: World) -> None:
    size = reader(shown).read()
    del objects(shown).objects[f"tile/0/000.p/{size}"]
    with pytest.raises(MissingEvidence, match="tile/0/000"):
        reader(shown).read()


class TestAcknowledged:
    def test_what_was_acknowledged_holds(self, shown: World) -> None:
        reader(shown).check_holds({entry.index: entry.leaf_hash for entry in shown.entries})

    def test_an_entry_that_is_another_is_named(self, shown: World) -> None:
        leaves = {entry.index: entry.leaf_hash for entry in shown.entries}
        leaves[7] = bytes(32)
        with pytest.raises(ProofError, match="entry 7"):
            reader(shown).check_holds(leaves)

    def test_an_entry_beyond_the_tree_is_named(self, shown: World) -> None:
        with pytest.raises(ProofError, match="entry 9999 was acknowledged"):
            reader(shown).check_holds({9999: bytes(32)})
