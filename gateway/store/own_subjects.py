"""What a party has to do with, from the ledger's working copy."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, func, or_, select

from gateway.store import trade
from ledger.lots.state import AuthorizationState, LotState, WorkState
from ledger.store.log import SUBJECTS


def lots_of(connection: Connection, party: str) -> Iterator[tuple[str, LotState]]:
    """Lots whose state names the party as title holder, custodian, supplier or agent, newest first."""
    for name, text in _naming(connection, "lot", [party]):
        state = LotState.model_validate_json(text)
        if party in (state.title, state.custody, state.supplier, state.agent):
            yield name, state


def lots_of_brands(connection: Connection, brands: Collection[str]) -> Iterator[tuple[str, LotState]]:
    """Every lot of goods of these brands, newest first; one that holds several brands counts for each."""
    wanted = set(brands)
    for name, text in _naming(connection, "lot", sorted(wanted)):
        state = LotState.model_validate_json(text)
        if state.brand in wanted or any(part.brand in wanted for part in state.bundle):
            yield name, state


def lots_insured_by(connection: Connection, party: str) -> Iterator[tuple[str, LotState]]:
    for name, text in _naming(connection, "lot", [party]):
        state = LotState.model_validate_json(text)
        if state.insurance is not None and state.insurance.by.party == party:
            yield name, state


def works_of(connection: Connection, party: str) -> Iterator[tuple[str, WorkState]]:
    """Work orders that the party holds, newest first."""
    for name, text in _naming(connection, "work", [party]):
        state = WorkState.model_validate_json(text)
        if state.worker_party == party:
            yield name, state


def grants(connection: Connection) -> dict[str, AuthorizationState]:
    """Every authorization, in the order in which they were last changed."""
    wanted = select(SUBJECTS.c.subject, SUBJECTS.c.state)
    ours = wanted.where(SUBJECTS.c.subject.startswith("authorization:"))
    rows = connection.execute(ours.order_by(SUBJECTS.c.idx, SUBJECTS.c.subject))
    return {row.subject: AuthorizationState.model_validate_json(row.state) for row in rows}


def sold_by_market(connection: Connection) -> dict[tuple[str, str, str], int]:
    """(lot, market, channel) -> units of confirmed orders; what came back is not taken off."""
    orders, reservations, listings = trade.ORDERS, trade.RESERVATIONS, trade.LISTINGS
    wanted = (
        select(orders.c.lot, orders.c.market, listings.c.channel, func.sum(orders.c.quantity).label("units"))
        .join(reservations, reservations.c.id == orders.c.reservation)
        .join(listings, listings.c.id == reservations.c.listing)
        .group_by(orders.c.lot, orders.c.market, listings.c.channel)
    )
    return {(row.lot, row.market, row.channel): int(row.units) for row in connection.execute(wanted)}


def _naming(connection: Connection, kind: str, texts: Collection[str]) -> Iterator[tuple[str, Any]]:
    """(id, state) whose state holds one of the texts somewhere: the caller looks where."""
    if not texts:
        return
    found = or_(*(SUBJECTS.c.state.contains(text, autoescape=True) for text in texts))
    wanted = select(SUBJECTS.c.subject, SUBJECTS.c.state).where(
        SUBJECTS.c.subject.startswith(f"{kind}:", autoescape=True), found
    )
    newest = wanted.order_by(SUBJECTS.c.idx.desc(), SUBJECTS.c.subject)
    for row in connection.execute(newest):
        yield row.subject, row.state
