"""What the units of lots have cost, from the prices that the log commits to, along splits and merges."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, select

from ledger.core.canonical import JsonValue
from ledger.core.commitments import check_opening
from ledger.core.leaf import Leaf
from ledger.errors import MissingEvidence
from ledger.family import lots_of
from ledger.lots.book import Book, Cost
from ledger.lots.movements import MOVING, SOLD, Account
from ledger.lots.purchase import Delivery, spread_freight
from ledger.records.registry import Typed, typed
from ledger.store import log
from ledger.store.log import ENTRIES

AT_ONCE: Final = 500  # below SQLite's limit of bound values
FREIGHT: Final = "freight.billed"
OPENED: Final = {"lot.declared": "price", "lot.sold": "quantity", FREIGHT: "freight"}


@dataclass(slots=True)
class Costs:
    """The book of whole families of lots. of_sales: event id of a ``lot.sold`` -> what its units had cost.

    freight: lot -> its share of the bills over the deliveries it came with; it is in no other figure.
    """

    book: Book = field(default_factory=Book)
    of_sales: dict[str, Cost] = field(default_factory=dict)
    freight: dict[str, dict[str, int]] = field(default_factory=dict)


def costs_of(connection: Connection, lots: Iterable[str]) -> Costs:
    """The book of ``lots`` and of every lot that shares units with them.

    Raises MissingEvidence where a price or a sold quantity can no longer be opened: a cost with a hole
    in it would be paid upon as if it were whole.
    """
    costs = Costs()
    for record in _records(connection, _family(connection, lots), MOVING | {FREIGHT}):
        name, opened = record.type.name, _opened(connection, record)
        lot = record.record.body.subjects[0].id
        if name == FREIGHT:
            _spread(costs, connection, record, opened)
            continue
        sold = Account(lot, SOLD)
        before = dict(costs.book.cost(sold))
        costs.book.enter(record, opened)
        if name == "lot.sold":
            after = costs.book.cost(sold)
            costs.of_sales[record.record.event_id] = {
                currency: amount - before.get(currency, 0) for currency, amount in after.items()
            }
    return costs


def _spread(costs: Costs, connection: Connection, record: Typed, opened: Mapping[str, JsonValue]) -> None:
    """A bill over the deliveries of a day; those of other families have their shares, too."""
    freight = opened.get("freight")
    if not isinstance(freight, dict):
        return
    lots = [link.id for link in record.record.body.subjects]
    deliveries = [Delivery(lot, _counted(connection, lot)) for lot in lots]
    for lot, share in spread_freight(freight["amount_minor"], deliveries).items():
        carried = costs.freight.setdefault(lot, {})
        carried[freight["currency"]] = carried.get(freight["currency"], 0) + share


def _counted(connection: Connection, lot: str) -> int:
    """Units that were counted when the lot came in: a recount later does not divide the bill anew."""
    received = (one.data.counted for one in _records(connection, [lot], ("lot.received",)))
    return next(received, 0)


def _family(connection: Connection, lots: Iterable[str]) -> set[str]:
    """Every lot that shares units with one of ``lots``, directly or through others."""
    state_of = lots_of(connection)
    found, waiting = set(lots), list(lots)
    while waiting:
        state = state_of(waiting.pop())
        near = [*state.sources, *state.children] if state is not None else []
        waiting += [name for name in near if name not in found]
        found.update(near)
    return found


def _records(connection: Connection, lots: Iterable[str], types: Collection[str]) -> Iterator[Typed]:
    """The records of ``types`` that extend one of the lots, in log order."""
    indexes = sorted({index for lot in lots for index, _, _ in log.chain(connection, lot)})
    for start in range(0, len(indexes), AT_ONCE):
        chunk = indexes[start : start + AT_ONCE]
        statement = select(ENTRIES.c.leaf).where(ENTRIES.c.idx.in_(chunk), ENTRIES.c.type.in_(types))
        for leaf in connection.execute(statement.order_by(ENTRIES.c.idx)).scalars():
            yield typed(Leaf.parse(leaf).record)


def _opened(connection: Connection, record: Typed) -> Mapping[str, JsonValue]:
    event_id, body = record.record.event_id, record.record.body
    name = OPENED.get(record.type.name, "")
    if name not in body.commit:
        return {}
    opening = log.opening(connection, event_id, name)
    if opening is None:
        raise MissingEvidence(f"{name} of record {event_id} is not open")
    check_opening(name, opening, body.commit[name])
    return {name: opening.value}
