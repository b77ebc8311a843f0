"""Readings of codes for the operator: what is remarkable, and what was decided about it."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from gateway import flash
from gateway.deps import FormDep, VisitDep
from gateway.errors import NotFound
from gateway.pages.building import scans as pages
from gateway.pages.views.forms import form_of
from gateway.store import scans
from gateway.workflows import scan_history

REASON_MAX: Final = 500  # characters
ALL: Final = "all"
Slug = Annotated[str, Query(max_length=20, pattern=r"^[a-z-]*$")]
router = APIRouter(prefix=pages.LIST)


@router.get("")
def remarkable(
    visit: VisitDep,
    state: Slug = "open",
    notice: Slug = "",
    after: Annotated[str, Query(max_length=40, pattern=r"^[0-9a-z_]*$")] = "",
) -> Response:
    now = visit.installation.wall_clock.now()
    chosen = "" if state == ALL else state or "open"
    return visit.page(pages.scans_view(visit.connection, now, state=chosen, notice=notice, after=after))


@router.get("/{alert}")
def one(alert: str, visit: VisitDep) -> Response:
    return visit.page(pages.alert_view(visit.connection, alert, visit.installation.wall_clock.now()))


@router.post("/{alert}/close")
def close(
    alert: str,
    visit: FormDep,
    state: Annotated[str, Form(max_length=20)] = "",
    reason: Annotated[str, Form(max_length=4 * REASON_MAX)] = "",
) -> Response:
    """Say what was found, and why; it can be opened again."""
    _alert(visit, alert)
    text, wrong = " ".join(reason.split()), {}
    chosen = next((slug for slug in pages.CLOSED if slug == state), None)
    if chosen is None:
        wrong["state"] = "scan-state-missing"
    if not 1 <= len(text) <= REASON_MAX:
        wrong["reason"] = "scan-reason-missing"
    if wrong or chosen is None:
        form = form_of({"state": state, "reason": text}, wrong)
        now = visit.installation.wall_clock.now()
        return visit.page(pages.alert_view(visit.connection, alert, now, form), 422)
    done = scan_history.decide(visit.installation, alert, chosen, reason=text, by=visit.principal)
    return flash.redirect(_path(alert), "scans-closed" if done else "scans-not-now", visit.known.csrf)


@router.post("/{alert}/reopen")
def reopen(alert: str, visit: FormDep) -> Response:
    """Take a decision back; the reason that was given for it goes with it."""
    _alert(visit, alert)
    done = scan_history.decide(visit.installation, alert, "open", reason="", by=visit.principal)
    return flash.redirect(_path(alert), "scans-opened" if done else "scans-not-now", visit.known.csrf)


def _alert(visit: FormDep, alert: str) -> None:
    if scans.alert(visit.connection, alert) is None:
        raise NotFound(alert)


def _path(alert: str) -> str:
    return f"{pages.LIST}/{alert}"
