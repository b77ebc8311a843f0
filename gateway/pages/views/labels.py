"""What the pages about labels show: the operator's runs, and the claim of whoever holds the goods."""

from dataclasses import dataclass
from datetime import datetime

from gateway.pages.views.forms import Form
from gateway.pages.views.values import Link


@dataclass(frozen=True, kw_only=True)
class RunLine:
    """One run. Slugs of words.TABLES: run_states, label_formats, label_purposes, record_reasons."""

    made_at: datetime
    lots: tuple[Link, ...]
    labels: int
    format: str
    purpose: str
    reason: str
    state: str
    tone: str  # of ui.state
    job_href: str
    is_signed: bool
    has_hidden: bool
    file_href: str = ""  # empty: nothing was released
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What a form would print. preview_href: the first label as a picture."""

    labels: int
    pages: int  # 0: a roll
    preview_href: str


@dataclass(frozen=True, kw_only=True)
class LabelsView:
    """``/operator/labels``. options: values and words are those of words.TABLES."""

    form: Form
    formats: tuple[str, ...]
    languages: tuple[tuple[str, str], ...]  # (tag, its own name)
    reasons: tuple[str, ...]
    levels: tuple[tuple[str, int], ...]  # (slug of code_levels, codes of the lots named)
    planned: Planned | None
    runs: tuple[RunLine, ...]
    next_href: str = ""


@dataclass(frozen=True, kw_only=True)
class ClaimView:
    """``/q/{code}/claim``. claimed_at: None while nobody claimed it; is_new: it was claimed just now."""

    code: str  # as printed
    page_href: str
    action: str
    form: Form
    claimed_at: datetime | None = None
    is_new: bool = False


LabelPage = LabelsView | ClaimView
