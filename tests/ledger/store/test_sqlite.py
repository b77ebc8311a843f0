"""SQLite: every connection is set up, read back, and refused when it could lose an acknowledged record."""

from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.errors import StorageError, StorageUnavailable
from ledger.store.database import Database
from ledger.store.sqlite import BUSY_TIMEOUT_MS, _set_pragmas
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


def test_a_file_system_that_cannot_share_memory_is_refused(tmp_path: Path) -> None:
    """SQLite's own VFS without shared memory stands for it: WAL is asked for and silently not given."""
    database = Database(f"sqlite:///file:{tmp_path / 'ledger.db'}?vfs=unix-dotfile&uri=true")
    with pytest.raises(StorageError, match="journal_mode=delete where WAL was asked for"):
        database.writing()
    database.close()


@pytest.mark.parametrize("name", ["journal_mode", "synchronous", "query_only"])
def test_a_pragma_that_did_not_take_is_refused(name: str) -> None:
    class Deaf:
        """A driver that agrees to everything and does nothing."""

        def cursor(self) -> "Deaf":
            return self

        def execute(self, _statement: str) -> "Deaf":
            return self

        def fetchone(self) -> tuple[object]:
            return (0,)

        def close(self) -> None:
            return

    with pytest.raises(StorageError, match=f"{name}=0 where ON was asked for"):
        _set_pragmas(Deaf(), {name: ("ON", 1)})


def test_a_writer_takes_the_lock_when_it_begins(world: World) -> None:
    other = world.another_database()
    with world.database.writer.begin(), other.writer.connect() as connection:
        raw = connection.connection.cursor()
        raw.execute("PRAGMA busy_timeout=1")
        raw.close()
        with pytest.raises(StorageUnavailable, match="locked"):
            connection.begin()
    other.close()
