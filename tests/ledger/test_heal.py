"""A publisher makes missing objects again, and stops at one that is there with other bytes."""

import pytest

from ledger.core import tiles
from ledger.errors import MissingEvidence, StorageConflict, StorageError
from ledger.publish import Publisher
from tests.conftest import POSTGRESQL, SQLITE
from tests.ledger.fakes import MemoryObjectStore
from tests.ledger.world import World, but, ident


def memory(world: World) -> MemoryObjectStore:
    assert isinstance(world.objects, MemoryObjectStore)
    return world.objects


def grow(world: World, count: int, name: str) -> None:
    draft = world.declared(data={"manifest": None}, rows=())
    for n in range(count):
        world.record(but(draft, subjects=[ident("lot", f"{name} {n}")]))


def started(world: World) -> Publisher:
    """A publisher that has just been started, as every ``lotproof publish`` is."""
    return Publisher(
        world.database,
        world.writer,
        world.objects,
        log_signer=world.log_signer,
        heads_signer=world.heads_signer,
        clock=world.clock,
    )


@pytest.fixture
def large(world: World) -> World:
    """A full tile and an open one, in two published trees."""
    world.play("granted")
    for name, count in (("first", 30), ("second", 240)):
        grow(world, count, name)
        world.publisher.publish()
    return world


def current(world: World) -> list[str]:
    """The objects that the visible tree cannot do without."""
    size = max(int(key.rpartition("/")[2]) for key in world.objects.keys("checkpoints"))
    archive = [key for key in memory(world).objects if key.startswith("checkpoint")]
    return [*(tile.path for tile in tiles.tiles_of(size)), *archive]


@pytest.mark.databases(SQLITE, POSTGRESQL)
def test_whatever_is_missing_is_made_again_by_a_start(large: World) -> None:
    store = memory(large)
    whole = dict(store.objects)
    needed = current(large)
    assert len(needed) >= 8
    for key in needed:
        del store.objects[key]
        started(large).publish()
        assert store.objects == whole, key
    for key in needed:
        del store.objects[key]
    started(large).publish()
    assert {key: store.objects[key] for key in needed} == {key: whole[key] for key in needed}
    assert large.audit().verdict == "verified"
    assert len(large.log_signer.signed) == 2, "nothing was signed again"


@pytest.mark.parametrize("key", ["tile/1/000.p/1", "tile/0/001.p/{}", "tile/entries/001.p/{}"])
def test_a_publisher_at_work_heals_what_it_misses(large: World, key: str) -> None:
    """The tree grows on what is gone: this round or the next makes it again."""
    path = next(found for found in current(large) if found.startswith(key.format("")))
    del memory(large).objects[path]
    grow(large, 3, "third")
    try:
        large.publisher.publish()
    except MissingEvidence:
        large.publisher.publish()
    assert path in memory(large).objects
    assert large.audit().verdict == "verified"


@pytest.mark.parametrize("key", ["tile/1/000.p/1", "tile/0/001.p/{}", "tile/entries/001.p/{}"])
def test_other_bytes_under_the_growing_edge_stop_publishing(large: World, key: str) -> None:
    path = next(found for found in current(large) if found.startswith(key.format("")))
    right = memory(large).objects[path]
    memory(large).objects[path] = right[:-1] + bytes([right[-1] ^ 1])
    shown = memory(large).objects["checkpoint"]
    grow(large, 3, "third")
    for publisher in (large.publisher, started(large), large.publisher):
        with pytest.raises(StorageError):
            publisher.publish()
    assert (memory(large).objects["checkpoint"], len(large.log_signer.signed)) == (shown, 2)
    memory(large).objects[path] = right
    large.publisher.publish()
    assert large.audit().verdict == "verified"


def test_a_start_looks_at_the_edge_even_when_nothing_grows(large: World) -> None:
    path = next(found for found in current(large) if found.startswith("tile/entries/001.p/"))
    memory(large).objects[path] = b"other bytes"
    with pytest.raises(StorageConflict, match="exists with other bytes; see: lotproof fsck"):
        started(large).publish()


def test_a_bundle_that_the_database_no_longer_agrees_with_stops_publishing(large: World) -> None:
    """The stored row is read again and compared before anything is signed on top of it."""
    large.tamper("UPDATE entries SET leaf = x'00' WHERE idx = 270")
    grow(large, 1, "third")
    with pytest.raises(StorageConflict, match="lotproof fsck"):
        large.publisher.publish()
    assert len(large.log_signer.signed) == 2


def test_nothing_is_made_from_entries_that_do_not_give_the_signed_root(large: World) -> None:
    large.tamper("UPDATE entries SET leaf = x'00' WHERE idx = 7")
    del memory(large).objects["tile/0/000"]
    before = dict(memory(large).objects)
    with pytest.raises(StorageError, match="do not give the root signed"):
        started(large).publish()
    assert memory(large).objects == before
