"""Sale events: planned and ended by staff, looked at by buyers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from fastapi import APIRouter, Depends
from starlette.responses import Response

from gateway import flash
from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import NotFound, Refused
from gateway.pages.building import sales as pages
from gateway.pages.views.forms import form_of
from gateway.routes.fields import Typed, closed_form, text_error
from gateway.routes.offer_page import tell_shown
from gateway.store import sale_events, trade
from gateway.trade.events import SaleEvent
from gateway.workflows import sale_events as workflow
from gateway.workflows.sale_events import EventWanted

TITLE_MAX: Final = 120
HOURS_DIGITS: Final = 3
YEARS: Final = (2000, 2200)
EVENTS: Final = "/operator/events"
_FIELDS: Final = {
    "dates-reversed": "hours", "sale-too-long": "hours", "sale-over": "starts_at", "too-many-sales": "",
}  # fmt: skip

router = APIRouter(dependencies=[Depends(closed_form)])


@router.get("/operator/events")
def events(visit: VisitDep) -> Response:
    return visit.page(pages.sales_view(visit.installation, visit.connection, visit.language))


@router.post("/operator/events")
def plan(  # the fields of a form
    visit: FormDep,
    title_zh: Typed = "",
    title_en: Typed = "",
    title_vi: Typed = "",
    starts_at: Typed = "",
    hours: Typed = "",
) -> Response:
    """starts_at in UTC; hours: how long it lasts."""
    titles = {"title_zh": title_zh.strip(), "title_en": title_en.strip(), "title_vi": title_vi.strip()}
    typed = {**titles, "starts_at": starts_at, "hours": hours}
    wrong = {field: slug for field, text in titles.items() if (slug := text_error(text, TITLE_MAX))}
    start = _moment(starts_at)
    if start is None:
        wrong["starts_at"] = "moment-unreadable"
    if not (hours.isascii() and hours.isdigit() and len(hours) <= HOURS_DIGITS):
        wrong["hours"] = "hours-unreadable"
    if not wrong and start is not None:
        wanted = EventWanted(**titles, starts_at=start, ends_at=start + timedelta(hours=int(hours)))
        try:
            made = workflow.plan(visit.installation, wanted, visit.principal)
        except Refused as error:
            wrong = {_FIELDS[error.code]: error.code}
        else:
            return flash.redirect(f"{EVENTS}/{made.id}", "sale-planned", visit.known.csrf)
    form = form_of(typed, wrong)
    return visit.page(pages.sales_view(visit.installation, visit.connection, visit.language, form), 422)


@router.get("/operator/events/{event}")
def event(event: str, visit: VisitDep) -> Response:
    found = _event(visit, event)
    return visit.page(pages.sale_view(visit.installation, visit.connection, found, visit.language))


@router.post("/operator/events/{event}")
def change(event: str, visit: FormDep, action: Typed = "", listing: Typed = "") -> Response:
    """action: add, remove (of listing), close, cancel, pool."""
    installation, by = visit.installation, visit.principal
    steps: dict[str, Callable[[], object]] = {
        "add": lambda: workflow.put(installation, event, listing, by),
        "remove": lambda: workflow.take_out(installation, event, listing),
        "close": lambda: workflow.end(installation, event, cancelled=False),
        "cancel": lambda: workflow.end(installation, event, cancelled=True),
        "pool": lambda: workflow.pool_unsold(installation, event, by),
    }
    found = _event(visit, event)
    if action not in steps:
        raise NotFound(action)
    try:
        steps[action]()
    except Refused as error:
        field = "listing" if action == "add" and error.code != "sale-closed" else ""
        form = form_of({"listing": listing}, {field: error.code})
        view = pages.sale_view(installation, visit.connection, found, visit.language, form)
        return visit.page(view, 422)
    return flash.redirect(f"{EVENTS}/{event}", f"sale-{action}", visit.known.csrf)


@router.get("/events")
def open_events(visit: VisitDep) -> Response:
    buyer = trade.company(visit.connection, visit.company)
    if buyer is None:
        raise NotFound(visit.company)
    return visit.page(pages.buyers_view(visit.installation, visit.connection, buyer, visit.language))


@router.get("/events/{event}")
def open_event(event: str, visit: VisitDep) -> Response:
    """An event with nothing in it for this company does not exist for it."""
    buyer = trade.company(visit.connection, visit.company)
    found = sale_events.find(visit.connection, event)
    view = (
        None
        if buyer is None or found is None
        else pages.buyers_sale(visit.installation, visit.connection, found, buyer, visit.language)
    )
    if buyer is None or view is None:
        raise NotFound(event)
    offers = (trade.listing(visit.connection, href.rpartition("/")[2]) for href, _ in view.offers)
    tell_shown(visit, buyer, (one for one in offers if one is not None))
    return visit.page(view)


def _event(visit: Visit, event: str) -> SaleEvent:
    found = sale_events.find(visit.connection, event)
    if found is None:
        raise NotFound(event)
    return found


def _moment(text: str) -> datetime | None:
    """As a browser's field for day and time sends it, in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not YEARS[0] <= moment.year <= YEARS[1]:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
