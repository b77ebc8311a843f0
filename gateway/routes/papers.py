"""A shipment's papers: the operator states facts, issues and revokes; the buyer gets them in one file."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, status
from pydantic import Field
from starlette.responses import Response

from gateway import flash
from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import NotFound, Refused, RequestRefused
from gateway.pages.building import papers as pages
from gateway.pages.views.forms import form_of
from gateway.routes.documents import disposition
from gateway.routes.strict import Closed, StrictRoute
from gateway.routes.trade import OnceDep, done_once
from gateway.shell import etags
from gateway.store import dossiers, jobs, shipments
from gateway.store.dossiers import Dossier
from gateway.store.jobs import OPEN
from gateway.store.shipments import Shipment
from gateway.tasks import causes
from gateway.tasks.outbox import Cause
from gateway.trade.papers import STATABLE, TEXT_MAX, read_fact
from gateway.workflows import dossier_zip, issue_papers
from gateway.workflows.shipment_moves import not_now
from gateway.workflows.shipment_papers import object_key
from gateway.workflows.shipments import REASON_MAX
from ledger.core.encoding import encode_base64
from ledger.errors import MissingEvidence
from ledger.record import Ledger

SHIPMENT: Final = "shipment:0c8tq3m7p2d5v9x1k4hr"
Long = Annotated[str, Form(max_length=2_000)]
router = APIRouter()
api = APIRouter(prefix="/v1", tags=["shipments"], route_class=StrictRoute)


class ShipmentFactsIn(Closed):
    """name -> what is stated; "" takes it back. The names are in docs/documents.md."""

    facts: dict[str, str] = Field(max_length=40, examples=[{"soncap_certificate": "SC-2026-004417"}])


class RevocationIn(Closed):
    reason: str = Field(min_length=1, max_length=REASON_MAX, examples=["the container was changed"])


class IssueIn(Closed):
    """Nothing has to be said: what is issued follows from the shipment."""


class DossierFileOut(Closed):
    """kind, format: as docs/documents.md names them. recorded: whether the ledger has its hash."""

    kind: str = Field(examples=["commercial_invoice"])
    format: str = Field(examples=["pdf"])
    filename: str
    media_type: str
    size: int
    sha256: str
    recorded: bool


class DossierOut(Closed):
    """state: none, draft, issued or revoked. job: what is making papers at this moment, "" for nothing.

    done, total: its files. level: draft, complete or customs-ready. sha256: of the dossier.
    """

    shipment: str = Field(examples=[SHIPMENT])
    state: str = Field(examples=["issued"])
    version: int
    level: str
    sha256: str
    revoked_reason: str
    job: str
    job_state: str
    done: int
    total: int
    files: list[DossierFileOut]


class BegunOut(Closed):
    """job: follow it at ``href``, which tells how far it is and then what was issued."""

    job: str
    href: str = Field(examples=["/v1/shipments/0c8tq3m7p2d5v9x1k4hr/papers"])


@router.get("/operator/shipments/{shipment}/papers")
def page(shipment: str, visit: VisitDep) -> Response:
    found = _found(visit, shipment)
    return visit.page(pages.papers_view(visit.installation, visit.connection, found))


@router.post("/operator/shipments/{shipment}/papers")
def issue(shipment: str, visit: FormDep) -> Response:
    """Have the papers issued; the page tells how far that is."""
    found = _found(visit, shipment)
    try:
        _begin(visit, found)
    except Refused as error:
        return _again(visit, found, error=error.code)
    return flash.redirect(_path(found), "papers-begun", visit.known.csrf)


@router.post("/operator/shipments/{shipment}/papers/facts")
async def state(shipment: str, visit: FormDep, request: Request) -> Response:
    """Every fact stands on the form: what is empty is taken back."""
    found = _found(visit, shipment)
    sent = await request.form()
    typed = {name: str(sent.get(name, ""))[: TEXT_MAX * 10] for name in STATABLE}
    read = {name: read_fact(name, text) for name, text in typed.items()}
    wrong = {name: "fact-unreadable" for name, value in read.items() if value is None}
    if wrong:
        view = pages.papers_view(visit.installation, visit.connection, found, form=form_of(typed, wrong))
        return visit.page(view, 422)
    stated = {name: value for name, value in read.items() if value is not None}
    try:
        issue_papers.state_facts(visit.installation, found.id, stated, by=visit.known)
    except Refused as error:
        return _again(visit, found, error=error.code)
    return flash.redirect(_path(found), "papers-stated", visit.known.csrf)


@router.post("/operator/shipments/{shipment}/papers/revoke")
def revoke(shipment: str, visit: FormDep, reason: Long = "") -> Response:
    found, why = _found(visit, shipment), " ".join(reason.split())
    if not 1 <= len(why) <= REASON_MAX:
        return _again(visit, found, error="shipment-reason-missing")
    try:
        issue_papers.revoke(visit.installation, found.id, by=visit.known, reason=why)
    except Refused as error:
        return _again(visit, found, error=error.code)
    return flash.redirect(_path(found), "papers-revoked", visit.known.csrf)


@router.get("/operator/shipments/{shipment}/papers/{version}/{name}", response_class=Response)
def file(shipment: str, version: int, name: str, visit: VisitDep) -> Response:
    """A file of one version, drafts too."""
    found = _found(visit, shipment)
    files = dossiers.files(visit.connection, found.id, version)
    chosen = next((one for one in files if one.name == name), None)
    if chosen is None:
        raise NotFound(name)
    return _sent(visit, chosen.sha256, chosen.media_type, chosen.filename)


@router.get("/shipments/{shipment}/dossier.zip", response_class=Response)
def as_zip(shipment: str, visit: VisitDep) -> Response:
    """Every issued paper with its record and proof, to be checked offline; always the same bytes."""
    found, company = f"shipment:{shipment}", None if visit.role == "operator" else visit.company
    standing = shipments.get(visit.connection, found, company=company)
    current = dossiers.issued(visit.connection, found) if standing else None
    if standing is None or current is None:
        raise NotFound(shipment)
    kept = dossier_zip.kept(visit.connection, current)
    if kept is None:
        raise NotFound(shipment)
    return _sent(visit, kept.sha256, kept.media_type, kept.filename)


@api.get("/shipments/{shipment}/papers", response_model=DossierOut)
def read(shipment: str, visit: VisitDep) -> Response:
    """How the papers stand, with every file. A buyer sees what was issued, the operator drafts as well."""
    found = _known(visit, shipment)
    return etags.answer(visit.request, _out(visit, found))


@api.post("/shipments/{shipment}/dossier", status_code=status.HTTP_202_ACCEPTED, response_model=BegunOut)
def begin(shipment: str, wanted: IssueIn, visit: OnceDep) -> Response:
    """Have the papers issued: assembled, checked, made, kept and recorded, as a job.

    409 shipment-not-now. What the rules forbid, and what is missing, the job says.
    """
    found = _known(visit, shipment)
    by, now = Cause.of(visit.principal), visit.installation.clock.now()
    _refuse_early(found)

    def unit(ledger: Ledger) -> BegunOut:
        job = causes.papers_wanted(ledger.connection, found.id, now, by)
        return BegunOut(job=job, href=f"/v1/shipments/{found.id.partition(':')[2]}/papers")

    return done_once(
        visit,
        wanted,
        lambda: unit,
        lambda made: etags.answer(visit.request, made, status.HTTP_202_ACCEPTED, {"location": made.href}),
    )


@api.post("/shipments/{shipment}/facts", response_model=DossierOut)
def state_facts(shipment: str, wanted: ShipmentFactsIn, visit: OnceDep) -> Response:
    """State facts for the papers. 422 invalid-request naming each that is unknown or cannot be read."""
    found = _known(visit, shipment)
    read_ = {name: read_fact(name, text) if name in STATABLE else None for name, text in wanted.facts.items()}
    errors: list[dict[str, Any]] = [
        {"pointer": f"/facts/{name}", "code": "fact-unreadable", "facts": {}}
        for name, value in read_.items()
        if value is None
    ]
    if errors:
        raise RequestRefused("invalid-request", errors=errors)
    stated = {name: value for name, value in read_.items() if value is not None}
    unit = issue_papers.stating(visit.installation, found.id, stated, by=visit.known)
    return _changed(visit, found, wanted, unit)


@api.post("/shipments/{shipment}/dossier/revocation", response_model=DossierOut)
def take_back(shipment: str, wanted: RevocationIn, visit: OnceDep) -> Response:
    """Revoke the papers that were issued last; whoever checks one is told why. 409 papers-not-issued."""
    found = _known(visit, shipment)
    reason = " ".join(wanted.reason.split())
    if not reason:
        error = {"pointer": "/reason", "code": "shipment-reason-missing", "facts": {}}
        raise RequestRefused("invalid-request", errors=[error])
    unit = issue_papers.revoking(visit.installation, found.id, by=visit.known, reason=reason)
    return _changed(visit, found, wanted, unit)


def _begin(visit: Visit, found: Shipment) -> None:
    """One job at a time: who asks twice follows the first."""
    _refuse_early(found)
    by, now = Cause.of(visit.principal), visit.installation.clock.now()
    if _job(visit, found)[1] in OPEN:
        return
    visit.installation.writer.do(lambda ledger: causes.papers_wanted(ledger.connection, found.id, now, by))


def _refuse_early(found: Shipment) -> None:
    if found.state not in issue_papers.ISSUABLE or found.waits_for:
        raise not_now(found)


def _job(visit: Visit, found: Shipment) -> tuple[str, str, int, int]:
    """(id, state, files made, of how many) of the newest job about these papers; empty without one."""
    listed = jobs.listed(visit.connection, kind="issue_papers", limit=50)
    for one in listed:
        if one.arguments.get("shipment") == found.id:
            return one.id, one.state, one.progress_done, one.progress_total
    return "", "", 0, 0


def _out(visit: Visit, found: Shipment) -> DossierOut:
    connection, staff = visit.connection, visit.role == "operator"
    versions = dossiers.of_shipment(connection, found.id)
    seen: Dossier | None = dossiers.issued(connection, found.id)
    if staff and versions:
        seen = versions[-1]
    files = dossiers.files(connection, found.id, seen.version) if seen else []
    job, job_state, done, total = _job(visit, found) if staff else ("", "", 0, 0)
    state_ = "none" if seen is None else "draft" if seen.is_draft else "issued"
    if seen is not None and seen.revoked_at is not None:
        state_ = "revoked"
    return DossierOut(
        shipment=found.id,
        state=state_,
        version=seen.version if seen else 0,
        level=seen.level if seen else "",
        sha256=seen.sha256 if seen else "",
        revoked_reason=seen.revoked_reason if seen else "",
        job=job,
        job_state=job_state,
        done=done,
        total=total,
        files=[
            DossierFileOut(
                kind=one.kind,
                format=one.format,
                filename=one.filename,
                media_type=one.media_type,
                size=one.size,
                sha256=one.sha256,
                recorded=bool(one.event_id),
            )
            for one in files
            if staff or one.event_id or one.kind in ("bundle", "dossier", "serials")
        ],
    )


def _changed(visit: Visit, found: Shipment, wanted: Closed, unit: Callable[[Ledger], object]) -> Response:
    """How the papers stand after the change, which this visit's snapshot does not show."""

    def done(ledger: Ledger) -> DossierOut:
        unit(ledger)
        return _out(replace(visit, connection=ledger.connection), found)

    return done_once(visit, wanted, lambda: done, lambda made: etags.answer(visit.request, made))


def _again(visit: Visit, found: Shipment, *, error: str) -> Response:
    view = pages.papers_view(visit.installation, visit.connection, found, error=error)
    return visit.page(view, 422)


def _sent(visit: Visit, digest: str, media_type: str, filename: str) -> Response:
    """Bytes that are not those of the hash are not sent."""
    try:
        content = visit.installation.files.get(object_key(digest))
    except MissingEvidence as error:
        raise NotFound(filename) from error
    if sha256(content).hexdigest() != digest:
        raise MissingEvidence(f"{filename} is not the file that was kept")
    headers = {
        "content-disposition": disposition(filename),
        "repr-digest": f"sha-256=:{encode_base64(bytes.fromhex(digest))}:",
    }
    return Response(content, media_type=media_type, headers=headers)


def _found(visit: Visit, shipment: str) -> Shipment:
    found = shipments.get(visit.connection, f"shipment:{shipment}")
    if found is None:
        raise NotFound(shipment)
    return found


def _known(visit: Visit, shipment: str) -> Shipment:
    """shipment: its id, with or without ``shipment:``."""
    company = None if visit.role == "operator" else visit.company
    found = shipments.get(visit.connection, f"shipment:{shipment.removeprefix('shipment:')}", company=company)
    if found is None:
        raise NotFound(shipment)
    return found


def _path(found: Shipment) -> str:
    return f"{pages.LIST}/{found.id.partition(':')[2]}/papers"
