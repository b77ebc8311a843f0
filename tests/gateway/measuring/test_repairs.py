"""L19: what was repaired is recorded step by step; who repaired it, party or person, does not grade it."""

from dataclasses import replace

import pytest

from gateway.store import goods
from tests.gateway.files import samples
from tests.gateway.measuring.conftest import assigned
from tests.gateway.measuring.test_bench import send_sheet, sheet_of
from tests.gateway.web import Caller, find

BATTERY = {
    "battery_replaced": "yes",
    "part_origin": "original",
    "health_before": "71",
    "cycles_before": "612",
    "health_after": "100",
    "cycles_after": "0",
    "serial_after": "BT-1",
}


@pytest.fixture
def refurbisher(caller: Caller) -> Caller:
    return caller.signed_in("refurbisher")


def test_L19_a_battery_a_wipe_and_its_report_stand_in_the_record(refurbisher: Caller) -> None:
    bench = assigned(refurbisher.installation, "phone", "refurbishment")
    fields = {"csrf_token": refurbisher.token, "seen": "0", "token": "a", **BATTERY, "data_wiped": "yes"}
    fields |= {"wipe_method": "purge", "system_reset": "yes"}
    bare = refurbisher.post(bench.article("r0"), data=fields)
    assert bare.status_code == 422
    assert "Add the report of the wiping tool." in bare.text
    report = {"certificate": ("report.pdf", samples.PDF, "application/pdf")}
    taken = refurbisher.post(bench.article("r0"), data=fields, files=report)
    assert taken.status_code == 303, taken.text
    digest = find(r'<option value="(\w{64})"', refurbisher.get(bench.article("r1")).text)
    second = {"data_wiped": "yes", "wipe_method": "clear", "certificate_sha256": digest}
    assert refurbisher.send(bench.article("r1"), seen="0", token="b", **second).status_code == 303

    stated = refurbisher.send(f"{bench.href}/result")
    assert stated.status_code == 303, stated.text
    lot = bench.goods
    assert lot.repairs == {"battery_replaced": 1, "data_wiped": 2, "system_reset": 1}
    assert lot.repairs_name_worker
    first, other = bench.now()[:2]
    steps = {step["kind"]: step for step in first.facts["repair"]["steps"]}
    assert steps["battery_replaced"]["before"] == {"health": {"value": "71", "unit": "P1"}, "cycles": 612}
    assert steps["data_wiped"]["certificate"] == digest
    assert (first.grade, first.facts["measurement"]) == ("ungraded", {})
    assert other.facts["condition"] == "refurbished"
    with refurbisher.installation.database.reading() as connection:
        assert goods.of_lot(connection, bench.lot)[2].facts["repair"] is None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"health_after": ""}, "This answer is missing."),
        ({"serial_after": ""}, "This answer is missing."),
        ({"health_before": "1e2"}, "Enter a plain number"),
        ({"health_after": "101"}, "This is more than can be true."),
        ({"cycles_before": "-1"}, "Enter a whole number."),
        ({"part_origin": "found"}, "Choose one of the answers shown."),
        ({"serial_before": "x" * 201}, "Use at most 200 ordinary characters."),
    ],
)
def test_L19_a_battery_that_is_not_told_whole_is_not_taken(
    refurbisher: Caller, changed: dict[str, str], words: str
) -> None:
    bench = assigned(refurbisher.installation, "phone", "refurbishment")
    answer = refurbisher.send(bench.article("r0"), seen="0", token="a", **{**BATTERY, **changed})
    assert answer.status_code == 422
    assert words in answer.text
    assert "0 of" in refurbisher.get(bench.href).text


def test_L19_whoever_repaired_does_not_grade(refurbisher: Caller, caller: Caller) -> None:
    house = refurbisher.installation
    bench = assigned(house, "phone", "refurbishment")
    assert refurbisher.send(bench.article("r0"), seen="0", token="a", cleaned="yes").status_code == 303
    assert refurbisher.send(f"{bench.href}/result").status_code == 303
    pseudonym = bench.goods.refurbishers[0].worker

    inspector = Caller(house).signed_in("inspector")
    again = assigned(house, "phone")
    assert again.lot == bench.lot
    as_measured = replace(again, items=bench.items)  # the first article has to be measured anew
    assert send_sheet(again, inspector, sheet_of(as_measured, inspector)).status_code == 303
    # The same person at two companies: the pseudonyms differ, the roster knows.
    user = find(r"(usr_\w+)", _principal(house, "inspector"))
    house.writer.do(
        lambda ledger: ledger.connection.exec_driver_sql(
            "UPDATE workers SET principal = ? WHERE worker = ?", (f"user:{user}", pseudonym)
        )
    )
    refused = inspector.send(f"{again.href}/result")
    assert refused.status_code == 422
    assert "somebody else has to grade them" in refused.text
    assert bench.goods.inspection is None
    house.writer.do(
        lambda ledger: ledger.connection.exec_driver_sql(
            "UPDATE workers SET principal = 'user:usr_other' WHERE worker = ?", (pseudonym,)
        )
    )
    assert inspector.send(f"{again.href}/result").status_code == 303
    assert bench.goods.inspection is not None
    assert not bench.goods.changed_since_inspection


def _principal(house, role: str) -> str:
    with house.database.reading() as connection:
        return connection.exec_driver_sql(
            "SELECT users.id FROM users JOIN memberships ON memberships.user_id = users.id WHERE role = ?",
            (role,),
        ).scalar_one()
