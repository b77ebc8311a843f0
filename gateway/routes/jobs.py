"""Jobs for whoever runs the house: what waits and why; retry, cancel, exports and their files."""

from typing import Annotated, Final, get_args

from fastapi import APIRouter, Form, Query
from pydantic import ValidationError
from starlette.responses import FileResponse, RedirectResponse, Response

from gateway import flash
from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import NotFound
from gateway.pages.building import jobs as pages
from gateway.pages.building.reading import lot_id
from gateway.pages.views.forms import Form as Filled
from gateway.pages.views.forms import form_of
from gateway.routes.documents import disposition
from gateway.store import jobs
from gateway.store.jobs import Job, State
from gateway.tasks import causes, kinds
from gateway.tasks.duties import exports
from gateway.tasks.intervene import cancel, retry
from gateway.tasks.kinds import Lot
from gateway.tasks.outbox import Cause
from ledger.errors import MissingEvidence
from ledger.store import log

STATES: Final[tuple[State, ...]] = get_args(State)
Text = Annotated[str, Form(max_length=100)]
Slug = Annotated[str, Query(max_length=40, pattern=r"^[a-z_]*$")]
router = APIRouter(prefix="/operator/jobs")


@router.get("")
def all_jobs(
    visit: VisitDep,
    state: Slug = "",
    kind: Slug = "",
    before: Annotated[str, Query(max_length=15, pattern=r"^([1-9][0-9]*)?$")] = "",
) -> Response:
    chosen = next((one for one in STATES if one == state), None)
    if (state and chosen is None) or (kind and kind not in kinds.ALL):
        raise NotFound(state or kind)
    view = pages.jobs_view(
        visit.installation,
        visit.connection,
        state=chosen,
        kind=kind,
        before=int(before) if before else None,
        export_form=_empty_form(visit),
    )
    return visit.page(view)


@router.post("/exports")
def export(
    visit: FormDep, what: Text = "", lot: Text = "", receiver: Text = "", company: Text = ""
) -> Response:
    """Have a file made; its page tells how far it is, and then hands it out."""
    by, now = Cause.of(visit.principal), visit.installation.clock.now()
    if what == "log":
        job = visit.installation.writer.do(lambda ledger: causes.log_wanted(ledger.connection, now, by))
        return RedirectResponse(f"/operator/jobs/{job}", 303)
    typed = {"lot": lot, "receiver": receiver, "company": company}
    try:
        told = Lot(lot=lot_id(lot.strip().removeprefix("lot:")), receiver=receiver, company=company)  # type: ignore[arg-type]  # what was typed is checked here
    except (ValidationError, NotFound):
        return _refused(visit, typed)
    if log.subject(visit.connection, told.lot) is None:
        return _refused(visit, typed)
    job = visit.installation.writer.do(lambda ledger: causes.lot_wanted(ledger.connection, told, now, by))
    return RedirectResponse(f"/operator/jobs/{job}", 303)


@router.get("/{job}")
def one_job(job: str, visit: VisitDep) -> Response:
    may_open_files = visit.role == "operator"
    return visit.page(
        pages.job_view(visit.installation, visit.connection, job, may_open_files=may_open_files)
    )


@router.post("/{job}/retry")
def retry_job(job: str, visit: FormDep) -> Response:
    """Now, and with all attempts before it again."""
    _job(visit, job)
    done = retry(visit.installation, job)
    return flash.redirect(_path(job), "job-again" if done else "job-not-now", visit.known.csrf)


@router.post("/{job}/cancel")
def cancel_job(job: str, visit: FormDep) -> Response:
    _job(visit, job)
    done = cancel(visit.installation, job)
    return flash.redirect(_path(job), "job-cancelled" if done else "job-not-now", visit.known.csrf)


@router.get("/{job}/file", response_class=Response)
def file_of_job(job: str, visit: VisitDep) -> Response:
    """What an export made. 404 once it is gone: then it can be made again."""
    found = _job(visit, job)
    if found.state != "done" or "filename" not in found.result:
        raise NotFound(job)
    filename = str(found.result["filename"])
    if found.kind == kinds.EXPORT_LOG.name:
        path = visit.installation.home / "auditor" / filename
        if not path.exists():
            raise NotFound(filename)
        return FileResponse(path, media_type="application/zip", filename=filename)
    try:
        content = visit.installation.files.get(exports.made(found.result))
    except MissingEvidence as error:
        raise NotFound(filename) from error
    headers = {"content-disposition": disposition(filename)}
    return Response(content, media_type=exports.media_type(filename), headers=headers)


def _job(visit: Visit, job_id: str) -> Job:
    found = jobs.get(visit.connection, job_id)
    if found is None:
        raise NotFound(job_id)
    return found


def _path(job_id: str) -> str:
    return f"/operator/jobs/{job_id}"


def _empty_form(visit: Visit) -> Filled | None:
    return form_of({}) if visit.role == "operator" else None


def _refused(visit: Visit, typed: dict[str, str]) -> Response:
    form = form_of(typed, {"lot": "lot-unknown"})
    return visit.page(pages.jobs_view(visit.installation, visit.connection, export_form=form), 422)
