"""Suppliers' files: uploaded, described, rehearsed, imported. Nothing of a refused one is kept."""

from dataclasses import replace
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from gateway import flash
from gateway.consignments import SAMPLES
from gateway.consignments.spec import InvalidSpec
from gateway.consignments.written import MEDIA
from gateway.deps import FormDep, Visit, VisitDep, check_token
from gateway.errors import NotFound, RequestRefused
from gateway.files.errors import FileRefused, FileTooLarge
from gateway.files.intake import Accepted, accept
from gateway.files.media import SHEETS
from gateway.files.receive import FILE_BYTES_MAX
from gateway.pages.building import imports as pages
from gateway.pages.building import rejected_sheets
from gateway.pages.views.forms import form_of
from gateway.routes.documents import disposition
from gateway.routes.import_forms import FormErrors, facts_of, keep_columns
from gateway.routes.sent import SentDep
from gateway.sheets import SheetError
from gateway.shell.queries import check_typed
from gateway.store import files, profiles, waiting
from gateway.store.files import StoredFile
from gateway.store.profiles import Draft
from gateway.tasks import causes
from gateway.tasks.kinds import SupplierFile
from gateway.tasks.outbox import Cause
from gateway.workflows import describe_file, keep_file
from gateway.workflows.describe_file import BY_PROFILE, Looked
from gateway.workflows.read_upload import Rehearsed, read_upload, rehearse, spec_behind, spec_named
from ledger.record import Ledger

Spec = Annotated[str, Query(max_length=40)]
SheetForm = Annotated[Literal["csv", "xlsx"], Path()]
FIELDS_MAX: Final = 4_000  # columns and words of one sheet

router = APIRouter(prefix="/operator/import")


async def typed_form(request: Request, visit: VisitDep) -> tuple[Visit, dict[str, str]]:
    """A form whose fields depend on the sheet; each stands once. Raises RequestRefused, Forbidden."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise HTTPException(415)
    try:
        async with request.form(max_files=0, max_fields=FIELDS_MAX) as form:
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
    except UnicodeError as error:
        raise RequestRefused("bad-encoding") from error
    check_token(visit, fields.pop("csrf_token", ""))
    check_typed(fields.items())
    return visit, fields


TypedDep = Annotated[tuple[Visit, dict[str, str]], Depends(typed_form)]


@router.get("")
def form(visit: VisitDep) -> Response:
    return visit.page(pages.import_view(visit.connection, visit.party, visit.language, form_of({})))


@router.post("")
def upload(sent: SentDep) -> Response:
    """A sheet that can be read is kept, and shown as what an import would make of it."""
    visit, spec = sent.visit, sent.fields.get("spec", "")
    try:
        accepted, looked = _accepted(visit, spec, sent.data)
    except FileRefused as error:
        field = "spec" if error.reason == "spec-unknown" else "file"
        reason = error.reason if sent.data or field == "spec" else "file-missing"
        return _refused(visit, spec, field, reason, str(error) if reason.startswith("sheet-") else "")
    if looked is not None:  # mended rows are read as the file was that they come from
        spec = spec_behind(visit.connection, looked) or spec
    file = keep_file.keep(visit.installation, accepted, owner=visit.party, lot="", added_by=visit.principal)
    if looked is None or spec in SAMPLES:
        return RedirectResponse(f"/operator/import/{file.id}?spec={spec}", 303)
    draft = describe_file.begin(visit.installation, visit.connection, file.id, visit.party, looked)
    describe_file.keep(visit.installation, draft, by=visit.principal)
    step = "facts" if draft.saved_as else "columns"
    return RedirectResponse(f"/operator/import/{file.id}/{step}", 303)


@router.get("/{file}/columns")
def columns(file: str, visit: VisitDep) -> Response:
    draft, looked = _described(visit, file)
    return visit.page(pages.columns_view(draft, looked, visit.language))


@router.post("/{file}/columns")
def say_columns(file: str, typed: TypedDep) -> Response:
    visit, fields = typed
    draft, looked = _described(visit, file)
    wanted = fields.get("sheet", "")
    if wanted and wanted != looked.sheet.name:
        return _other_sheet(visit, draft, wanted)
    made = keep_columns(draft, looked, fields)
    if made.errors:
        form = form_of(fields, made.errors)
        return visit.page(pages.columns_view(draft, looked, visit.language, form), 422)
    describe_file.keep(visit.installation, made.draft, by=visit.principal)
    if made.look_again:
        return flash.redirect(f"/operator/import/{file}/columns", "columns-again", visit.known.csrf)
    return RedirectResponse(f"/operator/import/{file}/facts", 303)


@router.get("/{file}/facts")
def facts(file: str, visit: VisitDep) -> Response:
    draft, looked = _described(visit, file)
    words = describe_file.vocabulary(visit.connection, draft.profile, looked.sheet)
    return visit.page(pages.facts_view(visit.connection, draft, words, visit.language))


@router.post("/{file}/facts")
def say_facts(file: str, typed: TypedDep) -> Response:
    visit, fields = typed
    draft, looked = _described(visit, file)
    words = describe_file.vocabulary(visit.connection, draft.profile, looked.sheet)
    known = {party for party, _, _ in describe_file.suppliers(visit.connection)}
    try:
        said = facts_of(draft, words, fields, known)
    except FormErrors as error:
        form = form_of(fields, error.errors)
        return visit.page(pages.facts_view(visit.connection, draft, words, visit.language, form), 422)
    describe_file.keep(visit.installation, said, by=visit.principal)
    return flash.redirect(f"/operator/import/{file}?spec={BY_PROFILE}", "layout-saved", visit.known.csrf)


@router.get("/{file}")
def show(file: str, visit: VisitDep, spec: Spec = BY_PROFILE) -> Response:
    try:
        read = _rehearsed(visit, file, spec)
    except InvalidSpec:
        return RedirectResponse(f"/operator/import/{file}/columns", 303)
    day = visit.installation.clock.now().date().isoformat()
    return visit.page(pages.dry_run_view(visit.connection, read, file, day))


@router.get("/{file}/rejected.{form}")
def rejected(file: str, form: SheetForm, visit: VisitDep, spec: Spec = BY_PROFILE) -> Response:
    """The rows that would be refused, as the supplier's own sheet."""
    try:
        read = _rehearsed(visit, file, spec)
    except InvalidSpec as error:
        raise NotFound(file) from error
    sha256 = read.mends or read.consignment.sha256
    content = rejected_sheets.of_rehearsal(read.consignment, sha256, form, visit.language)
    return sheet_answer(content, form)


@router.post("/{file}")
def record(file: str, visit: FormDep, spec: Spec = BY_PROFILE) -> Response:
    """A job records it, in one transaction: its lots are in the ledger whole, or not at all."""
    try:
        read = _rehearsed(visit, file, spec)
    except InvalidSpec:
        return RedirectResponse(f"/operator/import/{file}/columns", 303)
    by, sha256 = Cause.of(visit.principal), read.consignment.sha256
    job = visit.installation.writer.do(lambda ledger: begun(visit, ledger, file, spec, sha256, by))
    return flash.redirect(f"/operator/jobs/{job}", "import-begun", visit.known.csrf)


def begun(visit: Visit, ledger: Ledger, file: str, spec: str, sha256: str, by: Cause) -> str:
    """The job that imports a file, caused in this transaction. sha256: of its consignment."""
    told, now = SupplierFile(file=file, spec=spec), visit.installation.clock.now()
    job = causes.file_brought(ledger.connection, told, now, by, waiting.ended(ledger.connection, sha256))
    draft = profiles.draft(ledger.connection, file, owner=None)
    if draft is not None:
        profiles.put_draft(ledger.connection, replace(draft, job=job))
    return job


def sheet_answer(content: bytes, form: str) -> Response:
    headers = {"content-disposition": disposition(f"rejected-rows.{form}"), "cache-control": "private"}
    return Response(content, media_type=MEDIA[form], headers=headers)


def stored(visit: Visit, file_id: str) -> StoredFile:
    """A sheet of the visitor's own party. Raises NotFound."""
    file = files.find(visit.connection, file_id, owner=visit.party)
    if file is None or file.erased_at is not None:
        raise NotFound(file_id)
    return file


def drafted(visit: Visit, file_id: str) -> tuple[Draft, bytes]:
    """What was said of a sheet of the visitor's own party, and the sheet. Raises NotFound."""
    file = stored(visit, file_id)
    draft = profiles.draft(visit.connection, file_id, owner=visit.party)
    if draft is None:
        raise NotFound(file_id)
    return draft, keep_file.content_of(visit.installation, file.sha256)


def _described(visit: Visit, file_id: str) -> tuple[Draft, Looked]:
    draft, data = drafted(visit, file_id)
    return draft, looked_at(data, draft.profile.sheet)


def _other_sheet(visit: Visit, draft: Draft, wanted: str) -> Response:
    """Another worksheet was chosen: its columns are proposed anew."""
    _, data = drafted(visit, draft.file)
    try:
        looked = describe_file.look(data, wanted)
    except SheetError as error:
        draft, looked = _described(visit, draft.file)
        form = form_of({"sheet": wanted}, {"sheet": error.code})
        return visit.page(pages.columns_view(draft, looked, visit.language, form), 422)
    new = describe_file.begin(visit.installation, visit.connection, draft.file, draft.owner, looked)
    describe_file.keep(visit.installation, new, by=visit.principal)
    return RedirectResponse(f"/operator/import/{draft.file}/columns", 303)


def _rehearsed(visit: Visit, file_id: str, spec: str) -> Rehearsed:
    file = stored(visit, file_id)
    content = keep_file.content_of(visit.installation, file.sha256)
    return rehearse(visit.installation, visit.connection, file_id, spec, content)


def _accepted(visit: Visit, spec: str, data: bytes) -> tuple[Accepted, Looked | None]:
    """Raises FileRefused unless the import could be rehearsed, or described where no description is named."""
    chosen = spec_named(spec) if spec else None
    if len(data) > FILE_BYTES_MAX:
        raise FileTooLarge(FILE_BYTES_MAX)
    if chosen is not None:
        read_upload(visit.installation, chosen, data)
        return accept(data, SHEETS), None
    return accept(data, SHEETS), looked_at(data)


def looked_at(data: bytes, sheet: str = "") -> Looked:
    """Raises FileRefused, in a form's own words."""
    try:
        return describe_file.look(data, sheet)
    except SheetError as error:
        raise FileRefused(error.code, str(error)) from error


def _refused(visit: Visit, spec: str, field: str, reason: str, problem: str) -> Response:
    form = form_of({"spec": spec}, {field: reason})
    view = pages.import_view(visit.connection, visit.party, visit.language, form, problem)
    return visit.page(view, 422)
