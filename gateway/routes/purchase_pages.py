"""A member's pages: what the company holds, what it buys, approving and cancelling."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from gateway import flash
from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import (
    GatewayError,
    InsufficientQuantity,
    ListingWithdrawn,
    LotNotVerified,
    NotFound,
    ReservationExpired,
)
from gateway.pages.building.purchasing import Typed as Sent
from gateway.pages.building.purchasing import basket_view, purchase_view, purchases_view
from gateway.pages.views.forms import form_of
from gateway.routes.fields import one_line, text_error
from gateway.routes.quantities import kilograms, whole_pieces
from gateway.store import purchases as store
from gateway.store import trade
from gateway.store.purchases import Purchase
from gateway.trade.purchase_states import CUSTOMER_REASONS
from gateway.workflows import holding, purchases
from gateway.workflows.companies import Actor, actor_of
from gateway.workflows.sale import Terms
from ledger.record import Ledger

REMARK_MAX: Final = 300
NUMBER_MAX: Final = 60
PARTY_MAX: Final = 300
Typed = Annotated[str, Form(max_length=2_000)]
Tab = Annotated[str, Query(max_length=20, pattern=r"^[a-z-]*$")]
SLUGS: Final[Mapping[type[GatewayError], str]] = {
    InsufficientQuantity: "not-enough-stock",
    ListingWithdrawn: "no-longer-offered",
    LotNotVerified: "lot-changed",
    ReservationExpired: "reservation-expired",
}

router = APIRouter()


@router.get("/basket")
def basket(visit: VisitDep) -> Response:
    """What the company holds now."""
    return _basket(visit, Sent())


@router.post("/basket")
def order(  # what a purchase says
    visit: FormDep,
    po_number: Typed = "",
    incoterm: Typed = "",
    repeated: Typed = "",
    consignee: Typed = "",
    notify_party: Typed = "",
) -> Response:
    """Order everything in the basket under one number.

    consignee, notify_party: lines of name and address; nothing: the company itself, and nobody.
    """
    number = po_number.strip()
    parties = {"consignee": one_line(consignee), "notify_party": one_line(notify_party)}
    view = basket_view(visit.installation, visit.connection, visit.company, _actor(visit), visit.language)
    values = {
        "po_number": number, "incoterm": incoterm, "consignee": consignee, "notify_party": notify_party,
    }  # fmt: skip
    wrong: dict[str, str] = {}
    for name, text in parties.items():
        if text and (slug := text_error(text, PARTY_MAX)):
            wrong[name] = slug
    if slug := text_error(number, NUMBER_MAX):
        wrong["po_number"] = "po-number-missing" if slug == "text-missing" else "po-number-unreadable"
    if incoterm not in view.incoterms:
        wrong["incoterm"] = "incoterm-unknown"
    if not view.lines:
        wrong = {"": "basket-empty"}
    if wrong:
        return _basket(visit, Sent(form_of(values, wrong)))
    term, _, place = incoterm.partition(" ")
    try:
        unit = purchases.placing(
            visit.installation,
            [line.id for line in view.lines],
            visit.company,
            Terms(number, term, place, **parties),
            by=_actor(visit),
            repeated=repeated == "yes",
        )
        made = visit.installation.writer.do(unit)
    except NotFound:
        raise
    except GatewayError as error:
        slug = slug_of(error)
        used = slug == "po-number-used"
        return _basket(visit, Sent(form_of(values, {"po_number" if used else "": slug}), number_used=used))
    said = {"pending_approval": "purchase-waits-approval", "placed": "purchase-waits-deposit"}
    slug = said.get(made.state, "purchase-sold")
    return flash.redirect(f"/purchases/{made.id}", slug, visit.known.csrf)


@router.post("/reservations/{reservation}/quantity")
def change(reservation: str, visit: FormDep, quantity: Typed = "", unit: Typed = "") -> Response:
    """Hold another quantity of the same offer."""
    asked = kilograms(quantity) if unit == "kg" else whole_pieces(quantity)
    if asked is None:
        slug = "mass-not-a-number" if unit == "kg" else "quantity-not-a-number"
        return _wrong_line(visit, reservation, quantity, slug)
    return _with_line(
        visit,
        reservation,
        "basket-changed",
        lambda: holding.changing(visit.installation, reservation, visit.company, asked),
        quantity,
    )


@router.post("/reservations/{reservation}/extend")
def extend(reservation: str, visit: FormDep) -> Response:
    """Prolong a hold, once."""
    return _with_line(
        visit,
        reservation,
        "reservation-extended",
        lambda: holding.extending(visit.installation, reservation, visit.company),
    )


@router.post("/reservations/{reservation}/accept")
def accept(reservation: str, visit: FormDep) -> Response:
    """Agree to what changed about held goods."""
    return _with_line(
        visit,
        reservation,
        "changes-accepted",
        lambda: holding.accepting(visit.installation, reservation, visit.company),
    )


@router.get("/purchases")
def own_purchases(visit: VisitDep, show: Tab = "all") -> Response:
    return visit.page(purchases_view(visit.connection, show, company=visit.company))


@router.get("/purchases/{purchase}")
def own_purchase(purchase: str, visit: VisitDep) -> Response:
    return _page(visit, purchase)


@router.post("/purchases/{purchase}/approve")
def approve(purchase: str, visit: FormDep) -> Response:
    return _step(
        visit,
        purchase,
        "purchase-approved",
        lambda: purchases.approving(visit.installation, purchase, visit.company, _actor(visit)),
    )


@router.post("/purchases/{purchase}/decline")
def decline(purchase: str, visit: FormDep, remark: Typed = "") -> Response:
    said = one_line(remark)
    if said and (slug := text_error(said, REMARK_MAX)):
        return _page(visit, purchase, {"remark": remark}, {"remark": slug})
    return _step(
        visit,
        purchase,
        "purchase-declined",
        lambda: purchases.declining(visit.installation, purchase, visit.company, _actor(visit), said),
    )


@router.post("/purchases/{purchase}/cancel")
def cancel(purchase: str, visit: FormDep, reason: Typed = "", remark: Typed = "") -> Response:
    said = one_line(remark)
    chosen = next((one for one in CUSTOMER_REASONS if one == reason), None)
    wrong = {} if chosen else {"reason": "choice-unknown"}
    if said and (slug := text_error(said, REMARK_MAX)):
        wrong["remark"] = slug
    if chosen is None or wrong:
        return _page(visit, purchase, {"reason": reason, "remark": remark}, wrong)
    return _step(
        visit,
        purchase,
        "purchase-cancelled",
        lambda: purchases.cancelling(
            visit.installation, purchase, _actor(visit), chosen, said, company=visit.company
        ),
    )


def slug_of(error: GatewayError) -> str:
    """What a form says of a refusal: slug of words.FORM_ERRORS."""
    return SLUGS.get(type(error), error.code)


def led(
    visit: Visit,
    prepare: Callable[[], Callable[[Ledger], object]],
    href: str,
    said: str,
    refused: Callable[[str], Response],
) -> Response:
    """Do what a form asks and lead on to ``href``; ``refused`` shows the slug of what was not done.

    Raises NotFound for what is not there, which no form can say.
    """
    try:
        visit.installation.writer.do(prepare())
    except NotFound:
        raise
    except GatewayError as error:
        return refused(slug_of(error))
    return flash.redirect(href, said, visit.known.csrf)


def _actor(visit: Visit) -> Actor:
    return actor_of(visit.connection, visit.company, visit.principal)


def _basket(visit: Visit, sent: Sent) -> Response:
    view = basket_view(
        visit.installation, visit.connection, visit.company, _actor(visit), visit.language, sent
    )
    return visit.page(view, 422 if sent.form.errors else 200)


def _wrong_line(visit: Visit, reservation: str, quantity: str, slug: str) -> Response:
    if trade.reservation(visit.connection, reservation, company=visit.company) is None:
        raise NotFound(reservation)
    return _basket(visit, Sent(form_of({"quantity": quantity}, {"quantity": slug}), reservation))


def _with_line(
    visit: Visit,
    reservation: str,
    said: str,
    prepare: Callable[[], Callable[[Ledger], Any]],
    quantity: str = "",
) -> Response:
    """Do something with one hold, and show the basket."""
    return led(visit, prepare, "/basket", said, lambda slug: _wrong_line(visit, reservation, quantity, slug))


def _page(
    visit: Visit,
    purchase: str,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    found = store.get(visit.connection, purchase, company=visit.company)
    if found is None:
        raise NotFound(purchase)
    form = form_of(values or {}, errors)
    view = purchase_view(visit.connection, found, _actor(visit), visit.language, form)
    return visit.page(view, 422 if form.errors else 200)


def _step(
    visit: Visit, purchase: str, said: str, prepare: Callable[[], Callable[[Ledger], Purchase]]
) -> Response:
    href = f"/purchases/{purchase}"
    return led(visit, prepare, href, said, lambda slug: _page(visit, purchase, {}, {"": slug}))
