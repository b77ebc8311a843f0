"""What an administrator may have to look into, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select

from gateway.store import people_tables
from gateway.store.people import as_utc
from ledger.store.tables import table

EVENTS = table(people_tables.SecurityEventRow)


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """kind: slug; principal: ``user:…``, ``key:…``, ``account:…``; address: shortened."""

    id: str
    at: datetime
    kind: str
    principal: str
    route: str
    address: str
    detail: str


def add(connection: Connection, value: SecurityEvent) -> None:
    connection.execute(EVENTS.insert(), [{name: getattr(value, name) for name in value.__slots__}])


def count_since(connection: Connection, principal: str, moment: datetime) -> int:
    counted = select(func.count()).where(EVENTS.c.principal == principal, EVENTS.c.at >= moment)
    return int(connection.execute(counted).scalar_one())


def newest(
    connection: Connection, limit: int, *, kind: str = "", before: tuple[datetime, str] | None = None
) -> list[SecurityEvent]:
    """before: time and id of the last one of the page above."""
    where: list[Any] = []
    if kind:
        where.append(EVENTS.c.kind == kind)
    if before is not None:
        at, id_ = before
        where.append(or_(EVENTS.c.at < at, and_(EVENTS.c.at == at, EVENTS.c.id < id_)))
    rows = connection.execute(
        select(EVENTS).where(*where).order_by(EVENTS.c.at.desc(), EVENTS.c.id.desc()).limit(limit)
    )
    return [
        SecurityEvent(row.id, as_utc(row.at), row.kind, row.principal, row.route, row.address, row.detail)
        for row in rows
    ]


def event(connection: Connection, id_: str) -> SecurityEvent | None:
    row = connection.execute(select(EVENTS).where(EVENTS.c.id == id_)).one_or_none()
    if row is None:
        return None
    return SecurityEvent(row.id, as_utc(row.at), row.kind, row.principal, row.route, row.address, row.detail)


def forget(connection: Connection, before: datetime) -> int:
    return connection.execute(delete(EVENTS).where(EVENTS.c.at < before)).rowcount
