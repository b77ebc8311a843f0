"""Devices: how they are calibrated, how right they were, and what a person measures again."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection

from gateway.errors import NotFound
from gateway.measuring.questions import Question, questions
from gateway.pages.building.measuring import finding_facts, question_field
from gateway.pages.building.reading import short
from gateway.pages.views import Measurement
from gateway.pages.views.forms import form_of
from gateway.pages.views.measuring import (
    BatchLine,
    CheckedResult,
    DeviceLine,
    DevicesView,
    DeviceView,
    QuestionField,
)
from gateway.store import drafts
from gateway.store.drafts import DeviceCheck
from gateway.workflows import measure
from ledger.core import manifest
from ledger.lots import sampling
from ledger.lots.state import Batch, PartyState, WorkState
from ledger.store import log

SAMPLED_FIRST: Final = 20  # results that are offered to be drawn


def devices_view(connection: Connection) -> DevicesView:
    devices = [(name, state) for name, state in measure.parties(connection) if state.kind == "device"]
    return DevicesView(lines=tuple(_line(name, state) for name, state in devices))


def device_of(connection: Connection, name: str) -> PartyState:
    """Raises NotFound for what is no device."""
    found = log.subject(connection, name)
    if found is None or not isinstance(found.state, PartyState) or found.state.kind != "device":
        raise NotFound(name)
    return found.state


def device_view(
    connection: Connection,
    name: str,
    party: str,
    *,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> DeviceView:
    """values, errors: of a form that comes back. party: whose person looks."""
    state = device_of(connection, name)
    checks = drafts.open_checks(connection, name, party=party)
    check = checks[0] if checks else None
    drawn = drawn_of(check) if check else []
    rows = {n: _row(connection, check, n) for n in drawn} if check else {}
    is_whole = check is not None and all(str(n) in check.findings for n in drawn)
    return DeviceView(
        line=_line(name, state),
        confidence_min=_share(state.device.confidence_min) if state.device else None,
        error_max=_share(state.device.error_max) if state.device else None,
        calibrate_href=f"/do/calibrate-device?on={name}" if name != party else "",
        batches=tuple(
            BatchLine(event_id=batch.event_id, rows=batch.rows, lot_short=short(lot))
            for batch, lot in batches(connection, name)
        ),
        form=form_of({"sampled": str(SAMPLED_FIRST), **_stored(check, rows), **(values or {})}, errors),
        check=check.id if check else "",
        seed=check.seed if check else "",
        results=tuple(_result(connection, check, n, rows[n], values or {}) for n in drawn) if check else (),
        state_href=f"/do/check-device?on={name}" if is_whole else "",
    )


def drawn_of(check: DeviceCheck) -> list[int]:
    return sampling.draw(bytes.fromhex(check.seed), lot_size=check.rows, sample_size=check.sampled)


def batches(connection: Connection, device: str) -> Iterator[tuple[Batch, str]]:
    """The device's batches since its calibration, with their lots, the last first."""
    state = device_of(connection, device).device
    since = state.by.index if state else 0
    found = [
        (batch, work.lot)
        for _, work in _works(connection)
        for batch in work.batches
        if batch.device == device and batch.index >= since
    ]
    yield from sorted(found, key=lambda one: one[0].index, reverse=True)


def asked_again(connection: Connection, check: DeviceCheck, n: int) -> tuple[Question, ...]:
    """The questions that the device answered about its result ``n``, under names of their own."""
    facts = _row(connection, check, n)
    lot = next((lot for batch, lot in batches(connection, check.device) if batch.event_id == check.batch), "")
    subject = log.subject(connection, lot) if lot else None
    scheme = measure.scheme_of(subject.state.category) if subject else None
    asked = questions(scheme) if scheme else ()
    return tuple(one for one in asked if one.input in facts.get("measured", {}))


def field_of(n: int, input_: str) -> str:
    return f"r{n}_{input_}"


def _works(connection: Connection) -> Iterator[tuple[str, WorkState]]:
    return ((name, subject.state) for name, subject in log.subjects_of_kind(connection, "work"))


def _line(name: str, state: PartyState) -> DeviceLine:
    device = state.device
    return DeviceLine(
        href=f"/measure/devices/{name.partition(':')[2]}",
        party_short=short(name),
        model_version=device.model_version if device else "",
        valid_until=date.fromisoformat(device.valid_until) if device else None,
        sampled=device.sampled if device else 0,
        wrong=device.wrong if device else 0,
        rate=Measurement(value=device.error_rate, unit="P1") if device and device.error_rate else None,
        over=bool(device and device.over_target),
        is_calibrated=device is not None,
    )


def _share(text: str) -> Measurement:
    return Measurement(value=str(Decimal(text) * 100), unit="P1")


def _row(connection: Connection, check: DeviceCheck, n: int) -> Mapping[str, Any]:
    rows = log.manifest_rows(connection, check.batch)
    data = rows[n] if n < len(rows) else None
    return manifest.parse_row(data, n) if data is not None else {}


def _stored(check: DeviceCheck | None, rows: Mapping[int, Mapping[str, Any]]) -> dict[str, str]:
    """What the person measured so far, by field."""
    found: dict[str, str] = {}
    for n in rows if check else ():
        one = check.findings.get(str(n)) if check else None
        for input_, value in (one or {}).get("measured", {}).items():
            found[field_of(n, input_)] = value if isinstance(value, str) else value["value"]
    return found


def _result(
    connection: Connection, check: DeviceCheck, n: int, facts: Mapping[str, Any], values: Mapping[str, str]
) -> CheckedResult:
    stored = check.findings.get(str(n))
    agrees = "" if stored is None else "yes" if stored["agrees"] else "no"
    source = facts.get("src")
    lot = next((lot for batch, lot in batches(connection, check.device) if batch.event_id == check.batch), "")
    lines = drafts.lines(connection, lot, ns=[source["n"]]) if isinstance(source, dict) and lot else []
    fields = [question_field(one) for one in asked_again(connection, check, n)]
    return CheckedResult(
        n=n,
        identifier=lines[0].identifier if lines else "",
        facts=finding_facts(facts),
        agrees=values.get(f"agrees_{n}", agrees),
        questions=tuple(_renamed(one, n) for one in fields),
    )


def _renamed(one: QuestionField, n: int) -> QuestionField:
    return replace(one, field=field_of(n, one.input))
