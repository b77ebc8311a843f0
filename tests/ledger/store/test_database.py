"""What both databases promise: snapshots for readers, and a history that is never rewritten."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from ledger.errors import StorageError, StorageUnavailable
from ledger.store.database import Database
from ledger.store.guards import HISTORY
from tests.ledger.world import World

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def insert(world: World, *indexes: int) -> None:
    """Entries of these indexes in one statement, each with an event id of its own."""
    with world.database.writer.begin() as connection:
        values = ", ".join(f"({n}, :r{i}, :r{i}, :r{i}, 'lot.declared')" for i, n in enumerate(indexes))
        raws = {f"r{i}": n.to_bytes(32, "big", signed=True) for i, n in enumerate(indexes)}
        connection.execute(text(f"INSERT INTO entries VALUES {values}"), raws)


def size(world: World) -> int:
    with world.database.reading() as connection:
        return int(connection.execute(text("SELECT count(*) FROM entries")).scalar_one())


def test_a_write_through_a_reader_fails(world: World) -> None:
    with (
        pytest.raises(StorageUnavailable, match=r"readonly|read-only"),
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
    assert size(world) == before + 1


@pytest.mark.parametrize("table", HISTORY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_history_is_never_rewritten(world: World, table: str, statement: str) -> None:
    world.play("parties")
    world.publisher.publish()
    column = "size" if table in ("checkpoints", "published") else "idx"
    with world.database.writer.begin() as connection:
        if not connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one():
            connection.execute(text("INSERT INTO published VALUES (1, '')"))
    with (
        pytest.raises(IntegrityError, match=f"{table} are never changed"),
        world.database.writer.begin() as connection,
    ):
        connection.execute(text(statement.format(table, column, column)))


@pytest.mark.parametrize("indexes", [(1,), (-1,), (1, 2), (0, 2), (2,)], ids=str)
def test_entries_leave_no_gap(world: World, indexes: tuple[int, ...]) -> None:
    with pytest.raises(IntegrityError, match="entries are gapless"):
        insert(world, *indexes)
    assert size(world) == 0


def test_neighbours_may_come_together(world: World) -> None:
    insert(world, 0)
    insert(world, 1, 2, 3)
    with pytest.raises(IntegrityError, match="entries are gapless"):
        insert(world, 4, 6)
    with pytest.raises(IntegrityError):
        insert(world, 3, 4)
    assert size(world) == 4


def test_checkpoints_only_grow(world: World) -> None:
    world.play("opened")
    world.publisher.publish()
    row = text("INSERT INTO checkpoints VALUES (:size, :raw, :raw, '')")
    for smaller in (1, 2):
        with (
            pytest.raises(IntegrityError, match="checkpoints only grow"),
            world.database.writer.begin() as connection,
        ):
            connection.execute(row, {"size": smaller, "raw": bytes(32)})


def test_sizes_beyond_32_bits_are_kept(world: World) -> None:
    large = 2**62
    with world.database.writer.begin() as connection:
        connection.execute(text("INSERT INTO published VALUES (:size, '')"), {"size": large})
        connection.execute(text("INSERT INTO witness_state VALUES ('w', :size)"), {"size": large})
        assert connection.execute(text("SELECT max(size) FROM published")).scalar_one() == large


def test_closing_a_database_gives_the_writers_connection_back(world: World) -> None:
    """A server has few connections: one left open in every process is one too many."""
    world.play("opened")
    writing = world.writer._writing
    assert writing is not None
    world.database.close()
    assert writing.connection.closed
    assert world.writer._writing is writing
    writing.close()  # once more does no harm


@pytest.mark.databases("sqlite")
def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"no database at all" * 100)
    database = Database.at(tmp_path / "ledger.db")
    with pytest.raises((StorageUnavailable, DBAPIError)), database.reading() as connection:
        connection.execute(text("SELECT 1 FROM sqlite_master"))
    database.close()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_postgresql_is_always_spoken_to_through_psycopg_3(scheme: str) -> None:
    database = Database(f"{scheme}://lotproof:p%40ss%2Fw%3Ard%23%25@db.example:5433/ledger")
    assert database.reader.dialect.driver == database.writer.dialect.driver == "psycopg"
    assert database.reader.url.password == "p@ss/w:rd#%"
    assert (database.reader.url.host, database.reader.url.port) == ("db.example", 5433)
    assert Database(database.url).url == database.url, "a URL can be handed on"


@pytest.mark.parametrize(
    ("url", "said"),
    [("mysql://user:secret@host/db", "mysql is no database we know"), ("secret", "cannot be read")],
)
def test_a_url_of_another_kind_is_refused_without_repeating_it(url: str, said: str) -> None:
    with pytest.raises(StorageError, match=re.escape(said)) as caught:
        Database(url)
    assert "secret" not in str(caught.value)
