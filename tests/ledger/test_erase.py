from collections.abc import Collection
from typing import Any

import pytest

from ledger.author import Draft
from ledger.core.leaf import Leaf
from ledger.erase import erase, private_of, purge
from ledger.errors import InvalidRecord
from ledger.record import Ledger
from ledger.records.registry import Typed, typed
from ledger.store import log
from tests.ledger.world import CHILD_A, LOT, World, hand

SECRET = "Lagos Wholesale"


def erased(
    world: World,
    event_id: str,
    *,
    fields: Collection[str] = (),
    rows: Collection[int] = (),
    told: bool = True,
) -> None:
    """As the gateway does: delete and say so in one transaction."""
    subjects = [link.id for link in _typed(world, event_id).record.body.subjects]
    data = {"record": event_id, "reason": "personal_data", "fields": sorted(fields), "rows": sorted(rows)}
    submission = world.submission(
        Draft("erasure.recorded", [hand("operator", "operator", "eraser")], data, subjects)
    )
    prepared = world.writer.prepare(submission)

    def unit(ledger: Ledger) -> None:
        erase(ledger.connection, _typed(world, event_id), fields=fields, rows=rows)
        if told:
            ledger.record(prepared)

    world.writer.do(unit)


def _typed(world: World, event_id: str) -> Typed:
    with world.database.reading() as connection:
        index = log.index_of(connection, event_id)
        assert index is not None
        leaf = log.leaf(connection, index)
    assert leaf is not None
    return typed(Leaf.parse(leaf).record)


def _private(world: World, event_id: str) -> Any:
    with world.database.reading() as connection:
        return private_of(connection, _typed(world, event_id))


def test_what_is_erased_is_gone_and_every_proof_stays(world: World) -> None:
    world.play("sold")
    sale, split = world.last_event(CHILD_A), world.state(LOT).manifest_event
    world.publisher.publish()
    erased(world, sale, fields=["buyer", "price"])
    erased(world, split, rows=[4])
    world.publisher.publish()
    private = _private(world, sale)
    assert not private.fields["buyer"]
    assert not private.fields["price"]
    assert private.fields["quantity"]
    assert [n for n, kept in _private(world, split).rows.items() if not kept] == [4]
    report = world.audit()
    assert report.verdict == "verified", report.findings


def test_erased_without_a_word_is_a_finding(world: World) -> None:
    world.play("sold")
    world.publisher.publish()
    erased(world, world.last_event(CHILD_A), fields=["buyer"], told=False)
    report = world.audit()
    assert report.verdict != "verified"
    assert any("buyer was erased without a record of it" in finding.message for finding in report.findings)


@pytest.mark.parametrize(
    ("fields", "rows", "pointer"),
    [
        (["seal"], [], "/fields/seal"),
        (["quantity"], [], "/fields/quantity"),
        ([], [7], "/rows/7"),
        ([], [], "/fields"),
    ],
    ids=["unknown field", "needed value", "no such row", "nothing"],
)
def test_what_may_not_be_erased_stays(world: World, fields: list[str], rows: list[int], pointer: str) -> None:
    world.play("sold")
    sale = world.last_event(CHILD_A)
    with pytest.raises(InvalidRecord) as refused:
        erased(world, sale, fields=fields, rows=rows)
    assert refused.value.pointer == pointer
    assert all(_private(world, sale).fields.values())


def test_twice_is_refused_and_records_nothing_more(world: World) -> None:
    world.play("sold")
    sale = world.last_event(CHILD_A)
    erased(world, sale, fields=["buyer"])
    with world.database.reading() as connection:
        size = log.read_head(connection).size
    with pytest.raises(InvalidRecord, match="erased already"):
        erased(world, sale, fields=["buyer"])
    with world.database.reading() as connection:
        assert log.read_head(connection).size == size


def test_no_byte_of_the_files_keeps_the_value(world: World) -> None:
    if world.database.writer.dialect.name != "sqlite":
        pytest.skip("the server's files are not ours to read")
    world.play("sold")
    assert _found(world), "the search must find the value while it is there"
    erased(world, world.last_event(CHILD_A), fields=["buyer"])
    assert purge(world.database)
    assert not _found(world)


def test_a_reader_of_old_pages_delays_the_purge(world: World) -> None:
    if world.database.writer.dialect.name != "sqlite":
        pytest.skip("a matter of SQLite's write-ahead log")
    world.play("sold")
    with world.database.reading() as connection:
        log.read_head(connection)
        erased(world, world.last_event(CHILD_A), fields=["buyer"])
        assert not purge(world.database, patience_s=0.2)
    assert purge(world.database)
    assert not _found(world)


def _found(world: World) -> list[str]:
    files = world.folder.glob("*.db*")
    return [file.name for file in files if SECRET.encode() in file.read_bytes()]
