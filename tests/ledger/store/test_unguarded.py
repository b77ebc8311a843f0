"""Guards are lifted for one transaction, by who owns the tables, and are there again whatever happens."""

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from ledger.errors import StorageError
from ledger.store import guards, unguarded
from ledger.store.database import Database
from tests.conftest import POSTGRESQL, SQLITE
from tests.ledger.world import drop_guards

pytestmark = pytest.mark.databases(SQLITE, POSTGRESQL)
HEAD = "INSERT INTO published (size, published_at) VALUES (1, 'now')"
CHANGE = "UPDATE published SET published_at = 'then'"


@pytest.fixture
def guarded(database: Database) -> Database:
    with database.writer.begin() as connection:
        connection.execute(text(HEAD))
        assert unguarded.missing(connection) == []
    return database


def refuse_change(database: Database) -> None:
    with pytest.raises(DBAPIError, match="never changed"), database.writer.begin() as connection:
        connection.execute(text(CHANGE))
    with database.writer.begin() as connection:
        assert unguarded.missing(connection) == []


def published_at(database: Database) -> str:
    with database.reading() as connection:
        at: str = connection.execute(text("SELECT published_at FROM published")).scalar_one()
    return at


def test_inside_history_can_be_changed_and_afterwards_not(guarded: Database) -> None:
    refuse_change(guarded)
    with guarded.writer.begin() as connection, unguarded.unguarded(connection, "published"):
        connection.execute(text(CHANGE))
    assert published_at(guarded) == "then"
    refuse_change(guarded)


def test_only_the_named_tables_are_unguarded(guarded: Database) -> None:
    with (
        pytest.raises(StorageError, match="never changed"),
        guarded.writer.begin() as connection,
        unguarded.unguarded(connection, "entries"),
    ):
        connection.execute(text(CHANGE))


def test_what_fails_inside_changes_nothing(guarded: Database) -> None:
    def fail(connection: Connection) -> None:
        with unguarded.unguarded(connection, "published"):
            connection.execute(text(CHANGE))
            raise RuntimeError

    with guarded.writer.begin() as connection:
        with pytest.raises(RuntimeError):
            fail(connection)
        assert unguarded.missing(connection) == [], "even for the rest of the same transaction"
    assert published_at(guarded) == "now"
    refuse_change(guarded)


def test_what_is_not_committed_changes_nothing(guarded: Database) -> None:
    connection = guarded.writer.connect()
    connection.begin()
    with unguarded.unguarded(connection, "published"):
        connection.execute(text(CHANGE))
    connection.rollback()
    connection.close()
    assert published_at(guarded) == "now"
    refuse_change(guarded)


def test_guards_that_are_gone_are_named_and_put_back(guarded: Database) -> None:
    with guarded.writer.begin() as connection:
        drop_guards(connection)
        lost = unguarded.missing(connection)
        assert {"entries_are_gapless", "checkpoints_only_grow"} < set(lost)
        assert len(lost) >= 2 + len(guards.HISTORY)
        unguarded.restore(connection)
    refuse_change(guarded)


@pytest.mark.databases(SQLITE)
def test_a_guard_that_does_something_else_is_none(guarded: Database) -> None:
    with guarded.writer.begin() as connection:
        connection.execute(text("DROP TRIGGER published_never_update"))
        connection.execute(
            text("CREATE TRIGGER published_never_update BEFORE UPDATE ON published BEGIN SELECT 1; END")
        )
        assert unguarded.missing(connection) == ["published_never_update"]
        unguarded.restore(connection)
    refuse_change(guarded)


@pytest.mark.databases(POSTGRESQL)
@pytest.mark.parametrize(
    ("how", "stands"), [("DISABLE", False), ("ENABLE REPLICA", False), ("ENABLE ALWAYS", True)]
)
def test_a_guard_that_does_not_fire_is_none(guarded: Database, how: str, stands: bool) -> None:
    with guarded.writer.begin() as connection:
        connection.execute(text(f"ALTER TABLE published {how} TRIGGER published_never_change"))
        assert unguarded.missing(connection) == ([] if stands else ["published_never_change"])
        if not stands:
            unguarded.restore(connection)
        with unguarded.unguarded(connection, "published"):
            connection.execute(text(CHANGE))
    refuse_change(guarded)
