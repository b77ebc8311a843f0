"""What a buyer may see of what is offered, judged at this moment."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from urllib.parse import urlencode

from sqlalchemy import Connection

from gateway.i18n import EXPONENTS
from gateway.pages.building.article import common, name_of
from gateway.pages.building.reading import checking, quietly_unreadable, short
from gateway.pages.views import (
    CatalogueView,
    Facet,
    FacetOption,
    Offer,
    UnitPrice,
)
from gateway.pages.views.buyer import FacetName
from gateway.policies import load
from gateway.problems import CouldNotCheck
from gateway.store import trade
from gateway.store.trade import Company, Listing
from gateway.trade.eligibility import Market
from gateway.wiring import Installation
from gateway.workflows.gate import Judged, Verdict, free_units, judge_lot, today, verdict_on
from ledger.errors import LedgerError
from ledger.family import line_of
from ledger.lots.state import LotState
from ledger.store import log

PAGE_SIZE = 24  # offers on one page: each is verified when it is shown
TALLIES_MAX = 8  # values of one kind that a summary names
UNVERIFIED = Verdict(verified=True, distrusted=False)  # for choosing what to verify, never for showing


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer without a reason against it at this moment."""

    listing: Listing
    market: Market
    judged: Judged
    company: Company

    @property
    def state(self) -> LotState:
        return self.judged.facts.lot


@dataclass(frozen=True, slots=True)
class Filters:
    """What the visitor chose; "" is everything. after: id of the last offer of the page before."""

    category: str = ""
    grade: str = ""
    inspection: str = ""
    after: str = ""

    def allow(self, one: Offered, *, but: str = "") -> bool:
        """Whether an offer is chosen. but: the choice that is left aside."""
        has = _has(one)
        return all(name == but or getattr(self, name) in ("", value) for name, value in has.items())


def _has(one: Offered) -> dict[FacetName, str]:
    """What an offer is chosen by, in the order of the filters."""
    level = one.judged.level
    return {"category": one.state.category, "grade": one.state.grade or "", "inspection": level}


def offered(
    installation: Installation, connection: Connection, company: str, listing_id: str
) -> Offered | None:
    """The offer, if it stands for this company at this moment, its history verified now."""
    listing = trade.listing(connection, listing_id)
    buyer = trade.company(connection, company)
    if listing is None or buyer is None:
        return None
    return _standing(
        installation, connection, buyer, listing, lambda: verdict_on(installation, connection, listing.lot)
    )


def catalogue(
    installation: Installation, connection: Connection, company: str, filters: Filters, language: str
) -> CatalogueView:
    """One page of offers, each verified before it is shown.

    Total and facets count what passes every check but that verification.
    """
    buyer = trade.company(connection, company)
    if buyer is None:
        return CatalogueView(facets=(), offers=(), total=0)
    candidates = list(_candidates(installation, connection, buyer))
    chosen = [one for one in candidates if filters.allow(one)]
    shown: list[Offered] = []
    later = [one for one in chosen if one.listing.id > filters.after]
    for one in later:
        verified = _verified(installation, connection, one)
        if verified is not None:
            shown.append(verified)
        if len(shown) == PAGE_SIZE:
            break
    more = bool(shown) and len(shown) == PAGE_SIZE and shown[-1].listing.id != later[-1].listing.id
    return CatalogueView(
        facets=_facets(candidates, filters),
        offers=tuple(_offer(connection, one, language) for one in shown),
        total=len(chosen),
        next_href=_next_href(filters, shown[-1].listing.id) if more else "",
    )


def offers_of(
    installation: Installation, connection: Connection, company: str, *, after: str = "", limit: int
) -> list[Offered]:
    """Up to ``limit`` offers that stand for a company now, each verified. after: id of the last one seen."""
    buyer = trade.company(connection, company)
    if buyer is None:
        return []
    candidates = _candidates(installation, connection, buyer, after=after)
    found = (_verified(installation, connection, one) for one in candidates)
    return list(islice((one for one in found if one is not None), limit))


def plain_offer(connection: Connection, listing: Listing, judged: Judged, language: str) -> Offer:
    """What is said of a lot, whether it is still offered or not."""
    state, items = judged.facts.lot, judged.items
    stock = trade.stock(connection, listing.lot)
    return Offer(
        href=f"/offers/{listing.id}",
        lot_short=short(listing.lot),
        name=name_of(items, language),
        brand=common(items, "brand") or state.brand or "",
        model=common(items, "model") or "",
        category=state.category,
        condition=state.condition or common(items, "condition") or "mixed",
        grade=state.grade or "ungraded",
        score=None,
        market=listing.market,
        price=unit_price(listing.unit_price_minor, listing.currency),
        moq=listing.moq,
        multiple=1,
        available=max(0, free_units(state, stock)),
        records=_record_count(connection, listing.lot, state),
        inspection=judged.level,
    )


def unit_price(amount_minor: int, currency: str) -> UnitPrice:
    return UnitPrice(amount=Decimal(amount_minor).scaleb(-EXPONENTS.get(currency, 2)), currency=currency)


def _offer(connection: Connection, one: Offered, language: str) -> Offer:
    return plain_offer(connection, one.listing, one.judged, language)


def _candidates(
    installation: Installation, connection: Connection, buyer: Company, *, after: str = ""
) -> Iterator[Offered]:
    """What may be offered as far as the working copy says, by id."""
    for listing in sorted(trade.listings(connection), key=lambda one: one.id):
        if listing.market == buyer.country and listing.id > after:
            one = _standing(installation, connection, buyer, listing, lambda: UNVERIFIED)
            if one is not None:
                yield one


def _verified(installation: Installation, connection: Connection, one: Offered) -> Offered | None:
    return offered(installation, connection, one.company.id, one.listing.id)


def _standing(
    installation: Installation,
    connection: Connection,
    buyer: Company,
    listing: Listing,
    verdict: Callable[[], Verdict],
) -> Offered | None:
    """None for whatever may not be shown: an offer that cannot be judged is no offer."""
    market = load.markets().market(listing.market)
    if market is None or listing.market != buyer.country or buyer.status != "approved":
        return None
    if listing.status != "published":
        return None
    try:
        with checking(listing.lot):
            judged = judge_lot(installation, connection, listing.lot, verdict())
            reasons = judged.reasons(market, today(installation)) if judged else []
    except (CouldNotCheck, LedgerError) as error:
        if not quietly_unreadable(error):
            raise
        return None
    if judged is None or any(reason.slug != "no-stock" for reason in reasons):
        return None
    stock = trade.stock(connection, listing.lot)
    if stock is None or free_units(judged.facts.lot, stock) < 1:
        return None
    return Offered(listing, market, judged, buyer)


def _facets(candidates: Sequence[Offered], filters: Filters) -> tuple[Facet, ...]:
    """How many offers each choice leaves, given the others."""
    names: tuple[FacetName, ...] = ("category", "grade", "inspection")
    counts = (
        (name, Counter(_has(one)[name] for one in candidates if filters.allow(one, but=name)))
        for name in names
    )
    return tuple(Facet(name=name, options=_options(found, getattr(filters, name))) for name, found in counts)


def _options(counts: Counter[str], chosen: str) -> tuple[FacetOption, ...]:
    return tuple(
        FacetOption(value=value, count=count, selected=value == chosen)
        for value, count in sorted(counts.items())
    )


def _next_href(filters: Filters, last: str) -> str:
    chosen = {
        "category": filters.category,
        "grade": filters.grade,
        "inspection": filters.inspection,
        "after": last,
    }
    return "/catalogue?" + urlencode({name: value for name, value in chosen.items() if value})


def _record_count(connection: Connection, lot: str, state: LotState) -> int:
    """Records of the lot and of those it was split from, up to the split; each once."""
    line = line_of(connection, lot) if state.sources else [(lot, 2**63)]
    return len(
        {index for name, until in line for index, _, _ in log.chain(connection, name) if index <= until}
    )
