"""What a buyer sees of the cost of goods where they are used, of the way there, and of customs."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from gateway.pages.views.forms import Form
from gateway.pages.views.values import Measurement, Money


@dataclass(frozen=True, kw_only=True)
class Basis:
    """Who says so, and when that was looked up."""

    source: str
    on: date


@dataclass(frozen=True, kw_only=True)
class CostLine:
    """kind: slug of words.TABLES["landed_lines"]. state: of words.TABLES["landed_states"]."""

    kind: str
    payer: Literal["buyer", "seller"]
    state: Literal["due", "within", "unknown", "not-told"]
    amount: Money | None
    mode: str = ""  # of carriage: slug of words.TABLES["transport_modes"]
    origin: str = ""
    destination: str = ""
    charged: Measurement | None = None
    bases: tuple[Basis, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A part of the picture. x, width: thousandths of the whole; shade: 1 to 4, a colour; share: percent."""

    kind: str
    x: int
    width: int
    shade: int
    amount: Money
    share: Measurement


@dataclass(frozen=True, kw_only=True)
class RateUsed:
    currency: str
    into: str
    rate: Measurement
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class Nearer:
    """Another warehouse with less freight."""

    region: str  # slug of words.TABLES["warehouse_regions"]
    city: str
    freight: Money
    share: Measurement | None


@dataclass(frozen=True, kw_only=True)
class LandedBrief:
    """In one line. known: as far as it is known; unknown: slugs of words.LANDED_LINES beside that.

    href: where it is worked out; "" of a sum over several lots. customs: None of a sum, too.
    """

    known: Money
    unknown: tuple[str, ...]
    incoterm: str
    place: str
    href: str = ""
    customs: "CustomsPart | None" = None


@dataclass(frozen=True, kw_only=True)
class CostPart:
    """known: what the buyer pays as far as it is known; unknown: slugs of what comes beside it."""

    pieces: int
    incoterm: str
    place: str
    known: Money
    each: Money  # of one piece on average, as far as it is known
    unknown: tuple[str, ...]
    lines: tuple[CostLine, ...]
    segments: tuple[Segment, ...]
    freight: Money | None
    share: Measurement | None
    share_verdict: str  # slug of words.TABLES["freight_shares"]
    tone: str
    good: Measurement
    warn: Measurement
    rates: tuple[RateUsed, ...]
    warehouse: str  # city, "" where nobody knows where the goods lie
    nearer: Nearer | None


@dataclass(frozen=True, kw_only=True)
class StretchLine:
    """mode "": handling before the first leg. Days are counted from the order; None: unknown."""

    mode: str
    origin: str
    destination: str
    days_min: int | None
    days_max: int | None
    ends: int | None


@dataclass(frozen=True, kw_only=True)
class TimePart:
    days_min: int | None
    days_max: int | None
    promise_days: int | None
    verdict: str  # slug of words.TABLES["lead_times"]
    tone: str
    late_days: int
    stretches: tuple[StretchLine, ...]


@dataclass(frozen=True, kw_only=True)
class AskedLine:
    """One rule and its answer. rule: its id; fixes: slugs of words.TABLES["customs_fixes"]."""

    rule: str
    outcome: str  # slug of words.TABLES["customs_outcomes"]
    severity: str  # slug of words.TABLES["rule_severities"]
    tone: str
    fixes: tuple[str, ...]
    goods: tuple[str, ...]
    more_goods: int
    source: str
    url: str
    checked_on: date | None
    status: str  # slug of words.TABLES["rule_statuses"]
    since: date | None


@dataclass(frozen=True, kw_only=True)
class CustomsPart:
    """open_lines: failed before unknown, blocking ones first; passed: the others."""

    destination: str
    mode: str
    day: date
    level: str  # slug of words.TABLES["customs_levels"]
    tone: str
    open_lines: tuple[AskedLine, ...]
    passed: tuple[AskedLine, ...]


@dataclass(frozen=True, kw_only=True)
class ManifestLinks:
    csv: str
    xlsx: str
    json: str


@dataclass(frozen=True, kw_only=True)
class LandedPart:
    """For a part of another page: the cost, the time and the questions, and the page of their own."""

    href: str
    cost: CostPart
    time: TimePart
    customs: CustomsPart
    manifest: ManifestLinks


@dataclass(frozen=True, kw_only=True)
class LandedView:
    """``/offers/{id}/landed``. part: None while the form has to be put right."""

    offer_href: str
    offer_name: str
    brand: str
    available: int
    form: Form
    incoterms: tuple[tuple[str, str], ...]  # (value, text)
    places: tuple[str, ...]
    part: LandedPart | None


@dataclass(frozen=True, kw_only=True)
class LotCardView:
    """``/l/{id}``: what anybody may know of a public offer; never a price."""

    brand: str
    model: str
    name: str
    category: str
    condition: str
    grade: str
    available: int
    market: str
    inspection: str
    lot_href: str
    offer_href: str
    address: str  # of this page, absolute
    picture: str  # absolute, PNG
    picture_href: str


LandedPage = LandedView | LotCardView
