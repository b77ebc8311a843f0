"""What a browser needs to check a code itself: the page, the worker that keeps it, and an article's rows."""

import json
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from gateway.deps import VisitDep, enforce
from gateway.errors import NotFound
from gateway.pages.building.checking import check_view, code_proof
from gateway.routes import codes
from gateway.shell import etags

WORKER: Final = Path(__file__).parent.parent / "static" / "check-worker.js"
CODE_MAX: Final = 40

router = APIRouter()


@router.get("/q/check-worker.js", response_class=Response)
def worker(request: Request) -> Response:
    """A service worker may answer for addresses below its own alone, so it lies where codes open."""
    enforce(request, None)
    return FileResponse(WORKER, media_type="text/javascript", headers={"cache-control": "no-cache"})


@router.get("/check")
def check(visit: VisitDep, code: Annotated[str, Query(max_length=CODE_MAX)] = "") -> Response:
    """Without a code: for a pack that somebody kept, or a signed label."""
    subject = codes.subject_behind(visit, code) if code else None
    if code and subject is None:
        raise NotFound(code)
    return visit.page(check_view(visit.installation, visit.connection, subject))


@router.get("/v1/codes/{code}/proof", response_model=dict[str, Any], tags=["records"])
def proof(code: str, visit: VisitDep) -> Response:
    """What the lot's pack does not hold: the code, and of an article what was measured, with row proofs."""
    subject = codes.subject_behind(visit, code)
    if subject is None:
        raise NotFound(code)
    content = json.dumps(code_proof(visit.installation, visit.connection, subject)).encode()
    return etags.of_bytes(visit.request, content, "application/json", {})
