"""What an auditor opens first; all of it is public, and none of it is to be believed unchecked."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import FileResponse, Response

from gateway.deps import Visit, VisitDep
from gateway.errors import NotFound
from gateway.pages.building import audit, explore, heads_over_time, trust
from gateway.pages.building.explore import Filters, TypeCounts
from gateway.pages.building.reading import checking
from gateway.workflows import mirror_zip

Id = Annotated[str, Query(max_length=60, pattern=r"^[a-z0-9:]*$")]
Index = Annotated[str, Query(max_length=15)]

router = APIRouter(prefix="/auditor")


def index_of(text: str) -> int:
    """An entry's index in its one decimal spelling. Raises NotFound."""
    if not (text.isascii() and text.isdigit() and len(text) <= 15 and str(int(text)) == text):
        raise NotFound(text)
    return int(text)


@router.get("")
def the_log(visit: VisitDep) -> Response:
    with checking("log"):
        view = audit.log_view(visit.installation, visit.connection, _counts(visit))
    return visit.page(view)


@router.get("/log.zip")
def the_whole_log(visit: VisitDep) -> Response:
    """The visible tree with its checkpoint, as ``lotproof audit`` reads it."""
    path = mirror_zip.path_of(visit.installation)
    return FileResponse(path, media_type="application/zip", filename="log.zip")


@router.get("/checkpoints")
def checkpoints(visit: VisitDep, before: Index = "") -> Response:
    below = index_of(before) if before else None
    return visit.page(heads_over_time.checkpoints_view(visit.installation, visit.connection, below))


@router.get("/keys")
def keys(
    visit: VisitDep, after: Annotated[str, Query(max_length=64, pattern=r"^[0-9a-f]*$")] = ""
) -> Response:
    return visit.page(trust.keys_view(visit.connection, after))


@router.get("/subjects/{subject}")
def subject(subject: str, visit: VisitDep, before: Index = "") -> Response:
    seq = index_of(before) if before else None
    return visit.page(trust.subject_view(visit.installation, visit.connection, subject, seq))


@router.get("/entries")
def entries(
    visit: VisitDep,
    subject: Id = "",
    type: Annotated[str, Query(max_length=64, pattern=r"^[a-z0-9._]*$")] = "",  # noqa: A002 - the parameter's public name
    before: Index = "",
    party: Id = "",
    key: Annotated[str, Query(max_length=64, pattern=r"^[0-9a-f]*$")] = "",
) -> Response:
    filters = Filters(subject, type, index_of(before) if before else None, party, key)
    with checking("entries"):
        view = explore.entries_view(visit.connection, filters, _counts(visit))
    return visit.page(view)


@router.get("/entries/{index}")
def entry(index: str, visit: VisitDep) -> Response:
    with checking(f"entry {index_of(index)}"):
        view = audit.entry_view(visit.installation, visit.connection, index_of(index))
    return visit.page(view)


def _counts(visit: Visit) -> TypeCounts:
    counts: TypeCounts = visit.request.app.state.type_counts
    return counts
