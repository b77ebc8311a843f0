"""L20: devices sign what they measured, stations propose it; where they are not sure a person decides."""

import re
from dataclasses import replace
from typing import Any

import httpx
import pytest

from gateway.consignments.spec import PartySpec
from gateway.people import keys
from gateway.people.identity import Identity
from gateway.workflows.parties import hand, register
from gateway.workflows.work import once
from ledger.author import described, salted_rows
from ledger.lots.state import PartyState
from ledger.store import log
from tests.gateway.files import samples
from tests.gateway.measuring.bench import Bench
from tests.gateway.measuring.conftest import assigned
from tests.gateway.measuring.test_bench import send_sheet, sheet_of
from tests.gateway.web import Caller, find

TESTER = PartySpec.model_construct(  # no consignment's file names a device
    key="tester",
    role="device",
    brand=None,
    supplier_type=None,
    name_zh="测试仪",
    name_en="Battery tester",
    country="CN",
    address="Shenzhen",
    registration_number="BT-0001",
)
CALIBRATION = {
    "model_version": "bt-2.1",
    "valid_from": "2026-11-01",
    "valid_until": "2027-11-01",
    "confidence_min": "0.9",
    "error_max": "0.03",
}


def device_state(bench: Bench, device: str) -> PartyState:
    with bench.installation.database.reading() as connection:
        found = log.subject(connection, device)
    assert found is not None
    state: PartyState = found.state
    return state


def calibrated(inspector: Caller) -> str:
    device = register(inspector.installation, TESTER, "Shenzhen")
    fields = {"csrf_token": inspector.token, "on": device, **CALIBRATION}
    certificate = {"certificate": ("c.pdf", samples.PDF, "application/pdf")}
    answer = inspector.post("/do/calibrate-device", data=fields, files=certificate)
    assert answer.status_code == 303, answer.text
    return device


def measured_by(device: str, bench: Bench, count: int) -> str:
    """The device signs the battery of the first ``count`` phones."""
    rows = salted_rows(
        [
            {
                "src": {"event_id": item.source_event, "n": item.source_n},
                "measured": {
                    "battery": item.facts["measurement"].get("battery", {"value": "80", "unit": "P1"})
                },
                "confidence": "0.97",
            }
            for item in bench.items[:count]
        ]
    )
    data = {
        "model_version": "bt-2.1",
        "confidence_min": "0.9",
        "measured_at": "2026-11-20",
        "referred": 0,
        "manifest": described(rows, "device/1"),
    }

    def unit(work: Any) -> str:
        entry = work.record(
            "device.measured",
            [hand(bench.installation, device, "device")],
            data,
            subjects=[bench.lot, bench.work],
            rows=[rows],
        )
        return str(entry.event_id)

    return str(once(bench.installation, f"measured:{bench.work}", unit))


def test_L20_what_a_device_signed_stands_in_the_form_and_in_the_record(inspector: Caller) -> None:
    device, bench = calibrated(inspector), assigned(inspector.installation, "phone")
    batch = measured_by(device, bench, 5)
    page = inspector.get(bench.article("r0")).text
    assert "These values come from a device." in page
    place = find(r'name="device" value="(\w+:\d+)"', page)
    assert place == f"{batch}:0"
    battery = find(r'name="m_battery"[^>]*value="([\d.]+)"', page)
    answers = {**bench.answers(bench.items[0]), "m_battery": battery}
    kept = inspector.send(bench.article("r0"), seen="0", token="a", device=place, **answers)
    assert kept.status_code == 303, kept.text
    changed = {**bench.answers(bench.items[1]), "m_battery": "50"}
    inspector.send(bench.article("r1"), seen="0", token="b", device=f"{batch}:1", **changed)
    sheet = sheet_of(bench, inspector)
    assert send_sheet(bench, inspector, sheet).status_code == 303
    assert inspector.send(f"{bench.href}/result").status_code == 303
    inspection = bench.goods.inspection
    assert inspection is not None
    with bench.installation.database.reading() as connection:
        rows = log.manifest_rows(connection, inspection.event_id)
    named = [b"device" in (row or b"") for row in rows]
    assert named[:2] == [True, False], "a value that a person put right is the person's"


def test_L20_an_audit_sample_reports_the_error_rate_against_its_target(inspector: Caller) -> None:
    device, bench = calibrated(inspector), assigned(inspector.installation, "phone")
    measured_by(device, bench, 40)
    page = f"/measure/devices/{device.partition(':')[2]}"
    batch = find(r'name="batch" value="(\w{64})"', inspector.get(page).text)
    too_many = inspector.send(f"{page}/checks", batch=batch, sampled="41")
    assert too_many.status_code == 422
    assert inspector.send(f"{page}/checks", batch=batch, sampled="10").status_code == 303
    shown = inspector.get(page).text
    check = find(r"/checks/(\w+)\"", shown)
    drawn = re.findall(r'name="agrees_(\d+)" value="yes"', shown)
    assert len(drawn) == 10
    unmeasured = inspector.send(f"{page}/checks/{check}", **{f"agrees_{drawn[0]}": "yes"})
    assert unmeasured.status_code == 422
    answers = {f"agrees_{n}": "yes" for n in drawn} | {f"r{n}_battery": "80" for n in drawn}
    answers[f"agrees_{drawn[3]}"] = "no"
    assert inspector.send(f"{page}/checks/{check}", **answers).status_code == 303
    stated = inspector.post(
        "/do/check-device", data={"csrf_token": inspector.token, "on": device, "check": check}
    )
    assert stated.status_code == 303, stated.text
    state = device_state(bench, device).device
    assert state is not None
    assert (state.sampled, state.wrong, state.error_rate, state.over_target) == (10, 1, "10.00", True)
    assert "More of its results were wrong than its calibration allows." in inspector.get(page).text


@pytest.fixture
def station(inspector: Caller) -> dict[str, str]:
    """The headers of a station of the inspectors' party: an API key, and no key of the ledger."""
    who = _identity(inspector)
    wanted = keys.Wanted(
        name="Bench 4", role="device", scopes=frozenset({"records:write"}), lifetime="30-days"
    )
    return {"authorization": f"Bearer {keys.make(inspector.installation, who, wanted)}"}


def _identity(caller: Caller) -> Identity:
    with caller.installation.database.reading() as connection:
        row = connection.exec_driver_sql(
            "SELECT users.id, memberships.organisation FROM users JOIN memberships ON "
            "memberships.user_id = users.id WHERE memberships.role = 'inspector'"
        ).one()
    return Identity(principal=f"user:{row[0]}", name="", role="inspector", organisation=row[1])


def propose(
    caller: Caller, bench: Bench, station: dict[str, str], rows: list[Any], key: str = "k1", **more: str
):
    path = f"/v1/work/{bench.work.partition(':')[2]}/measurements"
    headers = {**station, "idempotency-key": key}
    return Caller(caller.installation).post(path, json={"rows": rows, **more}, headers=headers)


def row(bench: Bench, n: int, confidence: str = "0.95", **changed: Any) -> dict[str, Any]:
    item = bench.items[n]
    known = item.facts["measurement"]
    names = ("boots", "locked", "scratch", "battery")
    return {
        "article": item.facts["identifier"],
        "measured": {name: known[name] for name in names if name in known},
        "confidence": confidence,
        **changed,
    }


def test_L20_below_the_threshold_a_person_decides(inspector: Caller, station: dict[str, str]) -> None:
    bench = assigned(inspector.installation, "phone")
    rows = [row(bench, 0), row(bench, 1, "0.42")]
    taken = propose(inspector, bench, station, rows, confidence_min="0.9")
    assert (taken.status_code, taken.json()) == (201, {"taken": 2})
    again = propose(inspector, bench, station, rows, confidence_min="0.9")
    assert again.headers["idempotent-replayed"] == "true"
    assert "The station was not sure. Measure it yourself." in inspector.get(bench.article("r1")).text
    assert inspector.send(f"{bench.href}/accept").status_code == 303
    shown = inspector.get(f"{bench.href}?show=asked").text
    assert bench.items[1].facts["identifier"] in shown
    assert bench.items[0].facts["identifier"] not in shown
    assert "1 article" in inspector.get(f"{bench.href}/result").text
    written_over = propose(inspector, bench, station, [row(bench, 0)], "k2")
    assert written_over.status_code == 422, "what a person took over, no station writes over"


def test_L20_an_inspectors_program_takes_over_what_a_station_was_sure_of(
    inspector: Caller, station: dict[str, str]
) -> None:
    bench = assigned(inspector.installation, "phone")
    boots = {"measured": {"boots": "yes"}}
    rows = [row(bench, 0), row(bench, 1, "0.42"), row(bench, 2, **boots)]
    assert propose(inspector, bench, station, rows, confidence_min="0.9").status_code == 201
    wanted = keys.Wanted(
        name="Desk", role="inspector", scopes=frozenset({"records:write"}), lifetime="30-days"
    )
    key = keys.make(inspector.installation, _identity(inspector), wanted)
    path = f"/v1/work/{bench.work.partition(':')[2]}/accept"

    def accepted(name: str, key: str, **said: bool) -> httpx.Response:
        headers = {"authorization": f"Bearer {key}", "idempotency-key": name}
        return Caller(inspector.installation).post(path, json=said, headers=headers)

    assert accepted("a1", station["authorization"].partition(" ")[2]).status_code == 404, (
        "a station decides nothing"
    )
    assert accepted("a2", key).json() == {"taken": 1}
    assert accepted("a3", key, ungraded=True).json() == {"taken": 1}, "the unsure one is left to a person"
    assert accepted("a4", key, ungraded=True).json() == {"taken": 0}


BAD_ROWS: list[tuple[dict[str, Any], str]] = [
    ({"article": "123456789012345"}, "article"),
    ({"article": "", "number": 99_999}, "number"),
    ({"measured": {"boots": "maybe"}}, "measured/boots"),
    ({"measured": {"scratch": {"value": "1", "unit": "CMK"}}}, "measured/scratch"),
    ({"measured": {"scratch": {"value": "1e9", "unit": "MMT"}}}, "measured/scratch"),
    ({"measured": {"scratch": {"value": "NaN", "unit": "MMT"}}}, "measured/scratch"),
    ({"measured": {"scratch": {"value": "-1", "unit": "MMT"}}}, "measured/scratch"),
    ({"measured": {"battery": {"value": "100.1", "unit": "P1"}}}, "measured/battery"),
    ({"measured": {"scratch": "none"}}, "measured/scratch"),
    ({"measured": {"boots": {"value": "1", "unit": "MMT"}}}, "measured/boots"),
    ({"measured": {"horns": "two"}}, "measured/horns"),
    ({"photos": ["00000000000000000000"]}, "photos/0"),
]


def test_a_row_that_cannot_be_is_named_and_none_is_kept(inspector: Caller, station: dict[str, str]) -> None:
    bench = assigned(inspector.installation, "phone")
    bad = [{**row(bench, n + 1), **changed} for n, (changed, _) in enumerate(BAD_ROWS)]
    answer = propose(inspector, bench, station, [row(bench, 0), *bad])
    assert answer.status_code == 422, answer.text
    told = answer.json()["errors"]
    assert [one["pointer"] for one in told] == [
        f"/rows/{n + 1}/{place}" for n, (_, place) in enumerate(BAD_ROWS)
    ]
    assert all(one["message"] != "This does not fit." for one in told)
    assert "A station measured" not in inspector.get(bench.href).text


def test_a_station_of_another_party_finds_no_such_work_order(
    inspector: Caller, station: dict[str, str]
) -> None:
    bench = assigned(inspector.installation, "phone")
    who = replace(_identity(inspector), organisation=inspector.installation.config.operator)
    wanted = keys.Wanted(name="x", role="device", scopes=frozenset({"records:write"}), lifetime="30-days")
    foreign = {"authorization": f"Bearer {keys.make(inspector.installation, who, wanted)}"}
    assert propose(inspector, bench, foreign, [row(bench, 0)]).status_code == 404
    found = Caller(inspector.installation).get("/v1/work", headers=station).json()["items"]
    assert [one["work"] for one in found] == [bench.work]
    assert {one["input"] for one in found[0]["questions"]} == {"boots", "locked", "scratch", "battery"}
