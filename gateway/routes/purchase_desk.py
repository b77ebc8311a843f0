"""What staff does with purchases: money that arrived, selling, stopping, cancelling with a reason."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from gateway import flash
from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import GatewayError, NotFound
from gateway.pages.building.purchasing import purchase_view, purchases_view
from gateway.pages.views.forms import form_of
from gateway.routes.fields import one_line, text_error
from gateway.routes.purchase_pages import REMARK_MAX, led, slug_of
from gateway.routes.quantities import amount_minor
from gateway.store import purchases as store
from gateway.store import trade
from gateway.store.purchases import Purchase
from gateway.trade.purchase_states import STAFF_REASONS, Reason
from gateway.workflows import purchase_payments, purchase_returns, purchase_stops, purchases
from gateway.workflows.companies import Actor
from gateway.workflows.purchase_payments import Paid
from ledger.record import Ledger

REFERENCE_MAX: Final = 80
Typed = Annotated[str, Form(max_length=2_000)]
Tab = Annotated[str, Query(max_length=20, pattern=r"^[a-z-]*$")]

router = APIRouter(prefix="/operator/purchases")


@router.get("")
def all_purchases(visit: VisitDep, show: Tab = "to-do") -> Response:
    names = {one.id: one.name for one in trade.companies(visit.connection)}
    return visit.page(purchases_view(visit.connection, show, names=names))


@router.get("/{purchase}")
def one_purchase(purchase: str, visit: VisitDep) -> Response:
    return _page(visit, purchase)


@router.post("/{purchase}/payments")
def pay(
    purchase: str, visit: FormDep, amount: Typed = "", paid_on: Typed = "", reference: Typed = ""
) -> Response:
    """Write down money that arrived; a deposit that is complete sells the goods."""
    values = {"amount": amount, "paid_on": paid_on, "reference": reference}
    told, wrong = _paid(visit, values)
    if told is None:
        return _page(visit, purchase, values, wrong)
    try:
        found, why_not = purchase_payments.pay(visit.installation, purchase, told, _staff(visit))
    except NotFound:
        raise
    except GatewayError as error:
        return _page(visit, purchase, values, {"amount": slug_of(error)})
    if why_not is not None:
        return _page(visit, purchase, {}, {"": slug_of(why_not)})
    said = "payment-sold" if found.state == "confirmed" else "payment-noted"
    return flash.redirect(f"/operator/purchases/{purchase}", said, visit.known.csrf)


def _paid(visit: Visit, values: Mapping[str, str]) -> tuple[Paid | None, dict[str, str]]:
    """What was typed, or slugs of what is wrong with it."""
    amount, reference = amount_minor(values["amount"]), one_line(values["reference"])
    wrong = {} if amount else {"amount": "amount-not-a-number"}
    if slug := text_error(reference, REFERENCE_MAX):
        wrong["reference"] = slug
    try:
        day = date.fromisoformat(values["paid_on"].strip())
    except ValueError:
        day = date.max
    if day > visit.installation.clock.now().date():
        wrong["paid_on"] = "day-not-past"
    if wrong or amount is None:
        return None, wrong
    return Paid(amount, day, reference), {}


@router.post("/{purchase}/sell")
def sell(purchase: str, visit: FormDep) -> Response:
    return _step(
        visit,
        purchase,
        "purchase-sold",
        lambda: purchase_payments.selling(visit.installation, purchase, _staff(visit)),
    )


@router.post("/{purchase}/cancel")
def cancel(purchase: str, visit: FormDep, reason: Typed = "", remark: Typed = "") -> Response:
    return _with_reason(
        visit,
        purchase,
        "purchase-cancelled",
        (reason, remark),
        lambda chosen, said: purchases.cancelling(visit.installation, purchase, _staff(visit), chosen, said),
    )


@router.post("/{purchase}/take-back")
def take_back(purchase: str, visit: FormDep, reason: Typed = "", remark: Typed = "") -> Response:
    """Undo a sale of which nothing has left: the goods come back by a record, and the purchase ends."""
    return _with_reason(
        visit,
        purchase,
        "purchase-taken-back",
        (reason, remark),
        lambda chosen, said: purchase_returns.taking_back(
            visit.installation, purchase, _staff(visit), chosen, said
        ),
    )


@router.post("/{purchase}/hold")
def hold(purchase: str, visit: FormDep, reason: Typed = "", remark: Typed = "") -> Response:
    return _with_reason(
        visit,
        purchase,
        "purchase-stopped",
        (reason, remark),
        lambda chosen, said: purchase_stops.holding_up(
            visit.installation, purchase, _staff(visit), chosen, said
        ),
    )


@router.post("/{purchase}/resume")
def resume(purchase: str, visit: FormDep) -> Response:
    return _step(
        visit,
        purchase,
        "purchase-resumed",
        lambda: purchase_stops.resuming(visit.installation, purchase, _staff(visit)),
    )


def _staff(visit: Visit) -> Actor:
    return Actor(visit.principal)


def _with_reason(
    visit: Visit,
    purchase: str,
    said: str,
    typed: tuple[str, str],
    prepare: Callable[[Reason, str], Callable[[Ledger], Purchase]],
) -> Response:
    """typed: reason and remark."""
    reason, remark = typed
    chosen = next((one for one in STAFF_REASONS if one == reason), None)
    why = one_line(remark)
    wrong = {} if chosen else {"reason": "choice-unknown"}
    if why and (slug := text_error(why, REMARK_MAX)):
        wrong["remark"] = slug
    if chosen is None or wrong:
        return _page(visit, purchase, {"reason": reason, "remark": remark}, wrong)
    return _step(visit, purchase, said, lambda: prepare(chosen, why))


def _step(
    visit: Visit, purchase: str, said: str, prepare: Callable[[], Callable[[Ledger], Purchase]]
) -> Response:
    href = f"/operator/purchases/{purchase}"
    return led(visit, prepare, href, said, lambda slug: _page(visit, purchase, {}, {"": slug}))


def _page(
    visit: Visit,
    purchase: str,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    """Newer than the visit's own snapshot: a payment may stand though its sale was refused."""
    form = form_of(values or {}, errors)
    with visit.installation.database.reading() as connection:
        found = store.get(connection, purchase)
        if found is None:
            raise NotFound(purchase)
        view = purchase_view(connection, found, None, visit.language, form)
    return visit.page(view, 422 if form.errors else 200)
