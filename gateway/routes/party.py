"""The home of a party of the ledger, and the brand's own pages."""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from gateway.deps import VisitDep
from gateway.errors import NotFound
from gateway.pages.building import party as pages
from gateway.pages.building.permissions import (
    Book,
    brand_goods_view,
    own_brands,
    permissions_view,
)
from gateway.statements import asking
from ledger.core.subjects import is_subject_id

After = Annotated[str, Query(max_length=40)]
LOT: Final = re.compile(r"(?:lot:)?([0-9a-z]{20})")

router = APIRouter(prefix="/party")


@router.get("")
def home(visit: VisitDep, after: After = "", lot: Annotated[str, Query(max_length=60)] = "") -> Response:
    """lot: an id that somebody typed, to look at a lot that they were told of."""
    error = ""
    if lot:
        found = LOT.fullmatch(lot.strip().lower())
        try:
            name = f"lot:{found[1]}" if found else ""
            asking.ask_of(visit.installation, visit.connection, visit.known, name or "lot:")
            return RedirectResponse(f"/party/lots/{name.partition(':')[2]}", 303)
        except NotFound:
            error = "lot-unknown"
    view = pages.party_view(
        visit.installation,
        visit.connection,
        visit.known,
        visit.language,
        after=after,
        lot_query=lot,
        lot_error=error,
    )
    return visit.page(view, 404 if error else 200)


@router.get("/permissions")
def permissions(visit: VisitDep) -> Response:
    ask = asking.ask_of(visit.installation, visit.connection, visit.known, "")
    book = Book.of(visit.connection, visit.language, ask.today)
    return visit.page(permissions_view(book, ask.party, doors=list(pages.doors(ask, "nothing"))))


@router.get("/permissions/{authorization}")
def permission(authorization: str, visit: VisitDep) -> Response:
    name = f"authorization:{authorization}"
    if not is_subject_id(name):
        raise NotFound(authorization)
    view = pages.permission_view(visit.installation, visit.connection, visit.known, name, visit.language)
    return visit.page(view)


@router.get("/goods")
def goods(visit: VisitDep, after: After = "") -> Response:
    ask = asking.ask_of(visit.installation, visit.connection, visit.known, "")
    brands = own_brands(visit.connection, ask.party)
    lines, next_href = pages.brand_page(visit.connection, ask, brands, after)
    return visit.page(brand_goods_view(visit.connection, ask.party, lines, next_href))


@router.get("/lots/{lot}")
def lot(lot: str, visit: VisitDep) -> Response:
    name = f"lot:{lot}"
    if not is_subject_id(name):
        raise NotFound(lot)
    view = pages.party_lot_view(visit.installation, visit.connection, visit.known, name, visit.language)
    return visit.page(view)
