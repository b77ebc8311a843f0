"""Pages that anybody may open, beside the consumer page."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from gateway.pages.views.frame import Visitor
from gateway.pages.views.values import Signer


@dataclass(frozen=True, kw_only=True)
class HomeView:
    """``/``. The search form opens ``/q/?code=…``."""

    lots: int
    offers: int
    entries: int
    example_href: str = ""  # one scanned code to look at
    typed: str = ""
    typed_wrong: bool = False


@dataclass(frozen=True, kw_only=True)
class LoginView:
    """``/login/{token}``: opening the link changes nothing, the button does."""

    state: Literal["ready", "used", "expired", "unknown"]
    visitor: Visitor | None = None  # who one becomes; set when ready
    action: str = ""  # path the button posts to
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class DocumentCheckView:
    """``/d/{code}/{page}``, opened from the code on a printed page."""

    kind: str  # slug of words.DOCUMENT_KINDS
    page: int
    number: str  # empty: committed, not shown to this visitor
    issued_on: date
    sha256: str
    dossier_sha256: str
    entry_index: int
    entry_href: str
    signer_custody: Literal["self", "operator"]
    state: Literal["current", "superseded", "revoked"]
    superseded_by_href: str = ""
    version: int = 1
    signer: Signer | None = None
    issuer: str = ""  # the signer's name; empty: committed, not shown to this visitor
    revoked_at: datetime | None = None
    revoked_reason: str = ""
    forms: tuple[tuple[str, str], ...] = ()  # (pdf, ubl, …; SHA-256) of every form of it
    filename: str = "document.pdf"
    checked_at: datetime


@dataclass(frozen=True, kw_only=True)
class ProblemView:
    """A refusal in words, those of ``gateway.problem_kinds``."""

    status: int
    slug: str = ""  # stable slug of the problem, for support
    title: str = ""  # in the reader's language, as detail; without one the slug's own words stand
    detail: str = ""  # what it means, and what to do
    details: tuple[str, ...] = ()  # outside text: what exactly was refused
    request_id: str = ""
    back_href: str = "/"
