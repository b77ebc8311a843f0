"""What the operator's pages about readings of codes show."""

from dataclasses import dataclass
from datetime import date, datetime

from gateway.pages.views.forms import Form
from gateway.pages.views.jobs import Tone
from gateway.pages.views.values import Link


@dataclass(frozen=True, kw_only=True)
class ScanChart:
    """Readings by day. path: of bars, SVG, ours; days: those with any, newest first."""

    path: str
    width: int
    height: int
    began: date
    ended: date
    total: int
    most: int
    days: tuple[tuple[date, int], ...]


@dataclass(frozen=True, kw_only=True)
class ScanAlertLine:
    """One alert. level, notice, rule, state: slugs of CODE_LEVELS, SCAN_ALERTS, SCAN_RULES, SCAN_STATES.

    readings, places, countries: as they were when it was raised. country: that the rule is about, or "".
    """

    href: str
    code: str  # as it is printed
    code_href: str
    lot: Link
    level: str
    notice: str
    rule: str
    measured: int
    allowed: int
    country: str
    readings: int
    places: int
    countries: int
    raised_at: datetime
    state: str
    tone: Tone
    reason: str = ""
    closed_by: str = ""
    closed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ScansView:
    """``/operator/scans``. tabs: (address, slug of words.SCAN_STATES or "", is this one, how many)."""

    lines: tuple[ScanAlertLine, ...]
    tabs: tuple[tuple[str, str, bool, int], ...]
    state: str
    notice: str
    notices: tuple[str, ...]
    chart: ScanChart | None
    next_href: str = ""


@dataclass(frozen=True, kw_only=True)
class ScanAlertView:
    """``/operator/scans/{alert}``. by_country: (two letters, "" where unknown; readings).

    An empty action is one that is not possible now. policy: id and version of the rules; sha256 of their
    file.
    """

    line: ScanAlertLine
    chart: ScanChart | None
    by_country: tuple[tuple[str, int], ...]
    policy: str
    sha256: str
    states: tuple[str, ...]
    close_action: str = ""
    reopen_action: str = ""
    form: Form | None = None
