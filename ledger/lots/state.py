"""What the records of a subject add up to. Every value is frozen; a fold returns a new one."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal, Protocol

import orjson
from pydantic import Field

from ledger.core.canonical import JsonValue
from ledger.core.envelope import Closed
from ledger.records.intake import SplitKey
from ledger.records.model import Condition, Manifest
from ledger.records.origin import LabelClause
from ledger.records.parties import Custody, PartyKind, Registrar, SupplierType
from ledger.records.safety import SafetyClass


class LogState(Closed):
    """The trust roots: entry 0 and what registrars changed since.

    root_keys: every public key that ever was a registrar's, the log's or the heads key, ascending.
    """

    origin: str
    registrars: list[Registrar]
    quorum: int
    operator: str
    log_key: str
    heads_key: str
    heads_party: str
    root_keys: list[str]


class KeyState(Closed):
    """id: key id, hex. Indexes are of the log; None where it did not happen."""

    id: str
    public_key: str
    party: str
    scopes: list[str]
    custody: Custody
    registered_at: int
    ended_at: int | None = None
    distrust_from: int | None = None


class DeviceState(Closed):
    """How a device is calibrated, by the record at ``by``; sampled and wrong: of its results since then."""

    model_version: str
    valid_from: str
    valid_until: str
    confidence_min: str
    error_max: str
    by: "Signed"
    sampled: int = 0
    wrong: int = 0

    @property
    def error_rate(self) -> str | None:
        """Wrong results among those looked at, in per cent with two decimals, rounded up; None before any."""
        if not self.sampled:
            return None
        hundredths = -(-self.wrong * 10_000 // self.sampled)
        return f"{hundredths // 100}.{hundredths % 100:02d}"

    @property
    def over_target(self) -> bool:
        """Whether more of its results were wrong than ``error_max`` allows."""
        return self.wrong > Decimal(self.error_max) * self.sampled


class PartyState(Closed):
    """registration_scheme: by which register's rules a registrar checked the party's number."""

    kind: PartyKind
    country: str
    brands: list[str]
    registration_scheme: str | None = None
    supplier_type: SupplierType | None = None
    device: DeviceState | None = None


class Signed(Closed):
    """Which keys signed a record that later ones rely on, and where it stands."""

    index: int
    keys: list[str]


class AuthorizationState(Closed):
    """granted: event id of the grant; by: its index and keys; parent: grant above, None at the brand's.

    narrowed: event ids of what narrowed it since, in their order; the other members are as it is now.
    """

    grantor: str
    granted: str
    parent: str | None
    depth: int
    brands: list[str]
    categories: list[str]
    valid_from: str
    valid_until: str
    may_delegate: bool
    label_clause: LabelClause | None
    channels_hash: str | None
    by: Signed
    revoked: bool = False
    no_co_bundling: bool = False
    narrowed: list[str] = Field(default_factory=list)


class Sample(Closed):
    """A planned sample: as ``records.inspection.InspectionPlanned``, of the record ``planned``."""

    planned: str
    index: int
    inspection_level: str
    severity: str
    aql: str
    minimum_grade: str
    lot_size: int
    sample_size: int
    accept: int
    reject: int
    seed: str


class SampleResult(Closed):
    """What a sample said. draws: plans made for the lot since it was last inspected, this one included."""

    sample: Sample
    nonconforming: int
    verdict: Literal["accepted", "accepted_tighten", "rejected"]
    draws: int


class Batch(Closed):
    """Results of a device, one row each. device: its party."""

    event_id: str
    index: int
    device: str
    key: str
    rows: int


class WorkState(Closed):
    lot: str
    kind: str
    worker_party: str
    closed: bool = False
    sample: Sample | None = None
    batches: list[Batch] = Field(default_factory=list)


class ShipmentState(Closed):
    owner: str
    lots: list[str]
    packages: int
    mass_g: int
    shipped: bool = False
    delivered: bool = False
    unpacked: bool = False


class Hand(Closed):
    """Who did a piece of work: party, key and, where given, the worker behind them."""

    party: str
    key: str
    worker: str | None = None

    def same_as(self, other: "Hand") -> bool:
        """True when any of the three is the same: none of them may certify the other's work."""
        return (
            self.party == other.party
            or self.key == other.key
            or (self.worker is not None and self.worker == other.worker)
        )


class Inspection(Closed):
    """The latest inspection of the goods. by: every hand that signed it.

    independent: a third party signed that neither owns nor holds the goods. batches: of devices whose
    results it rests on. overridden: units to which the inspector gave another grade than the scheme.
    """

    event_id: str
    index: int
    coverage: str
    scheme: str
    grades: dict[str, int]
    label_states: list[str]
    score_min: int | None
    measured_at: str
    third_party: bool
    by: list[Hand]
    independent: bool = False
    sample: SampleResult | None = None
    batches: list[Batch] = Field(default_factory=list)
    overridden: int = 0


class Insurance(Closed):
    """A policy on the lot as the record ``inspection`` found it; days include both ends."""

    event_id: str
    index: int
    inspection: str
    by: Hand
    valid_from: str
    valid_until: str


class BeforeRepair(Closed):
    """What the last inspection before the first repair had found; inspection: its event id."""

    inspection: str
    grades: dict[str, int]
    grade: str | None
    score_min: int | None
    label_states: list[str]


class Intake(Closed):
    """How a declared lot came in. day: the log's own; counted: units found."""

    day: str
    counted: int
    site: str


class Part(Closed):
    """One brand's share of a bundle, and the permission that it stands under."""

    brand: str | None
    authorizations: list[str]


class Recall(Closed):
    """A recall that stands. event_id, index: of its record. by: the party that may end it; key: its key."""

    event_id: str
    index: int
    by: str
    key: str
    reason: str


Exit = Literal[
    "destroyed", "donation", "lost", "merged", "public_discount", "returned_to_owner", "staff_sale",
    "third_party_clearance",
]  # fmt: skip


class LotState(Closed):
    """A lot now. quantity: units here and not split off (sold ones included); sold: None when unknown.

    manifest: of the rows that stand for these units, recorded by manifest_event. unclaimed: units by
    grade that the inspection found and no split has given to a child yet. supplier: who declared the
    goods. titles_passed: sales whose title went to the buyer.

    site: where it was moved to since it was received. bundle: one part a brand, where several were put
    together. inspections: those of the lots that it was merged from, as long as they stand. exit: how
    the last ``exited`` units left. came_back: sold units that became lots of their own again. recalls:
    of this very lot; those of its ancestors hold too (``ledger.lots.lineage.recalls``).

    mixed: ``grade`` is the lowest among unsorted goods. draws: samples planned since the last inspection.
    repairs_name_worker: a repair said who did it, so an inspection has to as well. labels: how many of
    its codes were labelled, by purpose (first, reprint).
    """

    title: str
    custody: str
    category: str
    goods: str
    brand: str | None
    model: str | None
    condition: Condition | None
    unit: str
    produced_from: str
    produced_until: str
    origin_channel: str | None
    origin_country: str
    surplus_cause: str
    supply_mode: str
    quantity: int
    declared: int
    unidentified: int = 0
    damaged: int = 0
    received: bool = False
    authorizations: list[str] = Field(default_factory=list)
    manifest: Manifest | None = None
    manifest_event: str | None = None
    inspection: Inspection | None = None
    unclaimed: dict[str, int] = Field(default_factory=dict)
    changed_since_inspection: bool = False
    refurbishers: list[Hand] = Field(default_factory=list)
    repairs: dict[str, int] = Field(default_factory=dict)
    key: SplitKey | None = None
    grade: str | None = None
    overage: bool = False
    parent: str | None = None
    children: list[str] = Field(default_factory=list)
    codes: dict[str, int] = Field(default_factory=dict)
    supplier: str | None = None
    agent: str | None = None
    consigned_until: str | None = None
    brand_consent: Signed | None = None
    intake: Intake | None = None
    titles_passed: int = 0
    origin: Signed | None = None
    listings: int = 0
    sold: int | None = 0
    packed: bool = False
    shipped: bool = False
    delivered: bool = False
    site: str | None = None
    merged_from: list[str] = Field(default_factory=list)
    bundle: list[Part] = Field(default_factory=list)
    inspections: list[Inspection] = Field(default_factory=list)
    exit: Exit | None = None
    exited: int = 0
    came_back: int = 0
    mixed: bool = False
    draws: int = 0
    insurance: Insurance | None = None
    before_repair: BeforeRepair | None = None
    repairs_name_worker: bool = False
    safety: SafetyClass | None = None
    recalls: list[Recall] = Field(default_factory=list)
    labels: dict[str, int] = Field(default_factory=dict)

    @property
    def sources(self) -> list[str]:
        """The lots that this one was made of: one of a split or return, several of a merge."""
        return self.merged_from if self.parent is None else [self.parent]

    @property
    def is_leaf(self) -> bool:
        """True while units are here: a lot wholly split into children is history only."""
        return self.quantity > 0

    @property
    def at_hand(self) -> bool:
        """True where the goods can be worked on: received, or with a supplier who sends them itself."""
        return self.received or self.supply_mode == "direct"

    @property
    def label_state(self) -> str | None:
        return self.key.label_state if self.key else None

    @property
    def may_be_cut(self) -> bool:
        """Whether labels of the lot are cut, all or some: what the permission has to allow."""
        if self.label_state is not None or self.inspection is None:
            return self.label_state == "cut"
        return "cut" in self.inspection.label_states

    @property
    def gtin(self) -> str | None:
        return self.key.gtin if self.key else None


# A lot of which nothing is told. A declaration is checked already: filling this in, as every later
# record does with the state so far, spares a second check of the same values.
UNTOLD: Final = LotState(
    title="", custody="", category="", goods="", brand=None, model=None, condition=None, unit="",
    produced_from="", produced_until="", origin_channel=None, origin_country="", surplus_cause="",
    supply_mode="", quantity=0, declared=0,
)  # fmt: skip


State = LotState | PartyState | AuthorizationState | WorkState | ShipmentState
MODELS: dict[str, type[Closed]] = {
    "lot": LotState,
    "party": PartyState,
    "authorization": AuthorizationState,
    "work": WorkState,
    "shipment": ShipmentState,
}


def printed(state: Closed) -> str:
    """A state as the text that is stored: what ``model_dump_json(by_alias=True)`` gives, in less time."""
    return orjson.dumps(state.__dict__, default=_dumped).decode()


def _dumped(value: Any) -> Any:
    """Orjson asks about members that it does not know: a model inside a model."""
    assert isinstance(value, Closed), type(value)
    return value.model_dump(by_alias=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A subject's last record. index: where it stands in the log."""

    seq: int
    event_id: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    head: Head
    state: Any  # one of MODELS, by the subject's kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What later records may ask about an earlier one."""

    index: int
    type: str
    author: str
    subjects: list[str]


class View(Protocol):
    """Everything a rule may know: the log up to the record it judges."""

    def log(self) -> LogState | None: ...
    def subject(self, subject: str) -> Subject | None: ...
    def key(self, key_id: str) -> KeyState | None: ...
    def event(self, event_id: str) -> Event | None: ...
    def first_issued(self, codes: Sequence[str]) -> str | None:
        """The first of ``codes`` that was issued before, or None."""

    def opening(self, event_id: str, field: str) -> JsonValue | None:
        """The opened value of an earlier record's committed field; None where it is not to be had."""
