"""A buyer's page of one offer, and the sample that may be ordered from it."""

import secrets
from collections.abc import Iterable, Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Form
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import InsufficientQuantity, ListingWithdrawn, LotNotVerified, NotFound, Refused
from gateway.pages.building import offers
from gateway.pages.building.offer import offer_view
from gateway.pages.building.offers import typed
from gateway.pages.views import ReserveForm
from gateway.routes.quantities import whole_pieces
from gateway.routes.strict import Closed, StrictRoute
from gateway.routes.trade import OnceDep, ReservationOut, created, done_once
from gateway.shell.idempotency import Once
from gateway.store import audiences
from gateway.store.audiences import Exposure
from gateway.store.trade import Company, Listing
from gateway.workflows.audience import note_shown, viewer_of
from gateway.workflows.sample_orders import holding_sample

FORM_ERRORS: Final = frozenset({"sample-taken", "sample-not-offered", "sample-too-large"})
DOUBLE_CLICK_S: Final = 30.0  # a second click waits so long for the answer to the first
FormText = Annotated[str, Form(max_length=64)]
router = APIRouter(route_class=StrictRoute)


class SampleIn(Closed):
    """pieces: of the sample, at most those that the offer's page names."""

    pieces: int = Field(ge=1, le=10**9, examples=[1])


@router.get("/offers/{listing}")
def offer(listing: str, visit: VisitDep) -> Response:
    return offer_page(visit, listing)


@router.post("/offers/{listing}/sample")
def sample(listing: str, visit: FormDep, pieces: FormText = "", idempotency_key: FormText = "") -> Response:
    """Hold a sample; it is ordered as every hold is. Sent twice by a double click, it is held once."""
    count = whole_pieces(pieces)
    if count is None:
        return offer_page(visit, listing, sample_error="quantity-not-a-number")
    request = visit.request
    once = Once(
        visit.installation,
        request.app.state.in_flight,
        key=idempotency_key or None,
        where=(visit.principal, request.method, request.url.path),
        asked={"pieces": count},
        said=None,  # a refusal is shown with the form, which then has a fresh key
        wait_s=DOUBLE_CLICK_S,
    )
    try:
        return once.do(
            lambda: holding_sample(visit.installation, listing, visit.company, count),
            lambda hold: RedirectResponse(f"/reservations/{hold.id}", 303),
        )
    except Refused as error:
        slug = error.code if error.code in FORM_ERRORS else "lot-changed"
    except InsufficientQuantity:
        slug = "not-enough-stock"
    except ListingWithdrawn:
        slug = "no-longer-offered"
    except LotNotVerified:
        slug = "lot-changed"
    return offer_page(visit, listing, sample_error=slug)


@router.post("/v1/listings/{listing}/sample", tags=["trade"], status_code=201, response_model=ReservationOut)
def sample_by_program(listing: str, wanted: SampleIn, visit: OnceDep) -> Response:
    """Hold a sample below the smallest order, once a company and lot.

    409 sample-taken, sample-not-offered, lot-not-verified, listing-withdrawn; 422 sample-too-large with
    the most pieces.
    """
    return done_once(
        visit,
        wanted,
        lambda: holding_sample(visit.installation, listing, visit.company, wanted.pieces),
        lambda hold: created(visit, ReservationOut.of(hold), f"/v1/reservations/{hold.id}"),
    )


def offer_page(
    visit: Visit,
    listing: str,
    quantity: str = "",
    error: str = "",
    near: Sequence[int] = (),
    *,
    sample_error: str = "",
) -> Response:
    """near: pieces that would be taken instead. Raises NotFound."""
    one = offers.offered(visit.installation, visit.connection, visit.company, listing)
    if one is None:
        raise NotFound(listing)
    form = ReserveForm(
        action=f"/offers/{listing}/reserve",
        idempotency_key=secrets.token_hex(16),
        quantity=quantity or ("" if error else typed(one.listing.pack, one.smallest)),
        error=error,
        unit="kg" if one.listing.basis == "kg" else "",
        near=tuple(typed(one.listing.pack, pieces) for pieces in near),
    )
    tell_shown(visit, one.company, [one.listing])
    view = offer_view(visit.installation, visit.connection, one, visit.language, form, sample_error)
    return visit.page(view, 422 if error or sample_error else 200)


def tell_shown(visit: Visit, buyer: Company, listings: Iterable[Listing]) -> None:
    """Write down that a company was shown what not everybody sees, once an offer and day."""
    day = visit.installation.clock.now().date().isoformat()
    viewer, connection = viewer_of(buyer), visit.connection
    reasons = {one.id: audiences.audience_of(connection, one).why(viewer) for one in listings}
    shown = [Exposure(listing, buyer.id, day, why) for listing, why in reasons.items() if why is not None]
    note_shown(visit.installation, connection, shown)
