"""From a supplier's file to goods that may be offered, by programs alone: no page is opened.

Supplier, brand and inspector sign on computers of their own; the house has only its own keys.
"""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from importlib import resources
from typing import Any

import httpx
import pytest

from gateway.settings import Settings
from gateway.sheets import read_sheet
from gateway.store import drafts
from gateway.wiring import Installation
from gateway.workflows.audit_log import audit_source
from ledger.core.encoding import encode_base64
from tests.gateway.outsiders import Outsider, Program, outsider, staff
from tests.gateway.sheet_files import csv_file, xlsx_file
from tests.gateway.tasks.test_housekeeping import drained
from tests.gateway.web import Caller

FILES = resources.files("gateway.consignments.files")
PERMISSION: dict[str, Any] = {
    "label_clause": "cut_allowed",
    "valid_from": "2026-11-20",
    "valid_until": "2027-11-19",
    "fee_percent": "5",
    "fee_base": "sale",
}
# What really stands against some of the sample goods; whatever else the gate said would be a fault here.
TRUE_REASONS = {"import-ban"}
COATS: dict[str, Any] = {
    "category": "apparel",
    "brand": "Northmark",
    "model": "Coat",
    "condition": "new",
    "quantity": 10,
    "produced_from": "2026-01-01",
    "produced_until": "2026-01-31",
    "origin_country": "CN",
    "surplus_cause": "season_end",
    "supply_mode": "buyout",
    "price": {"amount_minor": 240000, "currency": "CNY"},
}


@dataclass(frozen=True)
class Kind:
    """A sample file and what no column of it says. rows: below the header that are sent, 0 for all."""

    file: str
    brands: tuple[str, ...]
    categories: tuple[str, ...]
    cause: str
    amount_minor: int
    constants: dict[str, str]
    rows: int = 0

    def content(self) -> bytes:
        data = FILES.joinpath(self.file).read_bytes()
        if not self.rows:
            return data
        cells = [list(row.cells) for row in read_sheet(data).rows]
        head = 3 if self.file.endswith(".xlsx") else 1
        kept = cells[: head + self.rows]
        return xlsx_file(kept) if self.file.endswith(".xlsx") else csv_file(kept)


KINDS = {
    "phones": Kind(
        "phones-cancelled-order.xlsx",
        ("星野",),
        ("phone",),
        "cancelled_order",
        64_000_000,
        {
            "category": "phone", "origin_country": "CN", "hs_code": "851713", "net_mass_g": "198",
            "gross_mass_g": "362", "un38_3": "XY-UN383-2025-041", "battery_wh": "19.35",
        },
        rows=40,
    ),
    "apparel": Kind(
        "apparel-whole-warehouse.csv",
        ("素白", "北辰", "木屿"),
        ("apparel",),
        "season_end",
        500_000_000,
        {"category": "apparel", "condition": "new"},
        rows=40,
    ),
    "appliances": Kind(
        "appliances-returns.csv",
        ("北辰",),
        ("refrigerator", "washing_machine", "microwave", "sofa"),
        "customer_returns",
        12_800_000,
        {},
    ),
}  # fmt: skip


@dataclass
class Hand:
    """A company and its program. sign: on its own computer, what its program fetched."""

    who: Outsider
    program: Program

    def signs(self) -> int:
        """Everything that waits for it; how much that was."""
        listed = pages(self.program, "/v1/statements")
        waiting = [
            one["id"]
            for one in listed
            if one["state"] == "waiting"
            and any(each["party"] == self.who.party and each["waits"] for each in one["signers"])
        ]
        for name in waiting:
            statement = ok(self.program.get(f"/v1/statements/{name}")).json()
            signature = self.who.sign(statement["prepared"]["signing_input"])
            sent = {"event_id": statement["event_id"], "signature": encode_base64(signature)}
            done = ok(self.program.post(f"/v1/statements/{name}/signatures", sent)).json()
            assert done["state"] == "recorded", done
        return len(waiting)


def ok(answer: httpx.Response) -> httpx.Response:
    assert answer.status_code in (200, 201, 202), answer.text
    return answer


def pages(program: Program, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    for _ in range(20):
        page = ok(program.get(f"{path}?limit=100{cursor}")).json()
        found += page["data"]
        if not page["has_more"]:
            return found
        cursor = f"&cursor={page['next_cursor']}"
    raise AssertionError("the list never ends")


def state(program: Program, action: str, answers: dict[str, Any], *on: str) -> list[dict[str, Any]]:
    return list(
        ok(program.post(f"/v1/actions/{action}", {"on": list(on), "answers": answers})).json()["data"]
    )


def offered(program: Program, lot: str) -> dict[str, dict[str, Any]]:
    bare = lot.removeprefix("lot:")
    return {one["action"]: one for one in ok(program.get(f"/v1/lots/{bare}/actions")).json()["data"]}


@pytest.fixture
def operator(house: Installation) -> Program:
    return Program.of(Caller(house), staff(house), "imports:write")


@pytest.mark.parametrize("kind", KINDS)
def test_goods_come_in_as_a_file_and_may_be_offered_in_the_end(
    house: Installation, operator: Program, kind: str
) -> None:
    goods, caller = KINDS[kind], operator.caller
    supplier = _hand(caller, "Ringback", "supplier", number="91330100MA0FAKE92Q")
    inspector = _hand(caller, "Clearview", "inspector")
    brands = _permitted(caller, goods, supplier)
    lots = _imported(operator, goods, supplier)
    if goods.cause == "cancelled_order":
        for lot in lots:
            state(brands[0].program, "consent", {}, lot)
        assert brands[0].signs() == len(lots)
    _received(operator, supplier, lots)
    state(operator, "assign-inspection", {"worker_party": inspector.who.party}, *lots)
    assert _inspected(house, inspector) == len(lots)
    listed: set[str] = set()
    for lot in _split(house, operator):
        category = _state_of(house, lot)["category"].replace("-", "_")
        if category not in listed and _labelled(operator, lot) and _listed(operator, lot):
            listed.add(category)
    assert listed == set(goods.categories)
    drained(house)
    house.publisher.publish()
    report = audit_source(Settings(home=house.home), None, policy_file=None, vkey=None, saved_file=None)
    assert report.verdict == "verified", [str(finding) for finding in report.findings]


def _hand(caller: Caller, name: str, kind: str, brands: list[str] | None = None, number: str = "") -> Hand:
    who = outsider(caller.installation, name, kind, brands, number)
    return Hand(who, Program.of(caller, who.identity))


def _permitted(caller: Caller, goods: Kind, supplier: Hand) -> list[Hand]:
    """Each brand lets the supplier sell its goods, and signs that itself."""
    hands = []
    for brand in goods.brands:
        hand = _hand(caller, f"{brand} Ltd", "brand", [brand])
        scope = {"grantee": supplier.who.party, "brands": [brand], "categories": list(goods.categories)}
        state(hand.program, "grant", {**PERMISSION, **scope})
        assert hand.signs() == 1
        hands.append(hand)
    return hands


def _imported(operator: Program, goods: Kind, supplier: Hand) -> dict[str, int]:
    """Upload, say what the file does not, record; the supplier signs each lot on its own computer.

    The lots, each with how many of its pieces nobody can identify: those of refused rows.
    """
    told = ok(_raw(operator, "POST", "/v1/imports", content=goods.content())).json()
    address = f"/v1/imports/{told['file']}"
    words = {name: {one["word"]: one["ours"] for one in found} for name, found in told["words"].items()}
    said = {
        "name": goods.file,
        "supplier": supplier.who.party,
        "supply_mode": "buyout",
        "surplus_cause": goods.cause,
        "constants": {**told["profile"]["constants"], **goods.constants},
        "words": {**words, **({"brand": _brands(words)} if "brand" in words else {})},
    }
    body = {"profile": {**told["profile"], **said}, "amount_minor": goods.amount_minor, "currency": "CNY"}
    put = ok(_raw(operator, "PUT", address, json=body)).json()
    assert put["problems"] == [], (put["problems"], put["words"])
    rehearsed = ok(operator.get(f"{address}/rehearsal")).json()
    assert rehearsed["unsigned"]
    assert rehearsed["accepted"] + rehearsed["rejected_rows"] == rehearsed["rows"]
    ok(operator.post(f"{address}:record", None))
    drained(operator.caller.installation)
    assert ok(operator.get(address)).json()["job_state"] == "done"
    assert supplier.signs() == len(rehearsed["lots"])
    declared = ok(operator.get(f"{address}/rehearsal")).json()["declarations"]
    assert {one["state"] for one in declared} == {"recorded"}
    unidentified = {(one["quantity"], one["unidentified"]) for one in rehearsed["lots"]}
    return {one["lot"]: dict(unidentified)[one["quantity"]] for one in declared}


def _brands(words: dict[str, dict[str, str]]) -> dict[str, str]:
    """The brand's own name for every way in which the sheets write it."""
    ours = {"xingye": "星野", "subai": "素白", "beichen": "北辰", "muyu": "木屿"}
    return {word: ours.get(word.casefold(), word) for word in words["brand"]}


def _raw(program: Program, method: str, path: str, **body: Any) -> httpx.Response:
    return program.caller.request(method, path, headers={"authorization": f"Bearer {program.key}"}, **body)


def _received(operator: Program, supplier: Hand, lots: dict[str, int]) -> None:
    for lot, unidentified in lots.items():
        schema = offered(operator, lot)["receive"]["answers_schema"]["properties"]
        assert "counted" in schema
        count = _state_of(operator.caller.installation, lot)["declared"]
        told = {"counted": count, "damaged": 0, "unidentified": unidentified, "site": "hangzhou"}
        state(operator, "receive", told, lot)
    assert supplier.signs() == len(lots)


def _inspected(house: Installation, inspector: Hand) -> int:
    """Measure everything, take it over, state it, sign it; how many work orders that were."""
    program, facts = inspector.program, _facts(house)
    works = ok(program.get("/v1/work")).json()["items"]
    for work in works:
        name = work["work"].removeprefix("work:")
        with house.database.reading() as connection:
            lines = [one.identifier for one in drafts.lines(connection, work["lot"])]
        rows = [{"article": one, "measured": _measured(work["questions"], facts[one])} for one in lines]
        empty = [row["article"] for row in rows if not row["measured"]]
        assert not empty
        sent = ok(program.post(f"/v1/work/{name}/measurements", {"rows": rows})).json()
        assert sent == {"taken": len(lines)}
        taken = ok(program.post(f"/v1/work/{name}/accept", {"ungraded": True}, key=f"accept-{name}"))
        assert taken.json() == {"taken": len(lines)}
        again = ok(program.post(f"/v1/work/{name}/accept", {"ungraded": True}, key=f"accept-{name}"))
        assert again.headers["idempotent-replayed"] == "true"
        state(program, "state-inspection", {}, f"work:{name}")
    assert inspector.signs() == len(works)
    assert ok(program.get("/v1/work")).json()["items"] == []
    closed = program.post(f"/v1/work/{name}/accept", {})
    assert (closed.status_code, closed.json()["slug"]) == (409, "work-closed")
    return len(works)


def _measured(questions: list[dict[str, Any]], facts: dict[str, Any]) -> dict[str, Any]:
    """What lies on the bench: the supplier's own measurements, which the samples carry."""
    known = {**facts["measurement"], "label_state": facts["label_state"]}
    return {one["input"]: known[one["input"]] for one in questions if known.get(one["input"]) is not None}


def _split(house: Installation, operator: Program) -> list[str]:
    """Each lot by what was found in it; the lots that are left, the largest first."""
    for lot in _leaves(house):
        if offered(operator, lot).get("split-found", {"why_not": "hidden"})["why_not"] is None:
            state(operator, "split-found", {}, lot)
    return sorted(_leaves(house), key=lambda lot: (-_state_of(house, lot)["quantity"], lot))


def _labelled(operator: Program, lot: str) -> bool:
    """Codes for what may be sold; drawn once."""
    if _state_of(operator.caller.installation, lot)["grade"] not in ("A", "B", "C"):
        return False
    path = f"/v1/lots/{lot.removeprefix('lot:')}/codes"
    made = ok(operator.post(path, None, key=f"codes-{lot}")).json()
    assert made["lot"] == lot
    assert ok(operator.caller.get(f"/v1/codes/{made['code']}")).json()
    assert ok(operator.post(path, None, key=f"codes-{lot}")).json() == made
    again = operator.post(path, None)
    assert (again.status_code, again.json()["slug"]) == (409, "not-offered")
    assert again.json()["why"] == "codes-issued"
    return True


def _listed(operator: Program, lot: str) -> bool:
    """Offer it where the gate has no reason against it."""
    offer = offered(operator, lot).get("offer")
    if offer is None or offer["why_not"] is not None:
        return False
    path = f"/v1/lots/{lot.removeprefix('lot:')}/actions/offer"
    for market in offer["answers_schema"]["properties"]["market"]["enum"]:
        answer = operator.post(path, {"answers": {"market": market}})
        if answer.status_code == 201:
            assert answer.json()["data"][0]["state"] == "recorded"
            return True
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/answers/market", "not-eligible")
        assert {one.partition(" ")[0] for one in error["reasons"]} <= TRUE_REASONS, error
    return False


def _facts(house: Installation) -> dict[str, dict[str, Any]]:
    return {name: json.loads(text) for name, text in _rows(house, "SELECT identifier, facts FROM articles")}


def _leaves(house: Installation) -> list[str]:
    found = _rows(house, "SELECT subject, state FROM subjects WHERE subject LIKE 'lot:%'")
    return [name for name, text in found if json.loads(text)["quantity"] and _is_leaf(json.loads(text))]


def _is_leaf(state: dict[str, Any]) -> bool:
    return not state.get("children") and not state.get("exit")


def _state_of(house: Installation, lot: str) -> dict[str, Any]:
    ((_, text),) = _rows(house, f"SELECT subject, state FROM subjects WHERE subject = '{lot}'")
    return dict(json.loads(text))


def _rows(house: Installation, statement: str) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(house.home / "ledger.db")) as database:
        return database.execute(statement).fetchall()


def test_codes_are_drawn_by_the_house_for_lots_that_it_keeps(house: Installation, operator: Program) -> None:
    supplier = _hand(operator.caller, "Ringback", "supplier")
    state(supplier.program, "declare", COATS)
    supplier.signs()
    ((lot, _),) = _rows(house, "SELECT subject, state FROM subjects WHERE subject LIKE 'lot:%'")
    path = f"/v1/lots/{lot.removeprefix('lot:')}/codes"
    assert supplier.program.post(path, None).status_code == 404, "to other roles it does not exist"
    refused = operator.post(path, None)
    assert (refused.status_code, refused.json()["slug"]) == (409, "not-offered")
    assert refused.json()["why"] == "kept-elsewhere"
    assert operator.post(f"/v1/lots/{'0' * 20}/codes", None).status_code == 404
    assert _rows(house, "SELECT code, lot FROM code_links") == []
