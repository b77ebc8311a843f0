"""For those who build pages: every control in every state, on one page of the demo."""

from fastapi import APIRouter
from starlette.responses import Response

from gateway.deps import VisitDep
from gateway.errors import NotFound
from gateway.pages.building.components import components_view

router = APIRouter(prefix="/dev")


@router.get("/components")
def components(visit: VisitDep) -> Response:
    if not visit.is_demo:
        raise NotFound("components")
    return visit.page(components_view(visit.installation.clock.now()))
