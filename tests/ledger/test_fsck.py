"""fsck names each damaged byte's place, repairs only what a hash proves, and never leaves a guard off."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from ledger.adapters.folder import Folder
from ledger.copies import Copy, DatabaseCopy, ObjectsCopy
from ledger.core import merkle, tiles
from ledger.core.canonical import dumps, loads
from ledger.core.checkpoint import Checkpoint, signed
from ledger.core.keys import VerifierKey
from ledger.core.note import Signature
from ledger.errors import Rollback, StorageConflict, StorageError, StorageUnavailable
from ledger.fsck import Repair, fsck
from ledger.fsck_report import Report
from ledger.mirror import mirror
from ledger.rebuild import rebuild
from ledger.store import checkpoints, log, unguarded
from ledger.store.database import Database
from ledger.store.tables import LEDGER_TABLES
from tests.conftest import POSTGRESQL, SQLITE
from tests.ledger.fakes import MemoryObjectStore, MemorySigner
from tests.ledger.world import LOG_KEY, ORIGIN, World, but, drop_guards, ident
from tests.postgresql import Server

pytestmark = pytest.mark.databases(SQLITE, POSTGRESQL)
KEY = VerifierKey(ORIGIN, LOG_KEY.public_key)
HURT = 20  # an entry in the middle: a key registration


class Bench:
    """What a repair wrote down, and the bytes it replaced."""

    def __init__(self) -> None:
        self.journal: list[dict[str, Any]] = []
        self.kept: dict[str, bytes] = {}

    @property
    def repair(self) -> Repair:
        return Repair(self.journal.append, self.kept.__setitem__)


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def published(world: World) -> World:
    world.play("declared")
    world.publisher.publish()
    return world


def memory(world: World) -> MemoryObjectStore:
    assert isinstance(world.objects, MemoryObjectStore)
    return world.objects


def check(world: World, bench: Bench | None = None, *copies: Copy) -> Report:
    own = ObjectsCopy("the objects", world.objects)
    return fsck(
        world.database,
        world.objects,
        KEY,
        copies=[own, *copies],
        repairing=bench.repair if bench else None,
    )


def grow(world: World, count: int, name: str = "more") -> None:
    draft = world.declared(data={"manifest": None}, rows=())
    for n in range(count):
        world.record(but(draft, subjects=[ident("lot", f"{name} {n}")]))


@contextmanager
def editing(world: World, *names: str) -> Iterator[Connection]:
    """The database in the hands of someone who lifts the guards and puts them back."""
    with world.database.writer.begin() as connection, unguarded.unguarded(connection, *names):
        yield connection


def edit(world: World, statement: str, **values: Any) -> None:
    names = [name for name in ("entries", "chain", "checkpoints") if name in statement]
    with editing(world, *names) as connection:
        done = connection.execute(text(statement), values)
        assert done.rowcount > 0


def stored(world: World, column: str, index: int = HURT) -> Any:
    with world.database.reading() as connection:
        row = connection.execute(text(f"SELECT {column} FROM entries WHERE idx = :i"), {"i": index})
        return row.scalar_one()


def all_rows(world: World) -> list[tuple[Any, ...]]:
    with world.database.reading() as connection:
        rows = connection.execute(
            text("SELECT idx, leaf, leaf_hash, event_id, type FROM entries ORDER BY idx")
        )
        return [tuple(row) for row in rows]


def flipped(data: bytes, position: int) -> bytes:
    changed = bytearray(data)
    changed[position] ^= 1
    return bytes(changed)


def places(report: Report) -> list[tuple[str, int | None, str]]:
    return [(finding.stage, finding.entry, finding.field) for finding in report.findings]


def assert_guarded(world: World) -> None:
    with world.database.reading() as connection:
        assert unguarded.missing(connection) == []


def test_a_whole_log_is_whole(published: World) -> None:
    grow(published, 3)
    report = check(published)
    assert (report.verdict, report.exit_code, report.findings) == ("whole", 0, [])
    assert report.checked == ["guards", "checkpoints", "entries", "chain", "objects"]
    assert (report.size, report.signed_size) == (len(published.entries) + 1, len(published.entries) - 2)


def test_an_empty_database_is_whole(world: World) -> None:
    assert (check(world).exit_code, check(world).size) == (0, 0)


PAYLOAD = len(b'{"body":{"at":"20')
DAMAGE: dict[str, tuple[Callable[[World], None], list[tuple[str, int | None, str]]]] = {
    "payload": (
        lambda world: edit(
            world,
            "UPDATE entries SET leaf = :leaf WHERE idx = :i",
            leaf=flipped(stored(world, "leaf"), PAYLOAD),
            i=HURT,
        ),
        [("entries", HURT, "leaf")],
    ),
    "signature": (
        lambda world: edit(
            world,
            "UPDATE entries SET leaf = :leaf WHERE idx = :i",
            leaf=flipped(stored(world, "leaf"), -20),
            i=HURT,
        ),
        [("entries", HURT, "leaf")],
    ),
    "leaf hash": (
        lambda world: edit(
            world,
            "UPDATE entries SET leaf_hash = :hash WHERE idx = :i",
            hash=flipped(stored(world, "leaf_hash"), 7),
            i=HURT,
        ),
        [("entries", HURT, "leaf_hash")],
    ),
    "event id": (
        lambda world: edit(
            world,
            "UPDATE entries SET event_id = :id WHERE idx = :i",
            id=flipped(stored(world, "event_id"), 31),
            i=HURT,
        ),
        [("entries", HURT, "event_id")],
    ),
    "type": (
        lambda world: edit(world, "UPDATE entries SET type = 'lot.sold' WHERE idx = :i", i=HURT),
        [("entries", HURT, "type")],
    ),
    "row": (
        lambda world: edit(world, "DELETE FROM entries WHERE idx = :i", i=HURT),
        [("entries", HURT, "leaf")],
    ),
    "head": (
        lambda world: edit(world, "UPDATE log_state SET last_leaf = leaf_hash FROM entries WHERE idx = 3"),
        [("head row", None, "last_leaf")],
    ),
    "size": (
        lambda world: edit(world, "UPDATE log_state SET size = size - 1"),
        [("head row", None, "size")],
    ),
    "chain": (
        lambda world: edit(world, "UPDATE chain SET seq = 7 WHERE idx = :i", i=HURT),
        [("chain", HURT, "subjects")],
    ),
    "root": (
        lambda world: edit(world, "UPDATE checkpoints SET root = leaf_hash FROM entries WHERE idx = 3"),
        [("checkpoints", None, "root")],
    ),
    "note": (
        lambda world: edit(
            world,
            "UPDATE checkpoints SET note = :note",
            note=flipped(world.objects.get("checkpoint"), 30),
        ),
        [("checkpoints", None, "note")],
    ),
}
BY_REBUILD = {"head", "size", "chain"}  # working tables


@pytest.mark.parametrize("kind", DAMAGE)
def test_each_damaged_part_is_named_and_nothing_else(published: World, kind: str) -> None:
    """A bit flips at rest (F9)."""
    grow(published, 2)
    harm, expected = DAMAGE[kind]
    harm(published)
    report = check(published)
    assert places(report) == expected
    assert report.exit_code == (4 if kind == "row" else 3)
    assert report.signed_size == len(published.entries) - 1, "the rest is still what was signed"


@pytest.mark.parametrize("kind", DAMAGE)
def test_what_a_hash_proves_is_repaired(published: World, bench: Bench, kind: str) -> None:
    """Nimbus: a flipped bit in an entry; Yeti: one in a leaf hash. Both cost a log that had the proof."""
    grow(published, 2)
    before = all_rows(published)
    DAMAGE[kind][0](published)
    report = check(published, bench)
    if kind in BY_REBUILD:
        assert (report.exit_code, report.repaired) == (3, [])
        assert "lotproof rebuild" in report.findings[0].message
        return
    assert (report.verdict, report.exit_code, len(report.repaired)) == ("repaired", 0, 1), report.to_json()
    assert all_rows(published) == before
    assert check(published).verdict == "whole"
    assert published.audit().verdict == "verified"
    assert bench.journal
    assert_guarded(published)
    published.publisher.publish()
    assert published.audit().verdict == "verified"


def test_the_bytes_that_are_replaced_are_kept(published: World, bench: Bench) -> None:
    damaged = flipped(stored(published, "leaf"), PAYLOAD)
    edit(published, "UPDATE entries SET leaf = :leaf WHERE idx = :i", leaf=damaged, i=HURT)
    check(published, bench)
    assert bench.kept == {f"entries/{HURT}": damaged}
    assert bench.journal[0]["from"] == "the objects"


def test_a_rewritten_entry_is_told_from_the_one_that_was_signed(published: World, bench: Bench) -> None:
    """Bytes, leaf hash and event id changed together, and every later entry linked to it again."""
    before = all_rows(published)
    previous = b""
    for index, data, *_ in before[HURT:]:
        value: Any = loads(data)
        if previous:
            value["log"]["prev"] = merkle.leaf_hash(previous).hex()
        else:
            value["body"]["at"] = "2026-11-20T00:00:59Z"
        previous = dumps(value)
        edit(
            published,
            "UPDATE entries SET leaf = :leaf, leaf_hash = :hash WHERE idx = :i",
            leaf=previous,
            hash=merkle.leaf_hash(previous),
            i=index,
        )
    report = check(published)
    assert report.exit_code == 3
    found = [place for place in places(report) if place[0] == "entries"]
    assert found == [("entries", index, "leaf") for index in range(HURT, len(before))]
    assert check(published, bench).exit_code == 0
    assert all_rows(published) == before


def test_rows_that_changed_places_change_back(published: World, bench: Bench) -> None:
    before = all_rows(published)
    for old, new in ((HURT, -1), (HURT + 1, HURT), (-1, HURT + 1)):
        edit(published, "UPDATE entries SET idx = :new WHERE idx = :old", old=old, new=new)
    assert {entry for _, entry, _ in places(check(published))} >= {HURT, HURT + 1}
    assert check(published, bench).exit_code == 0
    assert all_rows(published) == before


def test_a_row_under_another_index_goes_back(published: World, bench: Bench) -> None:
    """Without any copy: its own bytes say where it belongs."""
    before = all_rows(published)
    edit(published, "UPDATE entries SET idx = 7000 WHERE idx = :i", i=HURT)
    report = fsck(published.database, published.objects, KEY, repairing=bench.repair)
    assert (report.exit_code, bench.journal[0]["from"]) == (0, "a row under another index")
    assert all_rows(published) == before


def test_many_damaged_entries_are_repaired_together(world: World, bench: Bench) -> None:
    world.play("granted")
    grow(world, 300)
    world.publisher.publish()
    before = all_rows(world)
    edit(world, "UPDATE entries SET leaf = leaf_hash WHERE idx % 2 = 0")
    edit(world, "DELETE FROM entries WHERE idx % 3 = 1")
    report = check(world, bench)
    assert (report.exit_code, len(report.repaired)) == (0, len(report.findings))
    assert all_rows(world) == before
    assert world.audit().verdict == "verified"


class TestSecondCopies:
    @pytest.fixture
    def hurt(self, published: World) -> World:
        """One entry damaged, and its bundle gone from the objects."""
        leaf = flipped(stored(published, "leaf"), PAYLOAD)
        self.right = stored(published, "leaf")
        edit(published, "UPDATE entries SET leaf = :leaf WHERE idx = :i", leaf=leaf, i=HURT)
        self.mirrored = MemoryObjectStore()
        mirror(published.objects, self.mirrored, KEY)
        for key in list(memory(published).keys("tile/entries")):
            del memory(published).objects[key]
        return published

    def test_without_a_copy_nothing_is_changed(self, hurt: World, bench: Bench) -> None:
        before = all_rows(hurt)
        report = check(hurt, bench)
        assert report.exit_code == 3
        assert "no copy at hand has it" in report.findings[0].message
        assert all_rows(hurt) == before

    def test_a_mirror_has_it(self, hurt: World, bench: Bench, tmp_path: Path) -> None:
        folder = Folder(tmp_path / "mirror")
        for key, data in self.mirrored.objects.items():
            folder.create(key, data)
        report = check(hurt, bench, ObjectsCopy("the mirror", folder))
        assert report.exit_code == 0
        assert stored(hurt, "leaf") == self.right
        assert next(hurt.objects.keys("tile/entries")), "the bundle is made again, from the repaired entry"
        assert check(hurt).verdict == "whole"

    def test_a_backup_has_it(self, hurt: World, bench: Bench, tmp_path: Path) -> None:
        other = Database.at(tmp_path / "backup.db")
        SQLModel.metadata.create_all(other.writer, tables=LEDGER_TABLES)
        rows = [row if row[0] != HURT else (HURT, self.right, *row[2:]) for row in all_rows(hurt)]
        with other.writer.begin() as connection:
            names = ("idx", "leaf", "leaf_hash", "event_id", "type")
            connection.execute(log.ENTRIES.insert(), [dict(zip(names, row, strict=True)) for row in rows])
        report = check(hurt, bench, DatabaseCopy("the backup", other))
        other.close()
        assert report.exit_code == 0
        assert stored(hurt, "leaf") == self.right

    def test_a_copy_with_other_bytes_is_not_believed(self, hurt: World, bench: Bench) -> None:
        key = next(self.mirrored.keys("tile/entries"))
        self.mirrored.objects[key] = self.mirrored.objects[key].replace(b"operator", b"0perator")
        before = all_rows(hurt)
        report = check(hurt, bench, ObjectsCopy("the mirror", self.mirrored))
        assert report.exit_code == 3
        assert all_rows(hurt) == before

    def test_an_entry_that_no_signed_tree_covers_is_left_alone(self, published: World, bench: Bench) -> None:
        grow(published, 3)
        index = len(published.entries) - 1
        right = stored(published, "leaf", index)
        edit(
            published,
            "UPDATE entries SET leaf = :leaf WHERE idx = :i",
            leaf=flipped(right, PAYLOAD),
            i=index,
        )

        class Holder(MemoryObjectStore):
            name = "someone who has it"

            def entry(self, index: int) -> bytes | None:
                return right

            def leaf_hash(self, index: int) -> bytes | None:
                return merkle.leaf_hash(right)

            def note(self, size: int) -> bytes | None:
                return None

        report = check(published, bench, Holder())
        assert (report.exit_code, report.repaired) == (3, [])
        assert places(report) == [("entries", index, "leaf")]
        assert "no signed tree covers it yet" in report.findings[0].message

    def test_its_leaf_hash_is_still_made_again_from_the_leaf(self, published: World, bench: Bench) -> None:
        grow(published, 3)
        index = len(published.entries) - 1
        right = stored(published, "leaf_hash", index)
        edit(published, "UPDATE entries SET leaf_hash = :h WHERE idx = :i", h=flipped(right, 0), i=index)
        assert check(published, bench).exit_code == 0
        assert stored(published, "leaf_hash", index) == right


@pytest.mark.parametrize("table", ["log_state", "chain"])
def test_a_table_that_is_gone_is_told_and_rebuild_named(published: World, table: str) -> None:
    with published.database.writer.begin() as connection:
        connection.execute(text(f"DROP TABLE {table}"))
    report = check(published)
    assert report.exit_code in {3, 4}
    assert any("lotproof rebuild" in finding.message for finding in report.findings)
    rebuild(published.database, KEY)
    assert check(published).verdict == "whole"


class TestGuards:
    def test_guards_that_are_gone_are_missed_and_put_back(self, published: World, bench: Bench) -> None:
        with published.database.writer.begin() as connection:
            drop_guards(connection)
        report = check(published)
        assert report.exit_code == 4
        assert "entries_are_gapless" in {field for stage, _, field in places(report) if stage == "guards"}
        assert check(published, bench).exit_code == 0
        assert_guarded(published)
        for statement in ("DELETE FROM entries", "UPDATE checkpoints SET size = 1"):
            with pytest.raises(Exception, match="never changed"), published.database.writer.begin() as c:
                c.execute(text(statement))

    def test_a_repair_that_dies_leaves_everything_as_it_was(self, published: World) -> None:
        edit(published, "UPDATE entries SET type = 'lot.sold' WHERE idx IN (3, 4)")
        before = all_rows(published)

        class Killed(BaseException):
            pass

        def dies(note: dict[str, Any]) -> None:
            if note["index"] == 4:
                raise Killed

        with pytest.raises(Killed):
            check(published, type("Dying", (), {"repair": Repair(dies, lambda _k, _d: None)})())  # type: ignore[arg-type]
        assert all_rows(published) == before
        assert_guarded(published)

    @pytest.mark.databases(POSTGRESQL)
    def test_a_role_that_does_not_own_the_tables_is_told_so(
        self, published: World, bench: Bench, postgresql: Server
    ) -> None:
        edit(published, "UPDATE entries SET type = 'lot.sold' WHERE idx = 3")
        name = published.database.url.rpartition("/")[2]
        postgresql.sql("CREATE ROLE fsck_app LOGIN PASSWORD 'app'")
        postgresql.sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO fsck_app", name=name)
        app = Database(postgresql.url(name, user="fsck_app:app"))
        report = fsck(app, published.objects, KEY, repairing=bench.repair)
        app.close()
        assert report.exit_code == 3
        assert any("connect as the role that owns them" in note for note in report.notes)
        assert_guarded(published)


@pytest.mark.databases(SQLITE)
class TestObjects:
    @pytest.fixture
    def large(self, world: World) -> World:
        """A full tile, superseded partial ones, and an open tile."""
        world.play("granted")
        for count in (30, 150, 60, 20):
            grow(world, count, name=str(count))
            world.publisher.publish()
        return world

    def test_a_log_with_every_kind_of_tile_is_whole(self, large: World) -> None:
        kinds = {tiles.Tile.parse(key).level for key in large.objects.keys("tile")}
        assert kinds == {-1, 0, 1}
        assert check(large).verdict == "whole"

    @pytest.mark.databases(SQLITE, POSTGRESQL)
    def test_every_missing_object_is_healed_from_the_database(self, large: World, bench: Bench) -> None:
        store = memory(large)
        whole = dict(store.objects)
        needed = 0
        for key in whole:
            store.objects = {name: data for name, data in whole.items() if name != key}
            report = check(large)
            assert report.exit_code in {0, 4}, key
            if report.exit_code:
                needed += 1
                assert [finding.field for finding in report.findings] == [key]
                assert check(large, bench).verdict == "repaired"
                assert store.objects == whole
        assert needed >= 9, "full tiles, open tiles, the checkpoint and the archive cannot do without"
        store.objects = {}
        assert check(large, bench).verdict == "repaired"
        assert check(large).verdict == "whole"
        assert large.audit().verdict == "verified"

    def test_every_damaged_object_is_found_and_repaired(self, large: World, bench: Bench) -> None:
        """Superseded partial tiles, too: someone may hold a checkpoint of their size."""
        store = memory(large)
        whole = dict(store.objects)
        for key, data in whole.items():
            store.objects[key] = damaged = flipped(data, len(data) // 2)
            report = check(large)
            assert (report.exit_code, [finding.field for finding in report.findings]) == (3, [key])
            report = check(large, bench)
            assert (report.verdict, bench.kept.pop(key)) == ("repaired", damaged)
            assert store.objects == whole

    def test_a_partial_tile_of_an_older_signed_tree_stays_until_the_full_one_is_there(
        self, published: World
    ) -> None:
        size = len(published.entries) + 1
        grow(published, 2)
        published.publisher.publish()
        del memory(published).objects[f"tile/0/000.p/{size}"]
        assert places(check(published)) == [("objects", 0, f"tile/0/000.p/{size}")]

    def test_an_object_with_other_bytes_stops_publishing_until_fsck(self, large: World, bench: Bench) -> None:
        """Someone was quicker with bytes of their own where the next tree's bundle goes."""
        grow(large, 3, name="next")
        planted = f"tile/entries/001.p/{len(all_rows(large)) + 1 - tiles.WIDTH}"
        memory(large).objects[planted] = b"planted"
        for _ in range(2):
            with pytest.raises(StorageConflict, match="exists with other bytes"):
                large.publisher.publish()
        shown = large.objects.get("checkpoint")
        report = check(large)
        assert (report.exit_code, places(report)) == (3, [("objects", tiles.WIDTH, planted)])
        assert "no signed tree covers it yet" in report.findings[0].message
        assert check(large, bench).verdict == "repaired"
        assert bench.kept == {planted: b"planted"}
        assert large.objects.get("checkpoint") == shown
        large.publisher.publish()
        assert large.audit().verdict == "verified"

    def test_a_damaged_tile_at_the_edge_stops_publishing_until_fsck(self, large: World, bench: Bench) -> None:
        key = "tile/1/000.p/1"
        memory(large).objects[key] = flipped(large.objects.get(key), 5)
        grow(large, 3, name="next")
        with pytest.raises(StorageError):
            large.publisher.publish()
        assert check(large, bench).verdict == "repaired"
        large.publisher.publish()
        assert large.audit().verdict == "verified"

    def test_a_bundle_is_judged_by_hash_where_the_database_lost_the_entry(self, large: World) -> None:
        edit(large, "UPDATE entries SET leaf = leaf_hash WHERE idx = :i", i=HURT)
        assert places(check(large)) == [("entries", HURT, "leaf")]

    def test_objects_are_not_replaced_by_what_the_database_does_not_have(
        self, large: World, bench: Bench
    ) -> None:
        """Damaged on both sides: the bundle stays as it is, and is named."""
        leaf = stored(large, "leaf")
        edit(large, "UPDATE entries SET leaf = leaf_hash WHERE idx = :i", i=HURT)
        for key in list(large.objects.keys("tile/entries")):
            memory(large).objects[key] = large.objects.get(key).replace(leaf, flipped(leaf, PAYLOAD))
        before = dict(memory(large).objects)
        report = check(large, bench)
        assert (report.exit_code, report.repaired, bench.journal) == (3, [], [])
        assert any("the database does not have the bytes either" in note for note in report.notes)
        assert memory(large).objects == before

    def test_a_damaged_note_comes_back_from_the_archive(self, large: World, bench: Bench) -> None:
        edit(large, "UPDATE checkpoints SET note = leaf_hash FROM entries WHERE idx = 0")
        with large.database.reading() as connection:
            assert len(checkpoints.all_of(connection)) == 4
        before = {key: memory(large).objects[key] for key in large.objects.keys("checkpoints")}
        del memory(large).objects["checkpoint"]
        report = check(large, bench)
        assert report.exit_code == 0, report.to_json()
        with large.database.reading() as connection:
            notes = {f"checkpoints/{head.size}": head.note for head in checkpoints.all_of(connection)}
        assert notes == before
        assert check(large).verdict == "whole"

    def test_cosignatures_are_no_part_of_the_stored_note(self, large: World, bench: Bench) -> None:
        """The visible checkpoint carries them; the note beside the entries is as the log signed it."""
        shown, witness = large.objects.get("checkpoint"), MemorySigner("witness")
        line = Signature("witness.example/w", bytes(4), bytes(8) + witness.sign(b"text")).line
        memory(large).objects = {"checkpoint": shown + line.encode()}
        edit(
            large,
            "UPDATE checkpoints SET note = :junk WHERE size = (SELECT max(size) FROM checkpoints)",
            junk=b"junk",
        )
        check(large, bench)
        with large.database.reading() as connection:
            head = checkpoints.latest(connection)
        assert head is not None
        assert head.note == shown

    def test_a_store_that_does_not_answer_is_no_damage(self, large: World) -> None:
        class Down(MemoryObjectStore):
            def get(self, key: str) -> bytes:
                raise StorageUnavailable(f"{key}: no answer")

        large.objects = Down()
        report = check(large)
        assert report.exit_code == 4
        assert "entries" in report.checked
        assert "objects" not in report.checked

    def test_an_older_checkpoint_on_show_is_replaced(self, large: World, bench: Bench) -> None:
        oldest = min(large.objects.keys("checkpoints"), key=lambda key: int(key.rpartition("/")[2]))
        newest = large.objects.get("checkpoint")
        memory(large).objects["checkpoint"] = large.objects.get(oldest)
        report = check(large)
        assert (report.exit_code, places(report)) == (3, [("objects", None, "checkpoint")])
        assert check(large, bench).exit_code == 0
        assert large.objects.get("checkpoint") == newest


class TestRollback:
    def test_a_database_behind_what_was_shown_is_not_repaired(self, published: World, bench: Bench) -> None:
        checkpoint = Checkpoint(ORIGIN, 500, bytes(32))
        note = signed(checkpoint, KEY, LOG_KEY.sign(checkpoint.text.encode()))
        memory(published).objects["checkpoint"] = str(note).encode()
        del memory(published).objects[next(published.objects.keys("tile"))]
        report = check(published, bench)
        assert (report.verdict, report.exit_code) == ("rollback", 5)
        assert "history was lost" in report.rollback
        assert (bench.journal, report.repaired) == ([], [])

    def test_a_database_of_another_history_is_not_repaired(
        self, published: World, bench: Bench, tmp_path: Path
    ) -> None:
        """A restored backup that went on by itself, beside the objects of the log that it left."""
        (tmp_path / "other").mkdir()
        other = World(tmp_path / "other", published.objects).play("granted")
        grow(other, 12, name="other")
        report = check(other, bench)
        assert report.exit_code == 5
        assert "another history" in report.rollback
        assert bench.journal == []
        with pytest.raises(Rollback):
            other.publisher.publish()
        other.close()

    def test_a_checkpoint_of_a_stranger_is_damage_and_no_rollback(self, published: World) -> None:
        stranger = MemorySigner("stranger")
        key = VerifierKey(ORIGIN, stranger.public_key)
        checkpoint = Checkpoint(ORIGIN, 500, bytes(32))
        note = signed(checkpoint, key, stranger.sign(checkpoint.text.encode()))
        memory(published).objects["checkpoint"] = str(note).encode()
        report = check(published)
        assert (report.exit_code, places(report)) == (3, [("objects", None, "checkpoint")])
