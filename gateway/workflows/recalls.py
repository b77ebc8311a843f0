"""Recalls and their ends as the log tells them, and whose orders they are about."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from gateway.store import trade
from gateway.store.trade import Order
from gateway.workflows.gate import is_recalled
from ledger.core.leaf import Leaf
from ledger.core.subjects import kind_of
from ledger.errors import MissingEvidence
from ledger.recall import Sale, sales_reached
from ledger.store import log

RECALLED: Final = "lot.recalled"
RELEASED: Final = "lot.released"


@dataclass(frozen=True, slots=True)
class News:
    """What one record is to those who bought. ended: whether it releases. reason: as the record says.

    orders: that it concerns now, by lot and sale. unknown: sales that no order of this house stands for.
    """

    ended: bool
    reason: str
    orders: tuple[Order, ...]
    unknown: int


def recalls_between(connection: Connection, start: int, end: int) -> list[int]:
    """Indexes of recalls and releases, start <= index < end."""
    return [
        index
        for index, data in log.leaves(connection, start, end)
        if (RECALLED.encode() in data or RELEASED.encode() in data)  # parsing every entry takes long
        and Leaf.parse(data).record.body.type in (RECALLED, RELEASED)
    ]


def news_of(connection: Connection, index: int) -> News:
    """Raises MissingEvidence where a record is gone: a buyer might be missed.

    An order counts while the record is true of its lot: recalled now, or by no other recall any more.
    """
    data = log.leaf(connection, index)
    if data is None:
        raise MissingEvidence(f"entry {index} is missing")
    body = Leaf.parse(data).record.body
    ended = body.type == RELEASED
    orders: list[Order] = []
    unknown = 0
    for sale in _sales(connection, [link.id for link in body.subjects if kind_of(link.id) == "lot"]):
        order = trade.order_of_sale(connection, sale.event_id)
        if order is None:
            unknown += 1
        elif is_recalled(connection, sale.lot) != ended:
            orders.append(order)
    return News(ended, str(body.data["reason"]), tuple(orders), unknown)


def _sales(connection: Connection, lots: list[str]) -> Iterator[Sale]:
    """Each once, though one of the lots may have come of another."""
    seen: set[str] = set()
    for lot in lots:
        for sale in sales_reached(connection, lot):
            if sale.event_id not in seen:
                seen.add(sale.event_id)
                yield sale
