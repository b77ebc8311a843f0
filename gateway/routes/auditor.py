"""What an auditor opens first; all of it is public, and none of it is to be believed unchecked."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from gateway.deps import VisitDep
from gateway.errors import NotFound
from gateway.pages.building import audit
from gateway.pages.building.audit import Filters
from gateway.pages.building.reading import checking

router = APIRouter(prefix="/auditor")


def index_of(text: str) -> int:
    """An entry's index in its one decimal spelling. Raises NotFound."""
    if not (text.isascii() and text.isdigit() and len(text) <= 15 and str(int(text)) == text):
        raise NotFound(text)
    return int(text)


@router.get("")
def the_log(visit: VisitDep) -> Response:
    with checking("log"):
        view = audit.log_view(visit.installation, visit.connection)
    return visit.page(view)


@router.get("/entries")
def entries(
    visit: VisitDep,
    subject: Annotated[str, Query(max_length=60, pattern=r"^[a-z0-9:]*$")] = "",
    type: Annotated[str, Query(max_length=64, pattern=r"^[a-z0-9._]*$")] = "",  # noqa: A002 - the parameter's public name
    before: Annotated[str, Query(max_length=15)] = "",
) -> Response:
    filters = Filters(subject, type, index_of(before) if before else None)
    with checking("entries"):
        view = audit.entries_view(visit.connection, filters)
    return visit.page(view)


@router.get("/entries/{index}")
def entry(index: str, visit: VisitDep) -> Response:
    with checking(f"entry {index_of(index)}"):
        view = audit.entry_view(visit.installation, visit.connection, index_of(index))
    return visit.page(view)
