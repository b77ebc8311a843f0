"""The front page."""

from fastapi import APIRouter
from sqlalchemy import func, select
from starlette.responses import HTMLResponse

from gateway.deps import VisitDep
from gateway.pages.building.reading import checking
from gateway.pages.views import HomeView
from gateway.store import trade
from gateway.workflows.story import example_code
from ledger.store import log
from ledger.store.log import SUBJECTS

router = APIRouter()


@router.get("/")
def home(visit: VisitDep) -> HTMLResponse:
    connection = visit.connection
    with checking("log"):
        head = log.read_head(connection)
        lots = connection.execute(
            select(func.count()).select_from(SUBJECTS).where(SUBJECTS.c.subject.startswith("lot:"))
        ).scalar_one()
        example = example_code(visit.installation) if visit.is_demo and lots else ""
    return visit.page(
        HomeView(
            lots=lots,
            offers=len(trade.listings(connection)),
            entries=head.size if head else 0,
            example_href=f"/q/{example}" if example else "",
        )
    )
