"""The operator's pages about readings of codes: what is remarkable, by day and by country."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from gateway.errors import NotFound
from gateway.pages.building.reading import short
from gateway.pages.views.forms import Form, form_of
from gateway.pages.views.jobs import Tone
from gateway.pages.views.scans import ScanAlertLine, ScanAlertView, ScanChart, ScansView
from gateway.pages.views.values import Link
from gateway.policies import load
from gateway.store import people, scans
from gateway.store.scans import STATES, Alert, State
from qrcodes.clones import NOTICES
from qrcodes.serial import printed

LIST: Final = "/operator/scans"
PAGE: Final = 25
HEIGHT, DAY_WIDTH = 150, 10  # of the drawing's own units
CLOSED: Final[tuple[State, ...]] = ("expected", "copied")
_TONES: Final[Mapping[str, Tone]] = {"open": "warn", "expected": "good", "copied": "bad"}


def scans_view(
    connection: Connection, now: datetime, *, state: str = "open", notice: str = "", after: str = ""
) -> ScansView:
    """state: one of STATES, "" for all. after: id of the last alert of the page above. Raises NotFound."""
    last = scans.alert(connection, after) if after else None
    if (state and state not in STATES) or (notice and notice not in NOTICES) or (after and last is None):
        raise NotFound(state or notice or after)
    before = None if last is None else (last.raised_at, last.id)
    found = scans.alerts(connection, state=state, notice=notice, before=before, limit=PAGE + 1)
    counts = scans.counts(connection)
    shown = found[:PAGE]
    return ScansView(
        lines=tuple(_line(connection, alert) for alert in shown),
        tabs=(
            *((_href(one, notice), one, one == state, counts.get(one, 0)) for one in STATES),
            (_href("all", notice), "", not state, sum(counts.values())),
        ),
        state=state or "all",
        notice=notice,
        notices=NOTICES,
        chart=_chart(connection, now.date()),
        next_href=_href(state or "all", notice, shown[-1].id) if len(found) > PAGE else "",
    )


def alert_view(
    connection: Connection, alert_id: str, now: datetime, form: Form | None = None
) -> ScanAlertView:
    """Raises NotFound."""
    alert = scans.alert(connection, alert_id)
    if alert is None:
        raise NotFound(alert_id)
    line = _line(connection, alert)
    is_open = alert.state == "open"
    since = load.scans().kept_from(now.date())
    return ScanAlertView(
        line=line,
        chart=_chart(connection, now.date(), alert.code),
        by_country=tuple(scans.read_in(connection, alert.code, since).items()),
        policy=alert.policy,
        sha256=alert.policy_sha256,
        states=CLOSED,
        close_action=f"{line.href}/close" if is_open else "",
        reopen_action="" if is_open else f"{line.href}/reopen",
        form=form or form_of({}),
    )


def _line(connection: Connection, alert: Alert) -> ScanAlertLine:
    closed_by = people.user(connection, alert.closed_by.removeprefix("user:")) if alert.closed_by else None
    return ScanAlertLine(
        href=f"{LIST}/{alert.id}",
        code=printed(alert.code),
        code_href=f"/q/{alert.code}",
        lot=Link(text=short(alert.lot), href=f"/operator/lots/{alert.lot.partition(':')[2]}"),
        level=alert.level,
        notice=alert.notice,
        rule=alert.rule,
        measured=alert.measured,
        allowed=alert.allowed,
        country=alert.detail,
        readings=alert.readings,
        places=alert.places,
        countries=alert.countries,
        raised_at=alert.raised_at,
        state=alert.state,
        tone=_TONES[alert.state],
        reason=alert.reason,
        closed_by=closed_by.name if closed_by else alert.closed_by,
        closed_at=alert.closed_at,
    )


def _chart(connection: Connection, today: date, code: str = "") -> ScanChart | None:
    """A bar for each day that is kept; None where there is nothing to draw."""
    began = load.scans().kept_from(today)
    daily = scans.daily(connection, began, code)
    if not daily:
        return None
    most, width = max(daily.values()), ((today - began).days + 1) * DAY_WIDTH
    path = ""
    for n in range((today - began).days + 1):
        count = daily.get(began + timedelta(days=n), 0)
        if count:
            height = max(2, round(HEIGHT * count / most))  # one reading beside a thousand is seen, too
            path += f"M{n * DAY_WIDTH + DAY_WIDTH // 2} {HEIGHT}V{HEIGHT - height}"
    return ScanChart(
        path=path,
        width=width,
        height=HEIGHT,
        began=began,
        ended=today,
        total=sum(daily.values()),
        most=most,
        days=tuple(sorted(daily.items(), reverse=True)),
    )


def _href(state: str, notice: str = "", after: str = "") -> str:
    named = (("state", "" if state == "open" else state), ("notice", notice), ("after", after))
    query = "&".join(f"{name}={value}" for name, value in named if value)
    return f"{LIST}?{query}" if query else LIST
