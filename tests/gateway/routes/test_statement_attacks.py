"""Statements under attack: sent again, sent by another road, signed unseen."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.people.printed_logins import issue_login
from gateway.statements import drafts
from gateway.statements.action import Proposal
from gateway.store import goods
from gateway.store import statements as store
from gateway.wiring import Installation
from gateway.workflows import statements
from gateway.workflows.import_consignment import DECLARED_ROWS
from gateway.workflows.prepare import Facts, Wanted, prepare
from ledger.author import new_id
from ledger.errors import StaleSubject
from ledger.lots.grading import grade
from ledger.lots.schemes import load_schemes as known_by_id
from ledger.pending import Pending
from ledger.ports import Signer
from ledger.store import log
from tests.gateway.outsiders import Outsider, Program, outsider, staff, warehouse
from tests.gateway.routes.test_stating import PHONES, signed, stated
from tests.gateway.web import Caller, find


@pytest.fixture
def supplier(house: Installation) -> Outsider:
    return outsider(house, "Ringback", "supplier")


@pytest.fixture
def caller(house: Installation) -> Caller:
    return Caller(house)


def declared(program: Program, who: Outsider, **changes: Any) -> str:
    return str(signed(program, who, stated(program, "declare", {**PHONES, **changes}))["subject"])


def test_a_request_sent_again_after_its_answer_was_lost_is_answered_as_before(
    house: Installation, caller: Caller, supplier: Outsider
) -> None:
    lot = declared(Program.of(caller, supplier.identity), supplier)
    as_operator = Program.of(caller, staff(house))
    path = f"/v1/lots/{lot.removeprefix('lot:')}/actions/receive"
    count = {"answers": {"counted": 2, "damaged": 0, "unidentified": 0, "site": "shenzhen"}}
    first = as_operator.post(path, count, "one-receipt")
    assert first.status_code == 201, first.text
    (receipt_,) = first.json()["data"]
    as_supplier = Program.of(caller, supplier.identity)
    signed(as_supplier, supplier, as_supplier.get(f"/v1/statements/{receipt_['id']}").json())
    again = as_operator.post(path, count, "one-receipt")
    assert (again.status_code, again.content) == (201, first.content), again.text


@pytest.mark.parametrize("reason", ["   ", "gnp.\u202eexe", "\u200b"])
def test_a_reason_that_nobody_can_read_is_refused_also_by_program(
    caller: Caller, supplier: Outsider, reason: str
) -> None:
    as_supplier = Program.of(caller, supplier.identity)
    waiting = stated(as_supplier, "declare", PHONES)
    answer = as_supplier.post(f"/v1/statements/{waiting['id']}/decline", {"reason": reason})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/reason")
    assert as_supplier.get(f"/v1/statements/{waiting['id']}").json()["state"] == "waiting"


def test_a_form_sent_again_after_its_answer_was_lost_leads_where_the_first_led(
    house: Installation, caller: Caller, supplier: Outsider
) -> None:
    lot = declared(Program.of(caller, supplier.identity), supplier)
    staff_ = Caller(house).signed_in("operator")
    fields = {"on": lot, "counted": "2", "unidentified": "0", "damaged": "0", "site": "shenzhen"}
    sent = {"csrf_token": staff_.token, "idempotency_key": "one-form", **fields}
    first = staff_.post("/do/receive", data=sent)
    assert first.status_code == 303, first.text
    as_supplier = Program.of(caller, supplier.identity)
    made = as_supplier.get(f"/v1{first.headers['location']}").json()
    assert signed(as_supplier, supplier, made)["state"] == "recorded"
    again = staff_.post("/do/receive", data=sent)
    assert (again.status_code, again.headers.get("location")) == (303, first.headers["location"])


def test_what_was_confirmed_on_another_state_of_the_lot_is_asked_again(
    house: Installation, caller: Caller, supplier: Outsider
) -> None:
    """Two tabs: what stands in the first was true when it was shown, and is not any more."""
    lot = declared(Program.of(caller, supplier.identity), supplier)
    visitor = Caller(house)
    assert visitor.post(issue_login(house, "supplier", party=supplier.party)).status_code == 303
    fields = {"on": lot, "reason": "safety", "csrf_token": visitor.token}
    shown = visitor.post("/do/recall", data=fields)
    assert shown.status_code == 200, shown.text
    confirmed = find(r'name="confirmed" value="([0-9a-f]{64})"', shown.text)

    as_supplier = Program.of(caller, supplier.identity)
    recall = stated(as_supplier, "recall", {"reason": "quality"}, lot)
    assert signed(as_supplier, supplier, recall)["state"] == "recorded"
    answer = visitor.post("/do/recall", data={**fields, "confirmed": confirmed})
    assert answer.status_code == 409
    assert "Look again" in answer.text
    with house.database.reading() as connection:
        assert store.waiting_for(connection, supplier.party) == []
    anew = find(r'name="confirmed" value="([0-9a-f]{64})"', answer.text)
    assert visitor.post("/do/recall", data={**fields, "confirmed": anew}).status_code == 303


def test_nobody_signs_what_they_did_not_read(house: Installation, caller: Caller, supplier: Outsider) -> None:
    waiting = stated(Program.of(caller, supplier.identity), "declare", PHONES)
    visitor = Caller(house)
    assert visitor.post(issue_login(house, "supplier", party=supplier.party)).status_code == 303
    assert visitor.send(f"/statements/{waiting['id']}/sign").status_code == 422


def sent_as_record(caller: Caller, pending: Any, *who: Signer) -> None:
    """Signed elsewhere, and sent ready-made."""
    for one in who:
        pending = pending.signed_by(one)
    value = pending.to_json()
    record = {name: value[name] for name in ("body", "sigs", "open", "rows")}
    answer = caller.post("/v1/records", json=record)
    assert answer.status_code == 201, answer.text


def test_a_statement_whose_very_bytes_come_as_a_record_is_recorded_and_not_stated_twice(
    house: Installation, caller: Caller, supplier: Outsider
) -> None:
    """Else it would wait on, be composed anew, and be signed a second time."""
    waiting = stated(Program.of(caller, supplier.identity), "declare", PHONES)
    sent_as_record(caller, Pending.from_json(waiting["prepared"]), supplier.signer)
    with house.database.reading() as connection:
        made = store.find(connection, waiting["id"], party=None)
        assert made is not None
        assert (made.state, made.draft, made.pending, made.told) == ("recorded", {}, {}, {})
        assert len(goods.of_lot(connection, made.subject)) == 2, "and the bench knows its goods"


def test_goods_follow_what_programs_record_without_any_form(
    house: Installation, caller: Caller, supplier: Outsider
) -> None:
    """The ledger decides where goods are and what they are worth; no road to it leaves our pages behind."""
    lot, child = new_id("lot"), new_id("lot")

    def send(wanted: Wanted, who: Signer) -> None:
        with house.database.reading() as connection:
            pending = prepare(house, connection, wanted)
        sent_as_record(caller, pending, who)

    facts = {"brand": "Northmark", "model": "N1 Pro", "condition": "used", "produced_on": "2025-03-01"}
    data = {
        "category": "phone",
        "goods": "finished",
        **{name: facts[name] for name in ("brand", "model", "condition")},
        "quantity": 2,
        "unit": "C62",
        "produced_from": "2025-03-01",
        "produced_until": "2025-03-31",
        "origin_country": "CN",
        "surplus_cause": "customer_returns",
        "supply_mode": "buyout",
    }
    rows = [{"imei": imei, **facts} for imei in PHONES["articles"]]
    place = supplier.place
    declared_rows = Facts("", DECLARED_ROWS["imei"], rows)
    send(Wanted("lot.declared", (lot,), (place("supplier"),), data, rows=(declared_rows,)), supplier.signer)
    with house.database.reading() as connection:
        items = goods.of_lot(connection, lot)
    assert [item.facts["imei"] for item in items] == PHONES["articles"]

    count = {"counted": 2, "damaged": 0, "unidentified": 0, "site": "shenzhen"}
    as_supplier, as_operator = Program.of(caller, supplier.identity), Program.of(caller, staff(house))
    receipt = stated(as_operator, "receive", count, lot)
    assert signed(as_supplier, supplier, receipt)["state"] == "recorded"
    inspector = outsider(house, "Lens", "inspector")
    order = stated(as_operator, "assign-inspection", {"worker_party": inspector.party}, lot)["subject"]

    scheme = known_by_id()["electronics"]
    measured = {"battery": {"value": "96", "unit": "P1"}}
    row = {"src": {"event_id": items[0].source_event, "n": 1}, "measured": measured}
    letter = grade(scheme, measured).grade
    found = {
        "coverage": "documents",
        "scheme": {"id": scheme.id, "version": scheme.version, "sha256": scheme.sha256},
        "grades": [{"grade": letter, "count": 1}],
        "label_states": [],
        "measured_at": "2026-11-20",
    }
    inspection = Wanted(
        "lot.inspected",
        (lot, order),
        (inspector.place("inspector"),),
        found,
        rows=(Facts("", "measurements/2", [row]),),
        performed_by=new_id("worker"),
    )
    send(inspection, inspector.signer)
    with house.database.reading() as connection:
        first, second = goods.of_lot(connection, lot)
    assert (first.facts["measurement"], second.facts["measurement"]) == ({}, measured)
    assert second.grade == letter

    parts = {
        name: [{"src": {"event_id": item.source_event, "n": item.source_n}}]
        for name, item in ((child, second), ("", first))
    }
    split = Wanted(
        "lot.split",
        (lot, child),
        (warehouse(house),),
        {
            "children": [{"id": child, "quantity": 1, "key": {}}],
            "remaining": {"quantity": 1},
        },
        rows=tuple(Facts(name, "child-article/1", part) for name, part in parts.items()),
    )
    send(split, house.signer("warehouse"))
    with house.database.reading() as connection:
        left, gone = goods.of_lot(connection, lot), goods.of_lot(connection, child)
        state = log.subject(connection, lot)
    assert ([one.id for one in left], [one.id for one in gone]) == ([first.id], [second.id])
    assert state is not None
    assert left[0].source_event == state.state.manifest_event, "under the row that stands for it now"


def test_articles_that_came_by_another_road_while_a_declaration_waited_are_declared_once(
    house: Installation, caller: Caller, supplier: Outsider
) -> None:
    as_supplier = Program.of(caller, supplier.identity)
    first = stated(as_supplier, "declare", PHONES)
    with house.database.reading() as connection:
        kept = store.find(connection, first["id"], party=None)
        assert kept is not None
        again = replace(drafts.from_json(kept.draft), subjects=("lot",))
        pending = prepare(house, connection, again)
    sent_as_record(caller, pending, supplier.signer)
    assert signed(as_supplier, supplier, first)["state"] == "refused"
    with house.database.reading() as connection:
        assert log.subject(connection, first["subject"]) is None
        assert goods.of_lot(connection, first["subject"]) == []
        assert len(goods.of_lot(connection, pending.body.subjects[0].id)) == 2


def test_a_lot_that_moved_on_while_a_form_was_judged_is_looked_at_again(
    house: Installation, caller: Caller, supplier: Outsider
) -> None:
    """Between looking and writing somebody else recorded: what was found then may hold no more."""
    lot = declared(Program.of(caller, supplier.identity), supplier)
    with house.database.reading() as connection:
        heads = statements.heads_of(connection, [lot])
        place = supplier.place("authority")
    recall = Proposal(Wanted("lot.recalled", (lot,), (place,), {"reason": "safety"}))
    as_supplier = Program.of(caller, supplier.identity)
    signed(as_supplier, supplier, stated(as_supplier, "recall", {"reason": "quality"}, lot))
    unit = statements.stating(house, [recall], by=supplier.identity, action="recall", heads=heads)
    with pytest.raises(StaleSubject):
        house.writer.do(unit)
    with house.database.reading() as connection:
        assert store.waiting_for(connection, supplier.party) == []
