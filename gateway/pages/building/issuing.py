"""The articles of a lot, and the codes that are about to be drawn for them."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from gateway.errors import NotFound
from gateway.pages.building.console import lot_href
from gateway.pages.building.reading import short
from gateway.pages.views import Link
from gateway.pages.views.console import ArticleLine, ArticlesView, CodeLine, IssueCodesView
from gateway.pages.views.forms import Form
from gateway.store import goods
from gateway.wiring import Installation
from gateway.workflows.issue_codes import why_not
from ledger.core.subjects import is_subject_id
from ledger.lots.state import LotState
from ledger.store import log

ARTICLES_PER_PAGE: Final = 100


def articles_view(connection: Connection, lot: str, after: int) -> ArticlesView:
    """after: number of the last row on the page before, -1 at first. Raises NotFound."""
    lots_of(connection, [lot])
    found = goods.page_of_lot(connection, lot, after, ARTICLES_PER_PAGE + 1)
    shown = found[:ARTICLES_PER_PAGE]
    codes = goods.codes_by_article(connection, [item.id for item in shown])
    more = f"/console/lots/{lot.partition(':')[2]}/articles?after={shown[-1].source_n}"
    return ArticlesView(
        lot=Link(text=short(lot), href=lot_href(lot)),
        lines=tuple(
            ArticleLine(
                identifier=item.facts["identifier"],
                model=item.facts["model"] or "",
                condition=item.facts["condition"] or "",
                grade=item.grade,
                label_state=item.facts["label_state"] or "",
                quantity=item.quantity,
                code_href=f"/q/{codes[item.id]}" if item.id in codes else "",
            )
            for item in shown
        ),
        total=goods.rows_of(connection, lot),
        next_href=more if len(found) > len(shown) else "",
    )


def lots_of(connection: Connection, names: Sequence[str]) -> list[str]:
    """The lots that a form names, each once. Raises NotFound for one that is not there."""
    for name in names:
        subject = log.subject(connection, name) if is_subject_id(name) else None
        if subject is None or not isinstance(subject.state, LotState):
            raise NotFound(name)
    return list(dict.fromkeys(names))


def codes_view(
    installation: Installation, connection: Connection, lots: Sequence[str], form: Form | None = None
) -> IssueCodesView:
    return IssueCodesView(
        lines=tuple(_line(installation, connection, lot) for lot in lots),
        lots=tuple(lots),
        back_href=lot_href(lots[0]) if len(lots) == 1 else "/console/queues/label",
        form=form or Form(),
    )


def _line(installation: Installation, connection: Connection, lot: str) -> CodeLine:
    subject = log.subject(connection, lot)
    assert subject is not None  # they were looked up
    state: LotState = subject.state
    return CodeLine(
        link=Link(text=short(lot), href=lot_href(lot)),
        category=state.category,
        quantity=state.quantity,
        codes=1 + goods.rows_of(connection, lot),
        why=why_not(state, installation.config.operator),
    )
