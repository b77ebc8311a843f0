"""Devices: their error rates, and checking some of their results."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from gateway import flash
from gateway.deps import Visit, VisitDep
from gateway.errors import NotFound
from gateway.measuring.questions import read_answers
from gateway.pages.building import devices as pages
from gateway.routes.sent_answers import AnswersDep, SentAnswers
from gateway.statements.action import FieldRefused
from gateway.store import drafts
from gateway.workflows import check_device
from ledger.core.subjects import is_subject_id

router = APIRouter(prefix="/measure/devices")


@router.get("")
def devices(visit: VisitDep) -> Response:
    return visit.page(pages.devices_view(visit.connection))


@router.get("/{device}")
def device(device: str, visit: VisitDep) -> Response:
    return visit.page(pages.device_view(visit.connection, _name(visit, device), visit.party))


@router.post("/{device}/checks")
def draw(device: str, sent: AnswersDep) -> Response:
    """Draw results to measure again."""
    visit = sent.visit
    name, wanted = _name(visit, device), sent.one("batch")
    batch = next((one for one, _ in pages.batches(visit.connection, name) if one.event_id == wanted), None)
    if batch is None:
        raise NotFound(wanted)
    text = sent.one("sampled").strip()
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    try:
        check_device.begin(visit.installation, visit.known, name, batch, number)
    except FieldRefused as error:
        errors = {error.field: error.slug}
        values = {"sampled": text}
        view = pages.device_view(visit.connection, name, visit.party, values=values, errors=errors)
        return visit.page(view, 422)
    return flash.redirect(f"/measure/devices/{device}#check", "check-drawn", visit.known.csrf)


@router.post("/{device}/checks/{check}")
def note(device: str, check: str, sent: AnswersDep) -> Response:
    """What was measured again; as many results at a time as somebody likes."""
    visit = sent.visit
    name = _name(visit, device)
    found = drafts.check(visit.connection, check, party=visit.party)
    if found is None or found.device != name or found.stated:
        raise NotFound(check)
    told: dict[str, dict[str, Any]] = {}
    wrong: dict[str, str] = {}
    for n in pages.drawn_of(found):
        agrees = sent.one(f"agrees_{n}")
        if agrees in ("yes", "no"):
            told[str(n)] = _again(visit, sent, found, n, wrong) | {"agrees": agrees == "yes"}
    if wrong:
        values = {field: texts[0] for field, texts in sent.values.items()}
        view = pages.device_view(visit.connection, name, visit.party, values=values, errors=wrong)
        return visit.page(view, 422)
    check_device.note(visit.installation, visit.known, check, told)
    return flash.redirect(f"/measure/devices/{device}#check", "check-noted", visit.known.csrf)


def _again(
    visit: Visit, sent: SentAnswers, check: drafts.DeviceCheck, n: int, wrong: dict[str, str]
) -> dict[str, Any]:
    asked = pages.asked_again(visit.connection, check, n)
    answers = {one.input: sent.one(pages.field_of(n, one.input)) for one in asked}
    measured, troubles = read_answers(asked, answers)
    missing = {one.input: "answer-missing" for one in asked if one.input not in measured}
    wrong |= {pages.field_of(n, name): slug for name, slug in (missing | troubles).items()}
    return {"measured": measured}


def _name(visit: Visit, device: str) -> str:
    name = f"party:{device}"
    if not is_subject_id(name):
        raise NotFound(name)
    pages.device_of(visit.connection, name)
    return name
