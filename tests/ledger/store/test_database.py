"""Engines and triggers: an acknowledged record survives a power cut, and history is never rewritten."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from ledger.errors import StorageUnavailable
from ledger.store.database import BUSY_TIMEOUT_MS, Database
from tests.ledger.world import World

FULL = 2  # PRAGMA synchronous


def pragma(connection: object, name: str) -> object:
    return connection.execute(text(f"PRAGMA {name}")).scalar_one()  # type: ignore[attr-defined]


def test_the_writer_is_durable_at_every_commit(world: World) -> None:
    with world.database.writer.connect() as connection:
        assert pragma(connection, "journal_mode") == "wal"
        assert pragma(connection, "synchronous") == FULL
        assert pragma(connection, "foreign_keys") == 1
        assert pragma(connection, "busy_timeout") == BUSY_TIMEOUT_MS
        assert pragma(connection, "query_only") == 0


def test_every_reader_is_query_only(world: World) -> None:
    """Two at once, so that the second connection of the pool is looked at too."""
    with world.database.reading() as one, world.database.reading() as other:
        for connection in (one, other):
            assert pragma(connection, "query_only") == 1
            assert pragma(connection, "journal_mode") == "wal"
            assert pragma(connection, "busy_timeout") == BUSY_TIMEOUT_MS


def test_a_write_through_a_reader_fails(world: World) -> None:
    with (
        pytest.raises(StorageUnavailable, match="readonly"),
        world.database.reading() as connection,
    ):
        connection.execute(text("DELETE FROM log_state"))


def test_a_reader_sees_one_snapshot(world: World) -> None:
    world.play("opened")
    with world.database.reading() as connection:
        count = text("SELECT count(*) FROM entries")
        before = connection.execute(count).scalar_one()
        world.record(world.party("supplier"))
        assert connection.execute(count).scalar_one() == before


def test_a_writer_takes_the_lock_when_it_begins(world: World, tmp_path: Path) -> None:
    other = Database.at(tmp_path / "ledger.db")
    with world.database.writer.begin(), other.writer.connect() as connection:
        raw = connection.connection.cursor()
        raw.execute("PRAGMA busy_timeout=1")
        raw.close()
        with pytest.raises(StorageUnavailable, match="locked"):
            connection.begin()
    other.close()


@pytest.mark.parametrize("table", ["entries", "checkpoints", "chain"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_history_is_never_rewritten(world: World, table: str, statement: str) -> None:
    world.play("parties")
    world.publisher.publish()
    column = "size" if table == "checkpoints" else "idx"
    with (
        pytest.raises(IntegrityError, match=f"{table} are never changed"),
        world.database.writer.begin() as connection,
    ):
        connection.execute(text(statement.format(table, column, column)))


def test_entries_are_gapless(world: World) -> None:
    world.play("opened")
    row = "INSERT INTO entries VALUES (7, x'00', x'00', x'01', 'lot.declared')"
    with (
        pytest.raises(IntegrityError, match="entries are gapless"),
        world.database.writer.begin() as connection,
    ):
        connection.execute(text(row))


def test_checkpoints_only_grow(world: World) -> None:
    world.play("opened")
    world.publisher.publish()
    with (
        pytest.raises(IntegrityError, match="checkpoints only grow"),
        world.database.writer.begin() as connection,
    ):
        connection.execute(text("INSERT INTO checkpoints VALUES (1, x'00', x'00', '')"))


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"no database at all" * 100)
    database = Database.at(tmp_path / "ledger.db")
    with pytest.raises((StorageUnavailable, DBAPIError)), database.reading() as connection:
        connection.execute(text("SELECT 1 FROM sqlite_master"))
    database.close()
