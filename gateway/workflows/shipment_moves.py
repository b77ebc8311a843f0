"""What a shipment's own rows, its orders and the stock become once the ledger has its record.

Called in the transaction that records, by whoever recorded it: the operator at once, or a custodian who
signed on a computer of its own (``gateway.statements.shipping``).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.errors import NotFound, Refused
from gateway.store import shipments, trade
from gateway.store.shipments import Shipment
from gateway.store.trade import IssuedDocument, Order
from gateway.tasks import causes
from gateway.tasks.outbox import Cause
from gateway.trade.shipment_states import HERE, State, may_follow
from gateway.workflows import purchase_progress, shipment_gate
from gateway.workflows.work import Work


def standing(work: Work, shipment_id: str) -> Shipment:
    """Raises NotFound."""
    found = shipments.get(work.connection, shipment_id)
    if found is None:
        raise NotFound(shipment_id)
    return found


def moved(  # what changes, and what is written down of it
    work: Work,
    shipment: Shipment,
    state: State,
    *,
    by: str,
    what: str,
    reason: str = "",
    leg: int | None = None,
    waits_for: str | None = None,
) -> Shipment:
    """Change a shipment as ``store.shipments.move`` does, if its state allows it.

    Raises Refused: shipment-not-now where that state may not follow, shipment-moved where it changed
    meanwhile.
    """
    if state != shipment.state and not may_follow(shipment.state, state):
        raise not_now(shipment)
    result = shipments.move(
        work.connection,
        shipment,
        state,
        at=work.installation.clock.now(),
        by=by,
        what=what,
        reason=reason,
        leg=leg,
        waits_for=waits_for,
    )
    if result is None:
        raise Refused("shipment-moved", f"{shipment.id} changed meanwhile")
    return result


def not_now(shipment: Shipment) -> Refused:
    return Refused("shipment-not-now", f"{shipment.id} is {shipment.state}", state=shipment.state)


def packed(work: Work, shipment: Shipment, by: str) -> Shipment:
    """Its ``lot.packed`` stands."""
    after = moved(work, shipment, "packed", by=by, what="packed", waits_for="")
    for order in orders_in(work, shipment):
        state = "packed" if order.state == "confirmed" else order.state
        trade.set_order(work.connection, order, shipment=shipment.id, state=state)
    return after


def issued(
    work: Work, shipment: Shipment, document: IssuedDocument, required: Sequence[str], by: str
) -> Shipment:
    """A ``document.issued`` stands; with the last one that is required the papers are ready."""
    trade.add_document(work.connection, document)
    there = {one.kind for one in trade.documents_of_shipment(work.connection, shipment.id)}
    if not set(required) <= there:
        return shipment
    return moved(work, shipment, "documents_ready", by=by, what="documents-issued", waits_for="")


def dispatched(work: Work, shipment: Shipment, by: str) -> Shipment:
    """Its ``lot.shipped`` stands: the stock leaves with it, and its first leg has begun.

    A holder elsewhere may sign days after the gate was asked: what it has anything against by then, or what
    was stopped meanwhile, stays. Raises Refused (purchase-state, papers-not-issued), LotNotVerified with
    every reason; then nothing was recorded either.
    """
    connection, now = work.connection, work.installation.clock.now()
    lines = shipments.lines(connection, shipment.id)
    purchase_progress.check_may_leave(work, [line.order_id for line in lines])
    shipment_gate.check_leaving(work, shipment)
    after = moved(work, shipment, "dispatched", by=by, what="dispatched", leg=1, waits_for="")
    for line in lines:
        trade.ship(connection, line.lot, line.quantity, shipment.id, now)
    first, *others = shipments.legs(connection, shipment.id)
    shipments.set_legs(connection, shipment.id, [replace(first, atd=now), *others])
    orders = orders_in(work, shipment)
    for order in orders:
        is_whole = shipments.shipped_of(connection, order.id) >= order.quantity
        state = "shipped" if is_whole else "partially_shipped"
        trade.set_order(connection, order, shipment=shipment.id, state=state)
    purchase_progress.after_shipment(work, [order.id for order in orders])
    causes.shipment_told(connection, "shipment_dispatched", shipment.company, shipment.id, now, Cause.of(by))
    return after


def delivered(work: Work, shipment: Shipment, by: str, at: datetime) -> Shipment:
    """Its ``lot.delivered`` stands. at: when it arrived, for every leg of which nobody had said."""
    legs = shipments.legs(work.connection, shipment.id)
    after = moved(work, shipment, "delivered", by=by, what="delivered", leg=len(legs), waits_for="")
    ended = [replace(leg, atd=leg.atd or min(at, leg.ata or at), ata=leg.ata or at) for leg in legs]
    shipments.set_legs(work.connection, shipment.id, ended)
    purchase_progress.after_shipment(work, [order.id for order in orders_in(work, shipment)])
    now, about = work.installation.clock.now(), shipment.id
    causes.shipment_told(work.connection, "shipment_delivered", shipment.company, about, now, Cause.of(by))
    return after


def taken_apart(work: Work, shipment: Shipment, by: str, reason: str) -> Shipment:
    """It never leaves: its pieces may be shipped otherwise."""
    connection = work.connection
    after = moved(work, shipment, "cancelled", by=by, what="cancelled", reason=reason, waits_for="")
    for line in shipments.lines(connection, shipment.id):
        shipments.unload(connection, line.order_id, line.quantity)
    for order in orders_in(work, shipment):
        if order.shipment != shipment.id:
            continue
        others = [one for one in shipments.of_order(connection, order.id) if one.id != shipment.id]
        there = [one.id for one in others if one.state not in ("planned", "cancelled")]
        state = "confirmed" if order.state == "packed" and not there else order.state
        trade.set_order(connection, order, shipment=there[-1] if there else None, state=state)
    return after


def unpacked(work: Work, shipment_id: str, by: str, reason: str) -> None:
    """``lot.unpacked`` was stated of it, wherever: nothing of it can leave any more."""
    shipment = shipments.get(work.connection, shipment_id)
    if shipment is not None and shipment.state in HERE:
        taken_apart(work, shipment, by, reason)


def orders_in(work: Work, shipment: Shipment) -> list[Order]:
    lines = shipments.lines(work.connection, shipment.id)
    found = [trade.order(work.connection, line.order_id) for line in lines]
    return [order for order in found if order is not None]
