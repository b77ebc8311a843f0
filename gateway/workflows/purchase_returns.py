"""Undo a sale before its goods left: the units come back by the ledger's own record, and the purchase ends.

A sale is never struck out. Each order's pieces become a lot of their own (``lot.returned``, reason
``cancelled``), which keeps what was found of them and may be offered again.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from gateway.errors import Refused
from gateway.statements.lots import CHILD_ROWS, follow, moved, rows_of, units_of
from gateway.store import goods, shipments, trade
from gateway.store import purchases as store
from gateway.store.purchases import Purchase
from gateway.store.shipments import Shipment
from gateway.store.trade import Order
from gateway.tasks.outbox import Cause
from gateway.trade.purchase_states import Reason
from gateway.wiring import Installation
from gateway.workflows import shipment_moves
from gateway.workflows.companies import Actor
from gateway.workflows.order_parts import Part, parts_of
from gateway.workflows.parties import operator_hand
from gateway.workflows.purchase_flow import Check, Step, end, not_now, theirs, unconditional
from gateway.workflows.work import Work
from ledger.author import described, new_id, salted_rows
from ledger.record import Ledger

UNDONE: tuple[str, ...] = ("confirmed", "on_hold")  # states of a purchase of which nothing has left


def taking_back(
    installation: Installation,
    id_: str,
    by: Actor,
    reason: Reason,
    remark: str = "",
    check: Check = unconditional,
) -> Callable[[Ledger], Purchase]:
    """Take the goods of a sold purchase back and cancel it, in one transaction; money is not moved by it.

    A shipment that is only planned is taken apart. The unit raises NotFound; Refused: purchase-state,
    purchase-packed (take the shipment apart first), goods-elsewhere (their holder has to sign), rows-divided
    (a row of the manifest would have to be cut: see the action "Take back sold units").
    """
    cause = Cause.of(by.principal)

    def unit(ledger: Ledger) -> Purchase:
        work = Work(installation, ledger)
        purchase = theirs(work.connection, id_, None)
        check(purchase)
        orders = store.orders(work.connection, purchase.id)
        if not orders or purchase.state not in UNDONE:
            raise not_now(purchase)
        for shipment in _planned(work.connection, orders):
            shipment_moves.taken_apart(work, shipment, by.principal, reason)
        for order in orders:  # each asked anew: the one before may have been of the same lot
            _take_back(work, order, parts_of(work.connection, order))
        step = Step(work.connection, installation.clock.now(), by.principal, reason, remark)
        return end(purchase, step, cause)

    return unit


def _planned(connection: Connection, orders: Sequence[Order]) -> list[Shipment]:
    """The shipments to take apart, each once."""
    found = {one.id: one for order in orders for one in shipments.of_order(connection, order.id)}
    standing = [one for one in found.values() if one.state != "cancelled"]
    if any(one.state != "planned" or one.waits_for for one in standing):
        raise Refused("purchase-packed", "the goods are packed: take the shipment apart first")
    return standing


def _take_back(work: Work, order: Order, parts: Sequence[Part]) -> None:
    """Record it; then goods and stock follow."""
    connection, name = work.connection, new_id("lot")
    subject = work.view.subject(order.lot)
    assert subject is not None  # it was sold
    state = subject.state
    if state.custody != work.installation.config.operator:
        raise Refused("goods-elsewhere", f"{order.lot} lies with {state.custody}", lot=order.lot)
    items = goods.of_lot(connection, order.lot)
    back = {part.item.id for part in parts}
    whole = all(part.quantity == part.item.quantity for part in parts)
    if state.manifest is None or not whole or units_of(items) != state.quantity:
        raise Refused("rows-divided", f"pieces of {order.lot} stand with others in one row", lot=order.lot)
    chosen = [item for item in items if item.id in back]
    rest = [item for item in items if item.id not in back]
    facts = [rows_of(chosen, name), *([rows_of(rest, "")] if rest else [])]
    rows = [salted_rows(one.rows, part=one.part) for one in facts]
    manifests = {one.part: described(salted, CHILD_ROWS) for one, salted in zip(facts, rows, strict=True)}
    remaining = {"quantity": state.quantity - order.quantity}
    entry = work.record(
        "lot.returned",
        [operator_hand(work.installation, "warehouse", "custodian")],
        {
            "child": {"id": name, "quantity": order.quantity, "manifest": manifests[name]},
            "remaining": remaining | ({"manifest": manifests[""]} if rest else {}),
            "reason": "cancelled",
        },
        subjects=[order.lot, name],
        committed={"order": order.id},
        rows=rows,
    )
    follow(work, entry, moved({name: chosen, order.lot: rest}))
    trade.take_back(
        connection, order.lot, name, order.quantity, entry.event_id, work.installation.clock.now()
    )
    trade.set_order(connection, order, state="cancelled")
