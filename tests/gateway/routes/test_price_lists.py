"""Prices, sale events and audiences as staff and buyers meet them, on pages and over the API."""

import re
import secrets
from datetime import timedelta
from html import unescape

from gateway.store import audiences, trade
from gateway.store.audiences import Exposure
from gateway.store.trade import Listing
from gateway.wiring import Installation
from gateway.workflows import pools, sale_events
from gateway.workflows.sale_events import EventWanted
from ledger.store import log
from tests.gateway.web import Caller, errors, find, heading


def phones(installation: Installation) -> Listing:
    """A standing offer of phones in Viet Nam."""
    with installation.database.reading() as connection:
        for listing in trade.listings(connection):
            subject = log.subject(connection, listing.lot)
            assert subject is not None
            if listing.market == "VN" and subject.state.category == "phone":
                return listing
    raise AssertionError("no phones for Viet Nam")


def company_in(installation: Installation, country: str) -> str:
    with installation.database.reading() as connection:
        return next(one.id for one in trade.companies(connection) if one.country == country)


LIST = {
    "name": "Autumn", "holder_kind": "market", "market": "VN", "currency": "USD", "valid_from": "2026-11-01",
}  # fmt: skip


def test_staff_makes_a_list_by_forms_and_the_buyer_pays_its_steps(
    caller: Caller, copied: Installation
) -> None:
    listing = phones(copied)
    caller.signed_in("operator")
    assert caller.send("/operator/prices", **(LIST | {"market": ""})).status_code == 422
    made = caller.send("/operator/prices", **LIST)
    assert made.status_code == 303
    page = made.headers["location"]
    own = listing.unit_price_minor
    low = caller.send(page, listing=listing.id, min_qty="50", price="0.01")
    assert low.status_code == 422
    assert errors(low), "the field says what is wrong"
    assert "price outside its band" in low.text.lower() or "outside its band" in low.text
    assert 'class="band out"' in low.text, "and a picture shows where the price lies"
    price = f"{own // 100}.{own % 100:02}"
    assert caller.send(page, listing=listing.id, min_qty="50", price=price).status_code == 303
    sheet = f"listing,min_qty,price\n{listing.id},20,{price}\n{listing.id},30,9999999\n"
    sent = caller.post(
        f"{page}/sheet",
        data={"csrf_token": caller.token},
        files={"file": ("prices.csv", sheet.encode(), "text/csv")},
    )
    assert sent.status_code == 200
    assert "1 row of the sheet was taken." in sent.text
    assert "Rows that were not taken" in sent.text
    buyer = Caller(copied).signed_in("buyer", company_in(copied, "VN"))
    ladder = buyer.get(f"/v1/listings/{listing.id}/prices")
    assert ladder.json() == {
        "listing": listing.id,
        "currency": "USD",
        "price_basis": listing.basis,
        "steps": [
            {"min_qty": listing.moq, "unit_price_minor": own, "is_agreed": False},
            {"min_qty": 20, "unit_price_minor": own, "is_agreed": True},
        ],
    }
    abroad = Caller(copied).signed_in("buyer", company_in(copied, "US"))
    hidden, nothing = (abroad.get(f"/v1/listings/{name}/prices") for name in (listing.id, "lst_none"))
    assert (hidden.status_code, nothing.status_code) == (404, 404)
    assert hidden.json() | {"instance": "", "request_id": ""} == nothing.json() | {
        "instance": "",
        "request_id": "",
    }
    assert caller.send(f"{page}/close").status_code == 303
    assert [step["is_agreed"] for step in buyer.get(f"/v1/listings/{listing.id}/prices").json()["steps"]] == [
        False
    ]


def test_programs_make_lists_and_are_told_the_limits(caller: Caller, copied: Installation) -> None:
    listing = phones(copied)
    caller.signed_in("operator")
    headers = {"X-CSRF-Token": caller.token}

    def send(path: str, key: str = "", **body: object) -> tuple[int, dict[str, object]]:
        named = {"idempotency-key": f'"{key or secrets.token_hex(8)}"'}
        answer = caller.post(path, json=body, headers=headers | named)
        return answer.status_code, answer.json()

    wanted = {
        "name": "Autumn", "holder_kind": "tier", "holder": "2", "market": "VN", "currency": "USD",
        "valid_from": "2026-11-01",
    }  # fmt: skip
    assert send("/v1/price-lists", **(wanted | {"holder": "gold"}))[1]["slug"] == "holder-unknown"
    assert send("/v1/price-lists", **(wanted | {"currency": "EUR"}))[1]["slug"] == "other-currency"
    assert send("/v1/price-lists", **(wanted | {"valid_from": "2026-02-30"}))[0] == 422
    status, made = send("/v1/price-lists", "once", **wanted)
    assert status == 201
    assert send("/v1/price-lists", "once", **wanted) == (201, made), "sent again, it is made once"
    assert caller.post("/v1/price-lists", json=wanted, headers=headers).status_code == 400
    path = f"/v1/price-lists/{made['id']}"
    step = {"listing": listing.id, "min_qty": 10, "unit_price_minor": 1}
    status, refused = send(f"{path}/prices", **step)
    assert (status, refused["slug"]) == (422, "price-out-of-band")
    assert isinstance(refused["least_minor"], int)
    status, price = send(f"{path}/prices", **(step | {"unit_price_minor": refused["least_minor"]}))
    assert status == 201
    assert [one["id"] for one in caller.get(path).json()["prices"]] == [price["id"]]
    gone = [
        caller.request("DELETE", f"{path}/prices/{price['id']}", headers=headers).status_code
        for _ in range(2)
    ]
    assert gone == [204, 404]
    assert [one["id"] for one in caller.get("/v1/price-lists").json()["data"]] == [made["id"]]
    reference = {
        "subject": "X7 Pro", "market": "VN", "kind": "local_new", "amount_minor": 16_000, "currency": "USD",
        "source": "three shops", "stated_on": "2026-11-19",
    }  # fmt: skip
    assert send("/v1/references", **(reference | {"market": ""}))[1]["slug"] == "market-needed"
    status, stated = send("/v1/references", "once", **reference)
    assert status == 201
    assert send("/v1/references", "once", **reference) == (201, stated)
    assert caller.post("/v1/references", json=reference, headers=headers).status_code == 400
    assert [one["id"] for one in caller.get("/v1/references").json()] == [stated["id"]]
    assert send(f"{path}/close")[1]["closed_at"]
    assert send(f"{path}/close")[1]["slug"] == "price-list-closed"


def test_by_whatever_door_a_company_is_shown_what_few_see_it_stands_in_the_log(
    caller: Caller, copied: Installation
) -> None:
    listing, company = phones(copied), company_in(copied, "VN")
    pools.move(copied, listing.id, "private", 1, "for one", "user:usr_x")
    pools.add_company(copied, listing.id, company, "asked for it", "user:usr_x")
    caller.signed_in("buyer", company)
    doors = [f"/offers/{listing.id}", f"/offers/{listing.id}/landed", f"/v1/listings/{listing.id}"] + [
        f"/v1/listings/{listing.id}/{name}"
        for name in ("prices", "landed-cost", "readiness", "manifest.json", "manifest.csv", "manifest.xlsx")
    ]
    for door in doors:
        copied.writer.do(lambda ledger: ledger.connection.execute(audiences.EXPOSURES.delete()))
        assert caller.get(door).status_code == 200, door
        with copied.database.reading() as connection:
            shown = audiences.exposures_of(connection, listing.id)
        assert [(one.company, one.why) for one in shown] == [(company, "audience")], door


def test_staff_reads_who_was_shown_what_by_offer_and_company_page_by_page(
    caller: Caller, copied: Installation
) -> None:
    one, other = phones(copied), "cmp_us"
    lines = [Exposure(one.id, company, f"2026-01-{day:02}", "tier") for day in range(1, 32)
             for company in ("cmp_vn", other, "cmp_ng", "cmp_gone")]  # fmt: skip
    rows = [{name: getattr(line, name) for name in line.__slots__} for line in lines]
    copied.writer.do(lambda ledger: ledger.connection.execute(audiences.EXPOSURES.insert(), rows))
    caller.signed_in("operator")

    def days(page: str) -> list[str]:
        return [re.sub("<.*?>", "", one) for one in re.findall(r'data-label="Day">(.*?)</td>', page)]

    first = caller.get("/operator/exposures?lang=en").text
    following = unescape(find(r'href="([^"]+)" rel="next"', first))
    second = caller.get(following).text
    assert (len(days(first)), len(days(second)), 'rel="next"' in second) == (100, 24, False)
    told = [set(re.findall(r"\w+", day)) for day in (days(first)[0], days(second)[-1])]
    assert [day - {"Jan", "2026"} for day in told] == [{"31"}, {"1"}], "the newest day first"
    mine = caller.get(f"/operator/exposures?company={other}&listing={one.id}").text
    assert len(days(mine)) == 31
    assert days(caller.get("/operator/exposures?company=cmp_nobody").text) == []
    assert caller.get("/operator/exposures?after=2026-13").status_code == 200
    assert f"/operator/exposures?listing={one.id}" in caller.get(f"/operator/audiences/{one.id}").text


def test_a_buyer_sees_an_event_with_what_is_in_it_and_how_long_it_lasts(
    caller: Caller, copied: Installation
) -> None:
    listing, now = phones(copied), copied.clock.now()
    wanted = EventWanted(
        "手机专场", "Phones of the autumn", "Điện thoại", now, now + timedelta(days=2, hours=1)
    )
    event = sale_events.plan(copied, wanted, "user:usr_x").id
    staff = Caller(copied).signed_in("operator")
    assert staff.send(f"/operator/events/{event}", action="add", listing=listing.id).status_code == 303
    caller.signed_in("buyer", company_in(copied, "VN"))
    shown = caller.get(f"/events/{event}?lang=vi")
    assert heading(shown) == "<bdi>Điện thoại</bdi>"
    assert "kết thúc sau 2 ngày" in shown.text
    assert f'href="/offers/{listing.id}"' in shown.text
    assert f"/events/{event}" in caller.get("/events?lang=en").text
    company = company_in(copied, "VN")
    pools.move(copied, listing.id, "private", 1, "for one", "user:usr_x")
    assert caller.get(f"/events/{event}").status_code == 404, "it is for others"
    pools.add_company(copied, listing.id, company, "asked for it", "user:usr_x")
    assert caller.get(f"/events/{event}").status_code == 200
    with copied.database.reading() as connection:
        (shown_to,) = audiences.exposures_of(connection, listing.id)
    assert (shown_to.company, shown_to.why) == (company, "audience")
    pools.move(copied, listing.id, "members", 1, "for all", "user:usr_x")
    abroad = Caller(copied).signed_in("buyer", company_in(copied, "US"))
    assert abroad.get(f"/events/{event}").status_code == 404, "nothing in it is for them"
    assert event not in abroad.get("/events").text
    assert staff.send(f"/operator/events/{event}", action="close").status_code == 303
    assert "Nothing is in it" not in staff.get(f"/operator/events/{event}?lang=en").text
    assert caller.get(f"/events/{event}").status_code == 404, "it is over"
    assert staff.send(f"/operator/events/{event}", action="pool").status_code == 303
    assert "The long-term pool" in staff.get(f"/operator/audiences/{listing.id}?lang=en").text


def test_staff_says_why_it_changes_who_sees_an_offer(caller: Caller, copied: Installation) -> None:
    listing = phones(copied)
    page = f"/operator/audiences/{listing.id}"
    caller.signed_in("operator")
    mute = caller.send(page, visibility="private", tier_min="2")
    assert mute.status_code == 422
    assert errors(mute)
    assert caller.send(page, visibility="private", tier_min="2", reason="a small lot").status_code == 303
    assert caller.send(f"{page}/push").status_code == 303
    shown = caller.get(f"{page}?lang=en").text
    assert "a small lot" in shown
    company = find(r'name="company" value="(\w+)"', shown)
    removed = caller.send(f"{page}/companies", action="remove", company=company, reason="in arrears")
    assert removed.status_code == 303
    assert "in arrears" in caller.get(f"{page}?lang=en").text
    assert caller.send(f"{page}/companies", action="add", company="cmp_none", reason="x").status_code == 422
