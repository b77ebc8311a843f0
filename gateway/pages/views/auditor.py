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
    """``/auditor/entries``. Filters are the query parameters ``subject`` and ``type``."""

    entries: tuple[EntryLine, ...]
    total: int
    types: tuple[str, ...]
    subject: str = ""
    type: str = ""
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
