"""Working tables come again from the entries: whatever happened to them, and nothing else is touched."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ledger.core.keys import VerifierKey
from ledger.errors import MissingEvidence, ProofError
from ledger.rebuild import WORKING, rebuild
from ledger.replay_file import StoredState
from ledger.store import unguarded
from ledger.store.log import ENTRIES
from tests.conftest import POSTGRESQL, SQLITE
from tests.ledger.world import CHILD_A, LOG_KEY, ORIGIN, World, but, ident

pytestmark = pytest.mark.databases(SQLITE, POSTGRESQL)
KEY = VerifierKey(ORIGIN, LOG_KEY.public_key)
TABLES = [table.name for table in WORKING]


@pytest.fixture
def played(world: World) -> World:
    """A whole journey, published, and something recorded since."""
    world.play()
    world.publisher.publish()
    world.record(but(world.declared(data={"manifest": None}, rows=()), subjects=[ident("lot", "since")]))
    return world


def contents(world: World, *, entries: bool = False) -> dict[str, list[Any]]:
    tables = [*WORKING, *([ENTRIES] if entries else [])]
    with world.database.reading() as connection:
        return {
            table.name: sorted(map(repr, (tuple(row) for row in connection.execute(table.select()))))
            for table in tables
        }


def harm(world: World, *statements: str, table: str) -> None:
    with world.database.writer.begin() as connection:
        if table != "chain" or any(statement.startswith(("DROP", "ALTER")) for statement in statements):
            for statement in statements:
                connection.execute(text(statement))
            return
        with unguarded.unguarded(connection, table):
            for statement in statements:
                connection.execute(text(statement))


def goes_on(world: World) -> None:
    """The audit verifies, and the next record and publication find everything that they need."""
    assert world.audit().verdict == "verified", [str(finding) for finding in world.audit().findings]
    world.record(world.sold(quantity=1))
    world.publisher.publish()
    report = world.audit()
    assert report.verdict == "verified", [str(finding) for finding in report.findings]


HARMS: dict[str, Callable[[str], list[str]]] = {
    "emptied": lambda table: [f"DELETE FROM {table}"],
    "dropped": lambda table: [f"DROP TABLE {table}"],
    "without a column": lambda table: [f"ALTER TABLE {table} RENAME COLUMN {LAST[table]} TO renamed"],
    "altered": lambda table: [f"UPDATE {table} SET {ALTERED[table]}"],
}
LAST = {table.name: table.columns.keys()[-1] for table in WORKING}
ALTERED = {
    "subjects": "seq = seq + 1",
    "keys": "state = replace(state, 'operator', 'broker'), party = 'party:' || party",
    "codes": "idx = 3",
    "chain": "seq = seq + 100",
    "heads_nodes": "left_hash = right_hash",
    "log_state": "size = size + 1, last_rec = '2026-01-01T00:00:00Z'",
}


@pytest.mark.parametrize("how", HARMS)
def test_a_harmed_table_is_made_again_and_it_alone(played: World, how: str) -> None:
    before = contents(played, entries=True)
    for table in TABLES:
        harm(played, *HARMS[how](table), table=table)
        done = rebuild(played.database, KEY)
        assert set(done.tables) == {table}
        assert contents(played, entries=True) == before
        with played.database.reading() as connection:
            assert unguarded.missing(connection) == []


@pytest.mark.parametrize("how", HARMS)
def test_after_a_rebuild_the_log_goes_on(played: World, how: str) -> None:
    for table in TABLES:
        harm(played, *HARMS[how](table), table=table)
    rebuild(played.database, KEY)
    goes_on(played)


def test_tables_that_are_right_are_left_alone(played: World) -> None:
    before = contents(played)
    done = rebuild(played.database, KEY)
    assert (done.size, done.tables, done.notes) == (len(played.entries) + 1, {}, [])
    assert contents(played) == before


def test_a_log_that_was_never_published_is_rebuilt(world: World) -> None:
    world.play("declared")
    before = contents(world)
    for table in TABLES:
        harm(world, f"DELETE FROM {table}", table=table)
    rebuild(world.database, KEY)
    assert contents(world) == before
    world.publisher.publish()
    assert world.audit().verdict == "verified"


def test_a_head_row_that_disagrees_with_the_entries_is_told(played: World) -> None:
    size = len(played.entries) + 1
    harm(played, "UPDATE log_state SET size = 7, last_rec = 'never'", table="log_state")
    notes = rebuild(played.database, KEY).notes
    assert f"the head row said size = 7, the entries give {size}" in notes
    assert any("said last_rec = never, the entries give 2026-" in note for note in notes)


def test_entries_that_do_not_replay_are_refused_and_nothing_changes(played: World) -> None:
    played.tamper("UPDATE entries SET leaf = x'00' WHERE idx = 9")
    harm(played, "DELETE FROM codes", table="codes")
    before = contents(played, entries=True)
    with pytest.raises(ProofError, match=r"entry 9 does not follow .* run lotproof fsck"):
        rebuild(played.database, KEY)
    assert contents(played, entries=True) == before


def test_a_missing_entry_is_named(played: World) -> None:
    played.tamper("DELETE FROM entries WHERE idx = 9")
    with pytest.raises(MissingEvidence, match="entry 9 is missing"):
        rebuild(played.database, KEY)


def test_an_empty_database_has_nothing_to_rebuild(world: World) -> None:
    with pytest.raises(MissingEvidence, match="no entries"):
        rebuild(world.database, KEY)


def test_the_entries_of_another_log_are_refused(played: World) -> None:
    with pytest.raises(ProofError, match="entry 0"):
        rebuild(played.database, VerifierKey("other.example/log", LOG_KEY.public_key))


def test_what_is_recorded_while_it_replays_is_not_lost(played: World) -> None:
    recorded: list[int] = []

    def meanwhile(_what: str, done: int, _of: int) -> None:
        if not recorded:
            lot = ident("lot", f"meanwhile {done}")
            draft = but(played.declared(data={"manifest": None}, rows=()), subjects=[lot])
            recorded.append(played.record(draft).index)

    harm(played, "DELETE FROM codes", table="codes")
    done = rebuild(played.database, KEY, progress=meanwhile)
    assert done.size == recorded[0] + 1
    goes_on(played)


def test_a_rebuild_that_dies_changes_nothing(played: World, monkeypatch: pytest.MonkeyPatch) -> None:
    harm(played, "UPDATE chain SET seq = seq + 100", table="chain")
    harm(played, "DELETE FROM codes", table="codes")
    before = contents(played)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ledger.rebuild._write_head", die)
    with pytest.raises(KeyboardInterrupt):
        rebuild(played.database, KEY)
    assert contents(played) == before
    with played.database.reading() as connection:
        assert unguarded.missing(connection) == []


def test_a_sold_quantity_whose_opening_is_erased_stays_known(played: World) -> None:
    """The records alone no longer say how much is left to sell."""
    with played.database.writer.begin() as connection:
        connection.execute(text("UPDATE openings SET value = NULL, salt = NULL WHERE field = 'quantity'"))
    before = contents(played)
    harm(played, "DELETE FROM codes", table="codes")
    assert rebuild(played.database, KEY).notes == []
    assert contents(played) == before
    harm(played, "DELETE FROM subjects", table="subjects")
    done = rebuild(played.database, KEY)
    assert played.state(CHILD_A).sold is None
    assert done.notes == [f"{CHILD_A}: how much of it is sold is unknown, its opening is erased or lost"]


def test_a_replay_that_keeps_its_state_in_a_file_gives_the_same(played: World, tmp_path: Path) -> None:
    before = contents(played)
    for table in TABLES:
        harm(played, f"DELETE FROM {table}", table=table)
    state = StoredState(tmp_path / "state", bound_to={"origin": ORIGIN}, room_bytes=1 << 20)
    rebuild(played.database, KEY, state=state)
    state.discard()
    assert contents(played) == before
