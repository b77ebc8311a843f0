"""Readings of codes and the alerts they raised, inside the caller's transaction. Days and times are UTC."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Table, and_, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from gateway.store import scan_tables
from gateway.store.people import as_utc
from ledger.store.tables import table
from qrcodes.clones import NOTICES

CODES, DAYS = table(scan_tables.ScannedCodeRow), table(scan_tables.ScanDayRow)
SLOTS, SALTS = table(scan_tables.ScanSlotRow), table(scan_tables.ScanSaltRow)
ALERTS = table(scan_tables.ScanAlertRow)

State = Literal["open", "expected", "copied"]
STATES: Final[tuple[State, ...]] = ("open", "expected", "copied")


@dataclass(frozen=True, slots=True)
class Reading:
    """How often one network opened one code in one slot. at: its beginning. country: "" unknown."""

    code: str
    at: datetime
    country: str
    network: str
    count: int


@dataclass(frozen=True, slots=True)
class First:
    on: date
    country: str
    readings: int


@dataclass(frozen=True, slots=True)
class Alert:
    """See ``ScanAlertRow``."""

    id: str
    code: str
    lot: str
    level: str
    notice: str
    rule: str
    measured: int
    allowed: int
    detail: str
    readings: int
    places: int
    countries: int
    policy: str
    policy_sha256: str
    raised_at: datetime
    state: State = "open"
    reason: str = ""
    closed_by: str = ""
    closed_at: datetime | None = None


def salt(connection: Connection, period: int, fresh: bytes) -> bytes:
    """The salt of a period; ``fresh`` becomes it where there is none yet. Those of periods before go."""
    connection.execute(delete(SALTS).where(SALTS.c.period < period))
    found = connection.execute(select(SALTS.c.salt).where(SALTS.c.period == period)).scalar_one_or_none()
    if found is None:
        connection.execute(SALTS.insert(), [{"period": period, "salt": fresh}])
    return fresh if found is None else bytes(found)


def add(connection: Connection, readings: Sequence[Reading], period: int) -> None:
    """Count readings; the first one of a code is remembered for good. In the order of their times."""
    codes = [
        {"code": x.code, "first_on": x.at.date(), "first_country": x.country, "readings": x.count}
        for x in readings
    ]
    days = [
        {"code": x.code, "day": x.at.date(), "country": x.country, "network": x.network,
         "period": period, "readings": x.count}
        for x in readings
    ]  # fmt: skip
    slots = [
        {"code": x.code, "at": x.at, "country": x.country, "network": x.network, "period": period}
        for x in readings
    ]
    _count(connection, CODES, ("code",), codes)
    _count(connection, DAYS, ("code", "day", "country", "network"), days)
    _count(connection, SLOTS, ("code", "at", "country", "network"), slots)


def first(connection: Connection, code: str) -> First | None:
    row = connection.execute(select(CODES).where(CODES.c.code == code)).one_or_none()
    return None if row is None else First(row.first_on, row.first_country, row.readings)


def last_hour(connection: Connection, code: str, since: datetime, period: int) -> tuple[int, int]:
    """(networks, known countries) that opened a code, under one salt."""
    where = (SLOTS.c.code == code, SLOTS.c.at > since, SLOTS.c.period == period)
    return _distinct(connection, SLOTS, *where)


def kept(connection: Connection, code: str, since: date) -> tuple[int, int]:
    """(readings, known countries) of the days that are kept."""
    where = (DAYS.c.code == code, DAYS.c.day >= since)
    read = select(func.coalesce(func.sum(DAYS.c.readings), 0)).where(*where)
    return int(connection.execute(read).scalar_one()), _distinct(connection, DAYS, *where)[1]


def places(connection: Connection, code: str, period: int) -> int:
    """Networks that opened a code, under one salt."""
    return _distinct(connection, DAYS, DAYS.c.code == code, DAYS.c.period == period)[0]


def by_country(connection: Connection, code: str, since: date, period: int) -> dict[str, int]:
    """Known country -> networks under one salt; also those without any, of the days that are kept."""
    own = func.count(DAYS.c.network.distinct()).filter(DAYS.c.period == period)
    statement = select(DAYS.c.country, own).where(
        DAYS.c.code == code, DAYS.c.day >= since, DAYS.c.country != ""
    )
    return {row[0]: int(row[1]) for row in connection.execute(statement.group_by(DAYS.c.country))}


def read_in(connection: Connection, code: str, since: date) -> dict[str, int]:
    """Country, "" where unknown -> readings of the days that are kept; the most first."""
    total = func.sum(DAYS.c.readings)
    statement = select(DAYS.c.country, total).where(DAYS.c.code == code, DAYS.c.day >= since)
    grouped = statement.group_by(DAYS.c.country).order_by(total.desc(), DAYS.c.country)
    return {row[0]: int(row[1]) for row in connection.execute(grouped)}


def daily(connection: Connection, since: date, code: str = "") -> dict[date, int]:
    """Day -> readings, of one code or of all; days without any are left out."""
    statement = select(DAYS.c.day, func.sum(DAYS.c.readings)).where(DAYS.c.day >= since)
    if code:
        statement = statement.where(DAYS.c.code == code)
    return {row[0]: int(row[1]) for row in connection.execute(statement.group_by(DAYS.c.day))}


def forget(connection: Connection, *, days: date, slots: datetime, period: int, limit: int) -> int:
    """Delete days before ``days``, slots before ``slots``, salts before ``period``; how many rows.

    limit: of each table; what is left goes the next time.
    """
    gone = connection.execute(delete(SALTS).where(SALTS.c.period < period)).rowcount
    gone += _forget(connection, DAYS, DAYS.c.day < days, DAYS.c.day, limit)
    return gone + _forget(connection, SLOTS, SLOTS.c.at < slots, SLOTS.c.at, limit)


def raise_alert(connection: Connection, alert: Alert, again_after: datetime) -> bool:
    """Write it down; False when the code has one of this notice that is open, or was closed since."""
    standing = select(ALERTS.c.id).where(
        ALERTS.c.code == alert.code,
        ALERTS.c.notice == alert.notice,
        or_(ALERTS.c.state == "open", ALERTS.c.closed_at > again_after),
    )
    if connection.execute(standing.limit(1)).one_or_none() is not None:
        return False
    connection.execute(ALERTS.insert(), [asdict(alert)])
    return True


def raised_since(connection: Connection, moment: datetime) -> int:
    """How many alerts."""
    statement = select(func.count()).select_from(ALERTS).where(ALERTS.c.raised_at > moment)
    return int(connection.execute(statement).scalar_one())


def alert(connection: Connection, id_: str) -> Alert | None:
    row = connection.execute(select(ALERTS).where(ALERTS.c.id == id_)).one_or_none()
    return None if row is None else _alert(row)


def alerts(
    connection: Connection,
    *,
    state: str = "",
    notice: str = "",
    before: tuple[datetime, str] | None = None,
    limit: int,
) -> list[Alert]:
    """Newest first. before: raised_at and id of the last one of the page above."""
    where: list[Any] = []
    if state:
        where.append(ALERTS.c.state == state)
    if notice:
        where.append(ALERTS.c.notice == notice)
    if before is not None:
        at, id_ = before
        where.append(or_(ALERTS.c.raised_at < at, and_(ALERTS.c.raised_at == at, ALERTS.c.id < id_)))
    order = (ALERTS.c.raised_at.desc(), ALERTS.c.id.desc())
    rows = connection.execute(select(ALERTS).where(*where).order_by(*order).limit(limit))
    return [_alert(row) for row in rows]


def counts(connection: Connection) -> dict[str, int]:
    """State -> alerts."""
    statement = select(ALERTS.c.state, func.count()).group_by(ALERTS.c.state)
    return {row[0]: int(row[1]) for row in connection.execute(statement)}


def notice_of(connection: Connection, code: str) -> str:
    """The gravest notice that nobody has found harmless; "" for none."""
    statement = select(ALERTS.c.notice).where(ALERTS.c.code == code, ALERTS.c.state != "expected")
    standing = set(connection.execute(statement).scalars())
    return next((notice for notice in NOTICES if notice in standing), "")


def set_state(
    connection: Connection, id_: str, state: State, *, reason: str, by: str, at: datetime | None
) -> bool:
    """Close an open alert, or open a closed one (at: None); False when it is in that state already."""
    was_open = ALERTS.c.state == "open" if at is not None else ALERTS.c.state != "open"
    values = {"state": state, "reason": reason, "closed_by": by, "closed_at": at}
    done = connection.execute(ALERTS.update().where(ALERTS.c.id == id_, was_open).values(values))
    return done.rowcount == 1


def _count(
    connection: Connection, counted: Table, key: tuple[str, ...], rows: Iterable[Mapping[str, Any]]
) -> None:
    """Insert, or add to the readings of the row that stands there."""
    build = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = build(counted)
    if "readings" in counted.c:
        more = {"readings": counted.c.readings + statement.excluded.readings}
        statement = statement.on_conflict_do_update(index_elements=list(key), set_=more)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=list(key))
    connection.execute(statement, [dict(row) for row in rows])


def _distinct(connection: Connection, counted: Table, *where: Any) -> tuple[int, int]:
    """(networks, known countries)."""
    row = connection.execute(
        select(
            func.count(counted.c.network.distinct()),
            func.count(counted.c.country.distinct()).filter(counted.c.country != ""),
        ).where(*where)
    ).one()
    return int(row[0]), int(row[1])


def _forget(connection: Connection, kept_: Table, due: Any, order: Any, limit: int) -> int:
    """Whole days or slots at a time: the oldest of them, until ``limit`` rows or more are gone."""
    gone = 0
    while gone < limit:
        oldest = connection.execute(select(func.min(order)).where(due)).scalar_one()
        if oldest is None:
            break
        gone += connection.execute(delete(kept_).where(order == oldest)).rowcount
    return gone


def _alert(row: Any) -> Alert:
    found = Alert(**row._mapping)  # noqa: SLF001 - public API
    closed = None if found.closed_at is None else as_utc(found.closed_at)
    return replace(found, raised_at=as_utc(found.raised_at), closed_at=closed)
