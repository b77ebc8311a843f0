"""A lot's first days told by programs alone, each with a key on its own computer."""

from typing import Any

import pytest

from gateway.statements import catalogue
from gateway.statements.schema import SHAPES
from gateway.store import goods
from gateway.wiring import Installation
from ledger.core.encoding import encode_base64
from ledger.lots.state import LotState
from ledger.store import log
from tests.gateway.outsiders import Outsider, Program, outsider, staff
from tests.gateway.web import Caller

IMEIS = ["490154203237518", "356938035643809"]
PERMISSION: dict[str, Any] = {
    "brands": ["Northmark"],
    "categories": ["phone"],
    "channels": ["export"],
    "territories_denied": ["CN"],
    "label_clause": "intact_only",
    "valid_from": "2026-11-20",
    "valid_until": "2027-11-19",
    "fee_percent": "5",
    "fee_base": "sale",
}
PHONES: dict[str, Any] = {
    "category": "phone",
    "brand": "Northmark",
    "model": "N1 Pro",
    "condition": "used",
    "quantity": 2,
    "articles": IMEIS,
    "produced_from": "2025-03-01",
    "produced_until": "2025-03-31",
    "origin_country": "CN",
    "surplus_cause": "customer_returns",
    "supply_mode": "buyout",
    "price": {"amount_minor": 240000, "currency": "CNY"},
    "hs_code": "851713",
    "net_mass": 190,
    "gross_mass": 320,
}


@pytest.fixture
def caller(house: Installation) -> Caller:
    return Caller(house)


def stated(program: Program, action: str, answers: dict[str, Any], *on: str) -> dict[str, Any]:
    answer = program.post(f"/v1/actions/{action}", {"on": list(on), "answers": answers})
    assert answer.status_code == 201, answer.text
    (statement,) = answer.json()["data"]
    assert program.get(answer.headers["location"]).json() == statement
    return dict(statement)


def signed(program: Program, who: Outsider, statement: dict[str, Any]) -> dict[str, Any]:
    signature = who.sign(statement["prepared"]["signing_input"])
    sent = {"event_id": statement["event_id"], "signature": encode_base64(signature)}
    answer = program.post(f"/v1/statements/{statement['id']}/signatures", sent)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_phone_lot_from_the_brands_permission_to_the_warehouse(house: Installation, caller: Caller) -> None:
    brand = outsider(house, "Northmark", "brand", ["Northmark"])
    agent = outsider(house, "Wanderer", "agent")
    supplier = outsider(house, "Ringback", "supplier")
    as_brand, as_agent, as_supplier = (Program.of(caller, who.identity) for who in (brand, agent, supplier))
    as_operator = Program.of(caller, staff(house))

    grant = stated(
        as_brand,
        "grant",
        {**PERMISSION, "grantee": agent.party, "may_delegate": True, "quantity_ceiling": 500},
    )
    assert (grant["state"], grant["signers"][0]["waits"]) == ("waiting", True)
    assert signed(as_brand, brand, grant)["state"] == "recorded"

    passed = {**PERMISSION, "grantee": supplier.party}
    link = stated(as_agent, "delegate", passed, grant["subject"])
    assert signed(as_agent, agent, link)["state"] == "recorded"

    declared = stated(as_supplier, "declare", PHONES)
    lot = signed(as_supplier, supplier, declared)["subject"]
    with house.database.reading() as connection:
        subject = log.subject(connection, lot)
        assert subject is not None
        state: LotState = subject.state
        assert state.authorizations == [grant["subject"], link["subject"]]
        assert [item.facts["imei"] for item in goods.of_lot(connection, lot)] == IMEIS

    bare = lot.removeprefix("lot:")
    offered = {one["action"]: one for one in as_operator.get(f"/v1/lots/{bare}/actions").json()["data"]}
    assert offered["receive"]["why_not"] is None
    count = {"counted": 2, "damaged": 0, "unidentified": 0, "site": "shenzhen"}
    answer = as_operator.post(f"/v1/lots/{bare}/actions/receive", {"answers": count})
    assert answer.status_code == 201, answer.text
    (receipt,) = answer.json()["data"]
    assert [one["party"] for one in receipt["signers"] if one["waits"]] == [supplier.party]

    (waiting,) = [
        one for one in as_supplier.get("/v1/statements").json()["data"] if one["state"] == "waiting"
    ]
    assert waiting["id"] == receipt["id"]
    done = signed(as_supplier, supplier, as_supplier.get(f"/v1/statements/{receipt['id']}").json())
    assert (done["state"], done["prepared"]) == ("recorded", None)
    with house.database.reading() as connection:
        subject = log.subject(connection, lot)
        assert subject is not None
        assert (subject.state.received, subject.state.custody) == (True, house.config.operator)
        assert log.index_of(connection, done["event_id"]) == done["index"]


def test_the_same_request_twice_is_one_statement(house: Installation, caller: Caller) -> None:
    program = Program.of(caller, outsider(house, "Ringback", "supplier").identity)
    first = program.post("/v1/actions/declare", {"on": [], "answers": PHONES}, key="once")
    again = program.post("/v1/actions/declare", {"on": [], "answers": PHONES}, key="once")
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert len(program.get("/v1/statements").json()["data"]) == 1


def test_answers_that_do_not_fit_are_all_named_and_nothing_is_stated(
    house: Installation, caller: Caller
) -> None:
    program = Program.of(caller, outsider(house, "Ringback", "supplier").identity)
    wrong = {**PHONES, "quantity": 0, "produced_from": "2025-02-30", "category": "coal"}
    answer = program.post("/v1/actions/declare", {"on": [], "answers": wrong})
    assert (answer.status_code, answer.json()["slug"]) == (422, "invalid-request")
    errors = {one["pointer"]: one["code"] for one in answer.json()["errors"]}
    assert errors == {
        "/answers/quantity": "out-of-range",
        "/answers/produced_from": "day-unreadable",
        "/answers/category": "choice-unknown",
    }
    for shape in ({"quantity": "2"}, {"price": "12"}, {"articles": "1"}, {"condition": 1}, {"colour": "red"}):
        answer = program.post("/v1/actions/declare", {"on": [], "answers": {**PHONES, **shape}})
        (error,) = answer.json()["errors"]
        assert error["pointer"] == f"/answers/{next(iter(shape))}", shape
    assert program.get("/v1/statements").json()["data"] == []


def test_another_partys_statement_does_not_exist(house: Installation, caller: Caller) -> None:
    supplier, stranger = outsider(house, "Ringback", "supplier"), outsider(house, "Stranger", "supplier")
    statement = stated(Program.of(caller, supplier.identity), "declare", PHONES)
    program = Program.of(caller, stranger.identity)
    path = f"/v1/statements/{statement['id']}"
    assert program.get(path).status_code == 404
    sent = {"event_id": statement["event_id"], "signature": encode_base64(bytes(64))}
    assert program.post(f"{path}/signatures", sent).status_code == 404
    assert program.post(f"{path}/decline", {"reason": "no"}).status_code == 404
    assert program.post(f"{path}/withdraw", None).status_code == 404
    assert program.get("/v1/statements").json()["data"] == []


def test_another_roles_action_and_another_partys_lot_do_not_exist(
    house: Installation, caller: Caller
) -> None:
    brand = outsider(house, "Northmark", "brand", ["Northmark"])
    supplier, stranger = outsider(house, "Ringback", "supplier"), outsider(house, "Stranger", "supplier")
    as_supplier = Program.of(caller, supplier.identity)
    lot = signed(as_supplier, supplier, stated(as_supplier, "declare", PHONES))["subject"]
    other = Program.of(caller, stranger.identity)
    assert other.get(f"/v1/lots/{lot}/actions").status_code == 404
    count = {"counted": 2, "damaged": 0, "unidentified": 0, "site": "shenzhen"}
    assert as_supplier.post(f"/v1/lots/{lot}/actions/receive", {"answers": count}).status_code == 404
    assert other.post("/v1/actions/grant", {"on": [], "answers": PERMISSION}).status_code == 404
    assert Program.of(caller, brand.identity).get(f"/v1/lots/{lot}/actions").status_code == 200, "its brand"


def test_a_replayed_signature_of_an_older_body_is_answered_with_what_to_sign_now(
    house: Installation, caller: Caller
) -> None:
    supplier = outsider(house, "Ringback", "supplier")
    program, operator = Program.of(caller, supplier.identity), Program.of(caller, staff(house))
    lot = signed(program, supplier, stated(program, "declare", PHONES))["subject"]
    count = {"counted": 2, "damaged": 0, "unidentified": 0, "site": "shenzhen"}
    (old,) = operator.post(f"/v1/lots/{lot}/actions/receive", {"answers": count}).json()["data"]
    reason = {"reason": "safety"}
    recall = stated(program, "recall", reason, lot)
    signed(program, supplier, recall)

    late = signed(program, supplier, old)
    assert (late["state"], late["renewed"]) == ("waiting", 1)
    sent = {
        "event_id": old["event_id"],
        "signature": encode_base64(supplier.sign(old["prepared"]["signing_input"])),
    }
    answer = program.post(f"/v1/statements/{old['id']}/signatures", sent)
    assert (answer.status_code, answer.json()["slug"]) == (409, "statement-renewed")
    assert signed(program, supplier, late)["state"] == "recorded"


def test_every_kind_of_field_has_a_schema() -> None:
    kinds = {field.kind for action in catalogue.ACTIONS.values() for field in action.fields}
    assert kinds <= SHAPES.keys()


def test_the_description_of_the_api_gives_an_example_of_each_step(caller: Caller) -> None:
    description = caller.get("/v1/openapi.json").json()
    paths = [path for path in description["paths"] if "actions" in path or "/v1/statements" in path]
    assert len(paths) == 9
    state_in = description["components"]["schemas"]["StateIn"]["properties"]
    assert state_in["on"]["examples"]
    assert state_in["answers"]["examples"]
