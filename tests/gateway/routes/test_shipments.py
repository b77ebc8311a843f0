"""A shipment from the warehouse to its buyer: by hand on the pages, and by programs."""

import re
from typing import Any

import httpx
import pytest

from gateway.store import shipments, trade
from gateway.store.trade import Order
from gateway.workflows import shipments as steps
from gateway.workflows.parties import operator_hand
from gateway.workflows.shipments import Wish
from gateway.workflows.work import Work
from tests.gateway.web import Caller, find
from tests.gateway.workflows.test_shipments import BY, bought, ready

LIST = "/operator/shipments"


@pytest.fixture
def order(caller: Caller) -> Order:
    return bought(caller.installation, 6, "cmp_vn", "PO-VN-1")


@pytest.fixture
def staff(caller: Caller, order: Order) -> Caller:
    return caller.signed_in("operator")


def _as(caller: Caller, role: str, company: str | None = None) -> Caller:
    caller.cookies = httpx.Cookies()
    return caller.signed_in(role, company)


def _said(answer: httpx.Response) -> str:
    return re.sub(r"<[^>]*>|\s+", " ", answer.text)


def test_the_warehouse_packs_and_the_buyer_sees_it_come(staff: Caller, order: Order) -> None:
    bare = order.id.partition(":")[2]
    assert bare in staff.get(LIST).text
    many = staff.send(LIST, orders=bare, of=bare, quantities="7")
    assert (many.status_code, "Fewer pieces" in many.text) == (422, True)
    planned = staff.send(LIST, orders=bare, of=bare, quantities="6")
    path = planned.headers["location"]
    assert planned.status_code == 303
    assert "The shipment is planned." in staff.get(path).text
    bench = f"{path}/pick"
    wrong = staff.send(f"{bench}/scan", code="0123456789abcdefghjk")
    assert (wrong.status_code, "Put it back." in wrong.text) == (422, True)
    early = staff.send(f"{bench}/done")
    assert (early.status_code, "not picked yet" in early.text) == (422, True)
    lot = find(r'name="lot" value="(\w+)"', staff.get(bench).text)
    assert staff.send(f"{bench}/lot", lot=lot).status_code == 303
    assert staff.send(f"{bench}/cartons").status_code == 303
    light = staff.send(f"{bench}/weigh", carton="1", kg="0,001")
    assert (light.status_code, "cannot weigh less" in light.text) == (422, True)
    assert staff.send(f"{bench}/weigh", carton="1", kg="250,5").status_code == 303
    assert staff.send(f"{bench}/pallets").status_code == 303
    assert "250.5 kg" in staff.get(bench).text
    assert "(00) 0952123400" in staff.get(f"{path}/labels").text
    wrong = staff.send(f"{path}/containers", container="CSQU3054384", seal="")
    assert (wrong.status_code, "no container number" in wrong.text) == (422, True)
    assert staff.send(f"{path}/containers", container="csqu 3054383", seal="S-1").status_code == 303
    assert staff.send(f"{bench}/done").status_code == 303
    assert staff.send(f"{path}/documents").status_code == 303
    assert staff.send(f"{path}/dispatch").status_code == 303
    assert staff.send(f"{path}/legs", leg="1", ata="nonsense").status_code == 422
    ahead = staff.send(f"{path}/legs", leg="1", ata="2039-01-01T00:00")
    assert (ahead.status_code, "do not fit together" in ahead.text) == (422, True)
    assert "CSQU3054383" in staff.get(path).text
    mine = path.replace(LIST, "/shipments")
    buyer = _as(staff, "buyer", "cmp_vn")
    assert mine in buyer.get("/shipments").text
    assert mine in buyer.get(f"/orders/{bare}").text, "an order leads to what carries its goods"
    page = buyer.get(mine)
    for words in ("Sent off", "On time", "Commercial invoice"):
        assert words in page.text
    assert "250.5 kg" in buyer.get(f"{mine}?find=1").text
    assert "no such carton" in buyer.get(f"{mine}?find=99").text
    assert "packer" not in page.text.lower(), "who did it is the house's own"
    paper = find(r'href="(/documents/\w+)"', page.text)
    assert buyer.get(paper).content.startswith(b"%PDF")
    stranger = _as(buyer, "buyer", "cmp_us")
    assert stranger.get(mine).status_code == 404
    assert mine not in stranger.get("/shipments").text
    assert stranger.get(paper).status_code == 404


def _api(caller: Caller, method: str, path: str, body: Any, tag: str = "", key: str = "") -> httpx.Response:
    headers = {"x-csrf-token": caller.token} | ({"if-match": tag} if tag else {})
    headers |= {"idempotency-key": f'"{key}"'} if key else {}
    return caller.request(method, path, json=body, headers=headers)


def test_programs_ship_in_parts_with_if_match_and_every_refusal_named(staff: Caller, order: Order) -> None:
    plan = "/v1/shipments:plan"
    many = _api(staff, "POST", plan, {"lines": [{"order": order.id, "quantity": 7}]}, key="plan-0123456789-7")
    assert (many.status_code, many.json()["slug"], many.json()["left"]) == (409, "more-than-allocated", 6)
    wanted = {"lines": [{"order": order.id, "quantity": 3}]}
    keyless = _api(staff, "POST", plan, wanted)
    assert (keyless.status_code, keyless.json()["slug"]) == (400, "idempotency-key-missing")
    made, twice = (_api(staff, "POST", plan, wanted, key="plan-0123456789-3") for _ in range(2))
    assert (made.status_code, made.json()["state"]) == (201, "planned")
    assert twice.json() == made.json(), "sent twice, it is planned once"
    path, tag = made.headers["location"], made.headers["etag"]
    assert staff.get(path).headers["etag"] == tag, "it says nothing that changes by itself"
    blind = _api(staff, "POST", f"{path}/steps", {"step": "pack"})
    assert (blind.status_code, blind.json()["slug"]) == (428, "precondition-required")
    early = _api(staff, "POST", f"{path}/steps", {"step": "pack"}, tag)
    assert (early.status_code, early.json()["slug"], early.json()["left"]) == (409, "not-picked", 3)
    filled = _api(staff, "PUT", f"{path}/packages", {"pallets": True}, tag)
    assert filled.status_code == 200, filled.text
    assert sum(one["pieces"] for one in filled.json()["packages"]) == 3
    stale = _api(staff, "POST", f"{path}/steps", {"step": "pack"}, tag)
    assert (stale.status_code, stale.json()["slug"]) == (412, "precondition-failed")
    answer = filled
    for step, state in (("pack", "packed"), ("issue", "documents_ready"), ("dispatch", "dispatched")):
        answer = _api(staff, "POST", f"{path}/steps", {"step": step}, answer.headers["etag"])
        assert (answer.status_code, answer.json()["state"]) == (200, state), answer.text
    assert {one["kind"] for one in answer.json()["documents"]} >= {"commercial_invoice", "packing_list"}
    again = _api(staff, "POST", f"{path}/steps", {"step": "dispatch"}, answer.headers["etag"])
    assert (again.status_code, again.json()["slug"]) == (409, "shipment-not-now")
    mute = _api(staff, "POST", f"{path}/steps", {"step": "lost"}, answer.headers["etag"])
    assert mute.status_code == 422
    ahead = {"ata": "2039-01-01T00:00:00Z"}
    fault = _api(staff, "PUT", f"{path}/legs/1", ahead, answer.headers["etag"])
    assert fault.json()["faults"] == [{"field": "legs.1.ata", "slug": "not-happened-yet"}]
    way = staff.get(f"{path}/way").json()
    assert [leg["progress"] for leg in way["legs"]] == ["now", "next", "next"]
    assert way["late_hours"] == 0
    buyer = _as(staff, "buyer", "cmp_vn")
    assert buyer.get(path).json()["id"] == answer.json()["id"]
    assert answer.json()["id"] in {one["id"] for one in buyer.get("/v1/shipments").json()["data"]}
    assert _api(buyer, "POST", f"{path}/steps", {"step": "deliver"}, "*").status_code == 404
    other = _as(buyer, "buyer", "cmp_ng")
    assert other.get(path).status_code == other.get(f"{path}/way").status_code == 404
    assert answer.json()["id"] not in other.get("/v1/shipments").text


def test_a_stopped_truck_says_every_reason_in_words(staff: Caller, order: Order) -> None:
    installation = staff.installation
    shipment = ready(installation, steps.plan(installation, [Wish(order.id)], by=BY))

    def recall(ledger: Any) -> None:
        hand = operator_hand(installation, "warehouse", "authority")
        Work(installation, ledger).record("lot.recalled", [hand], {"reason": "safety"}, subjects=[order.lot])

    installation.writer.do(recall)
    installation.publisher.publish()
    path = f"{LIST}/{shipment.id.partition(':')[2]}"
    answer = staff.send(f"{path}/dispatch")
    assert answer.status_code == 422
    assert "The gate does not let it leave." in answer.text
    assert "Recalled" in _said(answer)
    assert "Stopped by the gate" in staff.get(path).text
    with installation.database.reading() as connection:
        stock = trade.stock(connection, order.lot)
        assert shipments.shipped_of(connection, order.id) == 0
    assert stock is not None
    cancelled = staff.send(f"{path}/cancel", reason="recalled goods stay here")
    assert cancelled.status_code == 303
    assert "recalled goods stay here" in staff.get(path).text
