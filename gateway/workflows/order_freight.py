"""What share of the price of an order carriage takes, by the stated tariffs (G15)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from sqlalchemy import Connection

from gateway.policies import load
from gateway.store import goods, trade
from gateway.store.goods import Item
from gateway.store.trade import Order
from gateway.trade.landed_cost import ShareVerdict
from gateway.workflows.landed import carried
from ledger.lots.state import LotState
from ledger.store import log

LATEST_MAX: Final = 100  # orders that are looked at


@dataclass(frozen=True, slots=True)
class OrderFreight:
    """freight_minor: all carriage to the place in the market, whoever pays it; None where none is stated.

    In the order's currency, as its price.
    """

    order: Order
    freight_minor: int | None
    share: Fraction | None
    verdict: ShareVerdict


def latest(connection: Connection) -> list[OrderFreight]:
    """Of the latest ``LATEST_MAX`` orders that stand, newest first."""
    orders = [one for one in trade.orders(connection) if one.state != "cancelled"][-LATEST_MAX:]
    return list(_of(connection, orders[::-1]))


def overall(found: Sequence[OrderFreight]) -> Fraction | None:
    """Freight to price over all orders of which it is known, each as a share; None of none."""
    shares = [one.share for one in found if one.share is not None]
    return sum(shares, Fraction()) / len(shares) if shares else None


def _of(connection: Connection, orders: Sequence[Order]) -> Iterator[OrderFreight]:
    lots: dict[str, tuple[LotState, tuple[Item, ...]]] = {}
    for order in orders:
        if order.lot not in lots:
            subject = log.subject(connection, order.lot)
            assert subject is not None  # it was sold
            lots[order.lot] = subject.state, tuple(goods.of_lot(connection, order.lot))
        state, items = lots[order.lot]
        cost = carried(
            state,
            items,
            market=order.market,
            place=_destination(order),
            incoterm=order.incoterm,
            currency=order.currency,
            pieces=order.quantity,
            goods_minor=order.total_minor,
            day=order.placed_at.date(),
        )
        yield OrderFreight(order, cost.freight_minor, cost.share, cost.share_verdict)


def _destination(order: Order) -> str:
    """Where goods are carried to in the market: the named place of the terms, or the market's usual one."""
    if order.place in load.freight().places(order.market):
        return order.place
    market = load.markets().market(order.market)
    return market.place if market is not None else ""
