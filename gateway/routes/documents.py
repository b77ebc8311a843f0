"""Issued documents: the file for those it belongs to, the check for whoever holds the paper."""

from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Literal
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import Response

from gateway.deps import Visit, VisitDep
from gateway.errors import NotFound
from gateway.pages.building.reading import checking, published_leaf
from gateway.pages.building.steps import People
from gateway.pages.views import DocumentCheckView
from gateway.store import dossiers, party_names, trade
from gateway.store.dossiers import Dossier
from gateway.store.trade import IssuedDocument
from gateway.workflows.shipment_papers import object_key
from ledger.core.encoding import encode_base64
from ledger.core.leaf import Leaf
from ledger.errors import ProofError
from ledger.lots import trust
from ledger.records.registry import typed
from ledger.store import log
from ledger.store.view import StoredView
from qrcodes.serial import is_code

router = APIRouter()


@router.get("/documents/{code}")
def download(code: str, visit: VisitDep) -> Response:
    """The file as it was issued; bytes that are not those of the record are not sent."""
    document = _document(visit, code)
    if not _is_party_to(visit, document):
        raise NotFound(code)
    content = visit.installation.files.get(object_key(document.sha256))
    digest = sha256(content).digest()
    if digest.hex() != document.sha256 or document.sha256 != _record(visit, document).sha256_of_file:
        raise ProofError("the file is not the one that was recorded")
    return _sent(content, document.media_type, document.filename)


@router.get("/documents/{code}/{form}")
def other_form(code: str, form: str, visit: VisitDep) -> Response:
    """The same paper in another form: ubl, xlsx, csv, json."""
    document = _document(visit, code)
    if not _is_party_to(visit, document):
        raise NotFound(code)
    found = [one for one in dossiers.files_of_code(visit.connection, code) if one.format == form]
    if not found:
        raise NotFound(form)
    content = visit.installation.files.get(object_key(found[0].sha256))
    recorded = _recorded(visit, document, found[0].event_id)
    if sha256(content).hexdigest() != found[0].sha256 or recorded.sha256_of_file != found[0].sha256:
        raise ProofError("the file is not the one that was recorded")
    return _sent(content, found[0].media_type, found[0].filename)


@router.get("/d/{code}/{page}")
def check(code: str, page: str, visit: VisitDep) -> Response:
    """Opened from the code on a printed page."""
    document = _document(visit, code)
    if not (page.isascii() and page.isdigit() and len(page) <= 4 and str(int(page)) == page):
        raise NotFound(page)
    if not 1 <= int(page) <= document.pages:
        raise NotFound(page)
    record = _record(visit, document)
    signer = People(visit.connection).signers(record.leaf)[0]
    dossier = dossiers.with_hash(visit.connection, record.dossier_sha256)
    others = sorted(
        dossiers.files_of_code(visit.connection, code), key=lambda one: one.sha256 != document.sha256
    )
    forms = tuple((one.format, one.sha256) for one in others) or (("pdf", record.sha256_of_file),)
    view = DocumentCheckView(
        kind=record.kind,
        page=int(page),
        number=document.number if _is_party_to(visit, document) else "",
        issued_on=date.fromisoformat(document.issued_on),
        sha256=record.sha256_of_file,
        dossier_sha256=record.dossier_sha256,
        entry_index=record.leaf.index,
        entry_href=f"/auditor/entries/{record.leaf.index}",
        signer_custody=signer.custody,
        signer=signer,
        issuer=party_names.name_of(visit.connection, record.leaf.record.body.signers[0].party, visit.language)
        if _is_party_to(visit, document)
        else "",
        state=_state(document, dossier),
        superseded_by_href=_newest(visit, document),
        version=dossier.version if dossier else 1,
        revoked_at=dossier.revoked_at if dossier else None,
        revoked_reason=dossier.revoked_reason if dossier else "",
        forms=forms,
        filename=document.filename if _is_party_to(visit, document) else "document.pdf",
        checked_at=datetime.now(UTC),  # wall time: when this reader looked
    )
    return visit.page(view)


def _state(document: IssuedDocument, dossier: Dossier | None) -> Literal["current", "superseded", "revoked"]:
    """A version that was replaced leads on, also where it was revoked before."""
    if document.superseded_by:
        return "superseded"
    return "revoked" if dossier is not None and dossier.revoked_at is not None else "current"


def _newest(visit: Visit, document: IssuedDocument) -> str:
    """The end of the chain: a paper may have been replaced more than once."""
    last: IssuedDocument | None = document
    while last is not None and last.superseded_by:
        last = trade.document(visit.connection, last.superseded_by)
    return "" if last is None or last.code == document.code else f"/d/{last.code}/1"


def _sent(content: bytes, media_type: str, filename: str) -> Response:
    return Response(
        content,
        media_type=media_type,
        headers={
            "content-disposition": disposition(filename),
            "repr-digest": f"sha-256=:{encode_base64(sha256(content).digest())}:",  # RFC 9530
        },
    )


def disposition(filename: str) -> str:
    """An attachment under its own name (RFC 6266): a plain ASCII form, and the exact one beside it."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


class _Record:
    """The ``document.issued`` behind a document, its signatures verified."""

    def __init__(self, leaf: Leaf, data: dict[str, str]) -> None:
        self.leaf = leaf
        self.kind = data["kind"]
        self.sha256_of_file = data["sha256"]
        self.dossier_sha256 = data["dossier_sha256"]


def _record(visit: Visit, document: IssuedDocument) -> _Record:
    """Raises ProofError when what stands beside the ledger is not what was recorded."""
    record = _recorded(visit, document, document.event_id)
    if (record.sha256_of_file, record.kind) != (document.sha256, document.kind):
        raise ProofError("the document is not the one that was recorded")
    return record


def _recorded(visit: Visit, document: IssuedDocument, event_id: str) -> _Record:
    """The record of one form of a document. Raises ProofError where it is none."""
    with checking(f"document {document.number}"):
        index = log.index_of(visit.connection, event_id)
        if index is None:
            raise ProofError("no entry records this document")
        leaf = published_leaf(visit.installation, visit.connection, index)
        typed_ = typed(leaf.record)
        view = StoredView(visit.connection, log.read_head(visit.connection))
        leaf.record.verify(lambda key: trust.public_key(typed_, view, key))
        data = leaf.record.body.data
        if leaf.record.event_id != event_id or leaf.record.body.type != "document.issued":
            raise ProofError("the entry does not record this document")
        return _Record(leaf, data)


def _document(visit: Visit, code: str) -> IssuedDocument:
    document = trade.document(visit.connection, code) if is_code(code) else None
    if document is None:
        raise NotFound(code)
    return document


def _is_party_to(visit: Visit, document: IssuedDocument) -> bool:
    """The order's company and the operator: nobody else learns the number or gets the file."""
    if visit.role == "operator":
        return True
    if visit.role != "buyer":
        return False
    return trade.order(visit.connection, document.order_id, company=visit.company) is not None
