"""A stranger reports what is wrong with goods; the operator reads, answers and erases it."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from gateway import flash
from gateway.deps import FormDep, StrangerDep, Visit, VisitDep
from gateway.errors import NotFound, RequestRefused
from gateway.files.errors import FileRefused, FileTooLarge
from gateway.files.intake import Accepted, accept
from gateway.files.media import PICTURES
from gateway.files.receive import PHOTO_BYTES_MAX
from gateway.pages.building import reports as pages
from gateway.pages.building.article import Subject
from gateway.pages.consumer_words import REPORT_KINDS
from gateway.pages.views.forms import form_of
from gateway.problems import TooManyRequests
from gateway.routes.codes import subject_behind
from gateway.store import public_photos, reports
from gateway.store.files import find
from gateway.store.reports import STATES, Report
from gateway.workflows import keep_file
from gateway.workflows import reports as workflow
from ledger.record import Ledger

TEXT_MAX: Final = 2_000  # characters
CONTACT_MAX: Final = 200
FIELDS: Final = frozenset({"kind", "text", "contact"})
FIELD_BYTES_MAX: Final = 16_384
PHOTO_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, max-age=300",
}

PHOTO_WAIT_S: Final = 2.0
# A few bytes may unfold to 64 million pixels: strangers decode one picture at a time, staff another, and
# nobody's threads all wait for it.
_strangers_photo = threading.BoundedSemaphore(1)

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Sent:
    """fields: as typed, "" for one that is not there. photo: its bytes, empty for none."""

    fields: Mapping[str, str]
    photo: bytes


async def sent(request: Request, _visit: StrangerDep) -> Sent:
    """A form of a page of ours; no byte of it is read before that is known."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise HTTPException(415)
    try:
        limits = {"max_files": 1, "max_fields": len(FIELDS) + 1, "max_part_size": FIELD_BYTES_MAX}
        async with request.form(**limits) as form:
            typed = {name: value for name, value in form.items() if isinstance(value, str)}
            files = [value for value in form.values() if isinstance(value, UploadFile)]
            photo = await files[0].read(PHOTO_BYTES_MAX + 1) if files else b""
    except UnicodeError as error:
        raise RequestRefused("bad-encoding") from error
    return Sent({name: workflow.tidied(typed.get(name, "")) for name in FIELDS}, photo)


@router.get("/q/{code}/report")
def ask(code: str, visit: VisitDep, sent: Annotated[str, Query(max_length=40)] = "") -> Response:
    """The form, or what became of a report under the address that its sender was given."""
    subject = _subject(visit, code)
    view = pages.report_view(visit.installation, visit.connection, subject, visit.language, form_of({}), sent)
    return visit.page(view)


@router.post("/q/{code}/report")
def report(code: str, visit: StrangerDep, form: Annotated[Sent, Depends(sent)]) -> Response:
    subject = _subject(visit, code)
    wrong = _wrong(form.fields)
    photo: Accepted | None = None
    try:
        photo = _photo(form.photo)
    except FileRefused as error:
        wrong["photo"] = error.reason if error.reason != "file-kind-not-here" else "report-photo-kind"
    if not wrong:
        id_ = workflow.send(
            visit.installation, code=subject.code, lot=subject.lot, photo=photo, **form.fields
        )
        if id_ is not None:
            return RedirectResponse(f"/q/{subject.code}/report?sent={id_}", 303)
        wrong[""] = "report-too-many"
    again = form_of(form.fields, wrong)
    view = pages.report_view(visit.installation, visit.connection, subject, visit.language, again)
    return visit.page(view, 422)


@router.get("/operator/reports")
def listed(
    visit: VisitDep,
    state: Annotated[str, Query(max_length=10)] = "open",
    after: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    chosen = next((one for one in STATES if one == state), None)
    if chosen is None:
        raise NotFound(state)
    return visit.page(pages.reports_view(visit.connection, chosen, after))


@router.post("/operator/reports/{report}")
def decide(
    report: str,
    visit: FormDep,
    action: Annotated[str, Form(max_length=10)] = "",
    answer: Annotated[str, Form(max_length=4 * TEXT_MAX)] = "",
) -> Response:
    """Answer a report, or open it again."""
    found = _report(visit, report)
    if action == "reopen":
        workflow.reopen(visit.installation, found.id)
        return flash.redirect("/operator/reports", "report-opened", visit.known.csrf)
    text = workflow.tidied(answer)
    wrong = "report-answer-missing" if not text else "report-text-long" if len(text) > TEXT_MAX else ""
    if action != "answer" or wrong:
        again = form_of({"answer": text}, {"answer": wrong or "choice-unknown"})
        view = pages.reports_view(visit.connection, found.state, form=again, wrong_id=found.id)
        return visit.page(view, 422)
    workflow.answer(visit.installation, found.id, text, by=visit.principal)
    return flash.redirect("/operator/reports", "report-answered", visit.known.csrf)


@router.get("/operator/reports/{report}/erase")
def ask_to_erase(report: str, visit: VisitDep) -> Response:
    return visit.page(pages.erase_view(visit.connection, _report(visit, report)))


@router.post("/operator/reports/{report}/erase")
def erase(report: str, visit: FormDep) -> Response:
    workflow.erase(visit.installation, _report(visit, report))
    return flash.redirect("/operator/reports", "report-erased", visit.known.csrf)


@router.post("/operator/files/{file}/public")
def show_photo(file: str, visit: FormDep, shown: Annotated[str, Form(max_length=3)] = "") -> Response:
    """Show a photo of a lot on its public pages, or hide it again. Only pictures about a lot can be."""
    found = find(visit.connection, file, owner=visit.party)
    if found is None or found.erased_at is not None or not found.thumbnail or not found.lot:
        raise NotFound(file)
    now = visit.installation.wall_clock.now()

    def unit(ledger: Ledger) -> None:
        if shown == "yes":
            public_photos.show(ledger.connection, file, found.lot, by=visit.principal, at=now)
        else:
            public_photos.hide(ledger.connection, file)

    visit.installation.writer.do(unit)
    slug = "photo-shown" if shown == "yes" else "photo-hidden"
    href = f"/operator/lots/{found.lot.partition(':')[2]}#files"
    return flash.redirect(href, slug, visit.known.csrf)


@router.get("/photos/{file}")
def photo(file: str, visit: VisitDep) -> Response:
    """A photo that the operator shows to everybody, small; any other file is not there."""
    digest = public_photos.thumbnail(visit.connection, file)
    if digest is None:
        raise NotFound(file)
    content = keep_file.content_of(visit.installation, digest)
    return Response(content, media_type="image/jpeg", headers=PHOTO_HEADERS)


def _subject(visit: Visit, code: str) -> Subject:
    """Raises NotFound; whoever tries too many codes is refused."""
    subject = subject_behind(visit, code)
    if subject is None:
        raise NotFound(code)
    return subject


def _report(visit: Visit, report_id: str) -> Report:
    """One that was not erased. Raises NotFound."""
    found = reports.find(visit.connection, report_id)
    if found is None or found.state == "erased":
        raise NotFound(report_id)
    return found


def _wrong(fields: Mapping[str, str]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if fields["kind"] not in REPORT_KINDS:
        wrong["kind"] = "report-kind-missing"
    if not fields["text"]:
        wrong["text"] = "report-text-missing"
    elif len(fields["text"]) > TEXT_MAX:
        wrong["text"] = "report-text-long"
    if len(fields["contact"]) > CONTACT_MAX:
        wrong["contact"] = "report-contact-long"
    return wrong


def _photo(data: bytes) -> Accepted | None:
    """Raises FileRefused, TooManyRequests. An empty file is none: browsers send one where none was chosen."""
    if not data:
        return None
    if len(data) > PHOTO_BYTES_MAX:
        raise FileTooLarge(PHOTO_BYTES_MAX)
    if not _strangers_photo.acquire(timeout=PHOTO_WAIT_S):
        raise TooManyRequests(10 * PHOTO_WAIT_S)
    try:
        return accept(data, PICTURES)
    finally:
        _strangers_photo.release()
