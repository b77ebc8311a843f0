"""Reporting a problem with goods, and the operator's list of what was reported."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.pages.views.forms import Form


@dataclass(frozen=True, kw_only=True)
class SentReport:
    """What its sender may see again, under an address that only the sender knows."""

    id: str
    state: Literal["open", "answered", "erased"]
    reported_at: datetime
    answer: str  # outside text


@dataclass(frozen=True, kw_only=True)
class ReportView:
    """``/q/{code}/report``."""

    code: str
    shown_code: str
    name: str  # of the goods: outside text
    kinds: tuple[str, ...]  # slugs of words.REPORT_KINDS
    contact: str  # whom to turn to directly; empty: nobody is named
    form: Form
    sent: SentReport | None = None


@dataclass(frozen=True, kw_only=True)
class ReportLine:
    """One report as the operator sees it. text, contact and answer are outside text."""

    id: str
    code: str
    lot_short: str
    lot_href: str
    kind: str
    text: str
    contact: str
    reported_at: datetime
    state: Literal["open", "answered", "erased"]
    photo_href: str = ""
    thumbnail_href: str = ""
    answer: str = ""


@dataclass(frozen=True, kw_only=True)
class ReportsView:
    """``/operator/reports``. counts: how many there are, by state."""

    state: Literal["open", "answered", "erased"]
    counts: tuple[tuple[str, int], ...]
    lines: tuple[ReportLine, ...]
    next_href: str = ""
    form: Form
    wrong_id: str = ""  # of the report whose form came back


@dataclass(frozen=True, kw_only=True)
class EraseReportView:
    """``/operator/reports/{report}/erase``."""

    action: str
    back_href: str
    line: ReportLine
