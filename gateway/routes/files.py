"""Files in and out: photos and papers about lots."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, status
from pydantic import BaseModel
from starlette.responses import Response

from gateway import flash
from gateway.deps import FormDep, HeaderDep, Visit, VisitDep
from gateway.errors import NotFound
from gateway.files.errors import FileRefused, FileTooLarge
from gateway.files.intake import accept
from gateway.files.media import BY_TYPE, EVIDENCE
from gateway.files.receive import FILE_BYTES_MAX, receive
from gateway.pages.building import files as pages
from gateway.pages.building import lots
from gateway.pages.building.reading import lot_id
from gateway.pages.views.forms import form_of
from gateway.routes.documents import disposition
from gateway.routes.private import REASONS
from gateway.routes.sent import SentDep
from gateway.store import files
from gateway.store.files import StoredFile
from gateway.workflows import keep_file
from ledger.store import log

# Whatever a browser makes of the bytes, it runs nothing and asks nobody (a picture is still shown).
HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, max-age=300",
}

router = APIRouter()


class FileOut(BaseModel):
    """A file that is kept. sha256: of the bytes that are served; a picture was made anew.

    commitment: salted hash of the bytes that were sent; it stays when the file is erased.
    """

    id: str
    href: str
    thumbnail_href: str | None
    media_type: str
    size: int
    width: int | None
    height: int | None
    sha256: str
    commitment: str

    @classmethod
    def of(cls, file: StoredFile) -> "FileOut":
        href = f"/files/{file.id}"
        return cls(
            id=file.id,
            href=href,
            thumbnail_href=f"{href}/thumbnail" if file.thumbnail else None,
            media_type=file.media_type,
            size=file.size,
            width=file.width or None,
            height=file.height or None,
            sha256=file.sha256,
            commitment=file.commitment,
        )


async def body(request: Request, _visit: HeaderDep) -> bytes:
    """Read for those only who may send it."""
    return await receive(request.stream())


@router.post(
    "/v1/files",
    status_code=status.HTTP_201_CREATED,
    tags=["files"],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def add(
    visit: HeaderDep,
    data: Annotated[bytes, Depends(body)],
    lot: Annotated[str, Query(pattern=r"^lot:[0-9a-z]{20}$")],
) -> FileOut:
    """Add a photo (JPEG, PNG, WebP), a PDF or a sheet (CSV, XLSX) about a lot: the body is the file.

    What it is, its bytes say; its name and Content-Type are not read. A picture is made anew from its
    pixels, so that no place and no serial number of a camera stays in it. 201: durable. The same bytes
    again are kept once more, under another id.
    """
    return FileOut.of(_keep(visit, lot, data))


@router.post("/operator/lots/{lot}/files")
def add_to_lot(lot: str, sent: SentDep) -> Response:
    """The form of a lot's page."""
    visit, name = sent.visit, lot_id(lot)
    try:
        _keep(visit, name, sent.data)
    except FileRefused as error:
        reason = error.reason if sent.data else "file-missing"
        form = form_of({}, {"file": reason})
        view = lots.lot_view(visit.installation, visit.connection, name, visit.language, form)
        return visit.page(view, 422)
    return flash.redirect(f"/operator/lots/{lot}#files", "file-added", visit.known.csrf)


@router.get("/files/{file}")
def content(file: str, visit: VisitDep) -> Response:
    """A picture is shown; anything else is for saving, under a name of ours."""
    found = _kept(visit, file)
    media = BY_TYPE[found.media_type]
    shown = "inline" if media.kind == "picture" else disposition(f"{found.id}{media.suffix}")
    return Response(
        keep_file.content_of(visit.installation, found.sha256),
        media_type=found.media_type,
        headers={**HEADERS, "content-disposition": shown},
    )


@router.get("/files/{file}/thumbnail")
def thumbnail(file: str, visit: VisitDep) -> Response:
    found = _kept(visit, file)
    if not found.thumbnail:
        raise NotFound(file)
    small = keep_file.content_of(visit.installation, found.thumbnail)
    return Response(small, media_type="image/jpeg", headers=HEADERS)


@router.get("/operator/files/{file}/erase")
def ask_to_erase(file: str, visit: VisitDep) -> Response:
    return visit.page(pages.erase_view(_kept(visit, file), form_of({})))


@router.post("/operator/files/{file}/erase")
def erase(file: str, visit: FormDep, reason: Annotated[str, Form(max_length=40)] = "") -> Response:
    found = _kept(visit, file)
    chosen = next((one for one in REASONS if one == reason), None)
    if chosen is None:
        form = form_of({}, {"reason": "erasure-reason-missing"})
        return visit.page(pages.erase_view(found, form), 422)
    keep_file.erase(visit.installation, found.id, chosen, owner=found.owner)
    return flash.redirect(pages.back_href(found), "file-erased", visit.known.csrf)


def _keep(visit: Visit, lot: str, data: bytes) -> StoredFile:
    """Raises FileRefused, NotFound. About every lot the operator's own people may add files."""
    is_staff = visit.party == visit.installation.config.operator
    if not is_staff or log.subject(visit.connection, lot) is None:
        raise NotFound(lot)
    if len(data) > FILE_BYTES_MAX:
        raise FileTooLarge(FILE_BYTES_MAX)
    accepted = accept(data, EVIDENCE)
    return keep_file.keep(visit.installation, accepted, owner=visit.party, lot=lot, added_by=visit.principal)


def _kept(visit: Visit, file_id: str) -> StoredFile:
    """A file of the visitor's own party that was not erased. Raises NotFound."""
    file = files.find(visit.connection, file_id, owner=visit.party)
    if file is None or file.erased_at is not None:
        raise NotFound(file_id)
    return file
