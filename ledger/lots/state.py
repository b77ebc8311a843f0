"""What the records of a subject add up to. Every value is frozen; a fold returns a new one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from pydantic import Field

from ledger.core.canonical import JsonValue
from ledger.core.envelope import Closed
from ledger.records.intake import SplitKey
from ledger.records.model import Condition, Manifest
from ledger.records.origin import LabelClause
from ledger.records.parties import Custody, PartyKind, Registrar


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


class PartyState(Closed):
    kind: PartyKind
    country: str
    brands: list[str]


class Signed(Closed):
    """Which keys signed a record that later ones rely on, and where it stands."""

    index: int
    keys: list[str]


class AuthorizationState(Closed):
    """granted: event id of the grant; by: its index and keys; parent: grant above, None at the brand's."""

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


class WorkState(Closed):
    lot: str
    kind: str
    worker_party: str
    closed: bool = False


class ShipmentState(Closed):
    owner: str
    lots: list[str]
    packages: int
    mass_g: int
    shipped: bool = False
    delivered: bool = False


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
    """The latest inspection of the goods. by: every hand that signed it."""

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


class LotState(Closed):
    """A lot now. quantity: units here and not split off (sold ones included); sold: None when unknown.

    manifest: of the rows that stand for these units, recorded by manifest_event. unclaimed: units by
    grade that the inspection found and no split has given to a child yet.
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
    origin: Signed | None = None
    listings: int = 0
    sold: int | None = 0
    packed: bool = False
    shipped: bool = False
    delivered: bool = False

    @property
    def is_leaf(self) -> bool:
        """True while units are here: a lot wholly split into children is history only."""
        return self.quantity > 0

    @property
    def label_state(self) -> str | None:
        return self.key.label_state if self.key else None

    @property
    def gtin(self) -> str | None:
        return self.key.gtin if self.key else None


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
