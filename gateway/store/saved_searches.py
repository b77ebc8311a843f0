"""Searches that somebody keeps, and until when their new offers were told."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from gateway.store import catalogue_tables
from ledger.store.tables import table

SEARCHES = table(catalogue_tables.SavedSearchRow)


@dataclass(frozen=True, slots=True)
class Saved:
    """As of ``SavedSearchRow``. account: ``user:<id>`` or ``key:<id>``, whose it is alone."""

    id: str
    account: str
    company: str
    name: str
    query: str
    letters: bool
    created_at: datetime
    told_us: int
    told_on: str


def add(connection: Connection, one: Saved) -> None:
    connection.execute(SEARCHES.insert(), [{name: getattr(one, name) for name in one.__slots__}])


def find(connection: Connection, id_: str, account: str) -> Saved | None:
    """Another's does not exist."""
    statement = SEARCHES.select().where(SEARCHES.c.id == id_, SEARCHES.c.account == account)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _saved(row)


def get(connection: Connection, id_: str) -> Saved | None:
    row = connection.execute(SEARCHES.select().where(SEARCHES.c.id == id_)).one_or_none()
    return None if row is None else _saved(row)


def page(
    connection: Connection, account: str, company: str, after: tuple[datetime, str] | None, limit: int
) -> list[Saved]:
    """Oldest first. after: created_at and id of the last one seen."""
    made, id_ = SEARCHES.c.created_at, SEARCHES.c.id
    statement = (
        SEARCHES.select()
        .where(SEARCHES.c.account == account, SEARCHES.c.company == company)
        .order_by(made, id_)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where((made > after[0]) | ((made == after[0]) & (id_ > after[1])))
    return [_saved(row) for row in connection.execute(statement)]


def count(connection: Connection, account: str) -> int:
    statement = select(func.count()).select_from(SEARCHES).where(SEARCHES.c.account == account)
    return int(connection.execute(statement).scalar_one())


def delete(connection: Connection, id_: str) -> None:
    connection.execute(SEARCHES.delete().where(SEARCHES.c.id == id_))


def set_letters(connection: Connection, id_: str, *, letters: bool) -> None:
    connection.execute(SEARCHES.update().where(SEARCHES.c.id == id_).values(letters=letters))


def untold(connection: Connection, day: str) -> list[Saved]:
    """Searches that want letters and had none on ``day`` yet."""
    statement = SEARCHES.select().where(SEARCHES.c.letters, SEARCHES.c.told_on != day)
    return [_saved(row) for row in connection.execute(statement.order_by(SEARCHES.c.id))]


def told(connection: Connection, id_: str, *, until_us: int, day: str) -> bool:
    """Note that everything published until then was told; False where that was noted for the day already."""
    done = connection.execute(
        SEARCHES.update()
        .where(SEARCHES.c.id == id_, SEARCHES.c.told_on != day)
        .values(told_us=until_us, told_on=day)
    )
    return done.rowcount == 1


def _saved(row: Any) -> Saved:
    values = dict(row._mapping)  # noqa: SLF001 - public API
    made: datetime = row.created_at
    values["created_at"] = made if made.tzinfo else made.replace(tzinfo=UTC)
    values["letters"] = bool(row.letters)
    return Saved(**values)
