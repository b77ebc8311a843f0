"""What a wholesale buyer sees."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from gateway.pages.views.consumer import Completeness, Grade, Step
from gateway.pages.views.values import Money, UnitPrice, Value

FacetName = Literal["market", "category", "grade", "inspection"]


@dataclass(frozen=True, kw_only=True)
class FacetOption:
    value: str
    count: int
    selected: bool = False


@dataclass(frozen=True, kw_only=True)
class Facet:
    """One filter of the catalogue; it is a query parameter of the same name."""

    name: FacetName
    options: tuple[FacetOption, ...]


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
    price: UnitPrice  # one piece
    moq: int
    multiple: int
    available: int
    records: int  # signed records behind it
    inspection: str = "none"  # slug of words.TABLES["inspection_levels"]: how well it was looked at


@dataclass(frozen=True, kw_only=True)
class CatalogueView:
    """``/catalogue``."""

    facets: tuple[Facet, ...]
    offers: tuple[Offer, ...]
    total: int
    next_href: str = ""


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


@dataclass(frozen=True, kw_only=True)
class OrderItem:
    lot: str
    lot_href: str
    name: str
    grade: str
    quantity: int
    price: UnitPrice
    total: Money
    head_entry: int  # the lot's last entry when the buyer confirmed
    distrusted: bool = False  # the lot rests on a record of a compromised key


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
