"""Bring the stock rows to what the ledger knows: give back holds nobody can confirm, write off what left.

A lot is lost, destroyed, merged, split or disposed of in the ledger, by whoever holds the goods; the rows
that sales are promised from learn it here, after the offers were judged again. What is found again comes
back the same way.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from gateway.store import offer_states, trade
from gateway.store.trade import Reservation, Stock
from gateway.tasks import causes
from gateway.tasks.outbox import Cause
from gateway.wiring import Installation
from ledger.lots.state import LotState, Subject
from ledger.record import Ledger
from ledger.store import log


def settle_stock(installation: Installation) -> list[Reservation]:
    """Returns the holds that were given back. Each lot is a transaction of its own; repeating is harmless."""
    with installation.database.reading() as connection:
        lots = _unsettled(connection)
    released: list[Reservation] = []
    for lot in lots:
        released += installation.writer.do(partial(_settle, installation, lot))
    return released


def _unsettled(connection: Connection) -> list[str]:
    """Lots whose row counts other units than the ledger, or has a hold on an offer that stands no more."""
    offered = {listing.id for listing in offer_states.standing(connection)}
    lots = {hold.lot for hold in trade.holds(connection) if hold.listing not in offered}
    lots |= {stock.lot for stock in trade.stocks(connection) if _gone(connection, stock)}
    return sorted(lots)


def _settle(installation: Installation, lot: str, ledger: Ledger) -> list[Reservation]:
    connection, now = ledger.connection, installation.clock.now()
    released = _release_orphans(connection, lot, now)
    stock = trade.stock(connection, lot)
    gone = 0 if stock is None else _gone(connection, stock)
    if stock is None or not gone:
        return released
    if gone > 0:
        released += _release_until(connection, stock, stock.on_hand - stock.allocated - gone, now)
    subject = log.subject(connection, lot)
    assert subject is not None  # else nothing of it would be known to be gone
    trade.write_off(connection, lot, gone, subject.head.event_id, now)
    return released


def _release_orphans(connection: Connection, lot: str, now: datetime) -> list[Reservation]:
    offered = {listing.id for listing in offer_states.standing(connection, lot=lot)}
    orphans = [hold for hold in trade.holds(connection, lot=lot) if hold.listing not in offered]
    return _released(connection, orphans, now)


def _release_until(connection: Connection, stock: Stock, left: int, now: datetime) -> list[Reservation]:
    """Give back holds, the youngest first, until the others fit into the units that are ``left``."""
    reserved, chosen = stock.reserved, []
    for hold in trade.holds(connection, lot=stock.lot):
        if reserved <= left:
            break
        chosen.append(hold)
        reserved -= hold.quantity
    return _released(connection, chosen, now)


def _released(connection: Connection, chosen: Sequence[Reservation], now: datetime) -> list[Reservation]:
    """Its company is told, if it still counted on it: whoever let a hold run out knows that it ended."""
    for hold in chosen:
        trade.release(connection, hold, "released", now)
        if hold.stands(now):
            causes.hold_released(connection, hold, now, Cause("log"))
    return list(chosen)


def _gone(connection: Connection, stock: Stock) -> int:
    """Units that the row still counts and the ledger does not: what is unsold there less what is here."""
    subject: Subject | None = log.subject(connection, stock.lot)
    if subject is None or not isinstance(subject.state, LotState) or subject.state.sold is None:
        return 0
    unsold = subject.state.quantity - subject.state.sold
    return stock.on_hand - stock.allocated - unsold
