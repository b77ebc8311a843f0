"""What is offered to a buyer's programs: search, counts, one offer, and searches that are kept."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from gateway.deps import HeaderDep, Visit, VisitDep
from gateway.errors import NotFound, RequestRefused
from gateway.pages.building import offers
from gateway.routes.searching import searched
from gateway.routes.strict import Closed, StrictRoute
from gateway.routes.trade import OnceDep, created, done_once
from gateway.shell import etags
from gateway.shell.cursors import Cursor, Limit, Listing, PageOut, Position
from gateway.store import catalogue, saved_searches, trade
from gateway.store.catalogue import Found
from gateway.store.saved_searches import Saved
from gateway.trade.quantities import Basis
from gateway.trade.search import FACETS, Depth, Facet, Search, search_of
from gateway.workflows import keep_search
from gateway.workflows.agreed_prices import AgreedPrice, prices_for
from gateway.workflows.audience import viewer_of
from gateway.workflows.search_offers import buyer_of, search_offers, tell_shown
from ledger.core import canonical
from ledger.lots.coverage import LEVELS, Level

router = APIRouter(prefix="/v1", tags=["trade"], route_class=StrictRoute)

SearchDep = Annotated[Search, Depends(searched)]
FACETS_LENGTH_MAX: Final = 200


class ReferenceOut(Closed):
    """What one piece costs elsewhere on average. percent: the share of it that is asked here.

    kind: official_site, list_price, marketplace, local_new. source: who says so; on: since which day.
    """

    kind: str
    amount_minor: int
    currency: str
    source: str
    on: str
    percent: int
    off_percent: int

    @classmethod
    def of(cls, listing: trade.Listing) -> "ReferenceOut | None":
        found = offers.reference_price(listing)
        if found is None:
            return None
        return cls(
            kind=found.kind,
            amount_minor=found.price.amount_minor,
            currency=found.price.currency,
            source=found.source,
            on=found.on.isoformat(),
            percent=found.percent,
            off_percent=found.off_percent,
        )


class ListingOut(Closed):
    """An offer. unit_price_minor: of one unit of price_basis, in the currency's minor unit (ISO 4217).

    It is the price agreed with this company where there is one, for the smallest order; piece_price_minor
    is the offer's own price of one piece, which search and order go by. unit_size: grams of a piece by
    kg, pieces of a carton or of the lot, 1 by the piece. moq, multiple, available: pieces; available is
    of now. mixed: an order may reach its minimum over several lots. reference: what the goods cost
    elsewhere, null of an offer that is older than such facts. inspection: how well the goods were looked
    at, as their records prove it. hs: first six digits of their codes. depth: shallow is many products
    with few pieces each. event: id of the sale it belongs to, "" for none.
    """

    id: str = Field(examples=["lst_0c8tq3m7p2d5v9x1k4hr"])
    lot: str = Field(examples=["lot:0c8tq3m7p2d5v9x1k4hr"])
    market: str = Field(examples=["VN"])
    category: str = Field(examples=["phone"])
    brand: str = Field(examples=["星野"])
    model: str = Field(examples=["X7 Pro"])
    condition: str | None = Field(examples=["new"])
    grade: str | None = Field(examples=["A"])
    inspection: Level
    currency: str = Field(examples=["USD"])
    unit_price_minor: int = Field(examples=[8000])
    piece_price_minor: int = Field(examples=[8000])
    moq: int = Field(examples=[5])
    available: int = Field(examples=[240])
    channel: str = Field(examples=["export"])
    price_basis: Basis
    unit_size: int = Field(examples=[1])
    multiple: int = Field(examples=[1])
    mixed: bool
    hs: list[str] = Field(examples=[["851713"]])
    warehouse: str = Field(examples=["Shenzhen"])
    verified_since: str = Field(examples=["2026-11-20"])
    depth: Depth
    event: str = Field(examples=[""])
    published_at: str = Field(examples=["2026-11-20T01:00:00+00:00"])
    reference: ReferenceOut | None

    @classmethod
    def of(cls, one: Found, agreed: AgreedPrice) -> "ListingOut":
        listing, known = one.listing, one.indexed
        return cls(
            id=listing.id,
            lot=listing.lot,
            market=listing.market,
            category=known.category,
            brand=known.card.brand,
            model=known.card.model,
            condition=known.condition,
            grade=known.grade,
            inspection=_level(known.inspection),
            currency=listing.currency,
            unit_price_minor=agreed.unit_price_minor,
            piece_price_minor=known.piece_minor,
            moq=listing.moq,
            available=one.available,
            channel=listing.channel,
            price_basis=listing.basis,
            unit_size=listing.size,
            multiple=listing.multiple,
            mixed=listing.mixed,
            hs=list(known.hs),
            warehouse=known.warehouse,
            verified_since=known.verified_since,
            depth="shallow" if known.depth == "shallow" else "medium",
            event=listing.event,
            published_at=listing.published_at.isoformat(timespec="seconds"),
            reference=ReferenceOut.of(agreed.of(listing)),
        )


class FacetOut(Closed):
    """How many offers a value leaves, given every other choice; inspection: at least so well."""

    value: str = Field(examples=["A"])
    count: int = Field(examples=[12])


class FacetsOut(Closed):
    """Counts by facet, most first; facets of which nothing can be chosen are empty. total: offers found."""

    total: int = Field(examples=[12])
    facets: dict[str, list[FacetOut]] = Field(examples=[{"grade": [{"value": "A", "count": 12}]}])


class SavedSearchIn(Closed):
    """query: the parameters of GET /v1/listings, as in an address. letters: tell of new offers by mail."""

    name: str = Field(min_length=1, max_length=80, examples=["Phones, grade A"])
    query: str = Field(max_length=2000, examples=["category=phone&grade=A"])
    letters: bool = Field(default=False, examples=[False])


class SavedSearchOut(Closed):
    """A kept search. query: as it was understood, in one order."""

    id: str = Field(examples=["sch_0c8tq3m7p2d5v9x1k4hr"])
    name: str = Field(examples=["Phones, grade A"])
    query: str = Field(examples=["category=phone&grade=A"])
    letters: bool
    created_at: str = Field(examples=["2026-11-20T01:00:00+00:00"])

    @classmethod
    def of(cls, one: Saved) -> "SavedSearchOut":
        return cls(
            id=one.id,
            name=one.name,
            query=one.query,
            letters=one.letters,
            created_at=one.created_at.isoformat(timespec="seconds"),
        )


SEARCHES = Listing[Saved, SavedSearchOut](lambda one: [one.created_at.isoformat(), one.id], SavedSearchOut.of)


@router.get("/listings", response_model=PageOut[ListingOut])
def listings(visit: VisitDep, search: SearchDep, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """The offers that this company may see and that stand, the latest first unless ``sort`` says otherwise.

    What was judged at its last record and day is shown as it was judged; everything that moved since is
    judged for this answer. One offer alone, a hold and an order are judged anew in any case.
    """
    buyer = buyer_of(visit.connection, visit.company)

    def after(position: Position | None, count: int) -> list[tuple[Found, AgreedPrice]]:
        if buyer is None:
            return []
        seen = (int(position[0]), str(position[1])) if position else None
        found = search_offers(visit.installation, visit.connection, buyer, search, after=seen, limit=count)
        tell_shown(visit.installation, visit.connection, buyer, found[:limit])
        return list(zip(found, _agreed(visit, buyer, found), strict=True))

    page = Listing[tuple[Found, AgreedPrice], ListingOut](
        lambda one: [*one[0].position], lambda one: ListingOut.of(*one)
    )
    return page.page(visit.request, visit.connection, visit.principal, after, limit=limit, cursor=cursor)


@router.get("/listings/facets", response_model=FacetsOut)
def facets(
    visit: VisitDep,
    search: SearchDep,
    facets: Annotated[
        str,
        Query(
            max_length=FACETS_LENGTH_MAX,
            description=f"Names between commas, of: {', '.join(FACETS)}; nothing: all of them.",
            openapi_examples={"two": {"value": "grade,brand"}},
        ),
    ] = "",
) -> Response:
    """How many offers each further choice would leave, of what this company may see.

    A facet ignores its own choice and heeds all others.
    """
    wanted = _wanted(facets)
    buyer = buyer_of(visit.connection, visit.company)
    if buyer is None:
        return etags.answer(visit.request, FacetsOut(total=0, facets={}))
    now, viewer = visit.installation.clock.now(), viewer_of(buyer)
    found = catalogue.facets(visit.connection, viewer, search, now, wanted)
    counted: dict[str, list[FacetOut]] = {
        name: [
            FacetOut(value=value, count=count)
            for value, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        ]
        for name, counts in found.items()
    }
    total = catalogue.count(visit.connection, viewer, search, now)
    return etags.answer(visit.request, FacetsOut(total=total, facets=counted))


@router.get("/listings/{listing}", response_model=ListingOut)
def listing(listing: str, visit: VisitDep) -> Response:
    """One offer, its history verified for this answer."""
    one = offers.offered(visit.installation, visit.connection, visit.company, listing)
    if one is None:
        raise NotFound(listing)
    found = offers.found_of(visit.installation, visit.connection, one)
    tell_shown(visit.installation, visit.connection, one.company, [found])
    [agreed] = _agreed(visit, one.company, [found])
    return etags.answer(visit.request, ListingOut.of(found, agreed))


@router.get("/saved-searches", response_model=PageOut[SavedSearchOut])
def kept(visit: VisitDep, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """The searches that this caller keeps, oldest first."""

    def after(position: Position | None, count: int) -> list[Saved]:
        seen = (datetime.fromisoformat(str(position[0])), str(position[1])) if position else None
        return saved_searches.page(visit.connection, visit.principal, visit.company, seen, count)

    return SEARCHES.page(visit.request, visit.connection, visit.principal, after, limit=limit, cursor=cursor)


@router.post("/saved-searches", status_code=201, response_model=SavedSearchOut)
def keep(wanted: SavedSearchIn, visit: OnceDep) -> Response:
    """Keep a search. 409 searches-full: delete one first."""
    for name in ("name", "query"):
        canonical.check_text(getattr(wanted, name), f"/{name}")
    return done_once(
        visit,
        wanted,
        lambda: keep_search.keeping(
            visit.installation,
            visit.principal,
            visit.company,
            wanted.name,
            search_of(wanted.query),
            letters=wanted.letters,
        ),
        lambda kept: created(visit, SavedSearchOut.of(kept), "/v1/saved-searches"),
    )


@router.delete("/saved-searches/{search}", status_code=204)
def forget(search: str, visit: HeaderDep) -> None:
    """Keep it no longer; there are no more letters about it."""
    keep_search.forget(visit.installation, visit.principal, search)


def _agreed(visit: Visit, buyer: trade.Company, found: list[Found]) -> list[AgreedPrice]:
    wanted = [(one.listing, one.listing.steps.smallest(one.available)) for one in found]
    return prices_for(visit.connection, wanted, buyer, visit.installation.clock.now())


def _wanted(names: str) -> tuple[Facet, ...]:
    """Raises RequestRefused ``unknown-parameter`` for a facet that there is none of."""
    asked = [name.strip() for name in names.split(",") if name.strip()]
    for name in asked:
        if name not in FACETS:
            raise RequestRefused("unknown-parameter", parameter=f"facets={name}")
    return tuple(facet for facet in FACETS if not asked or facet in asked)


def _level(text: str) -> Level:
    return next((level for level in LEVELS if level == text), "none")
