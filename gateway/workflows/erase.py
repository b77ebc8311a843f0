"""Erase private facts: from the ledger's private part, and from every copy that the gateway keeps.

One ``erasure.recorded`` a record that loses something, in the transaction that deletes it. Then a
job purges the database, so that no file of it holds the value. Backups made before keep it until
they are deleted: docs/erasure.md says for how long.
"""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, select

from gateway.errors import NotFound
from gateway.files.media import BY_TYPE
from gateway.store import files, goods, jobs, profiles, tables
from gateway.store.goods import Item
from gateway.tasks import causes
from gateway.tasks.outbox import Cause
from gateway.wiring import Installation
from gateway.workflows import erase_waiting, keep_file
from gateway.workflows.parties import operator_hand
from gateway.workflows.work import STEPS, Work
from ledger import erase as private
from ledger.core import manifest
from ledger.core.leaf import Leaf
from ledger.family import line_of
from ledger.lots.rows import manifests, row_offsets
from ledger.record import Ledger
from ledger.records.registry import Typed, typed
from ledger.store import log
from ledger.store.log import ROWS
from ledger.store.tables import table

ErasureReason = Literal["personal_data", "trade_secret", "retention_ended"]
PARTIES, CONSIGNMENTS = table(tables.PartyRow), table(tables.ConsignmentRow)
# Tables of the gateway that hold private facts, too.
COPIES = (
    "articles", "parties", "consignments", "jobs", "rejected_rows", "problem_reports", "statements",
    "measurement_drafts", "kept_answers", "waiting_articles",
)  # fmt: skip
ERASED_THROUGH, PURGED_THROUGH = "erased through", "purged through"  # notes: how often, counted on
ERASED = ""  # what stands in a copy afterwards

# Committed field of party.registered -> columns of our own that say the same.
_PARTY_COPIES = {
    "legal_name": ("name_zh", "name_en"),
    "registration_number": ("registration_number",),
    "address": ("address", "city"),
}
# What our own copy says of one article alone; the rest describes a kind of goods.
_OF_ONE_ARTICLE: dict[str, Any] = {"identifier": ERASED, "imei": None, "measurement": {}, "repair": None}


def erase_fields(
    installation: Installation, event_id: str, fields: Collection[str], reason: ErasureReason
) -> None:
    """Erase committed values of one record. Raises NotFound, InvalidRecord; then nothing is erased."""

    def unit(work: Work) -> None:
        record = _record(work.connection, event_id)
        said = {name: log.opening(work.connection, event_id, name) for name in fields}
        _erase(work, record, fields, (), reason)
        values = {name: opening.value for name, opening in said.items() if opening is not None}
        subjects = [link.id for link in record.record.body.subjects]
        erase_waiting.forget_fields(work, event_id, values, subjects)
        if record.type.name == "party.registered":
            _forget_party(work.connection, record.record.body.subjects[0].id, fields)

    _run(installation, unit)


def erase_article(installation: Installation, item: int, reason: ErasureReason) -> None:
    """Erase every row that any record keeps about one article, from its declaration on.

    Papers that name it go first, whole: their bytes cannot be changed without their hash. Raises NotFound
    when there is no such article, or nothing is left of it to erase.
    """
    for paper in _papers_naming(installation, item):
        keep_file.erase(installation, paper, reason, owner=None)

    def unit(work: Work) -> None:
        found = goods.one(work.connection, item)
        if found is None:
            raise NotFound(str(item))
        about = rows_about(work.connection, found)
        if not about:
            raise NotFound(str(item))
        records = {record.record.event_id: record for record, _ in about}
        lots = {name for name, _ in line_of(work.connection, found.lot)}
        erase_waiting.forget_article(work, found, lots, records)
        for record, rows in about:
            _erase(work, record, (), rows, reason)
        _forget_article(work.connection, found)

    _run(installation, unit)


def _papers_naming(installation: Installation, item: int) -> list[str]:
    """Ids of the files about an article's lots in whose bytes its identifier can be read."""
    with installation.database.reading() as connection:
        found = goods.one(connection, item)
        if found is None or not found.facts["identifier"]:
            return []
        name = found.facts["identifier"].encode()
        kept = [
            file
            for lot, _ in line_of(connection, found.lot)
            for file in files.of_lot(connection, lot)
            if file.erased_at is None and BY_TYPE[file.media_type].kind != "picture"
        ]
    return [file.id for file in kept if name in keep_file.content_of(installation, file.sha256)]


def purge_due(installation: Installation) -> bool:
    """Overwrite what the database's files still hold of erased values, where something was erased.

    False when readers of old pages kept it from being done: the next round tries again.
    """
    with installation.database.reading() as connection:
        erased, purged = (_note(connection, name) for name in (ERASED_THROUGH, PURGED_THROUGH))
    if erased == purged:
        return True
    if not private.purge(installation.database, tables=COPIES):
        return False
    installation.writer.do(lambda ledger: _set_note(ledger.connection, PURGED_THROUGH, erased))
    return True


def rows_about(connection: Connection, item: Item) -> list[tuple[Typed, list[int]]]:
    """The rows that any record keeps about an article, oldest record first; numbers as erasures count.

    A row names the row it comes from, so they are followed back to the declaration; and what was
    measured or mended names one of these. An erased row ends the way back. Raises NotFound.
    """
    records = {record.record.event_id: (record, part) for record, part in _records_of(connection, item.lot)}
    rows = {event_id: _rows(connection, event_id, part) for event_id, (_, part) in records.items()}
    places: list[tuple[str, int]] = []
    place: tuple[str, int] | None = (item.source_event, item.source_n)
    while place is not None and place not in places:
        places.append(place)
        event_id, n = place
        place = _source(rows[event_id][n]) if n in rows.get(event_id, {}) else None
    about = []
    for event_id, (record, part) in records.items():
        start = row_offsets(record)[part]
        numbers = [
            start + n
            for n, facts in rows[event_id].items()
            if (event_id, n) in places or _source(facts) in places
        ]
        if numbers:
            about.append((record, numbers))
    return about


def _records_of(connection: Connection, lot: str) -> Iterator[tuple[Typed, str]]:
    """The records with rows of a lot and of the lots it was split from, each with the part of this line.

    Of a parent only what stands before the split: later rows of it are about what stayed behind.
    """
    line: list[str] = []
    found: dict[int, tuple[Typed, str]] = {}
    for name, until in reversed(line_of(connection, lot)):
        line.append(name)
        chain = log.chain(connection, name)
        if not chain:
            raise NotFound(name)
        for index, _, event_id in chain:
            if index in found or index > until:
                continue
            record = _record(connection, event_id)
            parts = dict(manifests(record))
            part = next((one for one in (*line, "") if one in parts), None)
            if part is not None:
                found[index] = (record, part)
    yield from (found[index] for index in sorted(found))


def _rows(connection: Connection, event_id: str, part: str) -> dict[int, dict[str, Any]]:
    where = (ROWS.c.event_id == bytes.fromhex(event_id), ROWS.c.part == part, ROWS.c.data.is_not(None))
    statement = select(ROWS.c.n, ROWS.c.data).where(*where).order_by(ROWS.c.n)
    return {n: manifest.parse_row(data, n) for n, data in connection.execute(statement)}


def _source(facts: dict[str, Any]) -> tuple[str, int] | None:
    source = facts.get("src")
    return (source["event_id"], source["n"]) if source else None


def _record(connection: Connection, event_id: str) -> Typed:
    index = log.index_of(connection, event_id)
    encoded = None if index is None else log.leaf(connection, index)
    if encoded is None:
        raise NotFound(event_id)
    return typed(Leaf.parse(encoded).record)


def _erase(
    work: Work, record: Typed, fields: Collection[str], rows: Sequence[int], reason: ErasureReason
) -> None:
    private.erase(work.connection, record, fields=fields, rows=rows)
    work.record(
        "erasure.recorded",
        [operator_hand(work.installation, "sales", "operator")],
        {
            "record": record.record.event_id,
            "reason": reason,
            "fields": sorted(fields),
            "rows": sorted(rows),
        },
        subjects=[link.id for link in record.record.body.subjects],
    )


def _run(installation: Installation, unit: Callable[[Work], None]) -> None:
    by = Cause.of("erasure")

    def run(ledger: Ledger) -> None:
        unit(Work(installation, ledger))
        want_purge(ledger.connection, installation.clock.now(), by)

    installation.writer.do(run)


def want_purge(connection: Connection, now: datetime, by: Cause) -> None:
    """In the transaction that erased something: its old pages are to go, too."""
    _set_note(connection, ERASED_THROUGH, _note(connection, ERASED_THROUGH) + 1)
    causes.erased(connection, now, by)


def _note(connection: Connection, name: str) -> int:
    found = connection.execute(select(STEPS.c.result).where(STEPS.c.step == name)).scalar_one_or_none()
    return 0 if found is None else int(found)


def _set_note(connection: Connection, name: str, count: int) -> None:
    connection.execute(STEPS.delete().where(STEPS.c.step == name))
    connection.execute(STEPS.insert(), [{"step": name, "result": str(count)}])


def _forget_party(connection: Connection, party: str, fields: Collection[str]) -> None:
    columns = [column for field in fields for column in _PARTY_COPIES.get(field, ())]
    if columns:
        connection.execute(
            PARTIES.update().where(PARTIES.c.party == party).values(dict.fromkeys(columns, ERASED))
        )


def _forget_article(connection: Connection, item: Item) -> None:
    """Our own copy loses what may name the article; reports of rejected rows may quote it, too."""
    identifier = item.facts["identifier"]
    goods.forget(connection, item.id, item.facts | _OF_ONE_ARTICLE)
    if not identifier:
        return
    jobs.forget_words(connection, identifier)
    profiles.forget(connection, identifier)
    for row in connection.execute(select(CONSIGNMENTS.c.sha256, CONSIGNMENTS.c.report)).all():
        if identifier in row.report:
            report = json.dumps(_without(json.loads(row.report), identifier), ensure_ascii=False)
            connection.execute(
                CONSIGNMENTS.update().where(CONSIGNMENTS.c.sha256 == row.sha256).values(report=report)
            )


def _without(value: Any, text: str) -> Any:
    """``value`` with every string that holds ``text`` emptied."""
    if isinstance(value, str):
        return ERASED if text in value else value
    if isinstance(value, list):
        return [_without(one, text) for one in value]
    if isinstance(value, dict):
        return {name: _without(one, text) for name, one in value.items()}
    return value
