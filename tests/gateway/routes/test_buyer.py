"""A buyer sees what may be offered to it, buys from it, and nothing of anybody else's."""

import html
import re
from pathlib import Path
from typing import Any

import pytest

from gateway.store import trade
from gateway.workflows.parties import hand
from gateway.workflows.recheck import recheck
from gateway.workflows.work import Work
from ledger.store import log
from tests.gateway.web import Caller, ask, errors, find, tamper


def _offers(caller: Caller) -> list[str]:
    path, found = "/catalogue", []
    while path:
        text = caller.get(path).text
        found += re.findall(r'href="(/offers/lst_\w+)"', text)
        more = re.search(r'href="([^"]+)" rel="next"', text)
        path = html.unescape(more[1]) if more else ""
    return found


def _own_market(home: Path, offer: str) -> str:
    return ask(home, "SELECT market FROM listings WHERE id = ?", offer.rpartition("/")[2])


@pytest.fixture
def buyer(caller: Caller) -> Caller:
    return caller.signed_in("buyer", "cmp_ng")


def _reserved(buyer: Caller) -> str:
    """Hold as few pieces as the first offer allows: its smallest order is one to five."""
    offer = _offers(buyer)[0]
    for quantity in range(1, 6):
        answer = buyer.send(offer + "/reserve", quantity=str(quantity))
        if answer.status_code == 303:
            return answer.headers["location"]
    raise AssertionError(answer.text)


def test_offers_are_those_of_the_buyers_own_market(buyer: Caller, home: Path) -> None:
    offers = _offers(buyer)
    assert len(offers) > 24, "more than one page"
    assert len(set(offers)) == len(offers)
    assert {_own_market(home, offer) for offer in offers} == {"NG"}
    foreign = ask(home, "SELECT id FROM listings WHERE market = 'VN'")
    assert buyer.get(f"/offers/{foreign}").status_code == 404
    assert buyer.send(f"/offers/{foreign}/reserve", quantity="5").status_code == 404


def test_a_choice_narrows_the_catalogue(buyer: Caller) -> None:
    text = buyer.get("/catalogue?category=sofa&grade=B").text
    assert "Sofa" in text
    assert 'value="sofa" checked' in text
    assert buyer.get("/catalogue?category=no_such").text.count("/offers/lst_") == 0
    assert buyer.get("/catalogue?category=%27--").status_code == 422


def test_an_offer_goes_when_a_record_of_it_breaks(buyer: Caller, home: Path) -> None:
    offer = _offers(buyer)[0]
    lot = ask(home, "SELECT lot FROM listings WHERE id = ?", offer.rpartition("/")[2])
    index = ask(home, "SELECT max(idx) FROM chain WHERE subject = ?", lot)
    tamper(home, "DELETE FROM entries WHERE idx = ?", index)
    assert buyer.get(offer).status_code == 404
    assert buyer.send(offer + "/reserve", quantity="5").status_code in (404, 409)
    recheck(buyer.installation)  # lists verify no history: the next look at all offers finds it
    assert offer not in _offers(buyer)


def test_an_offer_goes_when_the_brand_takes_its_permission_back(buyer: Caller) -> None:
    installation = buyer.installation
    offer = _offers(buyer)[0]
    with installation.database.reading() as connection:
        listing = trade.listing(connection, offer.rpartition("/")[2])
        name = log.subject(connection, listing.lot).state.authorizations[0]
        grantor = log.subject(connection, name).state.grantor

    def revoke(ledger: Any) -> None:
        signer = hand(installation, grantor, "grantor")
        Work(installation, ledger).record(
            "authorization.revoked", [signer], {"reason": "withdrawn"}, subjects=[name]
        )

    installation.writer.do(revoke)
    assert buyer.get(offer).status_code == 404
    assert offer not in _offers(buyer)


def test_a_state_that_cannot_be_read_takes_away_its_own_offer_alone(buyer: Caller, home: Path) -> None:
    offers = _offers(buyer)
    lot = ask(home, "SELECT lot FROM listings WHERE id = ?", offers[0].rpartition("/")[2])
    tamper(home, "UPDATE subjects SET state = '{' WHERE subject = ?", lot)
    assert buyer.get(offers[0]).status_code == 404
    recheck(buyer.installation)  # it cannot even be withdrawn, so no list shows it any more
    assert _offers(buyer) == offers[1:]


def test_an_offer_says_why_it_may_be_offered(buyer: Caller) -> None:
    text = buyer.get(_offers(buyer)[0]).text
    for part in (
        "Why this lot may be offered",
        "What is in the lot",
        "Its history",
        "FCA ",
        "CPT Lagos Apapa",
    ):
        assert part in text
    assert "Not fulfilled" not in text


@pytest.mark.parametrize(
    ("quantity", "error"),
    [
        ("", "Enter a whole number."),
        ("twelve", "Enter a whole number."),
        ("-5", "Enter a whole number."),
        ("5.5", "Enter a whole number."),
        ("٥", "Enter a whole number."),
        ("0", "This is below the minimum quantity."),
        ("9999999999", "Fewer pieces are available than you asked for."),
        ("9" * 60, "Enter a whole number."),
    ],
)
def test_a_wrong_quantity_stays_in_the_form_with_its_reason(buyer: Caller, quantity: str, error: str) -> None:
    answer = buyer.send(_offers(buyer)[0] + "/reserve", quantity=quantity)
    assert answer.status_code == 422
    assert errors(answer) == [error]
    assert f'value="{quantity}" aria-invalid="true"' in answer.text


def test_from_reservation_to_order(buyer: Caller, home: Path) -> None:
    hold = _reserved(buyer)
    assert "minutes left" in buyer.get(hold).text or "minute left" in buyer.get(hold).text
    for fields, error in (
        ({"po_number": " ", "incoterm": "CPT Lagos Apapa"}, "Enter your purchase order number."),
        ({"po_number": "PO\u202e7", "incoterm": "CPT Lagos Apapa"}, "Use at most 60 ordinary characters."),
        (
            {"po_number": "AW-0417", "incoterm": "CPT Lagos Apapa"},
            "You have used this purchase order number before.",
        ),
        ({"po_number": "PO-7", "incoterm": "DDP Moon"}, "Choose one of the terms shown."),
    ):
        answer = buyer.send(hold + "/confirm", **fields)
        assert (answer.status_code, errors(answer)) == (422, [error])
    done = buyer.send(hold + "/confirm", po_number="PO-7", incoterm="CPT Lagos Apapa")
    again = buyer.send(hold + "/confirm", po_number="PO-7", incoterm="CPT Lagos Apapa")
    assert done.headers["location"] == again.headers["location"]
    assert ask(home, "SELECT count(*) FROM orders WHERE po_number = 'PO-7'") == 1
    page = buyer.get(done.headers["location"])
    assert "PO-7" in page.text
    assert "Documents appear here as soon as the goods are packed." in page.text
    assert "Open the order" in buyer.get(hold).text
    assert "PO-7" in buyer.get("/orders").text


def test_a_released_reservation_is_open_to_everybody_again(buyer: Caller) -> None:
    hold = _reserved(buyer)
    assert buyer.send(hold + "/release").status_code == 303
    assert "The goods are open to everybody again." in buyer.get(hold).text
    answer = buyer.send(hold + "/confirm", po_number="PO-8", incoterm="CPT Lagos Apapa")
    assert answer.status_code == 422


def test_another_companys_things_are_not_there(buyer: Caller, home: Path) -> None:
    hold = _reserved(buyer)
    other = Caller(buyer.installation).signed_in("buyer", "cmp_vn")
    order = "/orders/" + ask(home, "SELECT substr(id, 7) FROM orders WHERE company = 'cmp_ng'")
    missing = other.get("/orders/" + "0" * 20)
    for answer in (
        other.get(order),
        other.get(hold),
        other.send(hold + "/confirm", po_number="X", incoterm="CPT Lagos Apapa"),
        other.send(hold + "/release"),
    ):
        assert answer.status_code == 404
        assert len(answer.content) - len(missing.content) < 100
    assert "AW-0417" not in other.get("/orders").text


def test_an_order_shows_what_its_shipments_records_say(buyer: Caller, home: Path) -> None:
    order = ask(home, "SELECT substr(id, 7) FROM orders WHERE company = 'cmp_ng'")
    text = buyer.get(f"/orders/{order}").text
    assert find(r'class="now"[^>]*>.*?<span>(\w+)', text) == "Shipped"
    papers = ask(home, "SELECT count(*) FROM documents WHERE order_id = ?", f"order:{order}")
    assert text.count("/documents/") == papers > 2
    for words in ("Commercial invoice", "Packing list", "Functionality protocol", "Re-use declaration"):
        assert words in text
    code = find(r'href="/q/(\w{20})"', text)
    assert "This record is unaltered" in buyer.get(f"/q/{code}").text
