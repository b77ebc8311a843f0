"""Price lists and prices of elsewhere for the operator's programs; the ladder of an offer for a buyer's."""

from datetime import date, datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, status
from pydantic import Field
from starlette.responses import Response

from gateway.deps import HeaderDep, Visit, VisitDep
from gateway.errors import NotFound, RequestRefused
from gateway.routes.offer_page import tell_shown
from gateway.routes.strict import Closed, StrictRoute
from gateway.routes.trade import OnceDep, created, done_once
from gateway.shell import etags
from gateway.shell.cursors import Cursor, Limit, Listing, PageOut, Position
from gateway.store import price_lists, stated_prices, trade
from gateway.store.price_lists import Price, StoredList
from gateway.store.stated_prices import StatedPrice
from gateway.trade.price_lists import HolderKind
from gateway.trade.pricing import ReferenceKind
from gateway.trade.quantities import Basis
from gateway.workflows import price_lists as workflow
from gateway.workflows import stated_prices as stating
from gateway.workflows.agreed_prices import steps_for
from gateway.workflows.audience import may_see
from gateway.workflows.price_lists import PRICE_MAX, PRIORITY_MAX, ListWanted, PriceWanted
from gateway.workflows.references import told
from gateway.workflows.stated_prices import StatedWanted
from ledger.core import canonical

LIST_EXAMPLE: Final = "prl_0c8tq3m7p2d5v9x1k4hr"
LISTING_EXAMPLE: Final = "lst_0c8tq3m7p2d5v9x1k4hr"
DAY: Final = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
STATED_SHOWN: Final = 200
Day = Annotated[str, Field(pattern=DAY)]

router = APIRouter(prefix="/v1", tags=["prices"], route_class=StrictRoute)


class PriceListIn(Closed):
    """An agreement. holder: a company's id, a number of a tier (and above), or a market's code.

    market: the one market it holds in, "" for any. valid_to: null until further notice; both days
    are included, in UTC. priority: the higher goes first among agreements that are equally near.
    """

    name: str = Field(min_length=1, max_length=120, examples=["Hai Phong spring agreement"])
    holder_kind: HolderKind = Field(examples=["market"])
    holder: str = Field(min_length=1, max_length=40, examples=["VN"])
    market: str = Field(default="", pattern=r"^([A-Z]{2})?$", examples=[""])
    currency: str = Field(pattern=r"^[A-Z]{3}$", examples=["USD"])
    valid_from: Day = Field(examples=["2026-11-22"])
    valid_to: Day | None = Field(default=None, examples=["2027-03-31"])
    priority: int = Field(default=0, ge=0, le=PRIORITY_MAX, examples=[0])


class PriceListOut(Closed):
    """As ``PriceListIn``. closed_at: null while it stands."""

    id: str = Field(examples=[LIST_EXAMPLE])
    name: str
    holder_kind: str
    holder: str
    market: str
    currency: str
    valid_from: str
    valid_to: str | None
    priority: int
    created_at: str
    closed_at: str | None

    @classmethod
    def of(cls, stored: StoredList) -> "PriceListOut":
        said = stored.list
        return cls(
            id=said.id,
            name=stored.name,
            holder_kind=said.holder_kind,
            holder=said.holder,
            market=said.market,
            currency=said.currency,
            valid_from=said.valid_from.isoformat(),
            valid_to=said.valid_to.isoformat() if said.valid_to else None,
            priority=said.priority,
            created_at=stored.created_at.isoformat(timespec="seconds"),
            closed_at=stored.closed_at.isoformat(timespec="seconds") if stored.closed_at else None,
        )


class PriceIn(Closed):
    """One step of an offer: from min_qty pieces on, a unit of the offer's price basis costs this.

    unit_price_minor: in the list's currency. against: the kind of reference price that it is held against,
    null for the one that the goods came with. override_reason: why it may lie outside its band.
    """

    listing: str = Field(max_length=40, examples=[LISTING_EXAMPLE])
    min_qty: int = Field(ge=1, le=10**9, examples=[100])
    unit_price_minor: int = Field(ge=1, le=PRICE_MAX, examples=[8000])
    against: ReferenceKind | None = Field(default=None, examples=["local_new"])
    override_reason: str = Field(default="", max_length=500, examples=[""])


class HeldAgainstOut(Closed):
    """What one piece costs elsewhere on average: its kind, who says so, since which day."""

    kind: str
    amount_minor: int
    currency: str
    source: str
    on: str


class PriceOut(Closed):
    """A step that stands. percent: of the reference it was held against."""

    id: str
    listing: str
    min_qty: int
    unit_price_minor: int
    percent: int
    reference: HeldAgainstOut
    price_policy: str
    override_reason: str
    entered_at: str

    @classmethod
    def of(cls, price: Price) -> "PriceOut":
        reference = told(price.reference)
        assert reference is not None  # every price was held against one
        return cls(
            id=price.id,
            listing=price.listing,
            min_qty=price.min_qty,
            unit_price_minor=price.unit_price_minor,
            percent=price.percent,
            reference=HeldAgainstOut(
                kind=reference.kind,
                amount_minor=reference.piece_minor,
                currency=reference.currency,
                source=reference.source,
                on=reference.on.isoformat(),
            ),
            price_policy=price.price_policy,
            override_reason=price.override_reason,
            entered_at=price.entered_at.isoformat(timespec="seconds"),
        )


class PriceListDetailOut(Closed):
    """An agreement, and its steps that stand."""

    price_list: PriceListOut
    prices: list[PriceOut]


class ReferenceIn(Closed):
    """What one piece costs elsewhere, or the least its brand lets it be sold for (brand_minimum).

    subject: a lot's id, or a model. market: "" for all; local_new names one.
    """

    subject: str = Field(min_length=1, max_length=120, examples=["X7 Pro"])
    market: str = Field(default="", pattern=r"^([A-Z]{2})?$", examples=["VN"])
    kind: Literal["official_site", "list_price", "marketplace", "local_new", "brand_minimum"] = Field(
        examples=["local_new"]
    )
    amount_minor: int = Field(ge=1, le=PRICE_MAX, examples=[16000])
    currency: str = Field(pattern=r"^[A-Z]{3}$", examples=["USD"])
    source: str = Field(min_length=1, max_length=300, examples=["price survey of three shops in Hai Phong"])
    stated_on: Day = Field(examples=["2026-11-20"])


class StatedPriceOut(Closed):
    id: str
    subject: str
    market: str
    kind: str
    amount_minor: int
    currency: str
    source: str
    stated_on: str
    entered_at: str

    @classmethod
    def of(cls, one: StatedPrice) -> "StatedPriceOut":
        return cls(
            id=one.id,
            subject=one.subject,
            market=one.market,
            kind=one.kind,
            amount_minor=one.amount_minor,
            currency=one.currency,
            source=one.source,
            stated_on=one.stated_on.isoformat(),
            entered_at=one.entered_at.isoformat(timespec="seconds"),
        )


class RungOut(Closed):
    """From min_qty pieces on, a unit of price_basis costs this."""

    min_qty: int = Field(examples=[5])
    unit_price_minor: int = Field(examples=[8000])
    is_agreed: bool = Field(examples=[True])


class LadderOut(Closed):
    """What this company pays for the offer today; it is the price, nothing is taken off it."""

    listing: str = Field(examples=[LISTING_EXAMPLE])
    currency: str
    price_basis: Basis
    steps: list[RungOut]


LISTS = Listing[StoredList, PriceListOut](
    lambda one: [one.created_at.isoformat(), one.list.id], PriceListOut.of
)


@router.get("/price-lists", response_model=PageOut[PriceListOut])
def price_list_page(visit: VisitDep, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """All agreements, oldest first, the closed ones too."""

    def after(position: Position | None, count: int) -> list[StoredList]:
        last = None if position is None else (datetime.fromisoformat(str(position[0])), str(position[1]))
        return price_lists.page(visit.connection, last, count)

    return LISTS.page(visit.request, visit.connection, visit.principal, after, limit=limit, cursor=cursor)


@router.post("/price-lists", status_code=status.HTTP_201_CREATED, response_model=PriceListOut)
def make_price_list(wanted: PriceListIn, visit: OnceDep) -> Response:
    """Make an agreement without prices yet.

    422 holder-unknown, other-currency, dates-reversed.
    """
    said = ListWanted(
        wanted.name, wanted.holder_kind, wanted.holder, wanted.market, wanted.currency,
        _day(wanted.valid_from), _day(wanted.valid_to) if wanted.valid_to else None, wanted.priority,
    )  # fmt: skip
    return done_once(
        visit,
        wanted,
        lambda: workflow.making(visit.installation, said, visit.principal),
        lambda made: created(visit, PriceListOut.of(made), f"/v1/price-lists/{made.list.id}"),
    )


@router.get("/price-lists/{price_list}", response_model=PriceListDetailOut)
def price_list(price_list: str, visit: VisitDep) -> Response:
    """One agreement with the steps that stand in it."""
    stored = price_lists.find(visit.connection, price_list)
    if stored is None:
        raise NotFound(price_list)
    found = price_lists.prices(visit.connection, price_list)
    steps = [PriceOut.of(one) for one in found]
    return etags.answer(visit.request, PriceListDetailOut(price_list=PriceListOut.of(stored), prices=steps))


@router.post("/price-lists/{price_list}/close", response_model=PriceListOut)
def close_price_list(price_list: str, visit: HeaderDep) -> Response:
    """End an agreement now. 409 price-list-closed."""
    workflow.close(visit.installation, price_list)
    with visit.installation.database.reading() as connection:  # newer than the visit's own snapshot
        stored = price_lists.find(connection, price_list)
    assert stored is not None  # it was closed
    return etags.answer(visit.request, PriceListOut.of(stored))


@router.post("/price-lists/{price_list}/prices", status_code=status.HTTP_201_CREATED, response_model=PriceOut)
def enter_price(price_list: str, wanted: PriceIn, visit: HeaderDep) -> Response:
    """Put a step into an agreement, in the place of one of as many pieces.

    422 listing-not-priced, dearer-for-more, price-out-of-band (with the limits), below-brand-minimum,
    price-without-reference, price-not-divisible; 409 price-list-closed.
    """
    step = PriceWanted(
        wanted.listing, wanted.min_qty, wanted.unit_price_minor, wanted.against, wanted.override_reason
    )
    price = workflow.enter(visit.installation, price_list, step, visit.principal)
    return etags.answer(visit.request, PriceOut.of(price), status.HTTP_201_CREATED)


@router.delete("/price-lists/{price_list}/prices/{price}", status_code=status.HTTP_204_NO_CONTENT)
def remove_price(price_list: str, price: str, visit: HeaderDep) -> Response:
    """Take a step out. 404 when it is out already."""
    workflow.remove(visit.installation, price_list, price, visit.principal)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get("/references")
def references(visit: VisitDep) -> list[StatedPriceOut]:
    """The prices of elsewhere that stand, the newest day first."""
    return [StatedPriceOut.of(one) for one in stated_prices.every(visit.connection, STATED_SHOWN)]


@router.post("/references", status_code=status.HTTP_201_CREATED, response_model=StatedPriceOut)
def state_reference(wanted: ReferenceIn, visit: OnceDep) -> Response:
    """State what goods cost elsewhere, with who says so and since when.

    422 lot-unknown, market-needed, other-currency, day-ahead.
    """
    canonical.check_text(wanted.source, "/source")  # it is kept with every price that stands on it
    said = StatedWanted(
        wanted.subject, wanted.market, wanted.kind, wanted.amount_minor, wanted.currency, wanted.source,
        _day(wanted.stated_on),
    )  # fmt: skip
    return done_once(
        visit,
        wanted,
        lambda: stating.stating(visit.installation, said, visit.principal),
        lambda stated: etags.answer(visit.request, StatedPriceOut.of(stated), status.HTTP_201_CREATED),
    )


@router.delete("/references/{reference}", status_code=status.HTTP_204_NO_CONTENT)
def withdraw_reference(reference: str, visit: HeaderDep) -> Response:
    """Take it back: prices that stand on it alone are refused from now on."""
    stating.withdraw(visit.installation, reference, visit.principal)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get("/listings/{listing}/prices", response_model=LadderOut)
def listing_prices(listing: str, visit: VisitDep) -> Response:
    """The steps of an offer for this company: the deepest that is reached is the price."""
    found, buyer = trade.listing(visit.connection, listing), trade.company(visit.connection, visit.company)
    now = visit.installation.clock.now()
    if found is None or buyer is None or found.status != "published":
        raise NotFound(listing)
    if not may_see(visit.connection, found, buyer, now):
        raise NotFound(listing)
    tell_shown(visit, buyer, [found])
    return etags.answer(visit.request, _ladder(visit, found, buyer, now))


def _ladder(visit: Visit, listing: trade.Listing, buyer: trade.Company, now: datetime) -> LadderOut:
    steps = steps_for(visit.connection, listing, buyer, now)
    return LadderOut(
        listing=listing.id,
        currency=listing.currency,
        price_basis=listing.basis,
        steps=[
            RungOut(
                min_qty=one.min_qty, unit_price_minor=one.unit_price_minor, is_agreed=bool(one.price_list)
            )
            for one in steps
        ],
    )


def _day(text: str) -> date:
    """Raises RequestRefused: the calendar has no such day."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        broken = {"pointer": "", "code": "string_pattern_mismatch", "facts": {}}
        raise RequestRefused("invalid-request", errors=[broken]) from error
