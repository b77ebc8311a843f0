"""What is payable to brands and agents for the sales that the log holds, from its openings."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from gateway.store import trade
from gateway.store.trade import Order
from gateway.workflows.costs import costs_of
from ledger.core.commitments import check_opening
from ledger.core.envelope import Body, SignedRecord
from ledger.core.leaf import Leaf
from ledger.core.subjects import kind_of
from ledger.errors import MissingEvidence
from ledger.lots.fees import Accrual, Licence, Sale, accruals
from ledger.lots.state import AuthorizationState
from ledger.store import log
from ledger.store.log import ENTRIES


def fees(connection: Connection) -> list[Accrual]:
    """The fees of every sale in the log, in its order, but of those that were undone before anything left.

    Raises MissingEvidence where a quantity, a price or a rate can no longer be opened: a statement
    with a hole in it would be paid as if it were whole.
    """
    return list(accruals(_sales(connection)))


def _sales(connection: Connection) -> Iterator[Sale]:
    statement = select(ENTRIES.c.leaf).where(ENTRIES.c.type == "lot.sold").order_by(ENTRIES.c.idx)
    licences: dict[str, Licence | None] = {}
    records = [Leaf.parse(leaf).record for leaf in connection.execute(statement).scalars()]
    for record in records:
        for ref in record.body.refs:
            if kind_of(ref.id) == "authorization" and ref.id not in licences:
                licences[ref.id] = _licence(connection, ref.id)
    costs = _costs(connection, records, licences)
    for record in records:
        order = trade.order_of_sale(connection, record.event_id)
        if order is not None and order.state == "cancelled":
            continue
        facts = _opened(connection, record.event_id, record.body, "quantity", "price")
        charged = _charged(record, licences)
        if charged and "price" in facts:
            price = facts["price"]
            cost, currency = costs.get(record.event_id, (None, ""))
            yield Sale(
                event_id=record.event_id,
                amount_minor=_amount(order, price["amount_minor"] * facts["quantity"]),
                currency=price["currency"],
                licences=charged,
                cost_minor=cost,
                cost_currency=currency,
            )


def _amount(order: Order | None, by_piece: int) -> int:
    """What the order came to: the record's own price of a piece is rounded where goods sold by weight."""
    return by_piece if order is None or order.basis == "piece" else order.total_minor


def _charged(record: SignedRecord, licences: Mapping[str, Licence | None]) -> tuple[Licence, ...]:
    found = (licences.get(ref.id) for ref in record.body.refs)
    return tuple(licence for licence in found if licence is not None)


def _costs(
    connection: Connection, records: Sequence[SignedRecord], licences: Mapping[str, Licence | None]
) -> Mapping[str, tuple[int, str]]:
    """Of each sale under a licence on the purchase value: what its units had cost, and the currency."""
    lots = {
        record.event_id: record.body.subjects[0].id
        for record in records
        if any(licence.base == "purchase" for licence in _charged(record, licences))
    }
    of_sales = costs_of(connection, lots.values()).of_sales
    found = {}
    for event_id, lot in lots.items():
        paid = {currency: amount for currency, amount in of_sales[event_id].items() if amount}
        if not paid:
            raise MissingEvidence(f"{lot} was declared without a price")
        if len(paid) > 1:
            raise MissingEvidence(f"what {lot} sold was bought in {', '.join(sorted(paid))}")
        ((currency, amount),) = paid.items()
        found[event_id] = (amount, currency)
    return found


def _licence(connection: Connection, authorization: str) -> Licence | None:
    """The fee of a grant; None where it has none."""
    subject = log.subject(connection, authorization)
    assert subject is not None  # a record refers to it
    state: AuthorizationState = subject.state
    body = _body(connection, state.granted)
    facts = _opened(connection, state.granted, body, "fee_rate", "fee_base")
    if "fee_rate" not in facts:
        return None
    return Licence(authorization, state.grantor, facts["fee_rate"], facts.get("fee_base", "sale"))


def _body(connection: Connection, event_id: str) -> Body:
    index = log.index_of(connection, event_id)
    leaf = None if index is None else log.leaf(connection, index)
    if leaf is None:
        raise MissingEvidence(f"record {event_id} is not there")
    return Leaf.parse(leaf).record.body


def _opened(connection: Connection, event_id: str, body: Body, *fields: str) -> Mapping[str, Any]:
    """The fields that the record commits to. Raises MissingEvidence where one is not open any more."""
    facts = {}
    for field in fields:
        if field in body.commit:
            opening = log.opening(connection, event_id, field)
            if opening is None:
                raise MissingEvidence(f"{field} of record {event_id} is not open")
            check_opening(field, opening, body.commit[field])
            facts[field] = opening.value
    return facts
