"""A63: whoever holds the application's own connection cannot rewrite what stands, by any statement."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ledger.store.guards import HISTORY
from tests.conftest import POSTGRESQL, SQLITE
from tests.ledger.world import World

PARTIES = ("operator", "brand", "agent", "supplier")
ROWS = {
    "entries": "SELECT idx, leaf, leaf_hash, event_id, type FROM entries ORDER BY idx",
    "checkpoints": "SELECT size, root, note, signed_at FROM checkpoints ORDER BY size",
    "chain": "SELECT idx, subject, seq, event_id FROM chain ORDER BY idx, subject",
    "published": "SELECT size, published_at FROM published ORDER BY size",
}
EDITS = {
    "entries": [
        "UPDATE entries SET leaf = leaf_hash WHERE idx = 3",
        "UPDATE entries SET idx = idx + 1000",
        "UPDATE entries SET type = type",
        "DELETE FROM entries WHERE idx = 3",
        "DELETE FROM entries WHERE idx = (SELECT max(idx) FROM entries)",
        "DELETE FROM entries",
        "INSERT INTO entries SELECT idx + 1000, leaf, leaf_hash, leaf_hash, type FROM entries WHERE idx = 3",
        "INSERT INTO entries SELECT -1, leaf, leaf_hash, leaf_hash, type FROM entries WHERE idx = 3",
        (
            "INSERT INTO entries SELECT 3, leaf, leaf_hash, leaf_hash, type FROM entries WHERE idx = 4 "
            "ON CONFLICT (idx) DO UPDATE SET leaf = excluded.leaf"
        ),
    ],
    "checkpoints": [
        "UPDATE checkpoints SET root = note",
        "DELETE FROM checkpoints",
        "INSERT INTO checkpoints SELECT size - 1, root, note, signed_at FROM checkpoints",
        (
            "INSERT INTO checkpoints SELECT size, note, note, signed_at FROM checkpoints "
            "ON CONFLICT (size) DO UPDATE SET root = excluded.root"
        ),
    ],
    "chain": [
        "UPDATE chain SET seq = seq + 1 WHERE idx = 3",
        "DELETE FROM chain WHERE idx = 3",
        (
            "INSERT INTO chain SELECT idx, subject, seq + 9, event_id FROM chain WHERE idx = 3 "
            "ON CONFLICT (idx, subject) DO UPDATE SET seq = excluded.seq"
        ),
    ],
    "published": [
        "UPDATE published SET published_at = '2020-01-01T00:00:00Z'",
        "DELETE FROM published",
    ],
}
# A REPLACE takes rows away without asking the triggers of DELETE, unless they are told to be recursive.
SQLITE_ALONE = [
    "INSERT OR REPLACE INTO entries SELECT 3, leaf, leaf_hash, x'00', type FROM entries WHERE idx = 4",
    (
        "REPLACE INTO entries SELECT (SELECT max(idx) + 1 FROM entries), leaf, leaf_hash, event_id, type "
        "FROM entries WHERE idx = 3"
    ),
    "INSERT OR REPLACE INTO checkpoints SELECT size, note, note, signed_at FROM checkpoints",
    "INSERT OR REPLACE INTO chain SELECT idx, subject, seq, x'00' FROM chain WHERE idx = 3",
    "REPLACE INTO chain SELECT idx + 1000, subject, seq, event_id FROM chain WHERE idx = 3",
    "INSERT OR REPLACE INTO published SELECT size, '2020-01-01T00:00:00Z' FROM published",
    "UPDATE OR REPLACE entries SET idx = 4 WHERE idx = 3",
    "UPDATE OR IGNORE entries SET leaf = leaf_hash",
]
POSTGRESQL_ALONE = [
    *(f"TRUNCATE {name}" for name in HISTORY),
    "TRUNCATE entries, chain, checkpoints, published CASCADE",
    "WITH gone AS (DELETE FROM entries RETURNING *) SELECT count(*) FROM gone",
    "MERGE INTO entries USING (SELECT 3 AS i) s ON idx = s.i WHEN MATCHED THEN DELETE",
    "MERGE INTO chain USING (SELECT 3 AS i) s ON idx = s.i WHEN MATCHED THEN UPDATE SET seq = 9",
]


@pytest.fixture
def standing(world: World) -> World:
    world.play("opened")
    for name in PARTIES:
        world.record(world.party(name))
    size = world.publisher.publish().size
    shown = "INSERT INTO published SELECT :size, :at WHERE NOT EXISTS (SELECT 1 FROM published)"
    with world.database.writer.begin() as connection:
        connection.execute(text(shown), {"size": size, "at": "2026-11-20T01:00:00Z"})
    return world


def rows(world: World) -> dict[str, list[tuple[object, ...]]]:
    with world.database.writer.begin() as connection:
        return {name: [tuple(row) for row in connection.execute(text(query))] for name, query in ROWS.items()}


def check_refused(world: World, statements: list[str]) -> None:
    before = rows(world)
    assert all(before.values()), "there is something of each to rewrite"
    for statement in statements:
        try:
            with world.database.writer.begin() as connection:
                connection.execute(text(statement))
        except DBAPIError:
            assert rows(world) == before, statement
        else:
            pytest.fail(f"not refused: {statement}")


@pytest.mark.databases(SQLITE, POSTGRESQL)
@pytest.mark.parametrize("name", EDITS)
def test_history_is_not_rewritten_by_the_applications_own_connection(standing: World, name: str) -> None:
    check_refused(standing, EDITS[name])


@pytest.mark.databases(SQLITE)
def test_nor_by_what_sqlite_alone_knows(standing: World) -> None:
    check_refused(standing, SQLITE_ALONE)


@pytest.mark.databases(POSTGRESQL)
def test_nor_by_what_postgresql_alone_knows(standing: World) -> None:
    check_refused(standing, POSTGRESQL_ALONE)
