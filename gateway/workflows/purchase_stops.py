"""What becomes of purchases without their buyer: they run out, follow their goods, are stopped and go on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from gateway.errors import Refused
from gateway.policies import load
from gateway.store import companies, trade
from gateway.store import purchases as store
from gateway.store.purchases import Purchase
from gateway.tasks import causes
from gateway.tasks.outbox import Cause
from gateway.trade.purchase_states import RUNNING_OUT, TRAVELLING, UNSOLD, Reason, State
from gateway.wiring import Installation
from gateway.workflows.companies import HOUSE, Actor
from gateway.workflows.gate import is_recalled
from gateway.workflows.purchase_flow import (
    Check,
    Step,
    end,
    follow_goods,
    give_back,
    not_now,
    theirs,
    unconditional,
    wait,
)
from ledger.record import Ledger

STOPPABLE: Final[tuple[State, ...]] = (
    "pending_approval",
    "placed",
    "deposit_paid",
    "confirmed",
    "partially_shipped",
)


def tidy(installation: Installation, ledger: Ledger) -> int:
    """Cancel what waited too long, and let sold purchases follow their goods; returns how many moved."""
    connection, now = ledger.connection, installation.clock.now()
    moved = 0
    for purchase in store.overdue(connection, sorted(RUNNING_OUT), now):
        step = Step(connection, now, "", "expired")
        end(purchase, step, Cause("schedule"))
        moved += 1
    for purchase in store.in_states(connection, sorted(TRAVELLING)):
        moved += follow_goods(connection, purchase, now).version != purchase.version
    return moved


def follow(connection: Connection, order_id: str, now: datetime) -> None:
    """Bring a purchase to where its orders are; to be called in the transaction that moves one of them."""
    purchase = store.of_order(connection, order_id)
    if purchase is not None:
        follow_goods(connection, purchase, now)


def stop_recalled(installation: Installation) -> list[Purchase]:
    """Put on hold every purchase with goods that are recalled and not all gone; returns those.

    What was only held goes back at once, so that nobody waits for it. Repeating is harmless.
    """
    with installation.database.reading() as connection:
        chosen = [one for one in store.in_states(connection, STOPPABLE) if _recalled(connection, one)]
    stopped = []
    for purchase in chosen:
        unit = holding_up(installation, purchase.id, HOUSE, "recall", if_recalled=True)
        held = installation.writer.do(unit)
        if held.state == "on_hold":
            stopped.append(held)
    return stopped


def _recalled(connection: Connection, purchase: Purchase) -> bool:
    here = ("confirmed", "packed")
    gone = {one.reservation for one in store.orders(connection, purchase.id) if one.state not in here}
    waiting = (hold for hold in store.holds(connection, purchase.id) if hold.id not in gone)
    return any(is_recalled(connection, hold.lot) for hold in waiting)


def holding_up(
    installation: Installation,
    id_: str,
    by: Actor,
    reason: Reason,
    remark: str = "",
    *,
    if_recalled: bool = False,
    check: Check = unconditional,
) -> Callable[[Ledger], Purchase]:
    """Stop a purchase before its goods leave. if_recalled: only while some of them are.

    The unit raises NotFound, Refused (purchase-state).
    """
    cause = Cause.of(by.principal or "log")

    def unit(ledger: Ledger) -> Purchase:
        connection, now = ledger.connection, installation.clock.now()
        purchase = theirs(connection, id_, None)
        check(purchase)
        if if_recalled and (purchase.state not in STOPPABLE or not _recalled(connection, purchase)):
            return purchase
        step = Step(connection, now, by.principal, reason, remark)
        return put_on_hold(purchase, step, cause)

    return unit


def put_on_hold(purchase: Purchase, step: Step, cause: Cause) -> Purchase:
    """Stopped; holds that stand are given back, and those who buy for the company are told."""
    held = step.become(purchase, "on_hold", before_hold=purchase.state, hold_until=None)
    give_back(step.connection, purchase, "released", step.now)
    users = [one.user_id for one in companies.members(step.connection, purchase.company)]
    causes.purchase_told(step.connection, "purchase_held", purchase.id, users, step.now, cause)
    return held


def resuming(
    installation: Installation, id_: str, by: Actor, check: Check = unconditional
) -> Callable[[Ledger], Purchase]:
    """Let a purchase go on from where it was stopped; goods that were given back are held again.

    The unit raises NotFound, Refused (purchase-state, still-recalled), InsufficientQuantity.
    """

    def unit(ledger: Ledger) -> Purchase:
        connection, now = ledger.connection, installation.clock.now()
        purchase = theirs(connection, id_, None)
        check(purchase)
        if purchase.state != "on_hold":
            raise not_now(purchase)
        if _recalled(connection, purchase):
            raise Refused("still-recalled", "some of the goods are recalled")
        step = Step(connection, now, by.principal)
        back = step.become(purchase, _state(purchase.before_hold), before_hold="")
        if back.state not in UNSOLD:
            return follow_goods(connection, back, now)
        for hold in store.holds(connection, purchase.id):
            trade.hold_again(connection, hold, now + load.purchases().hold, now)
        back = replace(back, created_at=now)  # what it waits for begins anew
        back = replace(wait(connection, back, now), created_at=purchase.created_at)
        if back.state == "placed" and store.paid_minor(connection, back.id) >= back.deposit_minor:
            return step.become(back, "deposit_paid")  # it came while the purchase was stopped
        return back

    return unit


def _state(text: str) -> State:
    found = next((state for state in STOPPABLE if state == text), None)
    assert found is not None, text
    return found
