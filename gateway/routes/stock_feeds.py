"""Stock that lies with its supplier: stated by programs and by a form, looked at by both sides."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final, NoReturn

from fastapi import APIRouter, Depends, Query, Request, Response, status
from pydantic import Field, ValidationError

from gateway import flash
from gateway.deps import HeaderDep, Visit, VisitDep
from gateway.errors import Refused, RequestRefused
from gateway.files.errors import FileRefused
from gateway.files.receive import receive
from gateway.pages.building import stock as pages
from gateway.pages.views.forms import form_of
from gateway.problems import as_json
from gateway.routes.sent import SentDep
from gateway.routes.strict import JSON, Closed, NotStrict, json_type_refusal, strict_json
from gateway.shell import idempotency
from gateway.shell.idempotency import Once
from gateway.store import stock_levels
from gateway.store.stock_levels import StoredFeed
from gateway.trade.stock_feed import Item
from gateway.workflows import stock_feed
from gateway.workflows.read_stock import items_of
from gateway.workflows.stock_feed import ITEM_CHARS_MAX, ITEMS_MAX, QUANTITY_MAX, Taken

FEEDS_SHOWN: Final = 20
CSV: Final = "text/csv"
EARLIEST_YEAR: Final = 2000  # no stock was counted before
AS_OF: Final = "2026-11-20T01:00:00Z"
EXAMPLE: Final[dict[str, Any]] = {
    "as_of": AS_OF,
    "items": [{"item": "SF-3-GREY", "quantity": 12}, {"item": "lot:0c8tq3m7p2d5v9x1k4hr", "quantity": 40}],
}

router = APIRouter()


class StockItemIn(Closed):
    """item: id of a lot, or a number of the goods: style, serial, IMEI or GTIN. quantity: pieces there."""

    item: str = Field(min_length=1, max_length=ITEM_CHARS_MAX)
    quantity: int = Field(ge=0, le=QUANTITY_MAX)


class StockFeedIn(Closed):
    """as_of: when the stock was counted, ISO 8601 with its offset."""

    as_of: str = Field(min_length=16, max_length=40, examples=[AS_OF])
    items: list[StockItemIn] = Field(min_length=1, max_length=ITEMS_MAX)


class StatedOut(Closed):
    """ledger: pieces that the ledger knows to be there and not sold."""

    lot: str
    stated: int
    ledger: int


class TroubleOut(Closed):
    """trouble: unknown (no direct lot has it), several (name the lot), unreadable, twice."""

    item: str
    trouble: str


class StockFeedOut(Closed):
    """What was taken over. absent: direct lots that the statement does not name; they keep their last word.

    is_new: false when this very statement was here already.
    """

    id: str
    as_of: str
    received_at: str
    is_new: bool
    lots: list[StatedOut]
    absent: list[str]
    troubles: list[TroubleOut]
    troubles_total: int

    @classmethod
    def of(cls, feed: StoredFeed, *, is_new: bool) -> "StockFeedOut":
        report = feed.report
        return cls(
            id=feed.id,
            as_of=feed.as_of.isoformat(),
            received_at=feed.received_at.isoformat(),
            is_new=is_new,
            lots=[
                StatedOut(lot=lot, stated=said["stated"], ledger=said["ledger"])
                for lot, said in report["lots"].items()
            ],
            absent=list(report["absent"]),
            troubles=[TroubleOut(**one) for one in report["troubles"]],
            troubles_total=report["troubles_total"],
        )


async def body(request: Request, _visit: HeaderDep) -> bytes:
    """Read for those only who may send it."""
    return await receive(request.stream())


@router.post(
    "/v1/stock-feeds",
    response_model=StockFeedOut,
    tags=["stock"],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON: {"schema": StockFeedIn.model_json_schema(), "example": EXAMPLE},
                CSV: {"schema": {"type": "string"}, "example": "sku,quantity\nSF-3-GREY,12\n"},
            },
        }
    },
)
def take(
    visit: HeaderDep,
    request: Request,
    data: Annotated[bytes, Depends(body)],
    as_of: Annotated[
        str, Query(max_length=40, description="Of a CSV: when it was counted, ISO 8601.", examples=[AS_OF])
    ] = "",
) -> Response:
    """State what lies at your warehouse, as JSON or CSV.

    A CSV has a column for the item and one for the quantity. The same statement twice changes nothing;
    409 stock-feed-out-of-order for one that is older than what was taken over last. Items that no direct
    lot of yours has are listed, and count for nothing. A header Idempotency-Key may be sent, and need not.
    """
    moment, items = _read(request, data, as_of)
    once = Once(
        visit.installation,
        request.app.state.in_flight,
        key=idempotency.key_of(request.headers, required=False),
        where=(visit.principal, request.method, request.url.path),
        asked={"as_of": moment.isoformat(), "items": [[one.item, one.quantity] for one in items]},
        said=lambda problem: as_json(problem, request.state.request_id, visit.language),
    )
    return once.do(
        lambda: stock_feed.taking(visit.installation, visit.party, moment, items, by=visit.principal),
        _answer,
    )


@router.get("/v1/stock-feeds", tags=["stock"])
def recent(visit: VisitDep) -> list[StockFeedOut]:
    """Your last statements, the one that holds now first."""
    return [
        StockFeedOut.of(feed, is_new=False)
        for feed in stock_levels.last_feeds(visit.connection, visit.party, FEEDS_SHOWN)
    ]


@router.get("/stock")
def own(visit: VisitDep) -> Response:
    return visit.page(pages.own_view(visit.installation, visit.connection, visit.party))


@router.post("/stock")
def send(sent: SentDep) -> Response:
    """The form does what programs do, with a sheet."""
    visit, typed = sent.visit, sent.fields.get("as_of", "")
    try:
        as_of = _moment(f"{typed}:00Z" if len(typed) == len("2026-11-20T01:00") else typed)
        items = items_of(sent.data)
        unit = stock_feed.taking(visit.installation, visit.party, as_of, items, by=visit.principal)
        taken = visit.installation.writer.do(unit)
    except RequestRefused:
        return _again(visit, typed, "as_of", "as-of-unreadable")
    except FileRefused as error:
        return _again(visit, typed, "file", error.reason if sent.data else "file-missing")
    except Refused as error:
        slug = "as-of-ahead" if error.code == "stock-feed-ahead" else error.code
        return _again(visit, typed, "as_of", slug)
    said = "stock-taken" if taken.is_new else "stock-unchanged"
    return flash.redirect("/stock", said, visit.known.csrf)


@router.get("/operator/stock")
def everybody(visit: VisitDep) -> Response:
    return visit.page(pages.all_view(visit.installation, visit.connection))


def _again(visit: Visit, as_of: str, field: str, slug: str) -> Response:
    form = form_of({"as_of": as_of}, {field: slug})
    return visit.page(pages.own_view(visit.installation, visit.connection, visit.party, form), 422)


def _answer(taken: Taken) -> Response:
    """201 for a new statement, 200 for one that was here."""
    model = StockFeedOut.of(taken.feed, is_new=taken.is_new)
    code = status.HTTP_201_CREATED if taken.is_new else status.HTTP_200_OK
    return Response(model.model_dump_json(), code, media_type=JSON)


def _read(request: Request, data: bytes, as_of: str) -> tuple[datetime, list[Item]]:
    """Raises RequestRefused, FileRefused."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == CSV:
        return _moment(as_of), items_of(data)
    refusal = json_type_refusal(request.headers.getlist("content-type"))
    if refusal is not None:
        raise refusal
    try:
        said = StockFeedIn.model_validate(strict_json(data))
    except NotStrict as error:
        broken = {"pointer": error.pointer, "code": error.code, "facts": {"position": error.position}}
        raise RequestRefused("invalid-request", errors=[broken]) from error
    except ValidationError as error:
        errors = [
            {"pointer": "/" + "/".join(map(str, one["loc"])), "code": one["type"], "facts": {}}
            for one in error.errors(include_url=False, include_input=False)[:20]
        ]
        raise RequestRefused("invalid-request", errors=errors) from error
    return _moment(said.as_of), [Item(one.item, one.quantity) for one in said.items]


def _moment(text: str) -> datetime:
    """Raises RequestRefused: a moment without its offset is any of two dozen."""
    try:
        moment = datetime.fromisoformat(text)
        is_told = moment.tzinfo is not None and moment.year >= EARLIEST_YEAR
        return moment.astimezone(UTC) if is_told else _no_moment()
    except (ValueError, OverflowError):
        return _no_moment()


def _no_moment() -> NoReturn:
    raise RequestRefused("invalid-parameter", parameter="as_of")
