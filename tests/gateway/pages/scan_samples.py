"""The operator's pages about readings of codes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from gateway.pages.views import Link
from gateway.pages.views.forms import form_of
from gateway.pages.views.scans import ScanAlertLine, ScanAlertView, ScanChart, ScansView

NOW = datetime(2026, 11, 22, 12, 3, tzinfo=UTC)
_LIST = "/operator/scans"
COUNTS = [3, 5, 4, 8, 2, 6, 9, 7, 12, 5, 4, 10, 14, 9, 11, 8, 6, 15, 13, 212, 47]

CHART = ScanChart(
    path="".join(f"M{695 + 10 * n} 150V{150 - max(2, 150 * count // 212)}" for n, count in enumerate(COUNTS)),
    width=900,
    height=150,
    began=date(2026, 8, 25),
    ended=date(2026, 11, 22),
    total=sum(COUNTS),
    most=212,
    days=tuple((date(2026, 11, 22) - timedelta(days=n), count) for n, count in enumerate(COUNTS[::-1])),
)
LINE = ScanAlertLine(
    href=f"{_LIST}/scn_7q4hxm29kdt0v6w58nbx",
    code="0x7v-4n2q-9ktb-6mwz-3hre-5",
    code_href="/q/0x7v4n2q9ktb6mwz3hre",
    lot=Link(text="58nbx7", href="/operator/lots/58nbx7q4hxm29kdt0v6w"),
    level="article",
    notice="many-places",
    rule="places_hour",
    measured=30,
    allowed=10,
    country="",
    readings=1_200,
    places=64,
    countries=12,
    raised_at=NOW,
    state="open",
    tone="warn",
)
LINES = (
    LINE,
    replace(LINE, notice="too-often", rule="places_week", measured=64, allowed=60, level="style"),
    replace(LINE, notice="wrong-market", rule="foreign_places", measured=5, allowed=3, country="BR"),
    replace(LINE, rule="countries_hour", measured=5, allowed=3, state="copied", tone="bad", level="lot"),
    replace(
        LINE, notice="too-often", rule="countries", measured=12, allowed=10, state="expected", tone="good"
    ),
)

SCANS = ScansView(
    lines=LINES,
    tabs=(
        (_LIST, "open", True, 3),
        (f"{_LIST}?state=expected", "expected", False, 1),
        (f"{_LIST}?state=copied", "copied", False, 1),
        (f"{_LIST}?state=all", "", False, 5),
    ),
    state="open",
    notice="",
    notices=("many-places", "too-often", "wrong-market"),
    chart=CHART,
    next_href=f"{_LIST}?after=scn_7q4hxm29kdt0v6w58nbx",
)
NO_SCANS = replace(SCANS, lines=(), chart=None, next_href="")
NO_SUCH_SCANS = replace(NO_SCANS, notice="wrong-market")

ALERT = ScanAlertView(
    line=LINE,
    chart=CHART,
    by_country=(("VN", 170), ("", 21), ("CN", 17), ("NG", 4)),
    policy="scans 1",
    sha256="9f2c" * 16,
    states=("expected", "copied"),
    close_action=f"{LINE.href}/close",
    form=form_of({}),
)
ALERT_REFUSED = replace(
    ALERT, form=form_of({"reason": ""}, {"state": "scan-state-missing", "reason": "scan-reason-missing"})
)
ALERT_CLOSED = replace(
    ALERT,
    line=replace(
        LINES[3], reason="Shown at a fair in Hà Nội, 在展会上展出", closed_by="Lan Nguyen", closed_at=NOW
    ),
    close_action="",
    reopen_action=f"{LINE.href}/reopen",
)

SCAN_PAGES = {
    "scans": SCANS,
    "scans-none": NO_SCANS,
    "scans-none-such": NO_SUCH_SCANS,
    "scan-alert": ALERT,
    "scan-alert-refused": ALERT_REFUSED,
    "scan-alert-closed": ALERT_CLOSED,
}
