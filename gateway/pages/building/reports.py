"""Reported problems: the form that strangers fill in, and the operator's list."""

from typing import Final

from sqlalchemy import Connection

from gateway.pages.building.article import Subject, name_of
from gateway.pages.building.reading import short
from gateway.pages.consumer_words import REPORT_KINDS
from gateway.pages.views.forms import Form, form_of
from gateway.pages.views.reports import EraseReportView, ReportLine, ReportsView, ReportView, SentReport
from gateway.store import files, reports
from gateway.store.reports import STATES, Report, State
from gateway.wiring import Installation
from qrcodes.serial import printed

REPORTS_PER_PAGE: Final = 25


def report_view(
    installation: Installation,
    connection: Connection,
    subject: Subject,
    language: str,
    form: Form,
    sent: str = "",
) -> ReportView:
    """sent: id of a report of this very code; another one is none."""
    found = reports.find(connection, sent) if sent else None
    known = found if found is not None and found.code == subject.code else None
    return ReportView(
        code=subject.code,
        shown_code=printed(subject.code),
        name=name_of(subject.items, language, single=subject.level != "lot"),
        kinds=tuple(REPORT_KINDS),
        contact=installation.settings.contact,
        form=form,
        sent=_sent(known) if known else None,
    )


def reports_view(
    connection: Connection, state: State, after: str = "", form: Form | None = None, wrong_id: str = ""
) -> ReportsView:
    found = reports.of_state(connection, state, after=after, limit=REPORTS_PER_PAGE + 1)
    counts = reports.counts(connection)
    shown = found[:REPORTS_PER_PAGE]
    more = len(found) > REPORTS_PER_PAGE
    return ReportsView(
        state=state,
        counts=tuple((one, counts.get(one, 0)) for one in STATES),
        lines=tuple(_line(connection, report) for report in shown),
        next_href=f"/operator/reports?state={state}&after={shown[-1].id}" if more else "",
        form=form or form_of({}),
        wrong_id=wrong_id,
    )


def erase_view(connection: Connection, report: Report) -> EraseReportView:
    return EraseReportView(
        action=f"/operator/reports/{report.id}/erase",
        back_href=f"/operator/reports?state={report.state}",
        line=_line(connection, report),
    )


def _sent(report: Report) -> SentReport:
    return SentReport(
        id=report.id,
        state=report.state,
        reported_at=report.reported_at,
        answer=report.answer if report.state == "answered" else "",
    )


def _line(connection: Connection, report: Report) -> ReportLine:
    photo = files.find(connection, report.photo, owner=None) if report.photo else None
    is_kept = photo is not None and photo.erased_at is None
    return ReportLine(
        id=report.id,
        code=report.code,
        lot_short=short(report.lot),
        lot_href=f"/operator/lots/{report.lot.partition(':')[2]}",
        kind=report.kind,
        text=report.text,
        contact=report.contact,
        reported_at=report.reported_at,
        state=report.state,
        photo_href=f"/files/{report.photo}" if is_kept else "",
        thumbnail_href=f"/files/{report.photo}/thumbnail" if is_kept else "",
        answer=report.answer,
    )
