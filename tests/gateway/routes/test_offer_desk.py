"""The operator's desk of offers, for people and programs, and a buyer's page of one offer."""

import csv
import io
import re
import secrets
from datetime import UTC, date, datetime
from typing import Any

from gateway.store import matches, offer_states, trade
from gateway.store.trade import LISTINGS, Listing
from gateway.trade.quantities import half_up
from gateway.workflows import order_freight
from gateway.workflows.trade_figures import weeks_of
from ledger.store import log
from tests.gateway.web import Caller, find

DESK = "/operator/offers"


def _offer(caller: Caller, grade: str = "B") -> Listing:
    with caller.installation.database.reading() as connection:
        for one in trade.listings(connection):
            subject, stock = log.subject(connection, one.lot), trade.stock(connection, one.lot)
            if (
                subject is not None
                and (subject.state.grade, one.market) == (grade, "US")
                and stock is not None
                and stock.available > 200
            ):
                return one
    raise AssertionError(grade)


def _set(caller: Caller, id_: str, **values: Any) -> None:
    def unit(ledger: Any) -> None:
        ledger.connection.execute(LISTINGS.update().where(LISTINGS.c.id == id_).values(**values))

    caller.installation.writer.do(unit)


def _status(caller: Caller, id_: str) -> str:
    with caller.installation.database.reading() as connection:
        found = trade.listing(connection, id_)
    assert found is not None
    return found.status


def _headers(caller: Caller, **more: str) -> dict[str, str]:
    return {"x-csrf-token": caller.token, "idempotency-key": secrets.token_hex(8), **more}


def test_the_desk_says_what_may_be_offered_and_why_not_with_the_way_to_mend_it(caller: Caller) -> None:
    staff = caller.signed_in("operator")
    blocked = staff.get(f"{DESK}?tab=blocked").text
    counts = dict(re.findall(r'tab=(\w+)"[^>]*>[^<]*<small>(\d+)</small>', blocked))
    assert int(counts["blocked"]) > 0
    assert "There is no test summary" in blocked or "(UN 38.3)" in blocked, "a phone without its test"
    assert "/console/lots/" in blocked
    assert "Look at its articles" in blocked
    ready = staff.get(f"{DESK}?tab=ready").text
    assert ready.count('class="line"') == int(counts["ready"]), "what is counted is what may be offered"
    assert staff.get(f"{DESK}?tab=nothing").status_code == 404


def test_staff_pauses_resumes_and_withdraws_and_everything_is_written_down(caller: Caller) -> None:
    one, staff = _offer(caller), caller.signed_in("operator")
    page = f"{DESK}/{one.id}"
    first = staff.get(page).text
    for text in ("What the gate says", "within its band", "Channels against markets", "the usual channel"):
        assert text in first, text
    version = find(r'name="version" value="(\d+)"', first)
    missing = staff.send(f"{page}/move", version=version, to="paused")
    assert missing.status_code == 422
    assert "Choose why." in missing.text
    assert staff.send(f"{page}/move", version=version, to="paused", reason="stock_count").status_code == 303
    assert _status(caller, one.id) == "paused"
    stale = staff.send(f"{page}/move", version=version, to="withdrawn", reason="goods_needed")
    assert stale.status_code == 409
    assert "Somebody changed the offer meanwhile" in stale.text
    version = find(r'name="version" value="(\d+)"', staff.get(page).text)
    assert staff.send(f"{page}/move", version=version, to="resumed", note="counted").status_code == 303
    told = staff.get(page).text
    for text in ("the stock is being counted", "offered again", "counted", "On offer → Paused"):
        assert text in told, text


def test_g27_words_that_claim_too_much_come_back_with_what_the_records_say(caller: Caller) -> None:
    one, staff = _offer(caller), caller.signed_in("operator")
    page = f"{DESK}/{one.id}"
    version = find(r'name="version" value="(\d+)"', staff.get(page).text)
    said = {"version": version, "title_vi": "Hàng MỚI 100%", "text_en": "Not new. With light marks."}
    refused = staff.send(f"{page}/words", **said)
    assert refused.status_code == 422
    shown = re.sub(r"<[^>]+>", "", refused.text)
    assert "Hàng MỚI" in shown
    assert "that the goods are new" in shown
    assert "their grade is not A" in shown
    assert "With light marks." in refused.text, "what was typed is kept"
    kept = staff.send(f"{page}/words", **{**said, "title_vi": "Có vết nhẹ"})
    assert kept.status_code == 303
    buyer = caller.signed_in("buyer", "cmp_us")
    offer = buyer.get(f"/offers/{one.id}?lang=vi").text
    assert "Có vết nhẹ" in offer
    assert "With light marks." not in offer, "every language says its own"


def test_a_denied_company_and_a_lower_tier_find_nothing(caller: Caller) -> None:
    one, staff = _offer(caller), caller.signed_in("operator")
    version = find(r'name="version" value="(\d+)"', staff.get(f"{DESK}/{one.id}").text)
    fields = {"version": version, "visibility": "tier", "tier_min": "2", "offered_until": "2020-01-01"}
    past = staff.send(f"{DESK}/{one.id}/audience", **fields)
    assert past.status_code == 422
    assert "This day has passed" in past.text
    fields["offered_until"] = ""
    mute = staff.send(f"{DESK}/{one.id}/audience", **fields)
    assert (mute.status_code, "Say why." in mute.text) == (422, True)
    fields["why"] = "for those who buy often"
    assert staff.send(f"{DESK}/{one.id}/audience", **fields).status_code == 303
    with caller.installation.database.reading() as connection:
        (kept,) = matches.pool_moves(connection, one.id)
    assert (kept.reason, kept.visibility, kept.tier_min) == ("for those who buy often", "tier", 2)
    buyer = caller.signed_in("buyer", "cmp_us")
    assert buyer.get(f"/offers/{one.id}").status_code == 404


def test_programs_draft_hand_in_and_publish_under_if_match(caller: Caller) -> None:
    one, staff = _offer(caller), caller.signed_in("operator")
    path = "/v1/operator/offers"
    wording = {"en": {"title": "With warranty"}}
    wanted = {"lot": one.lot, "market": "US"}
    refused = staff.post(path, json={**wanted, "wording": wording}, headers=_headers(staff))
    assert (refused.status_code, refused.json()["slug"]) == (422, "claims-too-much")
    assert {claim["claim"] for claim in refused.json()["claims"]} == {"warranty"}
    made = staff.post(path, json=wanted, headers=_headers(staff))
    assert (made.status_code, made.json()["state"], made.json()["head"]) == (201, "draft", "")
    address = f"{path}/{made.json()['id']}"
    assert (
        staff.post(f"{address}/moves", json={"to": "in_review"}, headers=_headers(staff)).status_code == 428
    )
    tag = {"if-match": made.headers["etag"]}
    handed = staff.post(f"{address}/moves", json={"to": "in_review"}, headers=_headers(staff, **tag))
    assert handed.json()["state"] == "in_review"
    late = staff.post(f"{address}/moves", json={"to": "withdrawn"}, headers=_headers(staff, **tag))
    assert late.status_code == 412
    tag = {"if-match": staff.get(address).headers["etag"]}
    done = staff.post(f"{address}/moves", json={"to": "published"}, headers=_headers(staff, **tag))
    assert (done.status_code, done.json()["state"]) == (200, "published")
    assert [change["after"] for change in done.json()["changes"]] == ["draft", "in_review", "published"]
    assert _status(caller, one.id) == "withdrawn"
    listed = staff.get(f"{path}?state=withdrawn").json()["data"]
    assert one.id in {found["id"] for found in listed}


def test_a_buyers_page_tells_quantities_answers_and_the_sample(caller: Caller) -> None:
    one = _offer(caller)
    _set(caller, one.id, moq=48, multiple=24)
    buyer = caller.signed_in("buyer", "cmp_us")
    page = buyer.get(f"/offers/{one.id}").text
    quantities = re.findall(r"<li>(\d+)</li>", page[page.index("steps-told") :])
    assert quantities[:3] == ["48", "72", "96"]
    for text in ("What people ask", "Who vouches for it", "What it costs where you need it", "manifest.csv"):
        assert text in page, text
    sample = f"/offers/{one.id}/sample"
    assert "This is more than a sample." in buyer.send(sample, pieces="9").text
    held = buyer.send(sample, pieces="1", idempotency_key=secrets.token_hex(16))
    assert held.status_code == 303
    again = buyer.send(sample, pieces="1", idempotency_key=secrets.token_hex(16))
    assert "Your company had its sample of this lot." in again.text
    taken = buyer.post(f"/v1/listings/{one.id}/sample", json={"pieces": 1}, headers=_headers(buyer))
    assert (taken.status_code, taken.json()["slug"]) == (409, "sample-taken")


def test_the_figures_are_counted_and_nothing_left_outside_the_allowed_channels(caller: Caller) -> None:
    staff = caller.signed_in("operator")
    page = staff.get("/operator/figures").text
    for text in ("Sold of what was on offer", "How long it has lain here", "as it must be"):
        assert text in page, text
    with caller.installation.database.reading() as connection:
        freight = order_freight.latest(connection)
    assert ("not known yet" in page) == any(one.share is None for one in freight)
    share = order_freight.overall(freight)
    assert share is not None
    assert f"{half_up(share * 100)}%" in page[page.index("Freight, of the price") :]
    rows = list(csv.reader(io.StringIO(staff.get("/operator/figures.csv").text)))
    assert rows[0] == ["figure", "of", "value"]
    figures = {(name, of): int(value) for name, of, value in rows[1:]}
    with caller.installation.database.reading() as connection:
        assert figures["units-sold", ""] == trade.sold_units(connection)
        offered = offer_states.count(connection, {"published"})
    assert offered > 0
    assert figures["units-outside-allowed-channels", ""] == 0
    assert sum(value for (name, _), value in figures.items() if name == "sold") == figures["units-sold", ""]


def test_a_week_counts_what_stood_there_and_what_came_in_it() -> None:
    def at(day: int, kind: str, units: int) -> tuple[datetime, str, int]:
        return datetime(2026, 11, day, 9, tzinfo=UTC), kind, units

    moves = [
        (datetime(2026, 1, 5, tzinfo=UTC), "receive", 100),  # long before
        at(10, "allocate", 30),
        at(17, "receive", 50),
        at(18, "write_off", 20),
        at(18, "reserve", 99),  # held is not sold
        at(19, "allocate", 25),
    ]
    before, last = weeks_of(moves, date(2026, 11, 22))[-2:]
    assert (before.monday, before.offered, before.sold, before.percent) == (date(2026, 11, 9), 100, 30, 30)
    assert (last.monday, last.offered, last.sold, last.percent) == (date(2026, 11, 16), 100, 25, 25)
    assert weeks_of([], date(2026, 11, 22))[0].percent is None
