"""The steps that every hand on a purchase is made of: from one state to the next, with its goods."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from gateway.errors import NotFound, Refused
from gateway.policies import load
from gateway.store import companies, shipments, trade
from gateway.store import purchases as store
from gateway.store.purchases import Event, Purchase
from gateway.store.trade import Order, Reservation
from gateway.tasks import causes
from gateway.tasks.outbox import Cause
from gateway.trade.purchase_states import Reason, State, may_become, of_orders, way_to
from gateway.wiring import Installation
from gateway.workflows.gate import Verdict
from gateway.workflows.sale import Terms, sell_hold, verdicts_on
from gateway.workflows.work import Work

Check = Callable[[Purchase], None]


def unconditional(_purchase: Purchase) -> None:
    """No condition of the caller's."""


@dataclass(frozen=True, slots=True)
class Step:
    """One hand on one purchase: who, when, why."""

    connection: Connection
    now: datetime
    by: str
    reason: Reason | None = None
    remark: str = ""

    def become(self, purchase: Purchase, after: State, **changes: Any) -> Purchase:
        """Raises Refused (purchase-state) for a way that there is not, or that somebody else was on first."""
        if not may_become(purchase.state, after):
            raise not_now(purchase)
        event = Event(purchase.id, self.now, self.by, purchase.state, after, self.reason or "", self.remark)
        moved = store.become(self.connection, purchase, event, **changes)
        if moved is None:
            raise not_now(purchase)
        return moved


def not_now(purchase: Purchase) -> Refused:
    return Refused("purchase-state", f"the purchase is {purchase.state}", state=purchase.state)


def amount_minor(connection: Connection, hold: Reservation) -> int:
    """What a hold comes to at the price that its buyer saw, rounded half up, once."""
    listing = trade.listing(connection, hold.listing)
    assert listing is not None  # offers are never deleted
    return listing.pack.amount_minor(hold.quantity, hold.unit_price_minor)


def theirs(connection: Connection, id_: str, company: str | None) -> Purchase:
    found = store.get(connection, id_, company=company)
    if found is None:
        raise NotFound(id_)
    return found


def verdicts_of(installation: Installation, id_: str, company: str | None) -> dict[str, Verdict]:
    with installation.database.reading() as connection:
        purchase = theirs(connection, id_, company)
        names = [line.reservation for line in store.lines(connection, id_)]
    return verdicts_on(installation, purchase.company, names)


def wait(connection: Connection, purchase: Purchase, now: datetime) -> Purchase:
    """Keep the goods while somebody else has to act, as long as the tier allows from the beginning on."""
    buyer = trade.company(connection, purchase.company)
    assert buyer is not None
    policy = load.purchases()
    longest = purchase.created_at + timedelta(hours=policy.waiting_hours_max)
    until = min(now + policy.of_tier(buyer.tier).waiting, longest)
    for hold in store.holds(connection, purchase.id):
        if hold.stands(now) and hold.expires_at < until:
            trade.set_reservation(connection, hold, expires_at=until)
    return store.changed(connection, purchase, hold_until=until)


def proceed(
    work: Work, purchase: Purchase, verdicts: dict[str, Verdict], step: Step, cause: Cause
) -> Purchase:
    """From placed to sold, unless a deposit is owed."""
    if store.paid_minor(work.connection, purchase.id) < purchase.deposit_minor:
        return wait(work.connection, purchase, step.now)
    return confirm_lines(work, purchase, verdicts, step, cause)


def confirm_lines(
    work: Work, purchase: Purchase, verdicts: dict[str, Verdict], step: Step, cause: Cause
) -> Purchase:
    """Every line becomes an order with its sale in the ledger, or none does."""
    terms = Terms(purchase.po_number, purchase.incoterm, purchase.place)
    for line in store.lines(work.connection, purchase.id):
        order = sell_hold(work, line.reservation, terms, verdicts, cause)
        store.set_order(work.connection, line, order.id)
    return step.become(purchase, "confirmed", hold_until=None)


def end(purchase: Purchase, step: Step, cause: Cause) -> Purchase:
    """Cancelled; holds that stand are given back, and those who buy for the company are told."""
    ended = step.become(purchase, "cancelled", hold_until=None)
    closed = "expired" if step.reason == "expired" else "released"
    give_back(step.connection, purchase, closed, step.now)
    users = [one.user_id for one in companies.members(step.connection, purchase.company)]
    causes.purchase_told(step.connection, "purchase_ended", purchase.id, users, step.now, cause)
    return ended


def give_back(connection: Connection, purchase: Purchase, state: str, now: datetime) -> None:
    for hold in store.holds(connection, purchase.id):
        if hold.state == "active":
            trade.release(connection, hold, state, now)


def follow_goods(connection: Connection, purchase: Purchase, now: datetime) -> Purchase:
    orders = store.orders(connection, purchase.id)
    if not orders:
        return purchase
    paid = store.paid_minor(connection, purchase.id) >= purchase.total_minor
    after = of_orders([_state_of(connection, order) for order in orders], paid=paid)
    step = Step(connection, now, "")
    for state in way_to(purchase.state, after):
        purchase = step.become(purchase, state)
    return purchase


def _state_of(connection: Connection, order: Order) -> str:
    """Of an order: as it stands, or delivered once all of it has arrived."""
    if shipments.delivered_of(connection, order.id) >= order.quantity:
        return "delivered"
    return order.state
