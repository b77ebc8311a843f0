"""Offers, reservations and orders for a signed-in buyer's programs."""

from fastapi import APIRouter, status
from pydantic import Field

from gateway.deps import HeaderDep, VisitDep
from gateway.pages.building import offers
from gateway.pages.building.offers import Offered
from gateway.routes.strict import Closed, StrictRoute
from gateway.store.trade import Order, Reservation
from gateway.workflows import sell
from gateway.workflows.sell import Terms
from ledger.core import canonical

router = APIRouter(prefix="/v1", tags=["trade"], route_class=StrictRoute)


class ListingOut(Closed):
    id: str
    lot: str
    market: str
    category: str
    condition: str | None
    grade: str | None
    currency: str
    unit_price_minor: int
    moq: int
    available: int

    @classmethod
    def of(cls, one: Offered) -> "ListingOut":
        listing, state = one.listing, one.state
        return cls(
            id=listing.id,
            lot=listing.lot,
            market=listing.market,
            category=state.category,
            condition=state.condition,
            grade=state.grade,
            currency=listing.currency,
            unit_price_minor=listing.unit_price_minor,
            moq=listing.moq,
            available=one.judged.facts.available,
        )


class ListingsOut(Closed):
    items: list[ListingOut]


class ReservationIn(Closed):
    listing: str = Field(max_length=40)
    quantity: int = Field(ge=1, le=10**9)


class ReservationOut(Closed):
    id: str
    listing: str
    quantity: int
    expires_at: str
    state: str

    @classmethod
    def of(cls, hold: Reservation) -> "ReservationOut":
        return cls(
            id=hold.id,
            listing=hold.listing,
            quantity=hold.quantity,
            expires_at=hold.expires_at.isoformat(timespec="seconds"),
            state=hold.state,
        )


class OrderIn(Closed):
    """incoterm: three letters of Incoterms 2020; place: its named place."""

    reservation: str = Field(max_length=40)
    po_number: str = Field(min_length=1, max_length=60)
    incoterm: str = Field(pattern=r"^(FCA|CPT)$")
    place: str = Field(min_length=1, max_length=60)


class OrderOut(Closed):
    id: str
    reservation: str
    lot: str
    quantity: int
    currency: str
    total_minor: int
    state: str
    sold_event: str

    @classmethod
    def of(cls, order: Order) -> "OrderOut":
        return cls(
            id=order.id,
            reservation=order.reservation,
            lot=order.lot,
            quantity=order.quantity,
            currency=order.currency,
            total_minor=order.total_minor,
            state=order.state,
            sold_event=order.sold_event,
        )


@router.get("/listings")
def listings(visit: VisitDep) -> ListingsOut:
    """Every offer that stands for this company now, its history verified for this answer."""
    found = offers.offers_of(visit.installation, visit.connection, visit.company)
    return ListingsOut(items=[ListingOut.of(one) for one in found])


@router.post("/reservations", status_code=status.HTTP_201_CREATED)
def reserve(wanted: ReservationIn, visit: HeaderDep) -> ReservationOut:
    """Hold pieces for 30 minutes.

    409 insufficient-quantity, listing-withdrawn, lot-not-verified; 422 below-moq.
    """
    hold = sell.reserve(visit.installation, wanted.listing, visit.company, wanted.quantity)
    return ReservationOut.of(hold)


@router.post("/orders", status_code=status.HTTP_201_CREATED)
def order(wanted: OrderIn, visit: HeaderDep) -> OrderOut:
    """Turn a reservation into an order; the same reservation twice is one order."""
    for name in ("po_number", "place"):
        canonical.check_text(getattr(wanted, name), f"/{name}")
    terms = Terms(wanted.po_number, wanted.incoterm, wanted.place)
    return OrderOut.of(sell.confirm(visit.installation, wanted.reservation, visit.company, terms))
