"""Purchases and companies over HTTP: one order a key, versions that are not overwritten, roles that hold."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from gateway.permissions import ROUTES
from gateway.policies import load
from gateway.store import companies, people, trade
from gateway.store import purchases as store
from gateway.store.companies import Member, Rules
from gateway.trade.spending import COMPANY_ROLES, CompanyRole, Limit
from gateway.wiring import Installation
from gateway.workflows.delivery import delivery_of
from tests.gateway.web import Caller, errors, find, heading
from tests.gateway.workflows.test_purchases import COMPANY, held, later, offers, recall

BODY = {"po_number": "PO-9", "incoterm": "FCA", "place": "Shenzhen"}
HOLD = {"listing": "lst_none", "quantity": 5}
BODIES = {
    "POST /v1/reservations": HOLD,
    "POST /v1/reservations/batch": {"lines": [HOLD]},
    "POST /v1/orders": {**BODY, "reservation": "rsv_none"},
    "POST /v1/purchases": {**BODY, "reservations": ["rsv_none"]},
    "PUT /v1/company/members/{user}": {"role": "buyer"},
}


@pytest.fixture
def buyer(copied: Installation) -> Caller:
    return Caller(copied).signed_in("buyer", COMPANY)


def headers(caller: Caller, **more: str) -> dict[str, str]:
    return {"x-csrf-token": caller.token, **more}


def placed(caller: Caller, holds: list[str], key: str = '"key-0123456789abcdef"', **more: Any) -> Any:
    body = {**BODY, "reservations": holds, **more}
    return caller.post("/v1/purchases", json=body, headers=headers(caller, **{"idempotency-key": key}))


def become(caller: Caller, role: CompanyRole, limit: Limit | None = None) -> None:
    """The one demo user of the company in another role."""

    def unit(ledger: Any) -> None:
        (one,) = companies.members(ledger.connection, COMPANY)
        said = Member(COMPANY, one.user_id, role, limit or Limit(), caller.installation.clock.now(), "")
        companies.put_member(ledger.connection, said)

    caller.installation.writer.do(unit)


def test_a_purchase_by_program_is_sold_and_read_again(buyer: Caller) -> None:
    names = held(buyer.installation, 2)
    made = placed(buyer, names)
    assert (made.status_code, made.json()["state"]) == (201, "confirmed")
    told = made.json()
    assert [line["reservation"] for line in told["lines"]] == names
    assert (told["consignee"], told["notify_party"]) == ("", ""), "as the company's rules say: itself, nobody"
    assert told["total_minor"] == sum(line["total_minor"] for line in told["lines"])
    assert [step["after"] for step in told["steps"]] == ["draft", "placed", "confirmed"]
    assert buyer.get(made.headers["location"]).json() == told
    listed = buyer.get("/v1/purchases?state=confirmed").json()["data"]
    assert told["id"] in [one["id"] for one in listed]
    assert buyer.get("/v1/purchases?state=cancelled").json()["data"] == []
    assert buyer.get("/v1/purchases?nonsense=1").status_code == 400
    for line in told["lines"]:
        order = buyer.get(f"/v1/orders/{line['order'].removeprefix('order:')}").json()
        assert (order["po_number"], order["total_minor"]) == ("PO-9", line["total_minor"])


def test_one_key_sent_at_once_from_several_hands_is_one_purchase(buyer: Caller) -> None:
    """I5: of simultaneous requests one is done, the others see it or are told to wait."""
    names, token = held(buyer.installation), buyer.token
    sent = {"x-csrf-token": token, "idempotency-key": '"key-fedcba9876543210"'}

    def send(_n: int) -> Any:
        other = Caller(buyer.installation)
        other.cookies = buyer.cookies
        return other.post("/v1/purchases", json={**BODY, "reservations": names}, headers=sent)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(made) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    with buyer.installation.database.reading() as connection:
        assert len(store.with_number(connection, COMPANY, "PO-9")) == 1
    other = buyer.post(
        "/v1/purchases", json={**BODY, "reservations": names, "place": "Yantian"}, headers=sent
    )
    assert (other.status_code, other.json()["slug"]) == (422, "idempotency-key-reused")


def test_another_companys_purchase_is_as_none(buyer: Caller) -> None:
    made = placed(buyer, held(buyer.installation)).json()["id"]
    stranger = Caller(buyer.installation).signed_in("buyer", "cmp_vn")
    assert stranger.get(f"/v1/purchases/{made}").status_code == 404
    assert stranger.get(f"/purchases/{made}").status_code == 404
    assert stranger.send(f"/purchases/{made}/cancel", reason="customer").status_code == 404
    assert made not in [one["id"] for one in stranger.get("/v1/purchases").json()["data"]]
    own = stranger.get("/v1/company").json()
    assert own["id"] == "cmp_vn"


def test_a_purchase_is_not_changed_by_whoever_read_an_older_one(buyer: Caller) -> None:
    become(buyer, "admin", Limit(amount_minor=0, currency="USD"))
    made = placed(buyer, held(buyer.installation))
    path, tag = made.headers["location"], made.headers["etag"]
    assert made.json()["state"] == "pending_approval"
    bare = buyer.post(f"{path}/approve", headers=headers(buyer))
    assert (bare.status_code, bare.json()["slug"]) == (428, "precondition-required")
    stale = buyer.post(f"{path}/approve", headers=headers(buyer, **{"if-match": '"0123"'}))
    assert (stale.status_code, stale.json()["slug"]) == (412, "precondition-failed")
    done = buyer.post(f"{path}/approve", headers=headers(buyer, **{"if-match": tag}))
    assert (done.status_code, done.json()["state"]) == (200, "confirmed")
    late = buyer.post(f"{path}/cancel", json={}, headers=headers(buyer, **{"if-match": done.headers["etag"]}))
    assert (late.status_code, late.json()["slug"]) == (409, "purchase-sold")


def test_a_decline_and_a_cancel_give_the_goods_back(buyer: Caller) -> None:
    become(buyer, "admin", Limit(amount_minor=0, currency="USD"))
    for n, (step, body, reason) in enumerate(
        [("decline", {"remark": "too dear"}, "declined"), ("cancel", {"reason": "other"}, "other")]
    ):
        made = placed(buyer, held(buyer.installation), key=f'"key-0123456789abcde{n}"', po_number=f"PO-{n}")
        sent = headers(buyer, **{"if-match": made.headers["etag"]})
        ended = buyer.post(f"{made.headers['location']}/{step}", json=body, headers=sent).json()
        assert (ended["state"], ended["steps"][-1]["reason"]) == ("cancelled", reason)
        hold = buyer.get(f"/v1/reservations/{ended['lines'][0]['reservation']}").json()
        assert hold["state"] == "released"


@pytest.mark.parametrize("role", COMPANY_ROLES)
def test_a_role_in_the_company_opens_what_the_table_says(buyer: Caller, role: CompanyRole) -> None:
    become(buyer, role)
    ruled = {route: rule for route, rule in ROUTES.items() if rule.company_roles}
    token = buyer.token
    assert len(ruled) >= 20
    for route, rule in ruled.items():
        method, _, path = route.partition(" ")
        for name in ("listing", "reservation", "purchase", "user"):
            path = path.replace(f"{{{name}}}", "0" * 20)
        more = {"if-match": '"0"', "idempotency-key": '"0123456789abcdef0"'}
        sent: dict[str, Any] = {"headers": {"x-csrf-token": token, **more}}
        if path.startswith("/v1/"):
            sent["json"] = BODIES.get(route, {})  # well formed: a body is read before anybody is asked for
        else:
            sent["data"] = {"csrf_token": token}
        answer = buyer.request(method, path, **sent)
        refused = answer.status_code == 403 and (
            "company-role" in answer.text or "Your role in the company" in answer.text
        )
        assert refused == (role not in rule.company_roles), (route, answer.status_code, answer.text[:200])


def test_several_holds_are_one_request_and_are_prolonged_and_accepted(buyer: Caller) -> None:
    one, two = offers(buyer.installation, 2)
    lines = [
        {"listing": one.id, "quantity": 5},
        {"listing": two.id, "quantity": 6},
        {"listing": one.id, "quantity": 5},
    ]
    sent = headers(buyer, **{"idempotency-key": '"key-0123456789abcdef"'})
    answer = buyer.post("/v1/reservations/batch", json={"lines": lines}, headers=sent)
    assert answer.status_code == 201, answer.text
    assert {hold["listing"]: hold["quantity"] for hold in answer.json()["data"]} == {one.id: 10, two.id: 6}
    name = answer.json()["data"][0]["id"]
    longer = buyer.post(f"/v1/reservations/{name}/extend", headers=headers(buyer))
    assert longer.json()["extended"] is True
    again = buyer.post(f"/v1/reservations/{name}/extend", headers=headers(buyer))
    assert (again.status_code, again.json()["slug"]) == (409, "extended-before")
    accept = f"/v1/reservations/{name}/accept"
    tag = buyer.get(f"/v1/reservations/{name}").headers["etag"]
    sent = [buyer.post(accept, headers=headers(buyer, **more)) for more in ({}, {"if-match": '"older"'})]
    assert [answer.status_code for answer in sent] == [428, 412], "of another version nothing is accepted"
    assert buyer.post(accept, headers=headers(buyer, **{"if-match": tag})).status_code == 200
    nobody = buyer.post("/v1/reservations/rsv_none/accept", headers=headers(buyer, **{"if-match": tag}))
    assert nobody.status_code == 404


def test_the_companys_rules_are_set_by_its_version(buyer: Caller) -> None:
    read = buyer.get("/v1/company")
    user, tag = read.json()["members"][0]["user"], read.headers["etag"]
    rules = {"threshold_minor": 5_000_000, "currency": "USD", "port": "Los Angeles"}
    assert buyer.request("PUT", "/v1/company", json=rules, headers=headers(buyer)).status_code == 428
    said = buyer.request("PUT", "/v1/company", json=rules, headers=headers(buyer, **{"if-match": tag}))
    assert (said.status_code, said.json()["rules"]["port"]) == (200, "Los Angeles")
    stale = buyer.request("PUT", "/v1/company", json=rules, headers=headers(buyer, **{"if-match": tag}))
    assert stale.status_code == 412
    body = {"role": "viewer"}
    sent = headers(buyer, **{"if-match": said.headers["etag"]})
    last = buyer.request("PUT", f"/v1/company/members/{user}", json=body, headers=sent)
    assert (last.status_code, last.json()["slug"]) == (409, "last-admin")


def test_a_basket_is_changed_and_ordered_without_scripts(buyer: Caller) -> None:
    assert "Nothing is held for you" in buyer.get("/basket").text
    for offer in offers(buyer.installation, 2, 24):
        assert buyer.send(f"/offers/{offer.id}/reserve", quantity="20").status_code == 303
    page = buyer.get("/basket").text
    hrefs = set(re.findall(r'href="(/offers/\w+/landed\?[^"]+)"', page))
    assert len(hrefs) == 2, "what each costs where it is needed"
    for href in hrefs:
        part = buyer.get(unescape(href))
        assert part.status_code == 200, "goods that the company holds are there for it"
        said = part.text[part.text.index('class="price"') :]
        known, unknown = find(r"<b>(.*?)</b>", said), "Not included" in said
        assert known in page
        assert not unknown or "Nobody has stated a rate" in page
    name, term = (
        find(r"/reservations/(rsv_\w+)/quantity", page),
        find(r'name="incoterm" value="([^"]+)"', page),
    )
    refused = buyer.send(f"/reservations/{name}/quantity", quantity="2")
    assert (refused.status_code, 'aria-invalid="true"' in refused.text) == (422, True)
    assert buyer.send(f"/reservations/{name}/quantity", quantity="zwei").status_code == 422
    assert buyer.send(f"/reservations/{name}/quantity", quantity="24").status_code == 303
    assert buyer.send("/basket", po_number="", incoterm=term).status_code == 422
    assert buyer.send("/basket", po_number="PO-5", incoterm="DDP Nowhere").status_code == 422
    long = buyer.send("/basket", po_number="PO-5", incoterm=term, consignee="A" * 301)
    assert (long.status_code, "A" * 301 in long.text) == (422, True)
    done = buyer.send(
        "/basket", po_number="PO-5", incoterm=term, consignee="Sao Bien Co.\n1 Dock St", notify_party="Cang"
    )
    assert done.status_code == 303
    bought = buyer.get(done.headers["location"])
    assert "PO-5" in heading(bought)
    assert "Sao Bien Co." in bought.text
    assert "The goods are sold" in bought.text
    assert "PO-5" in buyer.get("/purchases?show=under-way").text
    assert "PO-5" not in buyer.get("/purchases?show=cancelled").text


def test_goods_go_where_the_purchase_says_and_otherwise_where_the_company_does(buyer: Caller) -> None:
    usual = {"consignee": "Sao Bien Co.; Hai Phong", "notify_party": "Cang; Hai Phong"}
    rules = Rules(COMPANY, **usual)
    buyer.installation.writer.do(lambda ledger: companies.put_rules(ledger.connection, rules))
    assert "Sao Bien Co.\nHai Phong</textarea>" in _with_a_hold(buyer)
    names = held(buyer.installation, 2)
    first = placed(buyer, names[:1], '"first"').json()
    assert {name: first[name] for name in usual} == usual
    other = {"consignee": "Lotus Stores; Da Nang", "notify_party": ""}
    second = placed(buyer, names[1:], '"second"', po_number="PO-10", **other).json()
    assert {name: second[name] for name in other} == other
    bad = placed(buyer, names, '"third"', po_number="PO-11", consignee="e\u0301")
    assert bad.json()["slug"] == "invalid-record"
    with buyer.installation.database.reading() as connection:
        told = [delivery_of(connection, COMPANY, [one["lines"][0]["order"]]) for one in (first, second)]
    assert [(one.consignee, one.notify_party) for one in told] == [
        tuple(usual.values()), ("Lotus Stores; Da Nang", ""),
    ]  # fmt: skip


def _with_a_hold(buyer: Caller) -> str:
    (name,) = held(buyer.installation)
    page = buyer.get("/basket").text
    buyer.send(f"/reservations/{name}/release")
    return page


def test_a_number_that_stands_already_asks_whether_it_is_meant(buyer: Caller) -> None:
    placed(buyer, held(buyer.installation))
    (name,) = held(buyer.installation)
    page = buyer.get("/basket").text
    term = find(r'name="incoterm" value="([^"]+)"', page)
    asked = buyer.send("/basket", po_number="PO-9", incoterm=term)
    assert (asked.status_code, 'name="repeated"' in asked.text) == (422, True)
    assert buyer.send("/basket", po_number="PO-9", incoterm=term, repeated="yes").status_code == 303
    with buyer.installation.database.reading() as connection:
        assert trade.reservation(connection, name).state == "converted"  # type: ignore[union-attr]


def test_staff_writes_payments_down_and_stops_what_is_recalled(buyer: Caller) -> None:
    staff = Caller(buyer.installation).signed_in("operator")
    made = placed(buyer, held(buyer.installation)).json()
    path = f"/operator/purchases/{made['id']}"
    assert "PO-9" in staff.get("/operator/purchases?show=under-way").text
    bad = staff.send(f"{path}/payments", amount="1,5", paid_on="2199-01-01", reference="")
    assert (bad.status_code, bad.text.count("aria-invalid")) == (422, 3)
    noted = staff.send(f"{path}/payments", amount="1.50", paid_on="2026-11-01", reference="HSBC 1")
    assert noted.status_code == 303
    assert "HSBC 1" in buyer.get(f"/purchases/{made['id']}").text
    sold = staff.send(f"{path}/cancel", reason="staff")
    assert (sold.status_code, "the sale stands in the log" in sold.text) == (422, True)
    assert staff.send(f"{path}/hold", reason="fraud", remark="looks odd").status_code == 303
    held_ = buyer.get(f"/purchases/{made['id']}").text
    assert "Suspicion of fraud" in held_
    assert "looks odd" in held_
    with buyer.installation.database.reading() as connection:
        (stopped,) = [one for one in store.events(connection, made["id"]) if one.after == "on_hold"]
        user = people.user(connection, stopped.by.removeprefix("user:"))
    assert user is not None
    assert user.name not in held_, "staff is told by name to staff alone"
    assert "by the operator" in held_
    assert user.name in staff.get(path).text
    steps = buyer.get(f"/v1/purchases/{made['id']}").json()["steps"]
    assert {step["by"] for step in steps if step["after"] == "on_hold"} == {"operator"}
    assert all(step["by"].startswith("user:") for step in steps if step["after"] != "on_hold")
    undone = staff.send(f"{path}/take-back", reason="nonsense")
    assert (undone.status_code, "Undo the sale" in undone.text) == (422, True)
    recall(buyer.installation, made["lines"][0]["lot"])
    assert "still recalled" in staff.send(f"{path}/resume").text
    assert staff.send("/operator/purchases/pur_none/resume").status_code == 404


def test_company_pages_set_roles_and_invite(buyer: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    page = buyer.get("/company").text
    user = find(r"/company/members/(\w+)", page)
    last = buyer.send(f"/company/members/{user}", role="viewer", limit="", currency="USD", period="month")
    assert (last.status_code, errors(last) != []) == (422, True)
    said = buyer.send(
        f"/company/members/{user}", role="admin", limit="12.50", currency="USD", period="purchase"
    )
    assert said.status_code == 303
    assert buyer.send("/company", threshold="1e9", currency="USD").status_code == 422
    assert buyer.send("/company", threshold="100", currency="USD", consignee="A\nB").status_code == 303
    with buyer.installation.database.reading() as connection:
        (one,) = companies.members(connection, COMPANY)
        rules = companies.rules(connection, COMPANY)
    assert (one.limit.amount_minor, one.limit.period) == (1250, "purchase")
    assert (rules.threshold_minor, rules.consignee) == (10_000, "A; B")
    invited = buyer.send("/company/invitations", email="new@example.com")
    assert "/invitations/" in invited.text
    assert buyer.send("/company/invitations", email="nobody").status_code == 422
    with buyer.installation.database.reading() as connection:
        assert people.user_by_email(connection, "new@example.com") is None
    few = load.purchases().model_copy(update={"invitations_a_week": 2})
    monkeypatch.setattr(load, "purchases", lambda: few)
    assert "/invitations/" in buyer.send("/company/invitations", email="next@example.com").text
    one_more = buyer.send("/company/invitations", email="last@example.com")
    assert (one_more.status_code, "invited many people this week" in one_more.text) == (422, True)


def test_a_basket_shows_no_hold_that_ran_out(buyer: Caller) -> None:
    (name,) = held(buyer.installation)
    assert name in buyer.get("/basket").text
    later(buyer.installation, timedelta(minutes=31))
    assert name not in buyer.get("/basket").text
    late = placed(buyer, [name])
    assert (late.status_code, late.json()["slug"]) == (409, "reservation-expired")
