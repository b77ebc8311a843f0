"""Reported problems: evidence beside the ledger, which is answered, and erased when its time has come."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, func, select

from gateway.store import report_tables
from ledger.store.tables import table

REPORTS = table(report_tables.ReportRow)
State = Literal["open", "answered", "erased"]
STATES: Final[tuple[State, ...]] = ("open", "answered", "erased")


@dataclass(frozen=True, slots=True)
class Report:
    """See ``ReportRow``. changed_at: when it was answered, opened again or erased; None before."""

    id: str
    code: str
    lot: str
    kind: str
    text: str
    contact: str
    photo: str
    reported_at: datetime
    state: State = "open"
    answer: str = ""
    answered_by: str = ""
    changed_at: datetime | None = None


def add(connection: Connection, report: Report) -> None:
    connection.execute(REPORTS.insert(), [asdict(report)])


def find(connection: Connection, report_id: str) -> Report | None:
    row = connection.execute(REPORTS.select().where(REPORTS.c.id == report_id)).one_or_none()
    return None if row is None else _report(row)


def of_state(connection: Connection, state: State, *, after: str = "", limit: int) -> list[Report]:
    """Newest first. after: id of the last one of the page before; one that is not there begins anew."""
    statement = REPORTS.select().where(REPORTS.c.state == state)
    last = find(connection, after) if after else None
    if last is not None:
        earlier = REPORTS.c.reported_at < last.reported_at
        same_time = (REPORTS.c.reported_at == last.reported_at) & (REPORTS.c.id < last.id)
        statement = statement.where(earlier | same_time)
    ordered = statement.order_by(REPORTS.c.reported_at.desc(), REPORTS.c.id.desc()).limit(limit)
    return [_report(row) for row in connection.execute(ordered)]


def counts(connection: Connection) -> Mapping[str, int]:
    """How many there are, by state."""
    statement = select(REPORTS.c.state, func.count().label("total")).group_by(REPORTS.c.state)
    return {row.state: row.total for row in connection.execute(statement)}


def open_of_code(connection: Connection, code: str) -> int:
    statement = select(func.count()).select_from(REPORTS)
    statement = statement.where(REPORTS.c.code == code, REPORTS.c.state == "open")
    return connection.execute(statement).scalar_one()


def answer(connection: Connection, report_id: str, text: str, *, by: str, at: datetime) -> bool:
    """Mark as answered; False when it is erased or not there."""
    return _change(connection, report_id, {"state": "answered", "answer": text, "answered_by": by}, at)


def reopen(connection: Connection, report_id: str, *, at: datetime) -> bool:
    return _change(connection, report_id, {"state": "open"}, at)


def erase(connection: Connection, report_id: str, *, at: datetime) -> bool:
    """Forget what was said and by whom; that there was a report of this kind stays."""
    emptied = {"text": "", "contact": "", "photo": "", "answer": ""}
    return _change(connection, report_id, {"state": "erased", **emptied}, at)


def _change(connection: Connection, report_id: str, values: Mapping[str, Any], at: datetime) -> bool:
    statement = REPORTS.update().where(REPORTS.c.id == report_id, REPORTS.c.state != "erased")
    return connection.execute(statement.values(**values, changed_at=at)).rowcount == 1


def _report(row: Any) -> Report:
    values = row._asdict()
    values["reported_at"] = _utc(values["reported_at"])
    if values["changed_at"] is not None:
        values["changed_at"] = _utc(values["changed_at"])
    return Report(**values)


def _utc(moment: datetime) -> datetime:
    """SQLite forgets the zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
