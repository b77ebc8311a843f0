"""A wholesaler's pages: what is offered to this company, reserving, ordering."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import (
    GatewayError,
    InsufficientQuantity,
    ListingWithdrawn,
    LotNotVerified,
    NotFound,
    Refused,
    ReservationExpired,
)
from gateway.pages.building import orders
from gateway.pages.building.orders import BESIDE_MAX, Filled
from gateway.routes.offer_page import offer_page
from gateway.routes.quantities import kilograms, whole_pieces
from gateway.shell.idempotency import Once
from gateway.store import trade
from gateway.store.trade import Order, Reservation
from gateway.workflows import sell
from gateway.workflows.companies import actor_of
from gateway.workflows.purchases import placing
from gateway.workflows.sell import Terms
from ledger.core import canonical
from ledger.errors import InvalidRecord

DOUBLE_CLICK_S = 30.0  # a second click waits so long for the answer to the first
Typed = Annotated[str, Form(max_length=200)]
FormKey = Annotated[str, Form(max_length=64)]

router = APIRouter()


@router.post("/offers/{listing}/reserve")
def reserve(
    listing: str, visit: FormDep, quantity: Typed = "", unit: FormKey = "", idempotency_key: FormKey = ""
) -> Response:
    """A form that is sent twice by a double click holds once, and both clicks lead to the same hold.

    unit: ``kg`` where kilograms were typed.
    """
    asked = kilograms(quantity) if unit == "kg" else whole_pieces(quantity)
    if asked is None:
        return offer_page(
            visit, listing, quantity, "mass-not-a-number" if unit == "kg" else "quantity-not-a-number"
        )
    request = visit.request
    once = Once(
        visit.installation,
        request.app.state.in_flight,
        key=idempotency_key or None,
        where=(visit.principal, request.method, request.url.path),
        asked={"quantity": quantity.strip(), "unit": unit},
        said=None,  # a refusal is shown with the form, which then has a fresh key
        wait_s=DOUBLE_CLICK_S,
    )
    try:
        return once.do(
            lambda: sell.reserving(visit.installation, listing, visit.company, asked),
            lambda hold: RedirectResponse(f"/reservations/{hold.id}", 303),
        )
    except (Refused, InsufficientQuantity) as error:
        return offer_page(visit, listing, quantity, _form_error(error), _near(error))


@router.get("/reservations/{reservation}")
def reservation(reservation: str, visit: VisitDep) -> Response:
    return _reservation_page(visit, reservation, Filled())


@router.post("/reservations/{reservation}/confirm")
def confirm(
    reservation: str,
    visit: FormDep,
    po_number: Typed = "",
    incoterm: Typed = "",
    beside: Annotated[list[FormKey], Form(max_length=BESIDE_MAX)] = [],  # noqa: B006 - FastAPI copies it
    repeated: FormKey = "",
) -> Response:
    """beside: other holds, ordered in the same moment under the same number. repeated: it may stand twice."""
    hold = _own_hold(visit, reservation)
    chosen = tuple(beside)
    terms, problem = _terms(visit, hold, po_number.strip(), incoterm)
    if terms is None:
        return _reservation_page(visit, reservation, replace(problem, beside=chosen))
    actor = actor_of(visit.connection, visit.company, visit.principal)
    try:
        unit = placing(
            visit.installation,
            (reservation, *chosen),
            visit.company,
            terms,
            by=actor,
            repeated=repeated == "yes",
        )
        made = visit.installation.writer.do(unit)
    except (ReservationExpired, ListingWithdrawn, LotNotVerified, InsufficientQuantity, Refused) as error:
        slug = _form_error(error)
        field: Literal["", "po_number"] = "po_number" if slug == "po-number-used" else ""
        filled = Filled(po_number.strip(), incoterm, slug, field, beside=chosen)
        return _reservation_page(visit, reservation, filled)
    if made.state != "confirmed" or chosen:
        return RedirectResponse(f"/purchases/{made.id}", 303)
    with visit.installation.database.reading() as connection:  # newer than the visit's own snapshot
        order = trade.order_of_reservation(connection, reservation)
    assert order is not None  # it was just sold
    return RedirectResponse(f"/orders/{orders.bare(order.id)}", 303)


@router.post("/reservations/{reservation}/release")
def release(reservation: str, visit: FormDep) -> Response:
    sell.release(visit.installation, reservation, visit.company)
    return RedirectResponse(f"/reservations/{reservation}", 303)


@router.get("/orders")
def own_orders(visit: VisitDep) -> Response:
    return visit.page(orders.orders_view(trade.orders(visit.connection, company=visit.company)))


@router.get("/orders/{order}")
def own_order(order: str, visit: VisitDep) -> Response:
    return visit.page(orders.order_view(visit.connection, _own_order(visit, order), visit.language))


def _own_order(visit: Visit, order_id: str) -> Order:
    """Another company's order does not exist here."""
    order = trade.order(visit.connection, f"order:{order_id}", company=visit.company)
    if order is None:
        raise NotFound(order_id)
    return order


def _own_hold(visit: Visit, reservation_id: str) -> Reservation:
    hold = trade.reservation(visit.connection, reservation_id, company=visit.company)
    if hold is None:
        raise NotFound(reservation_id)
    return hold


def _reservation_page(visit: Visit, reservation_id: str, filled: Filled) -> Response:
    hold = _own_hold(visit, reservation_id)
    view = orders.reservation_view(visit.installation, visit.connection, hold, filled, visit.language)
    if view is None:
        raise NotFound(reservation_id)
    return visit.page(view, 422 if filled.error else 200)


def _terms(visit: Visit, hold: Reservation, po_number: str, incoterm: str) -> tuple[Terms | None, Filled]:
    """What the buyer stated, or the form with the first thing to mend."""
    view = orders.reservation_view(visit.installation, visit.connection, hold, Filled(), visit.language)
    if view is None:
        raise NotFound(hold.id)
    if not po_number:
        return None, Filled(po_number, incoterm, "po-number-missing", "po_number")
    if len(po_number) > 60 or not _recordable(po_number):
        return None, Filled(po_number, incoterm, "po-number-unreadable", "po_number")
    if view.form is not None and incoterm not in view.form.incoterms:
        return None, Filled(po_number, incoterm, "incoterm-unknown", "incoterm")
    term, _, place = incoterm.partition(" ")
    return Terms(po_number, term, place), Filled(po_number, incoterm)


def _recordable(text: str) -> bool:
    """Whether the ledger could hold it: it goes onto the packages and, committed, into the records."""
    try:
        canonical.check_text(text)
    except InvalidRecord:
        return False
    return True


def _near(error: GatewayError) -> tuple[int, ...]:
    """Pieces that a refusal names as possible."""
    facts = error.facts if isinstance(error, Refused) else {}
    found = (facts.get(name) for name in ("minimum", "below", "above"))
    return tuple(pieces for pieces in found if isinstance(pieces, int))


def _form_error(error: GatewayError) -> str:
    match error:
        case InsufficientQuantity():
            return "not-enough-stock"
        case ListingWithdrawn():
            return "no-longer-offered"
        case LotNotVerified():
            return "lot-changed"
    return error.code
