"""Codes for a lot, drawn for a program."""

from fastapi import APIRouter, Response, status
from pydantic import Field
from starlette.responses import JSONResponse

from gateway.deps import Visit
from gateway.errors import NotFound, RequestRefused
from gateway.problems import as_json
from gateway.routes.strict import Closed, StrictRoute
from gateway.routes.trade import OnceDep
from gateway.shell import idempotency
from gateway.shell.idempotency import Once
from gateway.store import goods
from gateway.workflows.issue_codes import issue_codes, why_not
from gateway.workflows.work import Work
from ledger.core.subjects import is_subject_id
from ledger.lots.state import LotState
from ledger.record import Ledger
from ledger.store import log

router = APIRouter(prefix="/v1", tags=["statements"], route_class=StrictRoute)


class CodesOut(Closed):
    """code: of the lot itself. issued: with it, how many were drawn: one for each article or style."""

    lot: str = Field(examples=["lot:0c8tq3m7p2d5v9x1k4hr"])
    code: str
    issued: int


@router.post("/lots/{lot}/codes", status_code=status.HTTP_201_CREATED, response_model=CodesOut)
def issue(lot: str, visit: OnceDep) -> Response:
    """Draw the codes of a lot: its own, and one for each article or style.

    409 not-offered, why: codes-issued, kept-elsewhere, nothing-here (it was split, joined or is gone).
    """
    name = f"lot:{lot.removeprefix('lot:')}"
    request = visit.request
    once = Once(
        visit.installation,
        request.app.state.in_flight,
        key=idempotency.key_of(request.headers, required=True),
        where=(visit.principal, request.method, request.url.path),
        asked={},
        said=lambda problem: as_json(problem, request.state.request_id, visit.language),
    )
    return once.do(
        lambda: lambda ledger: _issued(visit, ledger, name),
        lambda made: JSONResponse(made.model_dump(), status.HTTP_201_CREATED),
    )


def _issued(visit: Visit, ledger: Ledger, lot: str) -> CodesOut:
    work = Work(visit.installation, ledger)
    subject = log.subject(work.connection, lot) if is_subject_id(lot) else None
    if subject is None or not isinstance(subject.state, LotState):
        raise NotFound(lot)
    why = why_not(subject.state, visit.installation.config.operator)
    if why:
        raise RequestRefused("not-offered", why=why)
    count = issue_codes(work, lot)
    code = next(link.code for link in goods.codes_of(work.connection, lot) if link.level == "lot")
    return CodesOut(lot=lot, code=code, issued=count)
