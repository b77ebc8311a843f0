"""Whom a recall has to reach: every sale of the lot, and of every lot that came of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.core.canonical import JsonValue
from ledger.core.leaf import Leaf
from ledger.errors import MissingEvidence
from ledger.family import lots_of
from ledger.lots import lineage
from ledger.store import log


@dataclass(frozen=True, slots=True)
class Sale:
    """One ``lot.sold``. order, buyer, quantity: None where the opening is erased, or was never given."""

    lot: str
    index: int
    event_id: str
    order: str | None
    buyer: str | None
    quantity: int | None


def sales_reached(connection: Connection, lot: str) -> Iterator[Sale]:
    """Every sale that a recall of ``lot`` concerns, by lot, nearest first, and then by index.

    A lot that was merged with others is in it as a whole: its units cannot be told apart any more.
    Raises MissingEvidence where a record is gone, since a buyer might be.
    """
    for name in lineage.reach(lot, lots_of(connection)):
        for index, _, event_id in log.chain(connection, name):
            encoded = log.leaf(connection, index)
            if encoded is None:
                raise MissingEvidence(f"entry {index} of {name} is missing")
            if Leaf.parse(encoded).record.body.type != "lot.sold":
                continue
            order, buyer, quantity = (
                _opened(connection, event_id, field) for field in ("order", "buyer", "quantity")
            )
            yield Sale(
                lot=name,
                index=index,
                event_id=event_id,
                order=order if isinstance(order, str) else None,
                buyer=buyer if isinstance(buyer, str) else None,
                quantity=quantity if isinstance(quantity, int) else None,
            )


def _opened(connection: Connection, event_id: str, field: str) -> JsonValue | None:
    opening = log.opening(connection, event_id, field)
    return None if opening is None else opening.value
