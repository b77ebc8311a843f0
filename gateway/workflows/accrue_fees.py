"""What is payable to brands and agents for the sales that the log holds, from its openings."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from ledger.core.commitments import check_opening
from ledger.core.envelope import Body
from ledger.core.leaf import Leaf
from ledger.core.subjects import kind_of
from ledger.errors import MissingEvidence
from ledger.lots.cost import allocate
from ledger.lots.fees import Accrual, Licence, Sale, accruals
from ledger.lots.state import AuthorizationState, LotState
from ledger.store import log
from ledger.store.log import ENTRIES


def fees(connection: Connection) -> list[Accrual]:
    """The fees of every sale in the log, in its order.

    Raises MissingEvidence where a quantity, a price or a rate can no longer be opened: a statement
    with a hole in it would be paid as if it were whole.
    """
    return list(accruals(_sales(connection)))


def _sales(connection: Connection) -> Iterator[Sale]:
    statement = select(ENTRIES.c.leaf).where(ENTRIES.c.type == "lot.sold").order_by(ENTRIES.c.idx)
    licences: dict[str, Licence | None] = {}
    for leaf in connection.execute(statement).scalars():
        record = Leaf.parse(leaf).record
        facts = _opened(connection, record.event_id, record.body, "quantity", "price")
        found = []
        for ref in record.body.refs:
            if kind_of(ref.id) == "authorization":
                if ref.id not in licences:
                    licences[ref.id] = _licence(connection, ref.id)
                found.append(licences[ref.id])
        charged = tuple(licence for licence in found if licence is not None)
        if charged and "price" in facts:
            price, quantity = facts["price"], facts["quantity"]
            bought = any(licence.base == "purchase" for licence in charged)
            cost = _cost(connection, record.body.subjects[0].id, quantity) if bought else (None, "")
            yield Sale(
                event_id=record.event_id,
                amount_minor=price["amount_minor"] * quantity,
                currency=price["currency"],
                licences=charged,
                cost_minor=cost[0],
                cost_currency=cost[1],
            )


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


def _cost(connection: Connection, lot: str, quantity: int) -> tuple[int, str]:
    """What ``quantity`` units had cost: their share by number of what was paid for the declared lot."""
    name = lot
    while True:
        subject = log.subject(connection, name)
        assert subject is not None
        state: LotState = subject.state
        if state.parent is None:
            break
        name = state.parent
    index, _, event_id = log.chain(connection, name)[0]
    leaf = log.leaf(connection, index)
    assert leaf is not None
    price = _opened(connection, event_id, Leaf.parse(leaf).record.body, "price").get("price")
    if price is None:
        raise MissingEvidence(f"{name} was declared without a price")
    bought = state.intake.counted if state.intake else state.declared
    share = allocate(price["amount_minor"], [quantity, max(0, bought - quantity)])[0]
    return share, price["currency"]


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
