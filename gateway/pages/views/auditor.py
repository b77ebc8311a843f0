"""What an auditor sees. All of it is public; the auditor trusts none of it and recomputes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.pages.views.consumer import Completeness
from gateway.pages.views.values import Fact, Signer


@dataclass(frozen=True, kw_only=True)
class Finding:
    text: str  # outside text
    entry_index: int | None = None


@dataclass(frozen=True, kw_only=True)
class AuditResult:
    verdict: Literal["verified", "failed", "could-not-verify"]
    at: datetime
    tree_size: int
    checked: tuple[str, ...]  # slugs of words.AUDIT_CHECKS
    not_checked: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TypeCount:
    type: str  # slug of words.RECORD_TYPES
    count: int


@dataclass(frozen=True, kw_only=True)
class Growth:
    """Tree size over time, as a drawing. points: of signed heads, in units of path."""

    path: str  # SVG, ours
    points: tuple[tuple[int, int], ...]
    began: datetime
    ended: datetime
    tree_size: int
    checkpoints: int


@dataclass(frozen=True, kw_only=True)
class CheckpointLine:
    size: int
    root: str  # hex
    signed_at: datetime
    published_at: datetime | None  # None: readers never saw this one
    cosigners: tuple[tuple[str, datetime], ...]  # name, time of the cosignature
    verdict: str  # slug of words.CHECKPOINT_VERDICTS


@dataclass(frozen=True, kw_only=True)
class CheckpointsView:
    """``/auditor/checkpoints``."""

    lines: tuple[CheckpointLine, ...]
    next_href: str = ""
    previous_href: str = ""


@dataclass(frozen=True, kw_only=True)
class WitnessLine:
    """lag: entries between what it saw and the visible tree; None where nothing was heard of it."""

    name: str  # outside text
    vkey: str
    size: int | None
    lag: int | None
    cosigned_at: datetime | None
    wanted: bool  # the publication policy names it


@dataclass(frozen=True, kw_only=True)
class KeyLine:
    """Indexes are of entries; ended_by: record type that ended it."""

    id: str
    party: str
    party_short: str
    party_kind: str  # slug of words.PARTY_KINDS
    custody: Literal["self", "operator"]
    scopes: tuple[str, ...]
    registered_at: int
    ended_at: int | None
    ended_by: str
    distrust_from: int | None
    entries_href: str


@dataclass(frozen=True, kw_only=True)
class KeysView:
    """``/auditor/keys``."""

    keys: tuple[KeyLine, ...]
    total: int
    next_href: str = ""
    previous_href: str = ""


@dataclass(frozen=True, kw_only=True)
class SubjectRecord:
    """One record of a chain; trouble: slug of words.PROOF_TROUBLES, empty where it was proved."""

    index: int
    seq: int
    type: str  # slug of words.RECORD_TYPES
    recorded_at: datetime | None = None
    signers: tuple[Signer, ...] = ()
    proof_href: str = ""
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """What an auditor states about a lot. verdict: slug of words.AUDIT_VERDICTS. tree_size: as audited."""

    record: SubjectRecord
    verdict: str
    tree_size: int


@dataclass(frozen=True, kw_only=True)
class SubjectView:
    """``/auditor/subjects/{id}``. through: entry up to which the chain is proved whole.

    statements: of auditors about a lot, newest first; they stand in the auditors' own chains.
    """

    id: str
    kind: str
    records: tuple[SubjectRecord, ...]
    total: int
    through: int | None
    trouble: str = ""  # slug of words.PROOF_TROUBLES
    history_href: str = ""
    pack_href: str = ""
    next_href: str = ""
    previous_href: str = ""
    statements: tuple[StatementLine, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LogView:
    """``/auditor``: the log as an auditor finds it."""

    tree_size: int
    root: str  # hex
    origin: str
    vkey: str
    signed_at: datetime
    policy: str  # tlog-policy text
    checkpoint: str  # signed note
    types: tuple[TypeCount, ...]
    completeness: Completeness | None
    witnesses: tuple[str, ...]  # every cosigner of the visible checkpoint
    last_audit: AuditResult | None
    checkpoint_href: str
    tiles_href: str
    policy_href: str
    archive_href: str = ""  # the whole log for an offline audit
    commands: tuple[str, ...] = ()
    growth: Growth | None = None
    newest: tuple[CheckpointLine, ...] = ()
    known_witnesses: tuple[WitnessLine, ...] = ()
    statements: int = 0  # of auditors, recorded in the log


@dataclass(frozen=True, kw_only=True)
class EntryLine:
    href: str
    index: int
    type: str
    recorded_at: datetime
    subjects: tuple[str, ...]  # ids, shortened
    roles: tuple[str, ...]  # slugs of words.ROLES
    distrusted: bool = False


@dataclass(frozen=True, kw_only=True)
class EntriesView:
    """``/auditor/entries``. Filters are the query parameters of their names.

    total: None where it was not counted. looked_down_to: entry where a search stopped before the first.
    """

    entries: tuple[EntryLine, ...]
    total: int | None
    types: tuple[str, ...]
    subject: str = ""
    type: str = ""
    party: str = ""
    key: str = ""
    looked_down_to: int | None = None
    pack_href: str = ""  # where the entries are a lot's
    next_href: str = ""
    previous_href: str = ""


@dataclass(frozen=True, kw_only=True)
class SubjectLine:
    id: str
    href: str
    seq: int
    prev: str  # hex


@dataclass(frozen=True, kw_only=True)
class EntryView:
    """``/auditor/entries/{index}``."""

    index: int
    type: str
    at: datetime  # author's claim
    recorded_at: datetime  # the log's own time
    event_id: str
    leaf_hash: str
    previous_leaf_hash: str
    signers: tuple[Signer, ...]
    subjects: tuple[SubjectLine, ...]
    refs: tuple[SubjectLine, ...]
    facts: tuple[Fact, ...]  # public data
    committed: tuple[str, ...]  # names of committed fields
    raw: str  # the leaf as JSON, indented for reading
    raw_href: str
    proof_href: str = ""
    distrusted: bool = False
    previous_href: str = ""
    next_href: str = ""
