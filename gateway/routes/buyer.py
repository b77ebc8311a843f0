"""A wholesaler's pages: what is offered to this company, reserving, ordering."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Query
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
from gateway.pages.building import offers, orders
from gateway.pages.building.offer import offer_view
from gateway.pages.building.offers import Filters
from gateway.pages.building.orders import Filled
from gateway.pages.views import ReserveForm
from gateway.shell.idempotency import Once
from gateway.store import trade
from gateway.store.trade import Order, Reservation
from gateway.workflows import sell
from gateway.workflows.sell import Terms
from ledger.core import canonical
from ledger.errors import InvalidRecord

PIECES_MAX = 10**9
DOUBLE_CLICK_S = 30.0  # a second click waits so long for the answer to the first
Slug = Annotated[str, Query(max_length=40, pattern=r"^[A-Za-z0-9_]*$")]
Typed = Annotated[str, Form(max_length=200)]
FormKey = Annotated[str, Form(max_length=64)]

router = APIRouter()


@router.get("/catalogue")
def catalogue(
    visit: VisitDep, category: Slug = "", grade: Slug = "", inspection: Slug = "", after: Slug = ""
) -> Response:
    filters = Filters(category, grade, inspection, after)
    return visit.page(
        offers.catalogue(visit.installation, visit.connection, visit.company, filters, visit.language)
    )


@router.get("/offers/{listing}")
def offer(listing: str, visit: VisitDep) -> Response:
    return _offer_page(visit, listing)


@router.post("/offers/{listing}/reserve")
def reserve(listing: str, visit: FormDep, quantity: Typed = "", idempotency_key: FormKey = "") -> Response:
    """A form that is sent twice by a double click holds once, and both clicks lead to the same hold."""
    pieces = _pieces(quantity)
    if pieces is None:
        return _offer_page(visit, listing, quantity, "quantity-not-a-number")
    request = visit.request
    once = Once(
        visit.installation,
        request.app.state.in_flight,
        key=idempotency_key or None,
        where=(visit.principal, request.method, request.url.path),
        asked={"quantity": pieces},
        said=None,  # a refusal is shown with the form, which then has a fresh key
        wait_s=DOUBLE_CLICK_S,
    )
    try:
        return once.do(
            lambda: sell.reserving(visit.installation, listing, visit.company, pieces),
            lambda hold: RedirectResponse(f"/reservations/{hold.id}", 303),
        )
    except (Refused, InsufficientQuantity) as error:
        return _offer_page(visit, listing, quantity, _form_error(error))


@router.get("/reservations/{reservation}")
def reservation(reservation: str, visit: VisitDep) -> Response:
    return _reservation_page(visit, reservation, Filled())


@router.post("/reservations/{reservation}/confirm")
def confirm(reservation: str, visit: FormDep, po_number: Typed = "", incoterm: Typed = "") -> Response:
    hold = _own_hold(visit, reservation)
    terms, problem = _terms(visit, hold, po_number.strip(), incoterm)
    if terms is None:
        return _reservation_page(visit, reservation, problem)
    try:
        order = sell.confirm(visit.installation, reservation, visit.company, terms)
    except (ReservationExpired, ListingWithdrawn, LotNotVerified, Refused) as error:
        filled = Filled(po_number.strip(), incoterm, _form_error(error))
        return _reservation_page(visit, reservation, filled)
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


def _offer_page(visit: Visit, listing: str, quantity: str = "", error: str = "") -> Response:
    one = offers.offered(visit.installation, visit.connection, visit.company, listing)
    if one is None:
        raise NotFound(listing)
    form = ReserveForm(
        action=f"/offers/{listing}/reserve",
        idempotency_key=secrets.token_hex(16),
        quantity=quantity or ("" if error else str(one.listing.moq)),
        error=error,
    )
    view = offer_view(visit.installation, visit.connection, one, visit.language, form)
    return visit.page(view, 422 if error else 200)


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
    others = (
        order
        for order in trade.orders(visit.connection, company=visit.company)
        if order.reservation != hold.id
    )
    if any(order.po_number == po_number for order in others):
        return None, Filled(po_number, incoterm, "po-number-used", "po_number")
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


def _pieces(text: str) -> int | None:
    """A whole number as people write it, in ASCII digits; grouping marks are not guessed at."""
    stripped = text.strip()
    if not (stripped.isascii() and stripped.isdigit() and len(stripped) <= 10):
        return None
    return min(int(stripped), PIECES_MAX)


def _form_error(error: GatewayError) -> str:
    match error:
        case InsufficientQuantity():
            return "not-enough-stock"
        case ListingWithdrawn():
            return "no-longer-offered"
        case LotNotVerified():
            return "lot-changed"
    return error.code
