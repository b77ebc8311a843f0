"""What a purchase learns of its shipments, in the transaction that moves them."""

from collections.abc import Sequence

from gateway.errors import Refused
from gateway.store import purchases as store
from gateway.tasks.outbox import Cause
from gateway.trade.purchase_states import Reason
from gateway.workflows.purchase_flow import Step, follow_goods
from gateway.workflows.purchase_stops import STOPPABLE, put_on_hold
from gateway.workflows.work import Work


def after_shipment(work: Work, order_ids: Sequence[str]) -> None:
    """Goods of these orders left, arrived or came back: their purchases move on.

    How much left is ``store.shipments.shipped_of``, how much arrived ``delivered_of``.
    """
    for purchase in _purchases(work, order_ids):
        follow_goods(work.connection, purchase, work.installation.clock.now())


def stop(work: Work, order_ids: Sequence[str], reasons: Sequence[str]) -> None:
    """The gate refused to let goods of these orders leave: their purchases go on hold.

    reasons: slugs of the gate.
    """
    reason: Reason = "recall" if "recalled" in reasons else "inventory"
    for purchase in _purchases(work, order_ids):
        if purchase.state in STOPPABLE:
            step = Step(work.connection, work.installation.clock.now(), "", reason, ", ".join(reasons))
            put_on_hold(purchase, step, Cause("log"))


def check_may_leave(work: Work, order_ids: Sequence[str]) -> None:
    """Raises Refused (purchase-state) while a purchase of these orders is stopped."""
    for purchase in _purchases(work, order_ids):
        if purchase.state in ("on_hold", "cancelled"):
            raise Refused("purchase-state", f"{purchase.id} is {purchase.state}", state=purchase.state)


def _purchases(work: Work, order_ids: Sequence[str]) -> list[store.Purchase]:
    """Each once; orders that are older than purchases have none."""
    found = (store.of_order(work.connection, order_id) for order_id in dict.fromkeys(order_ids))
    return list({one.id: one for one in found if one is not None}.values())
