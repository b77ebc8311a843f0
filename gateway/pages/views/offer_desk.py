"""What the operator's staff sees of offers: the desk, one offer, and the figures of trade."""

from dataclasses import dataclass
from datetime import date, datetime

from gateway.pages.views.console import Bar
from gateway.pages.views.forms import Form
from gateway.pages.views.values import Link, Measurement, Money, Reason, UnitPrice


@dataclass(frozen=True, kw_only=True)
class Fix:
    """A reason of the gate with the way to mend it. action: slug of words ``actions``, "" for a page's name.

    page: slug of words ``fix_pages``. href: "" where nobody here can mend it.
    """

    reason: Reason
    action: str = ""
    page: str = ""
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class DeskLot:
    """A lot without an offer. fixes: why not, empty: it may be offered in ``markets``."""

    lot: Link
    brand: str
    category: str
    condition: str
    grade: str
    quantity: int
    markets: tuple[str, ...]
    fixes: tuple[Fix, ...]
    offer_href: str = ""
    draft_href: str = ""


@dataclass(frozen=True, kw_only=True)
class DeskOffer:
    """One offer in a list. state: slug of words ``offer_states``."""

    href: str
    lot: Link
    brand: str
    category: str
    grade: str
    market: str
    channel: str
    state: str
    price: UnitPrice
    basis: str
    available: int
    held: int
    sold: int
    visibility: str
    since: datetime | None  # of the last change; None of an offer older than such facts


@dataclass(frozen=True, kw_only=True)
class OfferDeskView:
    """``/operator/offers``. tabs: (href, slug of ``offer_tabs``, current, count)."""

    tabs: tuple[tuple[str, str, bool, int], ...]
    tab: str
    lots: tuple[DeskLot, ...] = ()
    offers: tuple[DeskOffer, ...] = ()
    next_href: str = ""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What the gate says of one market through one channel, beside what holds for all."""

    market: str
    channel: str
    usual: bool  # the market's own channel
    passed: bool
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BandPicture:
    """A price against its band. at_*: 0..100, where each stands in the drawing."""

    asked: UnitPrice
    floor: UnitPrice
    ceiling: UnitPrice
    reference: UnitPrice
    reference_kind: str
    percent: int  # asked, of the reference
    min_percent: int
    max_percent: int
    in_band: bool
    at_asked: float
    at_floor: float
    at_ceiling: float
    at_reference: float


@dataclass(frozen=True, kw_only=True)
class HoldLine:
    company: str
    quantity: int
    expires_at: datetime
    running: bool  # False: it ran out and was not swept yet


@dataclass(frozen=True, kw_only=True)
class SoldLine:
    number: str
    href: str
    company: str
    quantity: int
    total: Money
    state: str  # slug of words ``order_states``
    placed_at: datetime


@dataclass(frozen=True, kw_only=True)
class ChangeLine:
    """before: "" where it began. who: a name, or a slug of words ``offer_hands`` where ``by_house``."""

    at: datetime
    before: str
    after: str
    reason: str  # slug of words ``offer_reasons``, or of the gate's ``reasons``
    gate: bool  # whose table it is
    who: str
    by_house: bool
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ExposureLine:
    company: str
    day: date
    why: str  # slug of words ``exposure_reasons``


@dataclass(frozen=True, kw_only=True)
class Said:
    """Title and text of one language. language: its own name; tag: of ``gateway.i18n``."""

    tag: str
    name: str
    key: str  # zh, en, vi
    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class ClaimLine:
    """A phrase that was refused. lacking: slugs of words ``claim_needs``; claim: of ``claims``."""

    language: str
    field: str
    words: str
    claim: str
    lacking: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Projected:
    """A fact of the goods that nobody types. table: of words, where the value is a slug."""

    name: str  # slug of words ``projected``
    value: str
    table: str = ""


@dataclass(frozen=True, kw_only=True)
class Moves:
    """What may be done with it now: addresses to post to, "" where there is no such way."""

    hand_in: str = ""
    publish: str = ""
    send_back: str = ""
    pause: str = ""
    resume: str = ""
    withdraw: str = ""
    word: str = ""
    show: str = ""


@dataclass(frozen=True, kw_only=True)
class DeskOfferView:
    """``/operator/offers/{listing}``. version: that a form was made for; an older one is refused."""

    offer: DeskOffer
    id: str
    version: int
    offered_until: str
    tier_min: int
    denied: str  # companies that never see it, as they were chosen
    companies: tuple[tuple[str, str], ...]  # (id, name) of the market's buyers
    moves: Moves
    fixes: tuple[Fix, ...]  # of the offer as it stands, in every channel
    channels: tuple[str, ...]
    markets: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]  # a row a channel, in the order of ``markets``
    band: BandPicture | None
    projected: tuple[Projected, ...]
    said: tuple[Said, ...]
    holds: tuple[HoldLine, ...]
    sold: tuple[SoldLine, ...]
    exposures: tuple[ExposureLine, ...]
    exposed: tuple[int, int]  # companies, days
    changes: tuple[ChangeLine, ...]
    override_reason: str = ""
    form: Form = Form()
    claims: tuple[ClaimLine, ...] = ()
    changed_meanwhile: bool = False


@dataclass(frozen=True, kw_only=True)
class DraftOfferView:
    """``/operator/offers/new``: an offer that is written down before it may stand."""

    lot: Link
    markets: tuple[str, ...]
    channels: tuple[str, ...]
    action: str
    form: Form = Form()


@dataclass(frozen=True, kw_only=True)
class Week:
    """Units of one week, beginning on Monday. offered: to be sold as it began, and come since."""

    monday: date
    offered: int
    sold: int
    percent: int | None  # None: nothing was on offer
    share: float  # of the drawing, 0..100


@dataclass(frozen=True, kw_only=True)
class FreightLine:
    """freight, share: None where no tariff is stated. tone: of words ``share_verdicts``' verdict."""

    href: str
    number: str
    price: Money
    freight: Money | None
    share: Measurement | None
    tone: str


@dataclass(frozen=True, kw_only=True)
class FreightShare:
    """percent: freight of the goods' price by the stated tariffs, on average over ``orders``.

    None: not known. high: how many of them pass ``warn``.
    """

    percent: int | None
    orders: int
    high: int
    warn: Measurement
    lines: tuple[FreightLine, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TradeFiguresView:
    """``/operator/figures``."""

    weeks: tuple[Week, ...]
    ages: tuple[Bar, ...]  # units by days since intake; slugs of words ``stock_ages``
    grades: tuple[tuple[str, tuple[Bar, ...], int], ...]  # category, units by grade, total
    freight: FreightShare
    outside: int  # units sold outside the channels that the grants allow: must be 0
    sold: int  # units sold, all told
    csv_href: str


OfferDeskPage = OfferDeskView | DeskOfferView | DraftOfferView | TradeFiguresView
