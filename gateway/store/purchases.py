"""Purchases with their lines, steps and payments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Connection, func, select

from gateway.store import purchase_tables as tables
from gateway.store import trade
from gateway.store.people import as_utc
from gateway.trade.purchase_states import State
from ledger.store.tables import table

PURCHASES, LINES = table(tables.PurchaseRow), table(tables.PurchaseLineRow)
EVENTS, PAYMENTS = table(tables.PurchaseEventRow), table(tables.PaymentRow)


@dataclass(frozen=True, slots=True)
class Purchase:
    """As of ``PurchaseRow``."""

    id: str
    company: str
    po_number: str
    incoterm: str
    place: str
    market: str
    currency: str
    total_minor: int
    deposit_minor: int
    balance_days: int
    state: State
    before_hold: str
    version: int
    placed_by: str
    created_at: datetime
    hold_until: datetime | None
    consignee: str = ""
    notify_party: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """order_id: "" while it is not sold."""

    purchase: str
    n: int
    reservation: str
    order_id: str


@dataclass(frozen=True, slots=True)
class Event:
    """One step, as of ``PurchaseEventRow``."""

    purchase: str
    at: datetime
    by: str
    before: str
    after: str
    reason: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """amount_minor: below zero where it went back."""

    purchase: str
    amount_minor: int
    paid_on: date
    reference: str
    at: datetime
    by: str


def add(connection: Connection, value: Purchase, reservations: Sequence[str]) -> None:
    connection.execute(PURCHASES.insert(), [_members(value)])
    lines = [
        {"purchase": value.id, "n": n, "reservation": name, "order_id": ""}
        for n, name in enumerate(reservations, start=1)
    ]
    connection.execute(LINES.insert(), lines)
    held = trade.RESERVATIONS
    connection.execute(held.update().where(held.c.id.in_(reservations)).values(purchase=value.id))


def get(connection: Connection, id_: str, *, company: str | None = None) -> Purchase | None:
    """company: whose it has to be; another's does not exist for it."""
    where = [PURCHASES.c.id == id_]
    if company is not None:
        where.append(PURCHASES.c.company == company)
    return next(iter(_purchases(connection, *where)), None)


def page(
    connection: Connection,
    company: str,
    after: tuple[datetime, str] | None,
    limit: int,
    *,
    states: Sequence[str] = (),
) -> list[Purchase]:
    """A company's purchases, oldest first. after: created_at and id of the last one seen."""
    where = [PURCHASES.c.company == company]
    if states:
        where.append(PURCHASES.c.state.in_(states))
    if after is not None:
        at, id_ = after
        later = PURCHASES.c.created_at > at
        where.append(later | ((PURCHASES.c.created_at == at) & (PURCHASES.c.id > id_)))
    statement = select(PURCHASES).where(*where).order_by(PURCHASES.c.created_at, PURCHASES.c.id)
    return [_purchase(row) for row in connection.execute(statement.limit(limit))]


def latest(
    connection: Connection, *, company: str | None = None, states: Sequence[str] = (), limit: int = 200
) -> list[Purchase]:
    """Newest first, of one company or of all. states: of these alone."""
    statement = select(PURCHASES).order_by(PURCHASES.c.created_at.desc(), PURCHASES.c.id.desc())
    if company is not None:
        statement = statement.where(PURCHASES.c.company == company)
    if states:
        statement = statement.where(PURCHASES.c.state.in_(states))
    return [_purchase(row) for row in connection.execute(statement.limit(limit))]


def counts(connection: Connection, company: str | None = None) -> dict[str, int]:
    """How many purchases stand in each state."""
    statement = select(PURCHASES.c.state, func.count()).group_by(PURCHASES.c.state)
    if company is not None:
        statement = statement.where(PURCHASES.c.company == company)
    return {state: int(count) for state, count in connection.execute(statement)}


def with_number(connection: Connection, company: str, po_number: str) -> list[Purchase]:
    """Those of a company under one number that were not cancelled."""
    return _purchases(
        connection,
        PURCHASES.c.company == company,
        PURCHASES.c.po_number == po_number,
        PURCHASES.c.state != "cancelled",
    )


def of_reservation(connection: Connection, reservation: str) -> Purchase | None:
    """The purchase that a hold is a line of; of several tries the last."""
    statement = (
        select(PURCHASES)
        .join(LINES, LINES.c.purchase == PURCHASES.c.id)
        .where(LINES.c.reservation == reservation)
        .order_by(PURCHASES.c.created_at.desc())
        .limit(1)
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else _purchase(row)


def of_order(connection: Connection, order_id: str) -> Purchase | None:
    """None of an order that is older than purchases are."""
    statement = (
        select(PURCHASES).join(LINES, LINES.c.purchase == PURCHASES.c.id).where(LINES.c.order_id == order_id)
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else _purchase(row)


def in_states(connection: Connection, states: Sequence[str]) -> list[Purchase]:
    """Oldest first."""
    return _purchases(connection, PURCHASES.c.state.in_(states))


def overdue(connection: Connection, states: Sequence[str], now: datetime) -> list[Purchase]:
    return _purchases(connection, PURCHASES.c.state.in_(states), PURCHASES.c.hold_until <= now)


def spent(connection: Connection, company: str, by: Sequence[str], currency: str, since: datetime) -> int:
    """Minor units of what these principals placed since then and nobody cancelled."""
    total = select(func.coalesce(func.sum(PURCHASES.c.total_minor), 0)).where(
        PURCHASES.c.company == company,
        PURCHASES.c.placed_by.in_(by),
        PURCHASES.c.currency == currency,
        PURCHASES.c.created_at >= since,
        PURCHASES.c.state != "cancelled",
    )
    return int(connection.execute(total).scalar_one())


def become(connection: Connection, value: Purchase, event: Event, **changes: Any) -> Purchase | None:
    """One step, if nobody was quicker: None when the purchase has moved on since it was read."""
    changes = {"state": event.after, "version": value.version + 1, **changes}
    moved = connection.execute(
        PURCHASES.update()
        .where(PURCHASES.c.id == value.id, PURCHASES.c.version == value.version)
        .values(**changes)
    )
    if moved.rowcount != 1:
        return None
    note(connection, event)
    return replace(value, **changes)


def changed(connection: Connection, value: Purchase, **changes: Any) -> Purchase:
    """Another version of the same state."""
    changes = {"version": value.version + 1, **changes}
    connection.execute(PURCHASES.update().where(PURCHASES.c.id == value.id).values(**changes))
    return replace(value, **changes)


def note(connection: Connection, event: Event) -> None:
    connection.execute(EVENTS.insert(), [_members(event)])


def set_order(connection: Connection, line: Line, order_id: str) -> None:
    connection.execute(
        LINES.update().where(LINES.c.purchase == line.purchase, LINES.c.n == line.n).values(order_id=order_id)
    )


def lines(connection: Connection, purchase: str) -> list[Line]:
    statement = select(LINES).where(LINES.c.purchase == purchase).order_by(LINES.c.n)
    return [Line(**row._mapping) for row in connection.execute(statement)]  # noqa: SLF001 - public API


def events(connection: Connection, purchase: str) -> list[Event]:
    """Oldest first."""
    statement = select(EVENTS).where(EVENTS.c.purchase == purchase).order_by(EVENTS.c.id)
    return [
        Event(row.purchase, as_utc(row.at), row.by, row.before, row.after, row.reason, row.remark)
        for row in connection.execute(statement)
    ]


def add_payment(connection: Connection, value: Payment) -> None:
    connection.execute(PAYMENTS.insert(), [_members(value)])


def payments(connection: Connection, purchase: str) -> list[Payment]:
    """In the order in which they were written down."""
    statement = select(PAYMENTS).where(PAYMENTS.c.purchase == purchase).order_by(PAYMENTS.c.id)
    return [
        Payment(row.purchase, row.amount_minor, row.paid_on, row.reference, as_utc(row.at), row.by)
        for row in connection.execute(statement)
    ]


def paid_minor(connection: Connection, purchase: str) -> int:
    total = select(func.coalesce(func.sum(PAYMENTS.c.amount_minor), 0)).where(PAYMENTS.c.purchase == purchase)
    return int(connection.execute(total).scalar_one())


def orders(connection: Connection, purchase: str) -> list[trade.Order]:
    """Of its lines, in their order; fewer where some are not sold."""
    found = (trade.order(connection, line.order_id) for line in lines(connection, purchase) if line.order_id)
    return [order for order in found if order is not None]


def holds(connection: Connection, purchase: str) -> list[trade.Reservation]:
    found = (trade.reservation(connection, line.reservation) for line in lines(connection, purchase))
    return [hold for hold in found if hold is not None]


def _purchases(connection: Connection, *where: Any) -> list[Purchase]:
    statement = select(PURCHASES).where(*where).order_by(PURCHASES.c.created_at, PURCHASES.c.id)
    return [_purchase(row) for row in connection.execute(statement)]


def _purchase(row: Any) -> Purchase:
    members = dict(row._mapping)  # noqa: SLF001 - public API
    members["created_at"] = as_utc(row.created_at)
    members["hold_until"] = None if row.hold_until is None else as_utc(row.hold_until)
    members["state"] = cast("State", row.state)
    return Purchase(**members)


def _members(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}
