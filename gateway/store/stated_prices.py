"""What goods cost elsewhere, and the least a brand lets them be sold for: who says so, and since when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from gateway.store import price_tables
from gateway.store.people import as_utc
from ledger.store.tables import table

STATED = table(price_tables.StatedPriceRow)


@dataclass(frozen=True, slots=True)
class StatedPrice:
    """Of one piece. subject: id of a lot, or a model. market: "" for every market.

    kind: a reference kind, or ``brand_minimum``. source: in words.
    """

    id: str
    subject: str
    market: str
    kind: str
    amount_minor: int
    currency: str
    source: str
    stated_on: date
    entered_by: str
    entered_at: datetime


def add(connection: Connection, value: StatedPrice) -> None:
    row = {name: getattr(value, name) for name in value.__slots__}
    connection.execute(STATED.insert(), [{**row, "withdrawn_by": "", "withdrawn_at": None}])


def withdraw(connection: Connection, id_: str, by: str, at: datetime) -> bool:
    """Whether it stood until now."""
    result = connection.execute(
        STATED.update()
        .where(STATED.c.id == id_, STATED.c.withdrawn_at.is_(None))
        .values(withdrawn_by=by, withdrawn_at=at)
    )
    return result.rowcount == 1


def of_subjects(connection: Connection, subjects: Iterable[str]) -> list[StatedPrice]:
    """All that stand, the newest day first; of one day, what was entered last."""
    where = [STATED.c.subject.in_(list(subjects)), STATED.c.withdrawn_at.is_(None)]
    return _found(connection, where)


def every(connection: Connection, limit: int) -> list[StatedPrice]:
    return _found(connection, [STATED.c.withdrawn_at.is_(None)], limit)


def _found(connection: Connection, where: list[Any], limit: int | None = None) -> list[StatedPrice]:
    statement = (
        select(STATED)
        .where(*where)
        .order_by(STATED.c.stated_on.desc(), STATED.c.entered_at.desc(), STATED.c.id)
        .limit(limit)
    )
    return [
        StatedPrice(
            **{
                **{name: getattr(row, name) for name in StatedPrice.__slots__},
                "entered_at": as_utc(row.entered_at),
            }
        )
        for row in connection.execute(statement)
    ]
