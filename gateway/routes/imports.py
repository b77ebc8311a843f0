"""Suppliers' files: uploaded, rehearsed, imported. Nothing of a refused one is kept."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from gateway import flash
from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import NotFound
from gateway.files.errors import FileRefused, FileTooLarge
from gateway.files.intake import Accepted, accept
from gateway.files.media import SHEETS
from gateway.files.receive import FILE_BYTES_MAX
from gateway.pages.building.imports import dry_run_view, import_view
from gateway.pages.views.forms import form_of
from gateway.routes.sent import SentDep
from gateway.store import files
from gateway.tasks import causes
from gateway.tasks.kinds import SupplierFile
from gateway.tasks.outbox import Cause
from gateway.workflows import keep_file
from gateway.workflows.read_upload import read_upload, spec_named

Spec = Annotated[str, Query(max_length=40)]

router = APIRouter(prefix="/operator/import")


@router.get("")
def form(visit: VisitDep) -> Response:
    return visit.page(import_view(visit.language, form_of({})))


@router.post("")
def upload(sent: SentDep) -> Response:
    """A sheet that can be read is kept, and shown as what an import would make of it."""
    visit, spec = sent.visit, sent.fields.get("spec", "")
    try:
        accepted = _accepted(visit, spec, sent.data)
    except FileRefused as error:
        field = "spec" if error.reason == "spec-unknown" else "file"
        reason = error.reason if sent.data or field == "spec" else "file-missing"
        return _refused(visit, spec, field, reason, str(error) if reason.startswith("sheet-") else "")
    file = keep_file.keep(visit.installation, accepted, owner=visit.party, lot="", added_by=visit.principal)
    return RedirectResponse(f"/operator/import/{file.id}?spec={spec}", 303)


@router.get("/{file}")
def rehearse(file: str, visit: VisitDep, spec: Spec) -> Response:
    chosen = spec_named(spec)
    read = read_upload(visit.installation, chosen, _content(visit, file))
    action = f"/operator/import/{file}?spec={chosen.id}"
    return visit.page(dry_run_view(visit.connection, read, action))


@router.post("/{file}")
def record(file: str, visit: FormDep, spec: Spec) -> Response:
    """A job records it, in one transaction: its lots are in the ledger whole, or not at all."""
    chosen = spec_named(spec)
    read_upload(visit.installation, chosen, _content(visit, file))
    by, now = Cause.of(visit.principal), visit.installation.clock.now()
    told = SupplierFile(file=file, spec=chosen.id)
    job = visit.installation.writer.do(lambda ledger: causes.file_brought(ledger.connection, told, now, by))
    return flash.redirect(f"/operator/jobs/{job}", "import-begun", visit.known.csrf)


def _accepted(visit: Visit, spec: str, data: bytes) -> Accepted:
    """Raises FileRefused unless the import could be rehearsed."""
    chosen = spec_named(spec)
    if len(data) > FILE_BYTES_MAX:
        raise FileTooLarge(FILE_BYTES_MAX)
    read_upload(visit.installation, chosen, data)
    return accept(data, SHEETS)


def _refused(visit: Visit, spec: str, field: str, reason: str, problem: str) -> Response:
    form = form_of({"spec": spec}, {field: reason})
    return visit.page(import_view(visit.language, form, problem), 422)


def _content(visit: Visit, file_id: str) -> bytes:
    """A sheet of the visitor's own party. Raises NotFound."""
    file = files.find(visit.connection, file_id, owner=visit.party)
    if file is None or file.erased_at is not None:
        raise NotFound(file_id)
    return keep_file.content_of(visit.installation, file.sha256)
