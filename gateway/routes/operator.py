"""The operator's console: consignments, lots, refusals, codes, and everybody's orders."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from gateway.deps import Visit, VisitDep
from gateway.errors import NotFound
from gateway.pages.building import consignments, lots, orders, rejected_sheets
from gateway.pages.building.reading import lot_id
from gateway.routes.imports import SheetForm, sheet_answer
from gateway.store import goods, trade
from gateway.store.trade import Order
from qrcodes import symbol
from qrcodes.digital_link import CodeLink
from qrcodes.serial import is_code

Id = Annotated[str, Query(max_length=20, pattern=r"^[0-9a-z]*$")]
FileHash = Annotated[str, Query(max_length=64, pattern=r"^([0-9a-f]{64})?$")]

router = APIRouter(prefix="/operator")


@router.get("")
def dashboard(visit: VisitDep, q: Annotated[str, Query(max_length=100)] = "", after: Id = "") -> Response:
    return visit.page(lots.operator_view(visit.installation, visit.connection, q.strip(), after))


@router.get("/lots/{lot}")
def lot(lot: str, visit: VisitDep, recompute: Annotated[str, Query(pattern="^(yes)?$")] = "") -> Response:
    view = lots.lot_view(
        visit.installation,
        visit.connection,
        lot_id(lot),
        visit.language,
        identity=visit.known,
        recompute=recompute == "yes",
    )
    return visit.page(view)


@router.get("/codes/{code}.svg")
def code_symbol(code: str, visit: VisitDep) -> Response:
    """The symbol that goes onto the goods."""
    link = goods.code(visit.connection, code) if is_code(code) else None
    if link is None:
        raise NotFound(code)
    text = str(CodeLink(visit.installation.public_url, code))
    content = symbol.svg(text, _level(link))
    return Response(content, media_type="image/svg+xml")


@router.get("/rejected")
def rejected(
    visit: VisitDep, file: FileHash = "", page: Annotated[str, Query(pattern=r"^[0-9]{1,4}$")] = "0"
) -> Response:
    return visit.page(consignments.rejected_view(visit.connection, file, int(page)))


@router.get("/rejected.csv")
def rejected_file(visit: VisitDep, file: FileHash = "") -> Response:
    return Response(
        consignments.rejected_csv(visit.connection, file),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="rejected-rows.csv"'},
    )


@router.get("/rejected/{file}.{form}")
def rejected_sheet(file: str, form: SheetForm, visit: VisitDep) -> Response:
    """The rejected rows of one file as the supplier's own sheet, with what is wrong with each."""
    content = rejected_sheets.of_import(visit.connection, file, form, visit.language)
    if content is None:
        raise NotFound(file)
    return sheet_answer(content, form)


@router.get("/refusals")
def refusals(visit: VisitDep, after: Id = "") -> Response:
    return visit.page(lots.refusals_view(visit.installation, visit.connection, after))


@router.get("/orders")
def all_orders(visit: VisitDep) -> Response:
    names = {company.id: company.name for company in trade.companies(visit.connection)}
    return visit.page(orders.orders_view(trade.orders(visit.connection), names))


@router.get("/orders/{order}")
def one_order(order: str, visit: VisitDep) -> Response:
    found = _order(visit, order)
    return visit.page(orders.operator_order_view(visit.connection, found, visit.language))


def _level(link: goods.CodeLink) -> symbol.Level:
    """Error correction as on the label: articles lie in warehouses, cartons are read from afar."""
    return symbol.CARTON_LEVEL if link.level in ("lot", "carton") else symbol.ARTICLE_LEVEL


def _order(visit: Visit, order_id: str) -> Order:
    order = trade.order(visit.connection, f"order:{order_id}")
    if order is None:
        raise NotFound(order_id)
    return order
