"""Which pieces of a lot an order takes, and which of them stand on one line of its invoice."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from gateway.store import goods, trade
from gateway.store.goods import Item
from gateway.store.trade import Order


@dataclass(frozen=True, slots=True)
class Part:
    """Pieces of one item that belong to an order."""

    item: Item
    quantity: int


def parts_of(connection: Connection, order: Order) -> list[Part]:
    """Which pieces of the lot an order takes: those after the earlier orders', in manifest order.

    None of one that was cancelled: its pieces are a lot of their own again.
    """
    if order.state == "cancelled":
        return []
    skip = 0
    for earlier in trade.orders(connection, lot=order.lot):
        if earlier.id == order.id:
            break
        skip += 0 if earlier.state == "cancelled" else earlier.quantity
    parts, left = [], order.quantity
    for item in goods.of_lot(connection, order.lot):
        passed = min(skip, item.quantity)
        skip -= passed
        taken = min(item.quantity - passed, left)
        left -= taken
        if taken:
            parts.append(Part(item, taken))
    assert left == 0, order.id
    return parts


def grouped(parts: Sequence[Part]) -> list[list[Part]]:
    """Parts that stand on one invoice line: same product, code, origin and weight."""
    groups: dict[tuple[Any, ...], list[Part]] = defaultdict(list)
    for part in parts:
        groups[product_of(part.item)].append(part)
    return list(groups.values())


def product_of(item: Item) -> tuple[Any, ...]:
    """What an item shares with the others of its invoice line."""
    facts = item.facts
    composition = facts["attributes"].get("composition", "")
    gtin = facts["gtin"] if item.serialised else ""
    masses = (facts["net_mass_g"], facts["gross_mass_g"])
    return (facts["hs_code"], facts["model"], facts["brand"], gtin, masses, composition)
