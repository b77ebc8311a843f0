"""What a wholesale buyer sees."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from gateway.pages.views.consumer import Answers, Certificate, Completeness, Grade, Step
from gateway.pages.views.landed import LandedBrief, LandedPart
from gateway.pages.views.values import Mass, Money, UnitPrice, Value

FacetName = Literal["category", "brand", "grade", "condition", "inspection", "warehouse", "depth", "event"]


@dataclass(frozen=True, kw_only=True)
class FacetOption:
    """text: set where the value has a name of its own, which is nobody's word of ours."""

    value: str
    count: int
    selected: bool = False
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Facet:
    """One filter of the catalogue; it is a query parameter of the same name.

    several: whether more than one value may be chosen at once. table: of ``words.TABLES``; "" where
    values are shown as they are.
    """

    name: FacetName
    options: tuple[FacetOption, ...]
    several: bool = True
    table: str = ""


@dataclass(frozen=True, kw_only=True)
class Chip:
    """One thing that was chosen. name: slug of words.FIELDS; href: the same search without it."""

    name: str
    value: Value
    href: str
    count: int = 0  # offers without it, where nothing was found with it


@dataclass(frozen=True, kw_only=True)
class SavedSearch:
    id: str
    name: str
    href: str
    letters: bool
    delete_action: str
    letters_action: str


@dataclass(frozen=True, kw_only=True)
class ReferencePrice:
    """What one piece costs elsewhere on average, and the share of it that is asked here."""

    kind: str  # slug of words.TABLES["reference_kinds"]
    price: Money
    source: str
    on: date
    percent: int
    off_percent: int  # what is left to 100; 0 where more is asked


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One lot offered in one market to this buyer."""

    href: str
    lot_short: str
    name: str
    brand: str
    model: str
    category: str
    condition: str
    grade: str
    score: int | None
    market: str  # ISO 3166, or EU
    price: UnitPrice  # of one unit of ``basis``
    moq: int  # pieces
    multiple: int  # pieces
    available: int
    records: int  # signed records behind it
    inspection: str = "none"  # slug of words.TABLES["inspection_levels"]: how well it was looked at
    basis: str = "piece"  # slug of words.TABLES["price_units"]
    size: int = 1  # pieces of a carton or of the lot
    piece_mass: Mass | None = None  # set where goods are priced by kg
    channel: str = ""  # slug of words.TABLES["sales_channels"]
    order_pieces: int = 0  # what an order reaches over several lots together; 0 where it has to do with one
    order_amount: Money | None = None  # the amount that does instead of so many pieces
    reference: ReferencePrice | None = None  # what the goods cost elsewhere; None of older offers
    photo_href: str = ""
    warehouse: Value = ""
    verified_since: date | None = None
    depth: str = ""  # slug of words.TABLES["depths"]
    shown_for: str = ""  # slug of words.TABLES["shown_for"] where not everybody sees it
    event: str = ""  # title of the sale it belongs to
    event_ends_at: datetime | None = None
    agreed: bool = False  # the price is one that was agreed with this buyer


@dataclass(frozen=True, kw_only=True)
class CatalogueView:
    """``/catalogue``. typed: what stands in the fields, by name. chips: what was chosen.

    fewer: choices that leave offers when they are dropped, best first, where nothing was found. kept: of
    the visitor; save_query: the search as it is saved, "" where nothing was chosen.
    """

    facets: tuple[Facet, ...]
    offers: tuple[Offer, ...]
    total: int
    next_href: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    sort: str = "-published_at"
    currency: str = ""
    chips: tuple[Chip, ...] = ()
    fewer: tuple[Chip, ...] = ()
    kept: tuple[SavedSearch, ...] = ()
    save_query: str = ""
    save_error: str = ""  # slug of words.FORM_ERRORS


@dataclass(frozen=True, kw_only=True)
class GateCheck:
    slug: str  # of words.GATE_CHECKS
    passed: bool
    evidence: tuple[int, ...] = ()  # entry indexes it rests on
    detail: Value = ""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """One line of a manifest summary: so many pieces with this value."""

    value: Value
    count: int


@dataclass(frozen=True, kw_only=True)
class ManifestSummary:
    count: int
    rows_root: str  # hex
    tallies: tuple[tuple[str, tuple[Tally, ...]], ...]  # (slug of words.FIELDS, lines)
    download_href: str = ""


@dataclass(frozen=True, kw_only=True)
class ReserveForm:
    action: str
    idempotency_key: str
    quantity: str  # as typed, so that an error keeps it
    error: str = ""  # slug of words.FORM_ERRORS
    unit: str = ""  # "kg" where kilograms are typed, "" for pieces
    near: tuple[str, ...] = ()  # quantities that would be taken, in the unit that is typed


@dataclass(frozen=True, kw_only=True)
class LadderRung:
    """From so many pieces on, a unit costs so much. agreed: by a price list of this buyer."""

    pieces: int
    price: UnitPrice
    agreed: bool = False


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A picture of the goods that the operator shows."""

    href: str


@dataclass(frozen=True, kw_only=True)
class SampleForm:
    """A few pieces below the smallest order, once a company and lot."""

    action: str
    pieces: int  # the most; 0 where none is due any more, and only the error is said
    price: UnitPrice
    error: str = ""  # slug of words.FORM_ERRORS


@dataclass(frozen=True, kw_only=True)
class OfferView:
    """``/offers/{id}``."""

    offer: Offer
    grade: Grade | None
    gate: tuple[GateCheck, ...]
    policy: str  # id and version of the eligibility policy
    head_entry: int  # last entry of the lot that was judged
    steps: tuple[Step, ...]
    completeness: Completeness | None
    manifest: ManifestSummary | None
    incoterms: tuple[str, ...]  # with named place: "FCA Yiwu"
    bundle_href: str
    form: ReserveForm | None  # None: nothing left to reserve
    pack_href: str = ""  # everything with its proofs
    title: str = ""  # in the seller's words, as everything that the records do not say
    text: str = ""
    photos: tuple[Photo, ...] = ()  # the one shown last first
    answers: Answers | None = None
    certificates: tuple[Certificate, ...] = ()
    ladder: tuple[LadderRung, ...] = ()  # by pieces, ascending; one rung is no ladder
    examples: tuple[str, ...] = ()  # quantities that may be ordered, in the unit that is typed
    sample: SampleForm | None = None
    landed: LandedPart | None = None
    offered_until: date | None = None


@dataclass(frozen=True, kw_only=True)
class HeldBeside:
    """Another hold that may be ordered together with this one."""

    id: str
    name: str
    quantity: int
    chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class ConfirmForm:
    """Turns a reservation into an order."""

    action: str
    release_action: str
    idempotency_key: str
    po_number: str
    incoterms: tuple[str, ...]  # with named place
    incoterm: str
    error: str = ""  # slug of words.FORM_ERRORS
    error_field: Literal["", "po_number", "incoterm"] = ""
    beside: tuple[HeldBeside, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReservationView:
    """``/reservations/{id}``."""

    id_short: str
    state: Literal["active", "converted", "released", "expired"]
    offer: Offer
    quantity: int
    total: Money
    expires_at: datetime
    minutes_left: int
    form: ConfirmForm | None  # set while active
    order_href: str = ""  # set when converted
    landed: LandedBrief | None = None  # set while active


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    href: str
    number: str
    po_number: str
    placed_on: date
    state: str  # slug of words.ORDER_STATES
    quantity: int
    total: Money
    buyer: str = ""  # company, on the operator's console


@dataclass(frozen=True, kw_only=True)
class OrdersView:
    """``/orders`` and ``/operator/orders``, newest first."""

    orders: tuple[OrderLine, ...]
    next_href: str = ""
    catalogue_href: str = "/catalogue"  # empty for staff


@dataclass(frozen=True, kw_only=True)
class StatusStep:
    state: str  # slug of words.ORDER_STATES
    at: datetime | None  # None: not reached
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class OrderDocument:
    kind: str  # slug of words.DOCUMENT_KINDS
    number: str
    issued_on: date
    sha256: str
    download_href: str
    check_href: str
    superseded: bool = False
    others: tuple[tuple[str, str], ...] = ()  # (pdf, ubl, …; address) of its other forms


@dataclass(frozen=True, kw_only=True)
class OrderItem:
    lot: str
    lot_href: str
    name: str
    grade: str
    quantity: int
    price: UnitPrice  # of one unit of ``basis``
    total: Money
    head_entry: int  # the lot's last entry when the buyer confirmed
    distrusted: bool = False  # the lot rests on a record of a compromised key
    basis: str = "piece"  # slug of words.TABLES["price_units"]


@dataclass(frozen=True, kw_only=True)
class OrderView:
    """``/orders/{id}`` and ``/operator/orders/{id}``."""

    number: str
    po_number: str
    state: str
    incoterm: str  # with named place
    placed_at: datetime
    total: Money
    items: tuple[OrderItem, ...]
    steps: tuple[StatusStep, ...]
    documents: tuple[OrderDocument, ...]
    pack_href: str = ""  # everything, with the offline bundle
    orders_href: str = "/orders"
    buyer: str = ""  # company, on the operator's console
    shipments: tuple[tuple[str, str, str], ...] = ()  # href, number, state; none that was taken apart
