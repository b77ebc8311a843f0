"""Reservations and orders for a buyer's programs."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, status
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from gateway.deps import HeaderDep, Visit, VisitDep, write_down
from gateway.errors import NotFound, RequestRefused
from gateway.problems import Forbidden, as_json
from gateway.routes.strict import Closed, StrictRoute
from gateway.shell import etags, idempotency
from gateway.shell.cursors import Cursor, Limit, Listing, PageOut, Position
from gateway.shell.idempotency import Once, Unit, Value
from gateway.store import trade
from gateway.store.trade import Order, Reservation
from gateway.trade.quantities import Basis
from gateway.workflows import holding, sell
from gateway.workflows.companies import actor_of
from gateway.workflows.holding import Wanted
from gateway.workflows.order_steps import Amount
from gateway.workflows.sell import Terms
from ledger.core import canonical

RESERVATION_EXAMPLE: Final = "rsv_0c8tq3m7p2d5v9x1k4hr"
ORDER_EXAMPLE: Final = "order:0c8tq3m7p2d5v9x1k4hr"

REFUSED: Final = {403: Forbidden(), 404: NotFound("")}

router = APIRouter(prefix="/v1", tags=["trade"], route_class=StrictRoute)


class AmountIn(Closed):
    """An amount in the unit that the offer is priced by; it has to come to whole pieces."""

    value: str = Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$", examples=["12.5"])
    unit: Basis = Field(examples=["kg"])


class ReservationIn(Closed):
    """What to hold of one offer: pieces, or an amount in the offer's own unit; one of the two."""

    listing: str = Field(max_length=40, examples=["lst_0c8tq3m7p2d5v9x1k4hr"])
    quantity: int | None = Field(default=None, ge=1, le=10**9, examples=[20])
    amount: AmountIn | None = Field(default=None, examples=[{"value": "12.5", "unit": "kg"}])

    @model_validator(mode="after")
    def _one_of_both(self) -> "ReservationIn":
        if (self.quantity is None) == (self.amount is None):
            slug = "missing" if self.quantity is None else "extra_forbidden"
            raise PydanticCustomError(slug, "either quantity or amount")
        return self

    @property
    def asked(self) -> int | Amount:
        if self.amount is not None:
            return Amount(Decimal(self.amount.value), self.amount.unit)
        assert self.quantity is not None  # one of both is there
        return self.quantity


class ReservationOut(Closed):
    """A hold. state: active, converted (into an order), released, expired."""

    id: str = Field(examples=[RESERVATION_EXAMPLE])
    listing: str
    quantity: int
    expires_at: str = Field(examples=["2026-11-20T01:30:00+00:00"])
    state: str = Field(examples=["active"])
    unit_price_minor: int = Field(description="of one unit of the offer, as it was seen", examples=[8000])
    currency: str = Field(examples=["USD"])
    extended: bool = Field(description="whether it was prolonged; once is all", examples=[False])
    purchase: str = Field(description="that it waits in, or became part of", examples=[""])

    @classmethod
    def of(cls, hold: Reservation) -> "ReservationOut":
        return cls(
            id=hold.id,
            listing=hold.listing,
            quantity=hold.quantity,
            expires_at=hold.expires_at.isoformat(timespec="seconds"),
            state=hold.state,
            unit_price_minor=hold.unit_price_minor,
            currency=hold.currency,
            extended=hold.extended,
            purchase=hold.purchase,
        )


class BatchIn(Closed):
    """Several holds at once, all or none; what is asked twice of one offer becomes one hold of the sum."""

    lines: list[ReservationIn] = Field(
        min_length=1, max_length=50, examples=[[{"listing": "lst_0c8tq3m7p2d5v9x1k4hr", "quantity": 20}]]
    )


class BatchOut(Closed):
    """The holds, by lot."""

    data: list[ReservationOut]


class OrderIn(Closed):
    """incoterm: three letters of Incoterms 2020; place: its named place.

    beside: other reservations that become orders under the same number, all or none; the minimum of an
    order is reached over all of them.
    """

    reservation: str = Field(max_length=40, examples=[RESERVATION_EXAMPLE])
    beside: list[Annotated[str, Field(max_length=40)]] = Field(default=[], max_length=20, examples=[[]])
    po_number: str = Field(min_length=1, max_length=60, examples=["PO-2026-0417"])
    incoterm: str = Field(pattern=r"^(FCA|CPT)$", examples=["FCA"])
    place: str = Field(min_length=1, max_length=60, examples=["Yantian"])
    po_repeated: bool = Field(
        default=False,
        description="the number stands on another purchase, and that is meant",
        examples=[False],
    )


class OrderOut(Closed):
    """A confirmed order. sold_event: the lot.sold record of the ledger. state: confirmed, packed, shipped."""

    id: str = Field(examples=[ORDER_EXAMPLE])
    reservation: str
    lot: str
    quantity: int
    currency: str
    total_minor: int
    state: str
    sold_event: str
    po_number: str
    placed_at: str

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
            po_number=order.po_number,
            placed_at=order.placed_at.isoformat(timespec="seconds"),
        )


RESERVATIONS = Listing[Reservation, ReservationOut](
    lambda hold: [hold.expires_at.isoformat(), hold.id], ReservationOut.of
)
ORDERS = Listing[Order, OrderOut](lambda order: [order.placed_at.isoformat(), order.id], OrderOut.of)


@router.get("/reservations", response_model=PageOut[ReservationOut])
def reservations(visit: VisitDep, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """The company's holds, oldest first."""

    def after(position: Position | None, count: int) -> list[Reservation]:
        return trade.reservations_page(visit.connection, visit.company, _moment(position), count)

    return RESERVATIONS.page(
        visit.request, visit.connection, visit.principal, after, limit=limit, cursor=cursor
    )


@router.get("/reservations/{reservation}", response_model=ReservationOut)
def reservation(reservation: str, visit: VisitDep) -> Response:
    """One hold, with the ETag that giving it back asks for."""
    hold = trade.reservation(visit.connection, reservation, company=visit.company)
    if hold is None:
        raise NotFound(reservation)
    return etags.answer(visit.request, ReservationOut.of(hold))


@router.get("/orders", response_model=PageOut[OrderOut])
def orders(visit: VisitDep, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """The company's orders, oldest first."""

    def after(position: Position | None, count: int) -> list[Order]:
        return trade.orders_page(visit.connection, visit.company, _moment(position), count)

    return ORDERS.page(visit.request, visit.connection, visit.principal, after, limit=limit, cursor=cursor)


@router.get("/orders/{order}", response_model=OrderOut)
def one_order(order: str, visit: VisitDep) -> Response:
    """One order. order: its id, with or without ``order:``."""
    found = trade.order(visit.connection, f"order:{order.removeprefix('order:')}", company=visit.company)
    if found is None:
        raise NotFound(order)
    return etags.answer(visit.request, OrderOut.of(found))


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias=idempotency.HEADER,
        max_length=2 * idempotency.KEY_LENGTH_MAX,
        description="Fresh for each new request, the same for a repetition; kept for 24 hours.",
        examples=['"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
    ),
]
IfMatch = Annotated[
    str | None, Header(alias="If-Match", max_length=1_000, description="The ETag that was read last.")
]


async def only_once(visit: HeaderDep, idempotency_key: IdempotencyKey = None) -> Visit:
    """A visit whose key was read: it is missed before the body is judged."""
    del idempotency_key  # described here, read strictly there
    idempotency.key_of(visit.request.headers, required=True)
    return visit


OnceDep = Annotated[Visit, Depends(only_once)]


@router.post("/reservations", status_code=status.HTTP_201_CREATED, response_model=ReservationOut)
def reserve(wanted: ReservationIn, visit: OnceDep) -> Response:
    """Hold pieces for 30 minutes.

    409 insufficient-quantity, share-exceeded, listing-withdrawn, lot-not-verified; 422 below-moq,
    not-a-multiple (with what is allowed below and above), wrong-unit.
    """
    return done_once(
        visit,
        wanted,
        lambda: sell.reserving(visit.installation, wanted.listing, visit.company, wanted.asked),
        lambda hold: created(visit, ReservationOut.of(hold), f"/v1/reservations/{hold.id}"),
    )


@router.post("/reservations/batch", status_code=status.HTTP_201_CREATED, response_model=BatchOut)
def reserve_several(wanted: BatchIn, visit: OnceDep) -> Response:
    """Hold several offers in one transaction, all or none; refused as one hold is."""
    asked = [Wanted(one.listing, one.asked) for one in wanted.lines]
    return done_once(
        visit,
        wanted,
        lambda: holding.reserving_all(visit.installation, visit.company, asked),
        lambda holds: created(
            visit, BatchOut(data=[ReservationOut.of(hold) for hold in holds]), "/v1/reservations"
        ),
    )


@router.post("/reservations/{reservation}/extend", response_model=ReservationOut)
def extend(reservation: str, visit: HeaderDep) -> Response:
    """Prolong a hold, once, by as much as the company's tier is granted. 409 extended-before."""
    unit = holding.extending(visit.installation, reservation, visit.company)
    return etags.answer(visit.request, ReservationOut.of(visit.installation.writer.do(unit)))


@router.post("/reservations/{reservation}/accept", response_model=ReservationOut)
def accept(reservation: str, visit: HeaderDep, if_match: IfMatch = None) -> Response:
    """Agree to what the records say of held goods by now, after 409 head-changed.

    412 when the hold changed since it was read.
    """
    del if_match
    etags.require_if_match(visit.request)

    def check(hold: Reservation) -> None:
        etags.check_if_match(visit.request, etags.of_model(ReservationOut.of(hold)))

    unit = holding.accepting(visit.installation, reservation, visit.company, check)
    return etags.answer(visit.request, ReservationOut.of(visit.installation.writer.do(unit)))


@router.delete("/reservations/{reservation}", response_model=ReservationOut)
def release(reservation: str, visit: HeaderDep, if_match: IfMatch = None) -> Response:
    """Give a hold back; a second time it is found given back.

    412 when it changed since it was read, 409 reservation-closed when it became an order or ran out.
    """
    del if_match
    etags.require_if_match(visit.request)

    def check(hold: Reservation) -> None:
        etags.check_if_match(visit.request, etags.of_model(ReservationOut.of(hold)))
        if hold.state not in ("active", "released"):
            raise RequestRefused("reservation-closed", state=hold.state)

    unit = sell.releasing(visit.installation, reservation, visit.company, check)
    return etags.answer(visit.request, ReservationOut.of(visit.installation.writer.do(unit)))


@router.post("/orders", status_code=status.HTTP_201_CREATED, response_model=OrderOut)
def order(wanted: OrderIn, visit: OnceDep) -> Response:
    """Turn a reservation into an order; the same reservation twice is one order.

    422 below-order-minimum; 409 po-number-used, head-changed, purchase-waits where somebody has to agree
    or to pay first. The answer is the order of ``reservation``; those beside it are in the list.
    """
    for name in ("po_number", "place"):
        canonical.check_text(getattr(wanted, name), f"/{name}")
    terms = Terms(wanted.po_number, wanted.incoterm, wanted.place)
    actor = actor_of(visit.connection, visit.company, visit.principal)
    return done_once(
        visit,
        wanted,
        lambda: sell.confirming(
            visit.installation,
            wanted.reservation,
            visit.company,
            terms,
            wanted.beside,
            by=actor,
            repeated=wanted.po_repeated,
        ),
        lambda made: created(visit, OrderOut.of(made), f"/v1/orders/{made.id.removeprefix('order:')}"),
    )


def done_once(
    visit: Visit, wanted: Closed, prepare: Callable[[], Unit[Value]], answer: Callable[[Value], Response]
) -> Response:
    request = visit.request
    once = Once(
        visit.installation,
        request.app.state.in_flight,
        key=idempotency.key_of(request.headers, required=True),
        where=(visit.principal, request.method, request.url.path),
        asked=wanted.model_dump(),
        said=lambda problem: as_json(problem, request.state.request_id, visit.language),
    )
    response = once.do(prepare, answer)
    if response.status_code in REFUSED and idempotency.REPLAYED not in response.headers:
        # An answer that is kept is raised to nobody who would note it.
        write_down(request, visit.principal, REFUSED[response.status_code])
    return response


def created(visit: Visit, model: Closed, location: str) -> Response:
    return etags.answer(visit.request, model, status.HTTP_201_CREATED, {"location": location})


def _moment(position: Position | None) -> tuple[datetime, str] | None:
    if position is None:
        return None
    at, id_ = position
    return datetime.fromisoformat(str(at)), str(id_)
