"""F9: one bit turned over in each class of bytes, on both databases; the audit names the place.

Yeti's log died of one flipped bit in a leaf hash, Nimbus's entry was repaired because its hash was
right: so a flip is told from its place, and everything else still verifies.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from ledger.core.keys import VerifierKey
from ledger.store.database import Database
from ledger.verify import Verifier
from tests.conftest import POSTGRESQL, SQLITE
from tests.ledger.flips import flipped
from tests.ledger.world import LOG_KEY, LOT, ORIGIN, World, but, drop_guards, ident

SEED = 20261120
FLIPS_OF_EACH = 3
KEY = VerifierKey(ORIGIN, LOG_KEY.public_key)
OTHER = ident("lot", "untouched")
pytestmark = pytest.mark.databases(SQLITE, POSTGRESQL)


@dataclass(frozen=True)
class Place:
    """Where one bit is turned over. stage, field, exit_code: of the audit that says so.

    part: of the value, in bytes. A field of "*" is any place inside the entry.
    """

    table: str
    column: str
    where: str
    stage: str
    field: str = ""
    exit_code: int = 3
    part: Callable[[bytes], tuple[int, int]] = lambda data: (0, len(data))


def _between(start: bytes, end: bytes) -> Callable[[bytes], tuple[int, int]]:
    def part(data: bytes) -> tuple[int, int]:
        begin = data.index(start) + len(start)
        return begin, data.index(end, begin)

    return part


LAST = "(SELECT max(size) FROM checkpoints)"
ENTRY, SIZE = "idx = :at", f"size = {LAST}"
PLACES = {
    "payload": Place("entries", "leaf", ENTRY, "entries", "*", part=_between(b'"data":{', b"},")),
    "subject link": Place("entries", "leaf", ENTRY, "entries", "*", part=_between(b'"prev":"', b'"')),
    "log link": Place("entries", "leaf", ENTRY, "entries", "*", part=_between(b'"log":{', b"}")),
    "signature": Place("entries", "leaf", ENTRY, "entries", "*", part=_between(b'"sigs":["', b'"')),
    "leaf hash": Place("entries", "leaf_hash", ENTRY, "index", "leaf_hash"),
    "event id": Place("entries", "event_id", ENTRY, "index", "event_id"),
    "subject chain": Place("chain", "event_id", f"{ENTRY} AND subject LIKE 'lot:%'", "chain", "subjects"),
    "checkpoint root": Place("checkpoints", "root", SIZE, "checkpoints"),
    "checkpoint note": Place("checkpoints", "note", SIZE, "checkpoints"),
    "heads node": Place("heads_nodes", "left_hash", "bits = (SELECT min(bits) FROM heads_nodes)", "heads"),
    # What can be made again from the entries is stale, not wrong: nothing that was signed says so.
    "head row": Place("log_state", "last_leaf", "id = 1", "working copies", exit_code=4),
    "heads root": Place("log_state", "heads_root", "id = 1", "working copies", exit_code=4),
}


@pytest.fixture
def sound(tmp_path: Path, database: Database) -> Iterator[World]:
    world = World(tmp_path, database=database).play("split")
    world.publisher.publish()
    world.record(but(world.declared(data={"manifest": None}, rows=()), subjects=[OTHER]))
    world.publisher.publish()
    with world.database.writer.begin() as connection:
        drop_guards(connection)
    yield world
    world.close()


def read(connection: Connection, place: Place, at: int) -> bytes:
    found = connection.execute(
        text(f"SELECT {place.column} FROM {place.table} WHERE {place.where}"), _values(place, at)
    ).scalar_one()
    return bytes(found)


def put(connection: Connection, place: Place, at: int, data: bytes) -> None:
    update = text(f"UPDATE {place.table} SET {place.column} = :data WHERE {place.where}")
    assert connection.execute(update, {"data": data} | _values(place, at)).rowcount == 1


def _values(place: Place, at: int) -> dict[str, Any]:
    return {"at": at} if ":at" in place.where else {}


def index_of_type(connection: Connection, type_: str) -> int:
    where = text("SELECT max(idx) FROM entries WHERE type = :type")
    return int(connection.execute(where, {"type": type_}).scalar_one())


@pytest.mark.parametrize("name", PLACES)
def test_a_flipped_bit_is_named_by_its_place_and_the_rest_still_verifies(sound: World, name: str) -> None:
    place, chance = PLACES[name], random.Random(f"{SEED} {name}")
    assert sound.audit().exit_code == 0
    for number in range(FLIPS_OF_EACH):
        with sound.database.writer.begin() as connection:
            at = index_of_type(connection, chance.choice(("lot.declared", "lot.received", "lot.inspected")))
            last = index_of_type(connection, "log.heads")
            right = read(connection, place, at)
            first, end = place.part(right)
            put(connection, place, at, right[:first] + flipped(right[first:end], chance) + right[end:])
        report, told = sound.audit(), f"seed {SEED} {name}, flip {number} in entry {at}"
        assert report.exit_code == place.exit_code, told
        (finding,) = report.findings
        assert finding.stage == place.stage, told
        if place.table in ("entries", "chain"):
            assert finding.entry == at, told
            assert place.field in (finding.field, "*"), told
            check_verifies(sound, LOT if at == index_of(sound, OTHER) else OTHER, told)
        elif place.table in ("checkpoints", "heads_nodes"):
            assert finding.entry == last, told
        if place.table == "entries" and place.column == "leaf":
            assert report.entries == at, f"{told}: everything before it was judged"
        with sound.database.writer.begin() as connection:
            put(connection, place, at, right)
    assert sound.audit().exit_code == 0, "put back, all is well"


def index_of(world: World, subject: str) -> int:
    return next(entry.index for entry in world.entries if entry.event_id == world.last_event(subject))


def check_verifies(world: World, lot: str, told: str) -> None:
    """A lot that has nothing to do with the damage is shown as it is."""
    with world.database.reading() as connection:
        history = Verifier(world.objects, KEY).history(connection, lot)
    assert history is not None, told
    assert history.verdict == "unaltered", told
