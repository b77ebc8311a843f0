"""A supplier's file whose supplier signs on its own computer: it waits, and nothing is done twice."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from gateway.errors import NotFound, Refused
from gateway.sheets import read_sheet
from gateway.statements import importing
from gateway.statements.after import AFTER
from gateway.store import files, goods, profiles, waiting
from gateway.store import statements as store
from gateway.store.goods import ARTICLES
from gateway.store.statements import Statement
from gateway.store.waiting import DECLARATIONS, GOODS
from gateway.wiring import Installation
from gateway.workflows import statements
from gateway.workflows.describe_file import BY_PROFILE
from gateway.workflows.file_reports import report_of_file
from gateway.workflows.keep_file import content_of
from gateway.workflows.parties import SCOPES
from gateway.workflows.read_upload import record, rehearse
from ledger.core.encoding import encode_base64
from ledger.record import Entry
from ledger.store import log
from tests.gateway.outsiders import Outsider, Program, outsider, staff
from tests.gateway.routes import import_journey as journey
from tests.gateway.sheet_files import csv_file
from tests.gateway.tasks.test_housekeeping import drained
from tests.gateway.web import Caller

HEADERS = ["序列号", "品名", "品类", "牌子", "成色", "生产日期"]
GOODS_ROWS = [
    ["WM-0001", "洗衣机", "洗衣机", "北辰", "全新", "2025-03-01"],
    ["WM-0002", "洗衣机", "洗衣机", "北辰", "全新", "2025-03-02"],
    ["FR-0001", "冰箱", "冰箱", "北辰", "全新", "2025-03-01"],
    ["FR-0002", "冰箱", "冰箱", "北辰", "全新", "2025-13-01"],
]
WAITS = "waits for its supplier"


@pytest.fixture
def supplier(house: Installation) -> Outsider:
    return outsider(house, "Hangzhou Jinghe", "supplier")


@pytest.fixture
def desk(house: Installation, supplier: Outsider) -> Caller:
    return Caller(house).signed_in("operator")


def sheet(rows: Sequence[Sequence[str]] = GOODS_ROWS) -> bytes:
    return csv_file([HEADERS, *map(list, rows)])


def brought(desk: Caller, data: bytes, **terms: str) -> str:
    """Upload, describe and import a file; the address of its page."""
    place = journey.described(desk, data, **terms)
    imported(desk, place)
    return place


def imported(desk: Caller, place: str) -> None:
    answer = desk.send(journey.action(desk.get(place)))
    assert answer.status_code == 303, answer.text
    drained(desk.installation)


def stated(house: Installation, party: Outsider) -> list[Statement]:
    """What waits for the party, the lot of the most pieces first."""
    with house.database.reading() as connection:
        found = store.waiting_for(connection, party.party)
    return sorted(found, key=lambda one: -one.draft["data"]["quantity"])


def signed(house: Installation, who: Outsider, one: Statement) -> Statement:
    signature = who.sign(one.pending["signing_input"])
    return statements.add_signature(house, one.id, who.party, signature)


def count(house: Installation, rows: Any) -> int:
    with house.database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(rows)).scalar_one())


def report(house: Installation, one: Statement) -> dict[str, Any] | None:
    with house.database.reading() as connection:
        told = connection.execute(
            select(DECLARATIONS.c.consignment).where(DECLARATIONS.c.statement == one.id)
        ).scalar_one()
        return report_of_file(connection, told)


def test_its_lots_wait_and_are_goods_of_the_house_once_the_supplier_signed_by_api(
    house: Installation, desk: Caller, supplier: Outsider
) -> None:
    place = brought(desk, sheet())
    program, found = Program.of(Caller(house), supplier.identity), stated(house, supplier)
    assert [one.draft["data"]["quantity"] for one in found] == [2, 2], "one fridge was not identified"
    assert {(one.author, one.creator) for one in found} == {(supplier.party, staff(house).organisation)}
    assert count(house, ARTICLES) == 0
    page = desk.get(place)
    assert "0 of 2" in page.text
    assert all(f"/statements/{one.id}" in page.text for one in found)
    for n, one in enumerate(found, 1):
        asked = program.get(f"/v1/statements/{one.id}").json()
        signature = encode_base64(supplier.sign(asked["prepared"]["signing_input"]))
        sent = {"event_id": asked["event_id"], "signature": signature}
        for _ in range(2):  # twice changes nothing
            made = program.post(f"/v1/statements/{one.id}/signatures", sent)
            assert (made.status_code, made.json()["state"]) == (200, "recorded"), made.text
        assert f"{n} of 2" in desk.get(place).text
    with house.database.reading() as connection:
        lots = {one.subject: goods.of_lot(connection, one.subject) for one in found}
    assert sorted(item.facts["identifier"] for items in lots.values() for item in items) == [
        "FR-0001", "WM-0001", "WM-0002",
    ]  # fmt: skip
    assert count(house, GOODS) == 0
    assert WAITS not in desk.get(place).text


def test_receiving_is_then_the_next_step_of_the_warehouse(
    house: Installation, desk: Caller, supplier: Outsider
) -> None:
    brought(desk, sheet(GOODS_ROWS[:2]))
    lot = signed(house, supplier, stated(house, supplier)[0]).subject
    answers = {"counted": 2, "unidentified": 0, "damaged": 0, "site": "shenzhen"}
    made = Program.of(Caller(house), staff(house)).post(
        f"/v1/lots/{lot}/actions/receive", {"answers": answers}
    )
    assert made.status_code == 201, made.text
    (receipt,) = stated_receipts(house, supplier)
    assert signed(house, supplier, receipt).state == "recorded"
    with house.database.reading() as connection:
        found = log.subject(connection, lot)
    assert found is not None
    assert found.state.received


def stated_receipts(house: Installation, party: Outsider) -> list[Statement]:
    with house.database.reading() as connection:
        return [one for one in store.waiting_for(connection, party.party) if one.type == "lot.received"]


def test_the_same_file_changes_nothing_while_it_waits(
    house: Installation, desk: Caller, supplier: Outsider
) -> None:
    brought(desk, sheet())
    before = [one.id for one in stated(house, supplier)]
    again = desk.get(journey.upload(desk, sheet()).headers["location"])
    answer = desk.send(again.url.path, **journey.filled(again) | {"price": "100"})
    page = desk.get(answer.headers["location"])
    assert WAITS in page.text
    assert "Import these rows" not in page.text
    read = reread(house, page)
    assert len(record(house, read, by="user:1")) == 2
    assert [one.id for one in stated(house, supplier)] == before


def reread(house: Installation, page: httpx.Response) -> Any:
    """What the file behind a page of imports would make, read as its job reads it."""
    id_ = page.url.path.rsplit("/", 1)[-1]
    with house.database.reading() as connection:
        file = files.find(connection, id_, owner=None)
        assert file is not None
        return rehearse(house, connection, id_, BY_PROFILE, content_of(house, file.sha256))


def test_goods_that_wait_are_known_goods_of_another_file(
    house: Installation, desk: Caller, supplier: Outsider
) -> None:
    brought(desk, sheet())
    other = sheet([*GOODS_ROWS[:1], ["WM-0009", "洗衣机", "洗衣机", "北辰", "全新", "2025-03-01"]])
    place = brought(desk, other)
    assert len(stated(house, supplier)) == 2, "of the first file"
    with pytest.raises(Refused, match="WM-0001"):
        record(house, reread(house, desk.get(place)), by="user:1")


def test_a_declined_lot_frees_its_rows_and_only_those_are_declared_again(
    house: Installation, desk: Caller, supplier: Outsider
) -> None:
    place = brought(desk, sheet())
    first, second = stated(house, supplier)
    kept, gone = sorted((first, second), key=lambda one: one.draft["data"]["category"] == "refrigerator")
    signed(house, supplier, kept)
    statements.decline(house, gone.id, supplier.party, "no fridges of ours", by="user:1")
    found = report(house, gone)
    assert found is not None
    assert (found["lots"], found["accepted"], found["declared"]) == ([kept.subject], 2, 2)
    page = desk.get(place)
    assert "no fridges of ours" in page.text
    imported(desk, place)
    (new,) = stated(house, supplier)
    assert new.draft["data"]["quantity"] == gone.draft["data"]["quantity"]
    assert new.draft["committed"]["price"] == gone.draft["committed"]["price"]
    found = report(house, gone)
    assert found is not None
    assert (found["lots"], found["accepted"], found["declared"]) == ([kept.subject, new.subject], 3, 4)
    signed(house, supplier, new)
    assert count(house, ARTICLES) == 3


def test_withdrawn_altogether_the_file_was_never_imported(
    house: Installation, desk: Caller, supplier: Outsider
) -> None:
    place = brought(desk, sheet())
    for one in stated(house, supplier):
        statements.withdraw(house, one.id, staff(house))
        with pytest.raises(Refused, match="withdrawn already"):
            signed(house, supplier, one)
    with house.database.reading() as connection:
        assert waiting.known(connection, ["WM-0001", "FR-0001"]) == []
    assert report(house, one) is None
    assert (count(house, GOODS), count(house, ARTICLES)) == (0, 0)
    imported(desk, place)
    assert len(stated(house, supplier)) == 2


def test_a_crash_while_the_goods_are_taken_in_leaves_the_statement_waiting(
    house: Installation, desk: Caller, supplier: Outsider, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought(desk, sheet())
    one, taken_in = stated(house, supplier)[0], AFTER[importing.IMPORTED]

    def dies(work: Any, entry: Entry, told: Any) -> None:
        taken_in(work, entry, told)
        raise KeyboardInterrupt

    monkeypatch.setitem(AFTER, importing.IMPORTED, dies)
    with pytest.raises(KeyboardInterrupt):
        signed(house, supplier, one)
    assert (count(house, ARTICLES), count(house, GOODS)) == (0, 3)
    assert one.id in {each.id for each in stated(house, supplier)}
    monkeypatch.undo()
    assert signed(house, supplier, one).state == "recorded"
    assert count(house, ARTICLES) + count(house, GOODS) == 3


def test_a_job_that_died_after_it_stated_the_lots_states_them_once(
    house: Installation, desk: Caller, supplier: Outsider
) -> None:
    place = journey.described(desk, sheet())
    read = reread(house, desk.get(place))
    assert record(house, read, by="user:1") == record(house, read, by="user:1")
    assert len(stated(house, supplier)) == 2
    assert count(house, GOODS) == 3


def test_of_two_suppliers_each_signs_only_its_own(
    house: Installation, desk: Caller, supplier: Outsider
) -> None:
    other = outsider(house, "Ningbo Freezers", "supplier")
    brought(desk, sheet())
    rows = [["XX-0001", "冰箱", "冰箱", "北辰", "全新", "2025-03-01"]]
    brought(desk, sheet(rows), supplier=other.party, name="Ningbo")
    (own,) = stated(house, other)
    with pytest.raises(NotFound):
        signed(house, supplier, own)
    stranger = Program.of(Caller(house), other.identity)
    assert stranger.get(f"/v1/statements/{stated(house, supplier)[0].id}").status_code == 404
    assert signed(house, other, own).state == "recorded"
    assert len(stated(house, supplier)) == 2


def test_mended_rows_wait_too_and_are_due_again_when_declined(
    house: Installation, desk: Caller, supplier: Outsider
) -> None:
    brought(desk, sheet())
    with house.database.reading() as connection:
        first = connection.execute(select(DECLARATIONS.c.consignment)).scalars().first()
    table = [list(row.cells) for row in read_sheet(desk.get(f"/operator/rejected/{first}.xlsx").content).rows]
    table[1][6] = "2025-12-01"
    place = journey.upload(desk, csv_file(table)).headers["location"]
    place = desk.send(place, **journey.filled(desk.get(place))).headers["location"]
    page = desk.get(place)
    assert "1 piece was counted as not identified with the earlier file" in page.text
    imported(desk, place)
    (mended,) = [one for one in stated(house, supplier) if one.draft["data"]["quantity"] == 1]
    found = report(house, mended)
    assert found is not None
    assert (found["mends"], found["mended_rows"]) == (first, [5])
    statements.decline(house, mended.id, supplier.party, "not yet", by="user:1")
    imported(desk, place)
    (again,) = [one for one in stated(house, supplier) if one.draft["data"]["quantity"] == 1]
    assert signed(house, supplier, again).state == "recorded"


def test_a_supplier_without_any_key_is_asked_to_register_one(house: Installation, desk: Caller) -> None:
    keyless = outsider(house, "Keyless", "carrier")  # its key may sign deliveries only
    place = journey.described(desk, sheet())
    with house.database.reading() as connection:
        draft = profiles.draft(connection, desk.get(place).url.path.rsplit("/", 1)[-1], owner=None)
    assert draft is not None
    told = draft.profile.model_copy(update={"supplier": keyless.party})
    house.writer.do(lambda ledger: profiles.put_draft(ledger.connection, replace(draft, profile=told)))
    page = desk.get(place)
    assert "The supplier has no key that may sign a declaration." in page.text
    with pytest.raises(Refused, match="no key"):
        record(house, reread(house, page), by="user:1")


def test_a_brand_that_supplies_its_own_goods_may_hand_them_over() -> None:
    assert {"lot.declared:supplier", "lot.received:releasing"} <= set(SCOPES["brand"])


def test_programs_see_what_became_of_each_lot(house: Installation, desk: Caller, supplier: Outsider) -> None:
    place = brought(desk, sheet())
    address = f"/v1/imports/{desk.get(place).url.path.rsplit('/', 1)[-1]}/rehearsal"
    one = stated(house, supplier)[0]
    statements.decline(house, one.id, supplier.party, "not ours", by="user:1")
    told = json.loads(desk.get(address).text)
    states = {each["statement"]: (each["state"], each["reason"]) for each in told["declarations"]}
    assert states[one.id] == ("declined", "not ours")
    assert sorted(state for state, _ in states.values()) == ["declined", "waiting"]
    assert len(told["lots"]) == 1, "what is free again"
