"""What is measured at benches, and who works there, inside the caller's transaction."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, func, or_, select

from gateway.store.goods import ARTICLES
from gateway.store.measuring_tables import DeviceCheckRow, DraftRow, WorkerRow
from ledger.store.tables import table

DRAFTS, WORKERS, CHECKS = table(DraftRow), table(WorkerRow), table(DeviceCheckRow)
AT_ONCE: Final = 500  # below SQLite's limit of bound values
State = Literal["measured", "proposed", "referred"]
Show = Literal["all", "missing", "asked", "ungraded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """See ``DraftRow``. files: (file id, SHA-256) of the photos."""

    work: str
    slot: str
    position: int
    version: int
    state: State
    source: str
    findings: tuple[Mapping[str, Any], ...]
    files: tuple[tuple[str, str], ...] = ()
    units: int
    grade: str
    confidence: str = ""
    by: str
    worker: str
    at: datetime
    token: str = ""


@dataclass(frozen=True, slots=True)
class DeviceCheck:
    """See ``DeviceCheckRow``."""

    id: str
    device: str
    party: str
    batch: str
    seed: str
    rows: int
    sampled: int
    findings: Mapping[str, Mapping[str, Any]]
    by: str
    at: datetime
    stated: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """Of one work order. units: measured; asked: articles on which a person still has to decide."""

    units: int
    articles: int
    asked: int
    ungraded: int


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a lot as a bench lists it. n: the number of its row in the manifest."""

    item: int
    n: int
    quantity: int
    identifier: str


def find(connection: Connection, work: str, slot: str) -> Draft | None:
    row = connection.execute(select(DRAFTS).where(DRAFTS.c.work == work, DRAFTS.c.slot == slot)).one_or_none()
    return None if row is None else _draft(row)


def of_work(connection: Connection, work: str) -> list[Draft]:
    """In the order of the lot's rows or units."""
    wanted = select(DRAFTS).where(DRAFTS.c.work == work).order_by(DRAFTS.c.position, DRAFTS.c.slot)
    return [_draft(row) for row in connection.execute(wanted)]


def version_of(connection: Connection, work: str) -> str:
    """Changes with everything that is written down, or taken back, about the articles of a work order."""
    columns = (DRAFTS.c.slot, DRAFTS.c.version, DRAFTS.c.state, DRAFTS.c.at)
    rows = connection.execute(select(*columns).where(DRAFTS.c.work == work).order_by(DRAFTS.c.slot))
    return sha256(repr([(*row[:3], row.at.replace(tzinfo=None)) for row in rows]).encode()).hexdigest()


def at_slots(connection: Connection, work: str, slots: Sequence[str]) -> dict[str, Draft]:
    found: dict[str, Draft] = {}
    for start in range(0, len(slots), AT_ONCE):
        chosen = DRAFTS.c.slot.in_(slots[start : start + AT_ONCE])
        rows = connection.execute(select(DRAFTS).where(DRAFTS.c.work == work, chosen))
        found |= {row.slot: _draft(row) for row in rows}
    return found


def put(connection: Connection, drafts: Iterable[Draft]) -> None:
    """Write them in the place of what stood in their slots."""
    kept = list(drafts)
    for start in range(0, len(kept), AT_ONCE):
        part = kept[start : start + AT_ONCE]
        slots = [draft.slot for draft in part]
        for work in {draft.work for draft in part}:
            connection.execute(delete(DRAFTS).where(DRAFTS.c.work == work, DRAFTS.c.slot.in_(slots)))
        connection.execute(DRAFTS.insert(), [_columns(draft) for draft in part])


def remove(connection: Connection, work: str, slot: str) -> None:
    connection.execute(delete(DRAFTS).where(DRAFTS.c.work == work, DRAFTS.c.slot == slot))


def clear(connection: Connection, work: str) -> None:
    """What was stated is in the records; nothing of it stays here."""
    connection.execute(delete(DRAFTS).where(DRAFTS.c.work == work))


def progress(connection: Connection, work: str) -> Progress:
    measured = DRAFTS.c.state == "measured"
    counted = select(
        func.coalesce(func.sum(DRAFTS.c.units).filter(measured), 0),
        func.count().filter(measured),
        func.count().filter(~measured),
        func.count().filter(and_(measured, DRAFTS.c.grade == "ungraded")),
    ).where(DRAFTS.c.work == work)
    row = connection.execute(counted).one()
    return Progress(int(row[0]), int(row[1]), int(row[2]), int(row[3]))


def lines(connection: Connection, lot: str, *, ns: Sequence[int] | None = None) -> list[Line]:
    """The rows of a lot, all or those with these numbers, without their facts."""
    columns = (ARTICLES.c.id, ARTICLES.c.source_n, ARTICLES.c.quantity, ARTICLES.c.identifier)
    wanted = select(*columns).where(ARTICLES.c.lot == lot).order_by(ARTICLES.c.source_n)
    if ns is not None:
        wanted = wanted.where(ARTICLES.c.source_n.in_(ns))
    return [Line(*row) for row in connection.execute(wanted)]


def page(connection: Connection, work: str, lot: str, *, after: int, limit: int, show: Show) -> list[Line]:
    """Rows of a lot from the one after number ``after`` on, as far as they are to be shown."""
    columns = (ARTICLES.c.id, ARTICLES.c.source_n, ARTICLES.c.quantity, ARTICLES.c.identifier)
    wanted = select(*columns).where(ARTICLES.c.lot == lot, ARTICLES.c.source_n > after)
    if show != "all":
        wanted = wanted.where(_shown(work, show))
    return [Line(*row) for row in connection.execute(wanted.order_by(ARTICLES.c.source_n).limit(limit))]


def _shown(work: str, show: Show) -> ColumnElement[bool]:
    here = and_(DRAFTS.c.work == work, DRAFTS.c.position == ARTICLES.c.source_n)
    match show:
        case "missing":
            whole = and_(here, DRAFTS.c.state == "measured", DRAFTS.c.units >= ARTICLES.c.quantity)
            return ~exists(select(1).where(whole).correlate(ARTICLES))
        case "asked":
            return exists(select(1).where(and_(here, DRAFTS.c.state != "measured")).correlate(ARTICLES))
        case _:
            ungraded = and_(here, DRAFTS.c.state == "measured", DRAFTS.c.grade == "ungraded")
            return exists(select(1).where(ungraded).correlate(ARTICLES))


def by_identifier(connection: Connection, lot: str, text: str) -> Line | None:
    """The row whose identifier was scanned: a serial number, an IMEI, a style number."""
    columns = (ARTICLES.c.id, ARTICLES.c.source_n, ARTICLES.c.quantity, ARTICLES.c.identifier)
    wanted = select(*columns).where(ARTICLES.c.lot == lot, ARTICLES.c.identifier == text).limit(1)
    row = connection.execute(wanted).one_or_none()
    return None if row is None else Line(*row)


def units_before(connection: Connection, lot: str, n: int) -> int:
    """Units that the rows before number ``n`` stand for."""
    total = select(func.coalesce(func.sum(ARTICLES.c.quantity), 0))
    return int(connection.execute(total.where(ARTICLES.c.lot == lot, ARTICLES.c.source_n < n)).scalar_one())


def has_rows(connection: Connection, lot: str) -> bool:
    found = connection.execute(select(ARTICLES.c.id).where(ARTICLES.c.lot == lot).limit(1))
    return found.first() is not None


def worker(connection: Connection, party: str, principal: str) -> str | None:
    """The pseudonym of somebody at a party; None before the first work."""
    wanted = select(WORKERS.c.worker).where(WORKERS.c.party == party, WORKERS.c.principal == principal)
    found: str | None = connection.execute(wanted).scalar_one_or_none()
    return found


def pseudonyms(connection: Connection, principal: str) -> list[str]:
    """All that somebody has, at whichever party."""
    wanted = select(WORKERS.c.worker).where(WORKERS.c.principal == principal)
    return list(connection.execute(wanted).scalars())


def add_worker(connection: Connection, party: str, principal: str, pseudonym: str) -> None:
    values = {"party": party, "principal": principal, "worker": pseudonym}
    connection.execute(WORKERS.insert(), [values])


def check(connection: Connection, id_: str, *, party: str) -> DeviceCheck | None:
    wanted = select(CHECKS).where(CHECKS.c.id == id_, CHECKS.c.party == party)
    row = connection.execute(wanted).one_or_none()
    return None if row is None else _check(row)


def open_checks(connection: Connection, device: str, *, party: str) -> list[DeviceCheck]:
    """Oldest first."""
    own = and_(CHECKS.c.device == device, CHECKS.c.party == party, ~CHECKS.c.stated)
    return [_check(row) for row in connection.execute(select(CHECKS).where(own).order_by(CHECKS.c.at))]


def put_check(connection: Connection, check_: DeviceCheck) -> None:
    connection.execute(delete(CHECKS).where(CHECKS.c.id == check_.id))
    values = {name: getattr(check_, name) for name in DeviceCheck.__slots__}
    connection.execute(CHECKS.insert(), [{**values, "findings": json.dumps(dict(check_.findings))}])


def close_check(connection: Connection, id_: str) -> None:
    connection.execute(CHECKS.update().where(CHECKS.c.id == id_).values(stated=True))


def matching(connection: Connection, lot: str, text: str, limit: int) -> list[Line]:
    """Rows whose identifier ends with what was typed: the last digits are what people read aloud."""
    columns = (ARTICLES.c.id, ARTICLES.c.source_n, ARTICLES.c.quantity, ARTICLES.c.identifier)
    ends = or_(ARTICLES.c.identifier.endswith(text, autoescape=True), ARTICLES.c.identifier == text)
    wanted = select(*columns).where(ARTICLES.c.lot == lot, ends).order_by(ARTICLES.c.source_n).limit(limit)
    return [Line(*row) for row in connection.execute(wanted)]


def _columns(draft: Draft) -> dict[str, Any]:
    values = {name: getattr(draft, name) for name in Draft.__slots__}
    findings = json.dumps([dict(finding) for finding in draft.findings], ensure_ascii=False)
    return {**values, "findings": findings, "files": json.dumps([list(file) for file in draft.files])}


def _draft(row: Row[Any]) -> Draft:
    values = row._asdict()
    values["findings"] = tuple(json.loads(row.findings))
    values["files"] = tuple((id_, digest) for id_, digest in json.loads(row.files))
    values["at"] = _utc(row.at)
    return Draft(**values)


def _check(row: Row[Any]) -> DeviceCheck:
    values = row._asdict()
    return DeviceCheck(**{**values, "findings": json.loads(row.findings), "at": _utc(row.at)})


def _utc(moment: datetime) -> datetime:
    """SQLite forgets the zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
