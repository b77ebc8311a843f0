"""What a shipment carries, line by line as its papers name it; which papers its market asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from gateway.policies import load
from gateway.store import goods, shipments, trade
from gateway.store.goods import Item
from gateway.store.trade import Order
from gateway.trade.packing import CartonKind, Piece
from gateway.workflows.order_parts import Part, grouped


@dataclass(frozen=True, slots=True)
class Loaded:
    """A part of a shipment with what it is. line: position of its invoice line, from 1 on."""

    number: int
    line: int
    order: Order
    item: Item
    quantity: int
    picked: int = 0


def object_key(sha256: str) -> str:
    return f"documents/{sha256[:2]}/{sha256}"


def load_of(connection: Connection, shipment: str) -> list[Loaded]:
    """The parts of a shipment in the order of its invoice lines, which is how they were numbered."""
    parts = shipments.parts(connection, shipment)
    items = goods.with_ids(connection, {part.article for part in parts})
    orders = {name: _order(connection, name) for name in sorted({part.order_id for part in parts})}
    found, line = [], 0
    for order_id, own in groupby(parts, key=lambda part: part.order_id):
        by_item = {part.article: part for part in own}
        of_order = [Part(items[article], part.quantity) for article, part in by_item.items()]
        for group in grouped(of_order):
            line += 1
            for part in group:
                row = by_item[part.item.id]
                found.append(Loaded(row.number, line, orders[order_id], part.item, part.quantity, row.picked))
    return found


def pieces_of(loaded: Sequence[Loaded]) -> list[Piece]:
    """As packing looks at them, line by line."""
    return [
        Piece(
            one.number,
            one.line,
            one.quantity,
            one.item.category,
            one.item.facts["net_mass_g"],
            one.item.facts["gross_mass_g"],
            _three(one.item.facts["dimensions_mm"]),
        )
        for one in sorted(loaded, key=lambda one: (one.line, one.number))
    ]


def carton_kinds() -> dict[str, CartonKind]:
    """By category; goods of others travel one by one."""
    found = {}
    for name, one in load.packing()["cartons"].items():
        size = _three(one["dimensions_mm"])
        assert size is not None, name
        found[name] = CartonKind(one["pieces"], size)
    return found


def required_kinds(market: str) -> tuple[str, ...]:
    """Kinds of documents without which nothing leaves for a market."""
    return load.shipping().markets[market].documents


def _order(connection: Connection, id_: str) -> Order:
    order = trade.order(connection, id_)
    assert order is not None, id_  # orders are never deleted
    return order


def _three(size: Any) -> tuple[int, int, int] | None:
    return (size[0], size[1], size[2]) if size else None
