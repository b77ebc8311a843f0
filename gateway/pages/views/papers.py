"""What the pages about a shipment's papers show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.pages.views.forms import Form
from gateway.pages.views.jobs import JobLine
from gateway.pages.views.landed import CustomsPart

State = Literal["none", "draft", "issued", "changed", "revoked"]


@dataclass(frozen=True, kw_only=True)
class PaperFile:
    """One form of a paper. format: pdf, ubl, xlsx, … unchecked: validators that were not run."""

    format: str
    href: str
    size: int
    sha256: str
    passed: int
    unchecked: int


@dataclass(frozen=True, kw_only=True)
class Paper:
    """kind: slug of document_kinds. check_href: "" of drafts. lacks: facts that the finished paper needs."""

    kind: str
    is_draft: bool
    files: tuple[PaperFile, ...]
    check_href: str = ""
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NotRun:
    """A validator that did not look at some files, and why, in its own words."""

    validator: str
    reason: str
    files: int


@dataclass(frozen=True, kw_only=True)
class VersionLine:
    version: int
    state: str  # current, superseded, revoked, draft
    at: datetime
    sha256: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class FactField:
    """A fact that people state. kind: as of ``trade.papers.Statable``; asked: an open rule needs it."""

    name: str
    kind: str
    choices: tuple[str, ...]
    is_asked: bool


@dataclass(frozen=True, kw_only=True)
class PapersView:
    """``/operator/shipments/{id}/papers``. error: of form_errors. contradictions: fields of the dossier."""

    number: str
    shipment_href: str
    path: str
    state: State
    tone: str
    version: int
    customs: CustomsPart
    contradictions: tuple[tuple[str, str], ...]
    job: JobLine | None
    is_live: bool
    may_issue: bool
    papers: tuple[Paper, ...]
    drafts: tuple[Paper, ...]
    lacking: tuple[Paper, ...]
    not_run: tuple[NotRun, ...]
    versions: tuple[VersionLine, ...]
    zip_href: str
    may_revoke: bool
    facts: tuple[FactField, ...]
    form: Form
    error: str = ""
