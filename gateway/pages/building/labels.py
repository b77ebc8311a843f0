"""The pages about labels: what can be printed, what a form would print, and what was."""

from collections import Counter
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from sqlalchemy import Connection

from exporters.labels.stock import printing, printings
from gateway.i18n import LANGUAGES
from gateway.pages import label_words
from gateway.pages.building.reading import short
from gateway.pages.views.forms import Form
from gateway.pages.views.labels import LabelsView, Planned, RunLine
from gateway.pages.views.values import Link
from gateway.store import goods, labels
from gateway.store.labels import LabelRun, RunLabel
from gateway.workflows.print_labels import LEVELS, Wanted

PAGE: Final = 20
HREF: Final = "/operator/labels"
_TONES: Final = {"waiting": "busy", "released": "good", "refused": "bad"}


def labels_view(
    connection: Connection,
    form: Form,
    lots: Sequence[str],
    *,
    planned: Planned | None = None,
    before: LabelRun | None = None,
) -> LabelsView:
    """lots: those that the form names. before: the last run of the page before."""
    runs = labels.latest(connection, before=before, limit=PAGE + 1)
    counts = Counter(link.level for lot in lots for link in goods.codes_of(connection, lot))
    return LabelsView(
        form=form,
        formats=tuple(printings()),
        languages=tuple((one.tag, one.name) for one in LANGUAGES.values()),
        reasons=tuple(label_words.REASONS),
        levels=tuple((level, counts[level]) for level in LEVELS if counts[level] or level != "carton"),
        planned=planned,
        runs=run_lines(connection, runs[:PAGE]),
        next_href=f"{HREF}?before={_number(runs[PAGE - 1].id)}" if len(runs) > PAGE else "",
    )


def run_lines(connection: Connection, runs: Sequence[LabelRun]) -> tuple[RunLine, ...]:
    lots = labels.lots_of(connection, [run.id for run in runs])
    return tuple(_line(run, lots[run.id]) for run in runs)


def planned_of(found: Sequence[RunLabel], wanted: Wanted) -> Planned:
    count = sum(one.copies for one in found)
    stock = printing(wanted.format).stock
    asked = {
        "format": wanted.format,
        "language": wanted.language,
        "signed": "yes" if wanted.variant == "signed" else "",
        "hidden": "yes" if wanted.hidden and stock.hidden and found[0].level == "article" else "",
    }
    query = urlencode({key: value for key, value in asked.items() if value})
    return Planned(
        labels=count,
        pages=-(-count // stock.labels_a_page) if stock.kind == "sheet" else 0,
        preview_href=f"{HREF}/{found[0].code}/preview.svg?{query}",
    )


def _line(run: LabelRun, lots: Sequence[str]) -> RunLine:
    job_href = f"/operator/jobs/{run.job}"
    return RunLine(
        made_at=run.made_at,
        lots=tuple(Link(text=short(lot), href=f"/operator/lots/{_number(lot)}") for lot in lots),
        labels=run.labels,
        format=run.format,
        purpose=run.purpose,
        reason=run.reason,
        state=run.state,
        tone=_TONES[run.state],
        job_href=job_href,
        is_signed=run.variant == "signed",
        has_hidden=run.hidden,
        file_href=f"{HREF}/{_number(run.id)}/file" if run.state == "released" else "",
        trouble=run.trouble,
    )


def _number(id_: str) -> str:
    return id_.partition(":")[2]
