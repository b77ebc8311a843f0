"""Lots are found by their GTIN: those that were there, and those that came since."""

import json

import pytest

from gateway.store.numbered import LotsByGtin
from ledger.store import log
from ledger.store.database import Database
from ledger.store.log import CHAIN, LOG, SUBJECTS
from tests.conftest import POSTGRESQL, SQLITE

pytestmark = pytest.mark.databases(SQLITE, POSTGRESQL)

PHONE, OTHER = "06952123010012", "06952123010029"
STATE = {
    "origin": "x", "registrars": [], "quorum": 1, "operator": "party:0", "log_key": "", "heads_key": "",
    "heads_party": "party:0", "root_keys": [],
}  # fmt: skip
HEAD = {
    "id": 1, "last_leaf": bytes(32), "last_rec": "", "state": json.dumps(STATE), "heads_through": -1,
    "heads_count": 0, "heads_root": bytes(32), "heads_top": "{}",
}  # fmt: skip


def add(database: Database, *lots: tuple[int, str, str | None]) -> None:
    """One record each: (index, subject, the GTIN that its state has from now on)."""
    with database.writer.begin() as connection:
        for index, subject, gtin in lots:
            state = json.dumps({"title": "party:0", "key": {"gtin": gtin}}, separators=(",", ":"))
            row = {"subject": subject, "seq": index, "idx": index, "event_id": bytes(32)}
            connection.execute(SUBJECTS.delete().where(SUBJECTS.c.subject == subject))
            connection.execute(SUBJECTS.insert(), [{**row, "state": state}])
            connection.execute(CHAIN.insert(), [row])
            connection.execute(LOG.delete())
            connection.execute(LOG.insert(), [{**HEAD, "size": index + 1}])


def found(database: Database, numbered: LotsByGtin, gtin: str, limit: int = 10) -> list[str]:
    with database.reading() as connection:
        assert log.read_head(connection) is not None
        return numbered.of(connection, gtin, limit=limit)


def test_lots_are_found_by_gtin_the_newest_first(database: Database) -> None:
    add(
        database,
        (0, "lot:a", PHONE),
        (1, "lot:b", OTHER),
        (2, "lot:c", None),
        (3, "party:d", PHONE),
        (4, "lot:e", PHONE),
    )
    numbered = LotsByGtin()
    assert found(database, numbered, PHONE) == ["lot:e", "lot:a"]
    assert found(database, numbered, PHONE, limit=1) == ["lot:e"]
    assert found(database, numbered, OTHER) == ["lot:b"]
    assert found(database, numbered, "00000000000000") == []
    add(database, (5, "lot:f", PHONE), (6, "lot:c", PHONE), (7, "lot:a", PHONE))
    assert found(database, numbered, PHONE) == ["lot:c", "lot:f", "lot:e", "lot:a"]


def test_a_log_that_is_not_opened_has_none(database: Database) -> None:
    with database.reading() as connection:
        assert LotsByGtin().of(connection, PHONE, limit=1) == []
