"""What a company's members see of holds, purchases and themselves; and staff of the purchases."""

from dataclasses import dataclass
from datetime import date, datetime

from gateway.pages.views.buyer import OrderDocument
from gateway.pages.views.forms import Form
from gateway.pages.views.landed import LandedBrief
from gateway.pages.views.values import Money, UnitPrice


@dataclass(frozen=True, kw_only=True)
class SeenChange:
    """fact: slug of words.TABLES["seen_facts"]; table: of which its values are slugs."""

    fact: str
    table: str
    before: str
    now: str


@dataclass(frozen=True, kw_only=True)
class BasketLine:
    """A hold that stands. quantity: as typed, in ``unit``, which is ``kg`` or "" for pieces."""

    id: str
    offer_href: str
    name: str
    grade: str
    lot_short: str
    pieces: int
    quantity: str
    unit: str
    step: str  # how much one more is, in ``unit``
    smallest: int  # pieces
    multiple: int
    price: UnitPrice
    basis: str
    total: Money
    minutes_left: int
    expires_at: datetime
    can_extend: bool
    extension_minutes: int
    landed: LandedBrief | None = None
    changes: tuple[SeenChange, ...] = ()
    form: Form = Form()


@dataclass(frozen=True, kw_only=True)
class BasketView:
    """``/basket``. missing_pieces: what an order of lots that may be mixed lacks still; 0 for nothing."""

    lines: tuple[BasketLine, ...]
    total: Money | None
    incoterms: tuple[str, ...]
    form: Form
    may_buy: bool
    landed: LandedBrief | None = None  # of all lines, where they go to one place
    deposit: Money | None = None
    needs_approval: bool = False
    waiting_hours: int = 0
    minimum_pieces: int = 0
    minimum_amount: Money | None = None
    is_reached: bool = True
    number_used: bool = False  # the number stands on another purchase: ask whether that is meant


@dataclass(frozen=True, kw_only=True)
class PurchaseLine:
    lot_short: str
    lot_href: str
    pack_href: str
    name: str
    grade: str
    pieces: int
    price: UnitPrice
    basis: str
    total: Money
    state: str  # slug of words.ORDER_STATES, or of words.RESERVATION_STATES while it is not sold
    sold: bool
    order_href: str = ""
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class PurchaseStep:
    """by: a name, "" for the house. reason: slug of words.TABLES["purchase_reasons"].

    by_operator: by the operator's staff, whose names buyers are not told.
    """

    at: datetime
    by: str
    state: str
    by_operator: bool = False
    reason: str = ""
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class PaymentLine:
    paid_on: date
    amount: Money
    reference: str


@dataclass(frozen=True, kw_only=True)
class PurchaseView:
    """``/purchases/{id}`` and ``/operator/purchases/{id}``. next: slug of words.TABLES["purchase_next"]."""

    id: str
    po_number: str
    state: str
    tone: str
    terms: str
    placed_at: datetime
    total: Money
    lines: tuple[PurchaseLine, ...]
    steps: tuple[PurchaseStep, ...]
    payments: tuple[PaymentLine, ...]
    documents: tuple[OrderDocument, ...]
    next: str
    hold_until: datetime | None
    deposit: Money | None
    owed: Money
    balance_days: int
    list_href: str
    form: Form
    buyer: str = ""  # company, for staff
    consignee: tuple[str, ...] = ()  # lines; none: the company itself
    notify_party: tuple[str, ...] = ()
    can_approve: bool = False
    can_cancel: bool = False
    can_pay: bool = False
    can_sell: bool = False
    can_hold: bool = False
    can_take_back: bool = False
    can_resume: bool = False
    is_staff: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PurchaseBrief:
    href: str
    po_number: str
    placed_on: date
    state: str
    tone: str
    total: Money
    lots: int
    hold_until: datetime | None = None
    buyer: str = ""


@dataclass(frozen=True, kw_only=True)
class PurchasesView:
    """``/purchases`` and ``/operator/purchases``, newest first. tabs: (slug, how many)."""

    purchases: tuple[PurchaseBrief, ...]
    tabs: tuple[tuple[str, int], ...]
    chosen: str
    path: str
    is_staff: bool = False


@dataclass(frozen=True, kw_only=True)
class MemberLine:
    """limit: None for none. period: slug of words.TABLES["limit_periods"]."""

    id: str
    name: str
    email: str
    role: str
    limit: Money | None
    period: str
    form: Form
    is_self: bool = False


@dataclass(frozen=True, kw_only=True)
class OwnCompanyView:
    """``/company``."""

    name: str
    country: str
    address: str
    registration_number: str
    tier: int
    extension_minutes: int
    waiting_hours: int
    share_percent: int
    share_from_pieces: int
    deposit_percent: int
    deposit_from: tuple[Money, ...]
    balance_days: int
    members: tuple[MemberLine, ...]
    rules: Form
    threshold: Money | None
    consignee: tuple[str, ...]
    notify_party: tuple[str, ...]
    port: str
    currencies: tuple[str, ...]
    is_admin: bool
    invitation: Form
    invited: str = ""  # the link that was just made


PurchasePage = BasketView | PurchasesView | PurchaseView | OwnCompanyView
