"""The exposure log: which company was shown which offer that not everybody sees, on which day, and why."""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from gateway.deps import VisitDep
from gateway.pages.building import audiences as pages
from gateway.store.audiences import Seen

Id = Annotated[str, Query(max_length=40, pattern=r"^[0-9A-Za-z_]*$")]
_AFTER: Final = re.compile(r"(\d{4}-\d\d-\d\d)\.(\w{1,40})\.(\w{1,40})", re.ASCII)

router = APIRouter(prefix="/operator/exposures")


@router.get("")
def exposures(
    visit: VisitDep,
    listing: Id = "",
    company: Id = "",
    after: Annotated[str, Query(max_length=100, pattern=r"^[0-9A-Za-z_.-]*$")] = "",
) -> Response:
    """Newest first. listing, company: of these alone. after: the last line of the page before."""
    match = _AFTER.fullmatch(after)
    last = None if match is None else Seen(match[1], match[2], match[3])
    return visit.page(pages.exposures_view(visit.connection, visit.language, listing, company, last))
