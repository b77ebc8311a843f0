"""Lot packs: the same address for everybody, opened as far as who asks may see."""

from fastapi import APIRouter
from starlette.responses import Response

from gateway.deps import VisitDep
from gateway.pages.building.reading import lot_id
from gateway.routes.documents import disposition
from gateway.workflows.disclosure import Receiver
from gateway.workflows.export_lot import export_lot

router = APIRouter()


@router.get("/lots/{lot}/pack.zip", response_class=Response)
def lot_pack(lot: str, visit: VisitDep) -> Response:
    """Everything about a lot with its proofs, to be checked offline; without a sign-in nothing is opened."""
    receiver: Receiver = visit.role or "public"
    company = visit.company if receiver == "buyer" else None
    pack = export_lot(visit.installation, lot_id(lot), receiver, company)
    return Response(
        pack.content,
        media_type="application/zip",
        headers={"content-disposition": disposition(pack.filename)},
    )
