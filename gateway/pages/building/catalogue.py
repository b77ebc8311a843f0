"""The page of the catalogue: what was chosen, what it found, what else could be chosen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import Connection

from gateway.i18n import EXPONENTS
from gateway.pages import words
from gateway.pages.building.article import photo_href
from gateway.pages.building.offers import reference_price, unit_price
from gateway.pages.building.reading import short
from gateway.pages.views import CatalogueView, Facet, FacetOption, Mass, Money, Offer, Word
from gateway.pages.views.buyer import Chip, SavedSearch
from gateway.pages.views.values import Value
from gateway.policies import load
from gateway.store import catalogue, sale_events, saved_searches
from gateway.store.catalogue import Found, Position
from gateway.store.trade import Company
from gateway.trade.search import FACETS, SEVERAL, SORTS, Search, pairs_of, query_of, search_of
from gateway.trade.search import Facet as FacetName
from gateway.wiring import Installation
from gateway.workflows.agreed_prices import AgreedPrice, prices_for
from gateway.workflows.audience import NAMELESS, viewer_of
from gateway.workflows.search_offers import buyer_of, search_offers, tell_shown

PAGE_SIZE: Final = 24
FEWER_MAX: Final = 4  # choices that an empty page proposes to drop
HERE: Final = "/catalogue"
TABLES: Final[Mapping[FacetName, str]] = {
    "category": "categories",
    "grade": "grades",
    "condition": "conditions",
    "inspection": "inspection_levels",
    "depth": "depths",
    "warehouse": "cities",
}
CITIES: Final = words.TABLES["cities"]
_PRICES: Final = ("price_min", "price_max")


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as it was typed into the page. typed: what stands in the fields, right or wrong."""

    search: Search
    typed: Mapping[str, str]
    after: Position | None = None


def catalogue_view(
    installation: Installation,
    connection: Connection,
    company: str,
    account: str,
    asked: Asked,
    language: str,
    *,
    save_error: str = "",
) -> CatalogueView:
    """One page of offers. Total and facets count what the index lets this company see."""
    buyer = buyer_of(connection, company)
    if buyer is None:
        return CatalogueView(facets=(), offers=(), total=0)
    search, now, viewer = asked.search, installation.clock.now(), viewer_of(buyer)
    found = search_offers(installation, connection, buyer, search, after=asked.after, limit=PAGE_SIZE + 1)
    shown, more = found[:PAGE_SIZE], len(found) > PAGE_SIZE
    tell_shown(installation, connection, buyer, shown)
    currency = _currency(buyer)
    chips = _chips(connection, search, currency, language)
    counts = catalogue.facets(connection, viewer, search, now)
    # Every offer has a depth: where none was chosen, its counts are the total.
    total = catalogue.count(connection, viewer, search, now) if search.depth else counts["depth"].total()
    return CatalogueView(
        facets=_facets(connection, counts, search, language),
        offers=_offers(installation, connection, buyer, shown, language),
        total=total,
        next_href=href_of(search, currency, after=_after(shown[-1].position)) if more else "",
        typed=asked.typed,
        sort=search.sort,
        currency=currency,
        chips=tuple(chip for _, chip in chips),
        fewer=() if total else _fewer(installation, connection, buyer, chips),
        kept=_kept(connection, account, company, currency),
        save_query=query_of(search) if chips else "",
        save_error=save_error,
    )


def typed_of(search: Search, currency: str) -> dict[str, str]:
    """What a search says in the fields of the page: prices in whole units of the currency."""
    return {
        "q": search.q,
        "hs": search.hs,
        "qty_min": "" if search.qty_min is None else str(search.qty_min),
        "verified_since": search.verified_since,
        **{name: _typed_amount(getattr(search, name), currency) for name in _PRICES},
    }


def currency_of(connection: Connection, company: str) -> str:
    """The currency of the company's market; "" for a company that is shown nothing."""
    buyer = buyer_of(connection, company)
    return "" if buyer is None else _currency(buyer)


def position_of(text: str) -> Position | None:
    """Where a page begins, as ``_after`` writes it."""
    value, _, listing = text.partition("~")
    return (int(value), listing) if listing and value.lstrip("-").isdigit() else None


def _after(position: Position) -> str:
    return f"{position[0]}~{position[1]}"


def _currency(buyer: Company) -> str:
    market = load.markets().market(buyer.country)
    return "" if market is None else market.currency


def href_of(search: Search, currency: str, *, after: str = "") -> str:
    """The page of a search: as ``pairs_of``, with prices as people type them."""
    pairs = [
        (name, _typed_amount(int(value), currency) if name in _PRICES else value)
        for name, value in pairs_of(search)
    ]
    query = urlencode([*pairs, *([("after", after)] if after else [])])
    return f"{HERE}?{query}" if query else HERE


def place(name: str) -> Value:
    """Where goods lie: a city that we have words for, else as its owner calls it."""
    return Word(table="cities", slug=name) if name in CITIES else name


def _typed_amount(amount_minor: int | None, currency: str) -> str:
    if amount_minor is None:
        return ""
    return str(Decimal(amount_minor).scaleb(-EXPONENTS.get(currency, 2)))


def _offers(
    installation: Installation,
    connection: Connection,
    buyer: Company,
    found: Sequence[Found],
    language: str,
) -> tuple[Offer, ...]:
    wanted = [(one.listing, one.listing.steps.smallest(one.available)) for one in found]
    prices = prices_for(connection, wanted, buyer, installation.clock.now())
    return tuple(_offer(connection, one, price, language) for one, price in zip(found, prices, strict=True))


def _offer(connection: Connection, one: Found, agreed: AgreedPrice, language: str) -> Offer:
    listing, known = one.listing, one.indexed
    sale = sale_events.find(connection, listing.event) if listing.event else None
    return Offer(
        href=f"/offers/{listing.id}",
        lot_short=short(listing.lot),
        name=known.card.names.get(language.partition("-")[0], ""),
        brand=known.card.brand,
        model=known.card.model,
        category=known.category,
        condition=known.condition,
        grade=known.grade,
        score=None,
        market=listing.market,
        price=unit_price(agreed.unit_price_minor, listing.currency),
        moq=listing.moq,
        multiple=listing.multiple,
        available=one.available,
        records=known.card.records,
        inspection=known.inspection,
        basis=listing.basis,
        size=listing.size,
        piece_mass=Mass(mass_g=listing.size) if listing.basis == "kg" else None,
        channel=listing.channel,
        reference=reference_price(agreed.of(listing)),
        photo_href=photo_href(connection, listing.lot),
        warehouse=place(known.warehouse),
        verified_since=date.fromisoformat(known.verified_since),
        depth=known.depth,
        shown_for="" if one.why == NAMELESS else one.why,
        event=sale.title(language) if sale else "",
        event_ends_at=sale.ends_at if sale else None,
        agreed=agreed.price_list != "",
    )


def _facets(
    connection: Connection, counts: Mapping[FacetName, Mapping[str, int]], search: Search, language: str
) -> tuple[Facet, ...]:
    """Filters with what each choice would leave; one that leaves no choice is left out."""
    found = []
    for name in FACETS:
        chosen = search.chosen(name)
        values = {**dict.fromkeys(chosen, 0), **counts[name]}
        if len(values) < 2 and not chosen:
            continue
        options = tuple(
            FacetOption(
                value=value,
                count=count,
                selected=value in chosen,
                text=_written(connection, name, value, language),
            )
            for value, count in sorted(values.items(), key=lambda item: _rank(name, *item))
        )
        found.append(Facet(name=name, options=options, several=name in SEVERAL, table=TABLES.get(name, "")))
    return tuple(found)


def _written(connection: Connection, name: FacetName, value: str, language: str) -> str:
    """What people wrote themselves; "" for what the words of the page know."""
    if name == "event":
        return _event_title(connection, value, language)
    return value if name == "warehouse" and value not in CITIES else ""


def _rank(name: FacetName, value: str, count: int) -> tuple[Any, ...]:
    """Grades by letter, levels from the weakest, everything else by how much there is of it."""
    if name == "grade":
        return (value,)
    return (-count, value)


def _chips(connection: Connection, search: Search, currency: str, language: str) -> list[tuple[Search, Chip]]:
    """(The search without it, what was chosen), in the order of the fields."""
    found: list[tuple[Search, str, Value]] = []
    if search.q:
        found.append((replace(search, q=""), "q", search.q))
    for name in FACETS:
        table = TABLES.get(name)
        for value in search.chosen(name):
            left = "" if name == "inspection" else tuple(one for one in search.chosen(name) if one != value)
            shown: Value = Word(table=table, slug=value) if table else value
            if name == "warehouse":
                shown = place(value)
            if name == "event":
                shown = _event_title(connection, value, language)
            found.append((_with(search, name, left), name, shown))
    if search.hs:
        found.append((replace(search, hs=""), "hs", search.hs))
    for limit in _PRICES:
        amount = getattr(search, limit)
        if amount is not None:
            found.append((_with(search, limit, None), limit, Money(amount_minor=amount, currency=currency)))
    if search.qty_min is not None:
        found.append((replace(search, qty_min=None), "qty_min", search.qty_min))
    if search.verified_since:
        day = date.fromisoformat(search.verified_since)
        found.append((replace(search, verified_since=""), "verified_since", day))
    return [
        (without, Chip(name=name, value=value, href=href_of(without, currency)))
        for without, name, value in found
    ]


def _with(search: Search, name: str, value: object) -> Search:
    return replace(search, **{name: value})  # type: ignore[arg-type]  # a member of its own type


def _fewer(
    installation: Installation,
    connection: Connection,
    buyer: Company,
    chips: Iterable[tuple[Search, Chip]],
) -> tuple[Chip, ...]:
    """Which single choice to drop so that something is found."""
    now, viewer = installation.clock.now(), viewer_of(buyer)
    counted = [
        replace(chip, count=catalogue.count(connection, viewer, without, now)) for without, chip in chips
    ]
    helping = sorted((chip for chip in counted if chip.count), key=lambda chip: -chip.count)
    return tuple(helping[:FEWER_MAX])


def _kept(connection: Connection, account: str, company: str, currency: str) -> tuple[SavedSearch, ...]:
    return tuple(
        SavedSearch(
            id=one.id,
            name=one.name,
            href=href_of(search_of(one.query), currency),
            letters=one.letters,
            delete_action=f"{HERE}/searches/{one.id}/delete",
            letters_action=f"{HERE}/searches/{one.id}/letters",
        )
        for one in saved_searches.page(connection, account, company, None, 30)
    )


def _event_title(connection: Connection, event: str, language: str) -> str:
    sale = sale_events.find(connection, event)
    return event if sale is None else sale.title(language)


assert SORTS[0] == "-published_at"  # what the page shows when nothing is said
