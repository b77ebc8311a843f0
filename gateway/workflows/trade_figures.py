"""What sells how fast, what lies how long, and whether anything left by a way that was not allowed (G30).

All of it is counted from stock movements, orders and records; nobody enters a figure.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from gateway.store import trade
from gateway.store.trade import MOVEMENTS, Order
from gateway.wiring import Installation
from gateway.workflows import order_freight
from gateway.workflows.gate import today
from gateway.workflows.links import channels_at
from gateway.workflows.order_freight import OrderFreight
from ledger.lots.state import LotState
from ledger.store import log

WEEKS: Final = 8
# Days since intake, up to and with -> slug; what is older is ``older``.
AGES: Final = ((30, "month"), (60, "two-months"), (90, "quarter"), (180, "half-year"))
AT_ONCE: Final = 500  # states read together
_COMES: Final = {"receive": 1, "found": 1, "write_off": -1, "allocate": -1}


@dataclass(frozen=True, slots=True)
class WeekSold:
    """offered: units to be sold as the week began, and those that came in it. sold: ordered in it."""

    monday: date
    offered: int
    sold: int

    @property
    def percent(self) -> int | None:
        """Sold of offered, rounded half up; None where nothing was on offer."""
        return (200 * self.sold + self.offered) // (2 * self.offered) if self.offered else None


@dataclass(frozen=True, slots=True)
class TradeFigures:
    """ages: units to be sold by days since intake. grades: category -> grade -> units to be sold.

    outside: units sold through a channel that a grant of the lot did not allow when they were sold.
    freight: of the latest orders, newest first.
    """

    weeks: tuple[WeekSold, ...]
    ages: Mapping[str, int]
    grades: Mapping[str, Mapping[str, int]]
    outside: int
    sold: int
    freight: Sequence[OrderFreight]


def trade_figures(installation: Installation, connection: Connection) -> TradeFigures:
    day = today(installation)
    orders = [one for one in trade.orders(connection) if one.state != "cancelled"]
    left = {stock.lot: stock.on_hand - stock.allocated for stock in trade.stocks(connection)}
    states = dict(_states(connection, [lot for lot, units in left.items() if units > 0]))
    ages: Counter[str] = Counter()
    grades: dict[str, Counter[str]] = {}
    for lot, state in states.items():
        ages[_age(state, day)] += left[lot]
        grades.setdefault(state.category, Counter())[state.grade or "ungraded"] += left[lot]
    return TradeFigures(
        weeks=weeks_of(_moves(connection), day),
        ages={slug: ages[slug] for slug in (*(slug for _, slug in AGES), "older", "unknown") if ages[slug]},
        grades=grades,
        outside=sum(order.quantity for order in orders if _is_outside(connection, order)),
        sold=sum(order.quantity for order in orders),
        freight=order_freight.latest(connection),
    )


def weeks_of(moves: Iterable[tuple[datetime, str, int]], day: date) -> tuple[WeekSold, ...]:
    """The last ``WEEKS`` weeks, the oldest first. moves: (moment, kind of movement, units), in any order."""
    first = day - timedelta(days=day.weekday(), weeks=WEEKS - 1)
    mondays = [first + timedelta(weeks=n) for n in range(WEEKS)]
    standing, came, sold = 0, Counter[date](), Counter[date]()
    for at, kind, units in moves:
        monday = at.astimezone(UTC).date()
        monday -= timedelta(days=monday.weekday())
        if monday < first:
            standing += _COMES.get(kind, 0) * units
        elif kind == "allocate":
            sold[monday] += units
        else:
            came[monday] += _COMES.get(kind, 0) * units
    found = []
    for monday in mondays:
        offered = standing + came[monday]
        found.append(WeekSold(monday, max(0, offered), sold[monday]))
        standing = offered - sold[monday]
    return tuple(found)


def _moves(connection: Connection) -> list[tuple[datetime, str, int]]:
    statement = select(MOVEMENTS.c.at, MOVEMENTS.c.kind, MOVEMENTS.c.quantity).where(
        MOVEMENTS.c.kind.in_(sorted(_COMES))
    )
    return [
        (row.at if row.at.tzinfo else row.at.replace(tzinfo=UTC), row.kind, row.quantity)
        for row in connection.execute(statement)
    ]


def _states(connection: Connection, lots: Sequence[str]) -> Iterable[tuple[str, LotState]]:
    for start in range(0, len(lots), AT_ONCE):
        for name, subject in log.subjects_named(connection, lots[start : start + AT_ONCE]).items():
            if isinstance(subject.state, LotState):
                yield name, subject.state


def _age(state: LotState, day: date) -> str:
    if state.intake is None:
        return "unknown"
    days = (day - date.fromisoformat(state.intake.day)).days
    return next((slug for most, slug in AGES if days <= most), "older")


def _is_outside(connection: Connection, order: Order) -> bool:
    """By the grants as they stood when the sale was recorded: no later narrowing makes an old sale wrong."""
    hold = trade.reservation(connection, order.reservation)
    listing = trade.listing(connection, hold.listing) if hold else None
    subject, index = log.subject(connection, order.lot), log.index_of(connection, order.sold_event)
    if listing is None or subject is None or index is None:
        return False
    grants = (channels_at(connection, name, index) for name in subject.state.authorizations)
    return any(channels and listing.channel not in channels for channels in grants)
