"""Money that staff saw arrive for a purchase, and selling what is paid."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from gateway.errors import GatewayError, Refused
from gateway.store import purchases as store
from gateway.store.purchases import Payment, Purchase
from gateway.tasks.outbox import Cause
from gateway.wiring import Installation
from gateway.workflows.companies import Actor
from gateway.workflows.purchase_flow import (
    Check,
    Step,
    confirm_lines,
    follow_goods,
    not_now,
    theirs,
    unconditional,
    verdicts_of,
)
from gateway.workflows.work import Work
from ledger.record import Ledger


@dataclass(frozen=True, slots=True)
class Paid:
    """Money that staff saw arrive. amount_minor: in the purchase's currency, below zero for money back."""

    amount_minor: int
    paid_on: date
    reference: str


def pay(installation: Installation, id_: str, paid: Paid, by: Actor) -> tuple[Purchase, GatewayError | None]:
    """Write a payment down; a deposit that is complete sells the goods.

    The payment stands whatever becomes of the sale: returns why that could not be, if so, and then the
    purchase stays ``deposit_paid`` until somebody sells or cancels it. Raises NotFound, Refused
    (purchase-state, overpaid, nothing-paid, payment-repeated).
    """
    purchase = installation.writer.do(_paying(installation, id_, paid, by))
    if purchase.state != "deposit_paid":
        return purchase, None
    try:
        return installation.writer.do(selling(installation, id_, by)), None
    except GatewayError as error:
        return purchase, error


def _paying(installation: Installation, id_: str, paid: Paid, by: Actor) -> Callable[[Ledger], Purchase]:
    def unit(ledger: Ledger) -> Purchase:
        connection, now = ledger.connection, installation.clock.now()
        purchase = theirs(connection, id_, None)
        if purchase.state in ("draft", "pending_approval"):
            raise not_now(purchase)
        noted = (
            Paid(one.amount_minor, one.paid_on, one.reference) for one in store.payments(connection, id_)
        )
        if paid in noted:
            raise Refused("payment-repeated", "this very payment was written down before")
        before = store.paid_minor(connection, id_)
        if before + paid.amount_minor > purchase.total_minor:
            raise Refused("overpaid", "more than is owed", owed_minor=purchase.total_minor - before)
        if before + paid.amount_minor < 0 or not paid.amount_minor:
            raise Refused("nothing-paid", "no such money came in", paid_minor=before)
        store.add_payment(
            connection, Payment(id_, paid.amount_minor, paid.paid_on, paid.reference, now, by.principal)
        )
        purchase = store.changed(connection, purchase)  # another version: what is owed is another sum
        step = Step(connection, now, by.principal)
        if purchase.state == "placed" and before + paid.amount_minor >= purchase.deposit_minor:
            return step.become(purchase, "deposit_paid")
        return follow_goods(connection, purchase, now)

    return unit


def selling(
    installation: Installation, id_: str, by: Actor, check: Check = unconditional
) -> Callable[[Ledger], Purchase]:
    """Sell a purchase whose deposit is paid. The unit raises as ``placing``."""
    verdicts, cause = verdicts_of(installation, id_, None), Cause.of(by.principal)

    def unit(ledger: Ledger) -> Purchase:
        work = Work(installation, ledger)
        purchase = theirs(work.connection, id_, None)
        check(purchase)
        if purchase.state != "deposit_paid":
            raise not_now(purchase)
        step = Step(work.connection, installation.clock.now(), by.principal)
        return confirm_lines(work, purchase, verdicts, step, cause)

    return unit
