"""Private facts: what the operator keeps beside the log, and how it is erased."""

from typing import Annotated, get_args

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import NotFound
from gateway.pages.building import private
from gateway.pages.building.reading import lot_id
from gateway.pages.views import EraseForm
from gateway.routes.auditor import index_of
from gateway.workflows import erase
from gateway.workflows.erase import ErasureReason
from ledger.core.subjects import HASH
from ledger.errors import InvalidRecord

FIELDS_MAX = 32
REASONS: tuple[ErasureReason, ...] = get_args(ErasureReason)
Ticked = Annotated[str, Form(max_length=10)]
Text = Annotated[str, Form(max_length=200)]

router = APIRouter(prefix="/operator/private")


@router.get("")
def form(visit: VisitDep) -> Response:
    return visit.page(private.search_view(visit.connection, ""))


@router.post("")
def search(visit: FormDep, q: Text = "") -> Response:
    """Posted, though nothing changes: servers and proxies write addresses into their logs."""
    return visit.page(private.search_view(visit.connection, q.strip()))


@router.get("/lots/{lot}")
def of_lot(lot: str, visit: VisitDep) -> Response:
    return visit.page(private.lot_view(visit.connection, lot_id(lot), visit.language))


@router.get("/records/{event_id}")
def record(event_id: str, visit: VisitDep) -> Response:
    return _record_page(visit, _event(event_id), EraseForm(action=_record_path(event_id)))


@router.post("/records/{event_id}")
def erase_fields(
    event_id: str,
    visit: FormDep,
    field: Annotated[list[str] | None, Form(max_length=FIELDS_MAX)] = None,
    reason: Text = "",
    understood: Ticked = "",
) -> Response:
    filled = _filled(_record_path(_event(event_id)), tuple(field or ()), reason, understood)
    chosen = next((one for one in REASONS if one == reason), None)
    if not filled.chosen:
        filled = _wrong(filled, "nothing-chosen", "fields")
    if filled.error or chosen is None:
        return _record_page(visit, event_id, filled)
    try:
        erase.erase_fields(visit.installation, event_id, filled.chosen, chosen)
    except InvalidRecord:
        return _record_page(visit, event_id, _wrong(filled, "not-erasable", "fields"))
    return RedirectResponse(filled.action, 303)


@router.get("/articles/{item}")
def article(item: str, visit: VisitDep) -> Response:
    return _article_page(visit, index_of(item), EraseForm(action=_article_path(item)))


@router.post("/articles/{item}")
def erase_article(item: str, visit: FormDep, reason: Text = "", understood: Ticked = "") -> Response:
    filled = _filled(_article_path(item), (), reason, understood)
    chosen = next((one for one in REASONS if one == reason), None)
    if filled.error or chosen is None:
        return _article_page(visit, index_of(item), filled)
    erase.erase_article(visit.installation, index_of(item), chosen)
    return RedirectResponse(filled.action, 303)


def _record_path(event_id: str) -> str:
    return f"/operator/private/records/{event_id}"


def _article_path(item: str) -> str:
    return f"/operator/private/articles/{item}"


def _event(text: str) -> str:
    if HASH.fullmatch(text) is None:
        raise NotFound(text)
    return text


def _filled(action: str, fields: tuple[str, ...], reason: str, understood: str) -> EraseForm:
    """What was sent, with the last thing to mend; nothing is erased while there is one."""
    form_ = EraseForm(
        action=action,
        chosen=tuple(dict.fromkeys(fields)),
        reason=reason if reason in REASONS else "",
        understood=understood == "yes",
    )
    if not form_.reason:
        return _wrong(form_, "erasure-reason-missing", "reason")
    if not form_.understood:
        return _wrong(form_, "not-understood", "understood")
    return form_


def _wrong(form_: EraseForm, error: str, field: str) -> EraseForm:
    return EraseForm(
        action=form_.action,
        chosen=form_.chosen,
        reason=form_.reason,
        understood=form_.understood,
        error=error,
        error_field=field,
    )


def _record_page(visit: Visit, event_id: str, form_: EraseForm) -> Response:
    view = private.record_view(visit.installation, visit.connection, event_id, form_)
    return visit.page(view, 422 if form_.error else 200)


def _article_page(visit: Visit, item: int, form_: EraseForm) -> Response:
    view = private.article_view(visit.installation, visit.connection, item, visit.language, form_)
    return visit.page(view, 422 if form_.error else 200)
