"""Lot packs: the same address for everybody, opened as far as who asks may see."""

from fastapi import APIRouter
from starlette.responses import Response

from gateway.deps import Visit, VisitDep
from gateway.pages.building.reading import lot_id
from gateway.permissions import Role
from gateway.routes.documents import disposition
from gateway.shell import etags
from gateway.shell.kept_packs import KeptPacks
from gateway.workflows.disclosure import Receiver
from gateway.workflows.export_lot import Pack, export_lot

router = APIRouter()


@router.get("/lots/{lot}/pack.zip", response_class=Response)
def lot_pack(lot: str, visit: VisitDep) -> Response:
    """Everything about a lot with its proofs, to be checked offline; without a sign-in nothing is opened."""
    receiver, name = _receiver(visit.role), lot_id(lot)
    company = visit.company if receiver == "buyer" else None
    pack = _public(visit, name) if receiver == "public" else None
    if pack is None:
        pack = export_lot(visit.installation, name, receiver, company)
    named = {"content-disposition": disposition(pack.filename)}
    return etags.of_bytes(visit.request, pack.content, "application/zip", named)


def _public(visit: Visit, lot: str) -> Pack:
    """Built once for each visible tree: building and verifying one takes a second of a processor."""
    kept: KeptPacks = visit.request.app.state.packs
    note = visit.installation.verifier().note
    pack = kept.get(note, lot)
    if pack is None:
        pack = export_lot(visit.installation, lot, "public")
        if visit.installation.verifier().note == note:
            kept.keep(note, lot, pack)
    return pack


def _receiver(role: Role | None) -> Receiver:
    """Who is neither buyer, operator nor auditor sees what the public sees."""
    match role:
        case "buyer" | "operator" | "auditor":
            return role
    return "public"
