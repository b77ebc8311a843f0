"""The bench: what waits, what to do next with what somebody scans, codes for several lots, figures."""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query
from starlette.responses import RedirectResponse, Response

from gateway import flash
from gateway.console.placing import QUEUES
from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import NotFound, Refused
from gateway.pages.building import console as pages
from gateway.pages.building.bench import TAKEN_BACK_BY, ask_of
from gateway.pages.building.issuing import articles_view, codes_view, lots_of
from gateway.pages.building.reading import lot_id
from gateway.pages.views.forms import form_of
from gateway.statements.catalogue import ACTIONS
from gateway.workflows.find_lot import find_lots
from gateway.workflows.issue_codes import issue_codes
from gateway.workflows.work import Work
from ledger.lots.state import LotState
from ledger.record import Ledger
from ledger.store import log

TYPED_MAX: Final = 400  # characters of a scanned link
LOTS_MAX: Final = 100
AFTER: Final = re.compile(r"([0-9]{1,18})\.([0-9a-z]{20})")

router = APIRouter(prefix="/console")
On = Annotated[list[str] | None, Query(max_length=LOTS_MAX)]


@router.get("")
def home(visit: VisitDep) -> Response:
    return visit.page(pages.console_view(visit.installation, visit.connection))


@router.post("/find")
def find(visit: FormDep, q: Annotated[str, Form(max_length=TYPED_MAX)] = "") -> Response:
    """Posted, so that serial numbers stand in no address and no list of visited pages."""
    found = find_lots(visit.installation, visit.connection, q)
    lots = {one.lot for one in found}
    if len(lots) == 1:
        return RedirectResponse(pages.lot_href(found[0].lot), 303)
    errors = {} if found else {"q": "nothing-found" if q.strip() else "text-missing"}
    view = pages.console_view(
        visit.installation, visit.connection, form=form_of({"q": q}, errors), found=found
    )
    return visit.page(view, 200 if found else 422)


@router.get("/queues/{queue}")
def queue(
    queue: str, visit: VisitDep, after: Annotated[str, Query(max_length=40, pattern=r"^[0-9a-z.]*$")] = ""
) -> Response:
    if queue not in QUEUES:
        raise NotFound(queue)
    match = AFTER.fullmatch(after)
    position = (int(match[1]), f"lot:{match[2]}") if match else (-1, "")
    return visit.page(pages.queue_view(visit.installation, visit.connection, queue, position))


@router.get("/figures")
def figures(visit: VisitDep) -> Response:
    return visit.page(pages.figures_view(visit.installation, visit.connection))


@router.get("/codes")
def codes(visit: VisitDep, on: On = None) -> Response:
    """What will be drawn, before it is."""
    return visit.page(codes_view(visit.installation, visit.connection, lots_of(visit.connection, on or [])))


@router.post("/codes")
def issue(visit: FormDep, on: Annotated[list[str] | None, Form(max_length=LOTS_MAX)] = None) -> Response:
    """Draw codes for all of the lots, or for none."""
    lots = lots_of(visit.connection, on or [])
    view = codes_view(visit.installation, visit.connection, lots)
    if not lots or any(line.why for line in view.lines):
        return visit.page(
            codes_view(visit.installation, visit.connection, lots, form_of({}, {"": "codes-not-now"})), 422
        )

    def unit(ledger: Ledger) -> None:
        work = Work(visit.installation, ledger)
        for lot in lots:
            subject = log.subject(work.connection, lot)
            if subject is None or subject.state.codes:  # somebody was quicker
                raise Refused("codes-issued", f"{lot} has its codes already", lot=lot)
            issue_codes(work, lot)

    visit.installation.writer.do(unit)
    href = pages.lot_href(lots[0]) if len(lots) == 1 else "/console/queues/label"
    return flash.redirect(href, "codes-issued", visit.known.csrf)


@router.get("/lots/{lot}/articles")
def articles(
    lot: str, visit: VisitDep, after: Annotated[str, Query(pattern=r"^[0-9]{0,9}$")] = ""
) -> Response:
    return visit.page(articles_view(visit.connection, lot_id(lot), int(after) if after else -1))


@router.get("/undo/{event_id}")
def undo(event_id: str, visit: VisitDep, on: Annotated[str, Query(max_length=20)] = "") -> Response:
    """The form of what takes a record back: its own opposite where there is one, else a correction."""
    lot = lot_id(on)
    found = log.event(visit.connection, event_id) if re.fullmatch("[0-9a-f]{64}", event_id) else None
    if found is None or lot not in found.subjects:
        raise NotFound(event_id)
    slug = TAKEN_BACK_BY.get(found.type, "")
    href = pages.action_href(slug if _is_offered(visit, slug, lot) else "correct", lot)
    return RedirectResponse(href, 303)


def _is_offered(visit: Visit, slug: str, lot: str) -> bool:
    subject, row = log.subject(visit.connection, lot), ACTIONS.get(slug)
    if row is None or subject is None or not isinstance(subject.state, LotState):
        return False
    ask = ask_of(visit.installation, visit.connection, visit.known, lot, subject.state)
    return row.offered(ask) == ""
