"""A second copy answers with what it has, whatever form it has, and never fails."""

from pathlib import Path

import pytest

from ledger.copies import DatabaseCopy, ObjectsCopy
from ledger.core import tiles
from ledger.errors import StorageUnavailable
from ledger.store import log
from ledger.store.database import Database
from tests.ledger.fakes import MemoryObjectStore
from tests.ledger.world import World, but, ident


@pytest.fixture
def large(world: World) -> World:
    """A full tile and an open one."""
    world.play("granted")
    draft = world.declared(data={"manifest": None}, rows=())
    for n in range(250):
        world.record(but(draft, subjects=[ident("lot", str(n))]))
    world.publisher.publish()
    return world


def rows(world: World) -> list[tuple[bytes, bytes]]:
    with world.database.reading() as connection:
        found = connection.execute(log.ENTRIES.select().order_by(log.ENTRIES.c.idx))
        return [(row.leaf, row.leaf_hash) for row in found]


class Unlisted(MemoryObjectStore):
    """What a web server shows: objects by name, and no list of them."""

    def keys(self, prefix: str = ""):
        del prefix
        return iter(())


def test_every_entry_and_hash_is_found(large: World) -> None:
    copy = ObjectsCopy("copy", large.objects)
    for index, (leaf, hash_) in enumerate(rows(large)):
        assert (copy.entry(index), copy.leaf_hash(index)) == (leaf, hash_)
    assert copy.entry(len(rows(large))) is None


def test_without_a_list_the_checkpoint_says_how_wide_the_last_bundle_is(large: World) -> None:
    store = Unlisted()
    store.objects = large.objects.objects
    copy = ObjectsCopy("copy", store)
    assert [copy.entry(index) for index in (0, 260)] == [rows(large)[index][0] for index in (0, 260)]


def test_the_widest_partial_bundle_is_taken(large: World) -> None:
    """The full one is gone; what is left of it are the bundles that it replaced."""
    leaves = [leaf for leaf, _ in rows(large)]
    store = MemoryObjectStore()
    for width in (3, 9, 7):
        store.create(tiles.Tile(-1, 0, width).path, tiles.bundle(leaves[:width]))
    copy = ObjectsCopy("copy", store)
    assert [copy.entry(index) for index in (8, 9)] == [leaves[8], None]


def test_notes_come_from_the_archive_or_from_what_is_visible(large: World) -> None:
    copy = ObjectsCopy("copy", large.objects)
    size = len(rows(large))
    shown = large.objects.get("checkpoint")
    assert copy.note(size) == shown
    del large.objects.objects[f"checkpoints/{size}"]
    assert ObjectsCopy("copy", large.objects).note(size) == shown
    assert copy.note(7) is None


def test_a_copy_that_is_damaged_or_away_has_nothing(large: World, tmp_path: Path) -> None:
    class Away(MemoryObjectStore):
        def get(self, key: str) -> bytes:
            raise StorageUnavailable(key)

    junk = MemoryObjectStore()
    for key in large.objects.keys():  # noqa: SIM118 - a store, not a dict
        junk.create(key, b"junk")
    (tmp_path / "other.db").write_bytes(b"junk" * 100)
    broken = Database.at(tmp_path / "other.db")
    for copy in (ObjectsCopy("a", Away()), ObjectsCopy("b", junk), DatabaseCopy("c", broken)):
        assert (copy.entry(3), copy.leaf_hash(3), copy.note(12)) == (None, None, None)
    broken.close()


def test_a_database_has_entries_hashes_and_notes(large: World) -> None:
    copy = DatabaseCopy("copy", large.database)
    leaf, hash_ = rows(large)[3]
    assert (copy.entry(3), copy.leaf_hash(3)) == (leaf, hash_)
    assert copy.note(len(rows(large))) == large.objects.get("checkpoint")
    assert (copy.entry(9_999), copy.note(9_999)) == (None, None)
