"""What prices, sale events and audiences show: agreements, what prices stand against, who sees what."""

from dataclasses import dataclass
from datetime import date, datetime

from gateway.pages.views.forms import Form
from gateway.pages.views.values import Link, Money, UnitPrice, Value

Options = tuple[tuple[str, str], ...]  # (value, text of others)


@dataclass(frozen=True, kw_only=True)
class Holder:
    """For whom a list is. kind: slug of ``holder_kinds``. name: of a company; tier: of a tier, else 0.

    market: ISO 3166 code of a market, or of the one that the agreement holds in; "" for any.
    """

    kind: str
    name: str = ""
    tier: int = 0
    market: str = ""


@dataclass(frozen=True, kw_only=True)
class BandBar:
    """Where a price lies between its limits, in per cent of its reference, on a scale that shows all three.

    start, width, mark: hundredths of the picture's width.
    """

    percent: int
    floor_percent: int
    ceiling_percent: int
    start: int
    width: int
    mark: int
    in_band: bool


@dataclass(frozen=True, kw_only=True)
class OfferName:
    """An offer as staff knows it again."""

    listing: str
    goods: str
    category: str  # slug
    grade: str
    lot_short: str
    market: str
    price: UnitPrice
    basis: str
    left: int


@dataclass(frozen=True, kw_only=True)
class ListLine:
    href: str
    name: str
    holder: Holder
    currency: str
    valid_from: date
    valid_to: date | None
    priority: int
    offers: int
    state: str  # slug of ``price_list_states``


@dataclass(frozen=True, kw_only=True)
class PriceListsView:
    """``/operator/prices``. companies: those that a list may be for."""

    lists: tuple[ListLine, ...]
    companies: Options
    markets: tuple[str, ...]
    currencies: tuple[str, ...]
    form: Form


@dataclass(frozen=True, kw_only=True)
class PriceLine:
    """One step. reference: kind, price of a piece, source and day; override_reason: "" in the band."""

    id: str
    offer: OfferName | None  # None: the offer is gone
    listing: str
    min_qty: int
    price: UnitPrice
    basis: str
    bar: BandBar | None
    reference_kind: str
    reference: Money
    source: str
    stated_on: date
    override_reason: str
    entered_at: datetime
    entered_by: str


@dataclass(frozen=True, kw_only=True)
class RefusedPrice:
    """Why the step was not taken, with the figures. slug: of ``form_errors``."""

    slug: str
    least: UnitPrice | None = None
    most: UnitPrice | None = None
    bar: BandBar | None = None


@dataclass(frozen=True, kw_only=True)
class RejectedLine:
    row: int
    cells: tuple[str, ...]
    slug: str


@dataclass(frozen=True, kw_only=True)
class PriceListView:
    """``/operator/prices/{list}``. offers: that it may have prices for. taken: rows of a sheet, or -1."""

    line: ListLine
    action: str
    prices: tuple[PriceLine, ...]
    offers: tuple[OfferName, ...]
    kinds: tuple[str, ...]
    form: Form
    refused: RefusedPrice | None = None
    taken: int = -1
    rejected: tuple[RejectedLine, ...] = ()
    today: date


@dataclass(frozen=True, kw_only=True)
class StatedLine:
    id: str
    subject: str
    lot: Link | None
    market: str
    kind: str
    price: Money
    source: str
    stated_on: date
    entered_by: str


@dataclass(frozen=True, kw_only=True)
class StatedPricesView:
    """``/operator/references``."""

    lines: tuple[StatedLine, ...]
    models: tuple[str, ...]
    markets: tuple[str, ...]
    kinds: tuple[str, ...]
    currencies: tuple[str, ...]
    form: Form


@dataclass(frozen=True, kw_only=True)
class SaleLine:
    """left: slug of ``time_left``, with the number in ``amount``; "" when there is nothing to wait for.

    sold_percent: None where it is not known.
    """

    href: str
    title: str
    state: str
    starts_at: datetime
    ends_at: datetime
    left: str
    amount: int
    offers: int
    sold_percent: int | None


@dataclass(frozen=True, kw_only=True)
class SalesView:
    """``/operator/events`` of staff, ``/events`` of buyers: those have no form."""

    events: tuple[SaleLine, ...]
    form: Form | None = None
    open_now: int = 0


@dataclass(frozen=True, kw_only=True)
class SoldLine:
    """An offer in an event. sold: of ``offered`` pieces, since it joined; None: not known."""

    offer: OfferName | None
    listing: str
    offered: int
    sold: int | None
    left_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SaleView:
    """``/operator/events/{event}``. candidates: offers that may be put into it."""

    line: SaleLine
    titles: tuple[tuple[str, str], ...]
    action: str
    lots: tuple[SoldLine, ...]
    candidates: tuple[OfferName, ...]
    offered: int
    sold: int | None
    unsold: int
    form: Form


@dataclass(frozen=True, kw_only=True)
class SaleOffersView:
    """``/events/{event}`` of a buyer. offers: (href, what it is)."""

    line: SaleLine
    offers: tuple[tuple[str, OfferName], ...]


@dataclass(frozen=True, kw_only=True)
class AudienceLine:
    href: str
    offer: OfferName
    visibility: str
    tier_min: int
    companies: int


@dataclass(frozen=True, kw_only=True)
class AudiencesView:
    """``/operator/audiences``: every standing offer and who may see it."""

    lines: tuple[AudienceLine, ...]


@dataclass(frozen=True, kw_only=True)
class ScorePart:
    """name: slug of ``match_parts``. detail: the fact behind it, None where nobody knows one."""

    name: str
    points: int
    most: int
    detail: Value | None = None


@dataclass(frozen=True, kw_only=True)
class ChosenLine:
    """parts: why matching chose it; reason: why a person did. expected: pieces, -1 where nobody computed."""

    company: str
    name: str
    score: int
    expected: int
    parts: tuple[ScorePart, ...]
    reason: str
    since: datetime
    added_by: str
    seen_days: int


@dataclass(frozen=True, kw_only=True)
class AudienceEvent:
    """One line of what happened: slug of ``audience_events`` and the particulars."""

    at: datetime
    slug: str
    who: str
    what: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class MatchFacts:
    at: datetime
    wanted: int
    expected: int
    companies: int
    days_open: int
    policy: str
    plan_hash: str


@dataclass(frozen=True, kw_only=True)
class AudienceView:
    """``/operator/audiences/{listing}``."""

    action: str
    offer: OfferName
    visibility: str
    tier_min: int
    chosen: tuple[ChosenLine, ...]
    others: Options
    run: MatchFacts | None
    runs: int
    events: tuple[AudienceEvent, ...]
    exposures: tuple[tuple[date, str, str], ...]  # (day, company, slug of ``exposure_reasons``)
    form: Form


@dataclass(frozen=True, kw_only=True)
class ExposureLine:
    """why: slug of ``shown_because``. href: of the offer's audience."""

    day: date
    company: str
    offer: OfferName
    href: str
    why: str


@dataclass(frozen=True, kw_only=True)
class ExposuresView:
    """``/operator/exposures``, newest first. form: what is filtered by."""

    lines: tuple[ExposureLine, ...]
    offers: Options
    companies: Options
    form: Form
    next_href: str = ""


PricePage = (
    PriceListsView
    | PriceListView
    | StatedPricesView
    | SalesView
    | SaleView
    | SaleOffersView
    | AudiencesView
    | AudienceView
    | ExposuresView
)
