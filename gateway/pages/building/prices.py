"""Price lists, their steps against the bands, and the prices of elsewhere that they are held against."""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Final

from sqlalchemy import Connection

from gateway.pages.building.article import common, name_of
from gateway.pages.building.offers import unit_price
from gateway.pages.building.reading import short
from gateway.pages.views import Link, Money
from gateway.pages.views.forms import Form, form_of
from gateway.pages.views.prices import (
    BandBar,
    Holder,
    ListLine,
    OfferName,
    PriceLine,
    PriceListsView,
    PriceListView,
    RefusedPrice,
    RejectedLine,
    StatedLine,
    StatedPricesView,
)
from gateway.policies import load
from gateway.store import goods, people, price_lists, stated_prices, stock_levels, trade
from gateway.store.price_lists import Price, StoredList
from gateway.store.trade import Listing
from gateway.trade.pricing import REFERENCE_KINDS, Asked, Quote
from gateway.trade.quantities import half_up
from gateway.wiring import Installation
from gateway.workflows.agreed_prices import AgreedPrice, asked_for
from gateway.workflows.gate import Verdict, judge_lot
from gateway.workflows.price_lists import SheetResult, offers_for
from gateway.workflows.references import told
from gateway.workflows.stated_prices import STATABLE
from ledger.lots.state import LotState
from ledger.store import log

STATED_SHOWN: Final = 200
SCALE: Final = 100
_PRICED: Final = Verdict(verified=True, distrusted=False)  # for the picture of a price, never for an offer


def lists_view(
    installation: Installation, connection: Connection, form: Form | None = None
) -> PriceListsView:
    stored = price_lists.every(connection)
    counts, names = price_lists.counts(connection), company_names(connection)
    today = installation.clock.now().date()
    markets = load.markets().markets
    return PriceListsView(
        lists=tuple(_line(one, counts.get(one.list.id, 0), names, today) for one in stored),
        companies=tuple(sorted(names.items(), key=lambda pair: pair[1])),
        markets=tuple(market.code for market in markets),
        currencies=tuple(dict.fromkeys(market.currency for market in markets)),
        form=form or form_of({"valid_from": today.isoformat(), "priority": "0", "tier": "2"}),
    )


def list_view(
    installation: Installation,
    connection: Connection,
    stored: StoredList,
    language: str,
    *,
    form: Form | None = None,
    refused: RefusedPrice | None = None,
    result: SheetResult | None = None,
) -> PriceListView:
    names = company_names(connection)
    prices = price_lists.prices(connection, stored.list.id)
    today = installation.clock.now().date()
    offers = {one.id: offer_name(connection, one, language) for one in offers_for(connection, stored.list)}
    offered = len({price.listing for price in prices})
    return PriceListView(
        line=_line(stored, offered, names, today),
        action=f"/operator/prices/{stored.list.id}",
        prices=tuple(_price(installation, connection, one, stored, language) for one in prices),
        offers=tuple(offers.values()),
        kinds=REFERENCE_KINDS,
        form=form or form_of({}),
        refused=refused,
        taken=-1 if result is None else result.taken,
        rejected=()
        if result is None
        else tuple(RejectedLine(row=one.row, cells=one.cells, slug=one.slug) for one in result.rejected),
        today=today,
    )


def stated_view(
    installation: Installation, connection: Connection, form: Form | None = None
) -> StatedPricesView:
    markets = load.markets().markets
    currencies = (*(market.currency for market in markets), load.prices().reference_currency)
    models = {
        str(item.facts["model"])
        for listing in trade.listings(connection)
        for item in goods.of_lot(connection, listing.lot)
        if item.facts["model"]
    }
    today = installation.clock.now().date()
    return StatedPricesView(
        lines=tuple(
            StatedLine(
                id=one.id,
                subject=one.subject,
                lot=_lot_link(one.subject) if one.subject.startswith("lot:") else None,
                market=one.market,
                kind=one.kind,
                price=Money(amount_minor=one.amount_minor, currency=one.currency),
                source=one.source,
                stated_on=one.stated_on,
                entered_by=who(connection, one.entered_by),
            )
            for one in stated_prices.every(connection, STATED_SHOWN)
        ),
        models=tuple(sorted(models)),
        markets=tuple(market.code for market in markets),
        kinds=STATABLE,
        currencies=tuple(dict.fromkeys(currencies)),
        form=form or form_of({"stated_on": today.isoformat()}),
    )


def refused_price(
    installation: Installation,
    connection: Connection,
    listing: Listing | None,
    asked: Asked,
    slug: str,
    facts: Mapping[str, object],
) -> RefusedPrice:
    """Why a step was not taken, with its limits and the picture where there are any."""
    quote = _quote(installation, connection, listing, asked) if listing is not None else None
    currency = listing.currency if listing is not None else ""
    least, most = facts.get("least_minor"), facts.get("most_minor")
    return RefusedPrice(
        slug=slug,
        least=unit_price(least, currency) if isinstance(least, int) else None,
        most=unit_price(most, currency) if isinstance(most, int) else None,
        bar=band_bar(quote) if quote is not None and slug == "price-out-of-band" else None,
    )


def offer_name(connection: Connection, listing: Listing, language: str) -> OfferName:
    items = goods.of_lot(connection, listing.lot)
    subject = log.subject(connection, listing.lot)
    state = subject.state if subject is not None and isinstance(subject.state, LotState) else None
    stock = stock_levels.sellable(connection, listing.lot)
    brand, model = common(items, "brand") or "", common(items, "model") or ""
    return OfferName(
        listing=listing.id,
        goods=" ".join(part for part in (brand, model or name_of(items, language)) if part),
        category=state.category if state is not None else "",
        grade=(state.grade or "ungraded") if state is not None else "ungraded",
        lot_short=short(listing.lot),
        market=listing.market,
        price=unit_price(listing.unit_price_minor, listing.currency),
        basis=listing.basis,
        left=0 if stock is None else stock.available,
    )


def company_names(connection: Connection) -> dict[str, str]:
    return {company.id: company.name for company in trade.companies(connection)}


def who(connection: Connection, principal: str) -> str:
    """A person's name; a program's or a machine's id as it is."""
    kind, _, id_ = principal.partition(":")
    found = people.user(connection, id_) if kind == "user" else None
    return found.name if found is not None and found.name else principal


def band_bar(quote: Quote) -> BandBar:
    floor, ceiling = (
        half_up(Fraction(share) * SCALE) for share in (quote.band.min_ratio, quote.band.max_ratio)
    )
    percent = half_up(quote.ratio * SCALE)
    widest = max(percent, ceiling) * 11 // 10 or 1
    return BandBar(
        percent=percent,
        floor_percent=floor,
        ceiling_percent=ceiling,
        start=floor * SCALE // widest,
        width=(ceiling - floor) * SCALE // widest,
        mark=percent * SCALE // widest,
        in_band=quote.in_band,
    )


def _line(stored: StoredList, offers: int, names: Mapping[str, str], today: date) -> ListLine:
    said = stored.list
    market = said.holder if said.holder_kind == "market" else said.market
    return ListLine(
        href=f"/operator/prices/{said.id}",
        name=stored.name,
        holder=Holder(
            kind=said.holder_kind,
            name=names.get(said.holder, said.holder) if said.holder_kind == "company" else "",
            tier=int(said.holder) if said.holder_kind == "tier" else 0,
            market=market,
        ),
        currency=said.currency,
        valid_from=said.valid_from,
        valid_to=said.valid_to,
        priority=said.priority,
        offers=offers,
        state=_state(stored, today),
    )


def _state(stored: StoredList, today: date) -> str:
    said = stored.list
    if stored.closed_at is not None:
        return "closed"
    if said.valid_from > today:
        return "later"
    return "over" if said.valid_to is not None and said.valid_to < today else "standing"


def _price(
    installation: Installation, connection: Connection, price: Price, stored: StoredList, language: str
) -> PriceLine:
    listing = trade.listing(connection, price.listing)
    reference = told(price.reference)
    assert reference is not None  # every price was held against one
    agreed = AgreedPrice(price.unit_price_minor, price.list, price.step.is_overridden, price.step.against)
    quote = None if listing is None else _quote(installation, connection, listing, asked_for(listing, agreed))
    return PriceLine(
        id=price.id,
        offer=None if listing is None else offer_name(connection, listing, language),
        listing=price.listing,
        min_qty=price.min_qty,
        price=unit_price(price.unit_price_minor, stored.list.currency),
        basis="piece" if listing is None else listing.basis,
        bar=None if quote is None else band_bar(quote),
        reference_kind=reference.kind,
        reference=Money(amount_minor=reference.piece_minor, currency=reference.currency),
        source=reference.source,
        stated_on=reference.on,
        override_reason=price.override_reason,
        entered_at=price.entered_at,
        entered_by=who(connection, price.entered_by),
    )


def _quote(
    installation: Installation, connection: Connection, listing: Listing, asked: Asked
) -> Quote | None:
    market = load.markets().market(listing.market, listing.channel)
    judged = judge_lot(installation, connection, listing.lot, _PRICED)
    return None if market is None or judged is None else judged.quote(market, asked)


def _lot_link(lot: str) -> Link:
    return Link(text=short(lot), href=f"/operator/lots/{lot.partition(':')[2]}")


def names_of(connection: Connection, listings: Iterable[Listing], language: str) -> tuple[OfferName, ...]:
    return tuple(offer_name(connection, one, language) for one in listings)
