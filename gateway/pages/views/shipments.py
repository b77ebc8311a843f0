"""What the pages about shipments show: the operator's steps, the bench that packs, the buyer's way."""

from dataclasses import dataclass
from datetime import datetime

from gateway.pages.views.buyer import OrderDocument
from gateway.pages.views.forms import Form
from gateway.pages.views.papers import PapersView
from gateway.pages.views.values import Link, Mass, Reason


@dataclass(frozen=True, kw_only=True)
class ShipmentLine:
    """state: slug of words shipment_states. late_days: behind the promise, 0 for none. buyer: for staff."""

    href: str
    number: str
    state: str
    tone: str
    pieces: int
    cartons: int
    destination: str
    promised_at: datetime
    expected_at: datetime | None = None  # None: it is not under way
    late_days: int = 0
    buyer: str = ""
    waits: bool = False  # for somebody's signature


@dataclass(frozen=True, kw_only=True)
class OpenOrder:
    """An order of which pieces stand in no shipment yet. field: of the form that plans."""

    field: str
    id: str
    number: str
    po_number: str
    buyer: str
    goods: str
    left: int
    place: str


@dataclass(frozen=True, kw_only=True)
class ShipmentsView:
    """``/operator/shipments``. tabs: (href, slug of shipment_groups, is current, count)."""

    lines: tuple[ShipmentLine, ...]
    tabs: tuple[tuple[str, str, bool, int], ...]
    orders: tuple[OpenOrder, ...]
    form: Form
    next_href: str = ""


@dataclass(frozen=True, kw_only=True)
class MyShipmentsView:
    """``/shipments`` of a buyer."""

    lines: tuple[ShipmentLine, ...]
    next_href: str = ""


@dataclass(frozen=True, kw_only=True)
class LegLine:
    """progress: done, now, next. late_days: behind its plan; own_days: added by this leg alone."""

    number: int
    mode: str
    carrier: str
    origin: str
    destination: str
    progress: str
    departs_at: datetime
    arrives_at: datetime
    planned_at: datetime  # arrival as planned
    late_days: int
    own_days: int
    has_left: bool
    has_arrived: bool


@dataclass(frozen=True, kw_only=True)
class WayView:
    legs: tuple[LegLine, ...]
    promised_at: datetime
    expected_at: datetime
    late_days: int
    is_done: bool


@dataclass(frozen=True, kw_only=True)
class PackageLine:
    """number: of the carton; pallet: 0 for none. size: millimetres, "" where nobody knows."""

    number: int
    sscc: str
    pieces: int
    goods: str
    net: Mass
    gross: Mass
    size: str
    pallet: int = 0
    is_weighed: bool = False


@dataclass(frozen=True, kw_only=True)
class PalletLine:
    number: int
    sscc: str
    cartons: int
    gross: Mass
    size: str


@dataclass(frozen=True, kw_only=True)
class CargoLine:
    """What of one order travels. proofs: of the lot, for anybody."""

    order: Link
    po_number: str
    lot: Link
    goods: str
    quantity: int
    ordered: int


@dataclass(frozen=True, kw_only=True)
class ShipmentEvent:
    """what: slug of shipment_events; reason: text of others, or a number."""

    at: datetime
    what: str
    by: str
    reason: str = ""
    stopped_by: tuple[str, ...] = ()  # slugs of the gate's reasons


@dataclass(frozen=True, kw_only=True)
class StepOffer:
    """The one thing to do next. step: slug of shipment_steps."""

    step: str
    action: str


@dataclass(frozen=True, kw_only=True)
class ShipmentFacts:
    """What both sides see."""

    number: str
    state: str
    tone: str
    destination: str
    incoterm: str
    steps: tuple[tuple[str, bool, bool], ...]  # (slug of shipment_states, reached, current)
    way: WayView
    cargo: tuple[CargoLine, ...]
    packages: tuple[PackageLine, ...]
    packages_total: int
    pallets: tuple[PalletLine, ...]
    gross: Mass
    containers: tuple[tuple[str, str], ...]  # (number, seal)
    documents: tuple[OrderDocument, ...]
    find: str = ""  # what was looked for among the packages


@dataclass(frozen=True, kw_only=True)
class ShipmentView:
    """``/operator/shipments/{id}``. reasons: why the gate stopped it just now. error: of shipment errors."""

    facts: ShipmentFacts
    buyer: str
    site: str
    custodian: str
    path: str
    pick_href: str
    labels_href: str
    waits_href: str
    next: StepOffer | None
    may_cancel: bool
    may_turn: tuple[str, ...]  # states that people may say of it
    may_contain: bool
    legs_open: bool
    events: tuple[ShipmentEvent, ...]
    form: Form
    leg_form: Form
    leg_number: int = 0
    reasons: tuple[Reason, ...] = ()
    faults: tuple["FaultLine", ...] = ()
    error: str = ""
    papers_href: str = ""


@dataclass(frozen=True, kw_only=True)
class FaultLine:
    """field: as programs name it; place: carton, pallet or part by its number; slug of packing_faults."""

    field: str
    kind: str
    number: int
    slug: str
    expected: int
    found: int


@dataclass(frozen=True, kw_only=True)
class PickLine:
    """A part to pick. code: as printed on its label, "" where it has none of its own."""

    number: int
    name: str
    identifier: str
    grade: str
    quantity: int
    picked: bool
    code: str = ""
    is_fresh: bool = False  # picked just now


@dataclass(frozen=True, kw_only=True)
class PickPlace:
    """What is picked from one lot, at one site."""

    site: str
    lot: Link
    goods: str
    lines: tuple[PickLine, ...]
    hidden: int  # more that are not shown
    left: int
    field: str


@dataclass(frozen=True, kw_only=True)
class PickView:
    """``/operator/shipments/{id}/pick``."""

    number: str
    path: str
    shipment_href: str
    picked: int
    pieces: int
    places: tuple[PickPlace, ...]
    cartons: tuple[PackageLine, ...]
    cartons_total: int
    weighed: int
    pallets: tuple[PalletLine, ...]
    faults: tuple[FaultLine, ...]
    form: Form
    weigh_form: Form
    error: str = ""
    said: str = ""  # what was picked last
    is_open: bool = True
    labels_href: str = ""


@dataclass(frozen=True, kw_only=True)
class MyShipmentView:
    """``/shipments/{id}`` of the buyer's company. checks: (name of the lot, its public page)."""

    facts: ShipmentFacts
    path: str
    proofs: tuple[Link, ...]
    zip_href: str = ""
    revoked: str = ""  # why its papers do not count at the moment


@dataclass(frozen=True, kw_only=True)
class PackageLabel:
    """number of total. side, path: the symbol's modules a side, and the path around the dark ones."""

    kind: str
    number: int
    total: int
    sscc: str
    marks: str
    destination: str
    gross: Mass
    pieces: int
    side: int
    path: str


@dataclass(frozen=True, kw_only=True)
class PackageLabelsView:
    """``/operator/shipments/{id}/labels``: one label a package, to print."""

    number: str
    shipment_href: str
    labels: tuple[PackageLabel, ...]


ShipmentPage = (
    ShipmentsView
    | MyShipmentsView
    | ShipmentView
    | PapersView
    | PickView
    | MyShipmentView
    | PackageLabelsView
)
