"""Sale events and the offers that were in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from gateway.store import catalogue_copies, price_tables
from gateway.store.people import as_utc
from gateway.store.trade import LISTINGS
from gateway.trade.events import SaleEvent, State
from ledger.store.tables import table

EVENTS, LOTS = table(price_tables.SaleEventRow), table(price_tables.SaleEventLotRow)
UNKNOWN = -1  # as sold_before and left_sold: the ledger's sales of the lot were not all opened here
_MEMBERS = ("id", "title_zh", "title_en", "title_vi", "starts_at", "ends_at", "state")


@dataclass(frozen=True, slots=True)
class EventLot:
    """As of ``SaleEventLotRow``. left_at: None while it is in the event."""

    event: str
    listing: str
    lot: str
    offered: int
    sold_before: int
    added_by: str
    added_at: datetime
    left_at: datetime | None
    left_sold: int | None


def add(connection: Connection, value: SaleEvent, by: str, at: datetime) -> None:
    row = {name: getattr(value, name) for name in _MEMBERS}
    connection.execute(EVENTS.insert(), [{**row, "created_by": by, "created_at": at}])


def find(connection: Connection, id_: str) -> SaleEvent | None:
    row = connection.execute(select(EVENTS).where(EVENTS.c.id == id_)).one_or_none()
    return None if row is None else _event(row)


def every(connection: Connection, limit: int) -> list[SaleEvent]:
    """The one that ends last first."""
    statement = select(EVENTS).order_by(EVENTS.c.ends_at.desc(), EVENTS.c.id).limit(limit)
    return [_event(row) for row in connection.execute(statement)]


def unended(connection: Connection) -> list[SaleEvent]:
    """Those that nobody ended yet, the clock's ones too, by their end."""
    statement = (
        select(EVENTS).where(EVENTS.c.state.in_(("planned", "open"))).order_by(EVENTS.c.ends_at, EVENTS.c.id)
    )
    return [_event(row) for row in connection.execute(statement)]


def set_state(connection: Connection, id_: str, before: Iterable[State], state: State) -> bool:
    """Whether it was in one of the states ``before``."""
    result = connection.execute(
        EVENTS.update().where(EVENTS.c.id == id_, EVENTS.c.state.in_(list(before))).values(state=state)
    )
    return result.rowcount == 1


def put(connection: Connection, value: EventLot) -> None:
    """Put an offer into an event; one that was in it before begins anew."""
    mine = (LOTS.c.event == value.event, LOTS.c.listing == value.listing)
    connection.execute(LOTS.delete().where(*mine))
    connection.execute(LOTS.insert(), [{name: getattr(value, name) for name in value.__slots__}])
    connection.execute(LISTINGS.update().where(LISTINGS.c.id == value.listing).values(event=value.event))
    catalogue_copies.of_listing(connection, value.listing)


def take_out(connection: Connection, event: str, listing: str, sold: int, at: datetime) -> bool:
    """Whether it was in it. sold: by the ledger until now, ``UNKNOWN`` where nobody knows."""
    result = connection.execute(
        LOTS.update()
        .where(LOTS.c.event == event, LOTS.c.listing == listing, LOTS.c.left_at.is_(None))
        .values(left_at=at, left_sold=sold)
    )
    still = LISTINGS.update().where(LISTINGS.c.id == listing, LISTINGS.c.event == event)
    connection.execute(still.values(event=""))
    catalogue_copies.of_listing(connection, listing)
    return result.rowcount == 1


def lots(connection: Connection, event: str) -> list[EventLot]:
    """Every offer that is or was in it, by when it came."""
    statement = select(LOTS).where(LOTS.c.event == event).order_by(LOTS.c.added_at, LOTS.c.listing)
    return [_lot(row) for row in connection.execute(statement)]


def _event(row: Any) -> SaleEvent:
    members = {name: getattr(row, name) for name in _MEMBERS}
    return SaleEvent(**{**members, "starts_at": as_utc(row.starts_at), "ends_at": as_utc(row.ends_at)})


def _lot(row: Any) -> EventLot:
    members = {name: getattr(row, name) for name in EventLot.__slots__}
    left = None if row.left_at is None else as_utc(row.left_at)
    return EventLot(**{**members, "added_at": as_utc(row.added_at), "left_at": left})
