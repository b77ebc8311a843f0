"""G4, G5, G31: what an offer says of its price, unit and steps, on its page and to a program."""

import secrets
from typing import Any

import pytest

from gateway.store import trade
from gateway.store.trade import LISTINGS, Listing
from ledger.store import log
from tests.gateway.web import Caller, errors


@pytest.fixture
def by_weight(caller: Caller) -> Listing:
    """An offer of garments of grade C, priced by the kilogram at 250 g a piece for the same share."""
    installation = caller.installation
    with installation.database.reading() as connection:
        for listing in trade.listings(connection):
            subject, stock = log.subject(connection, listing.lot), trade.stock(connection, listing.lot)
            assert subject is not None
            kind = (listing.market, subject.state.category, subject.state.grade)
            if kind == ("US", "apparel", "C") and stock is not None and stock.available > 100:
                break
    values = {"basis": "kg", "size": 250, "unit_price_minor": 4 * listing.unit_price_minor}

    def weigh(ledger: Any) -> None:
        ledger.connection.execute(LISTINGS.update().where(LISTINGS.c.id == listing.id).values(values))

    installation.writer.do(weigh)
    with installation.database.reading() as connection:
        found = trade.listing(connection, listing.id)
    assert found is not None
    return found


def test_g4_a_buyer_types_kilograms_and_is_told_what_comes_to_whole_pieces(
    caller: Caller, by_weight: Listing
) -> None:
    buyer = caller.signed_in("buyer", "cmp_us")
    page = buyer.get(f"/offers/{by_weight.id}").text
    for text in ("a kilogram", "Net mass of a piece", "0.25", "Quantity, in kilograms", 'value="1.25"'):
        assert text in page, text
    reserve = f"/offers/{by_weight.id}/reserve"
    cut = buyer.send(reserve, quantity="12.6", unit="kg")
    assert cut.status_code == 422
    assert "You can order: <b>12.5 · 12.75</b>" in cut.text
    assert "for example 12.5" in errors(buyer.send(reserve, quantity="12,5", unit="kg"))[0]
    held = buyer.send(reserve, quantity="12.5", unit="kg")
    assert held.status_code == 303
    assert "50 pieces" in buyer.get(held.headers["location"]).text


def test_g4_a_program_asks_in_pieces_or_in_the_unit_of_the_offer(caller: Caller, by_weight: Listing) -> None:
    buyer = caller.signed_in("buyer", "cmp_us")

    def ask(**wanted: Any) -> tuple[int, dict[str, Any]]:
        headers = {"x-csrf-token": buyer.token, "idempotency-key": secrets.token_hex(8)}
        answer = buyer.post("/v1/reservations", json={"listing": by_weight.id, **wanted}, headers=headers)
        return answer.status_code, answer.json()

    weight = {"value": "12.5", "unit": "kg"}
    assert ask(amount=weight)[1]["quantity"] == 50
    assert ask(quantity=50)[0] == 201
    assert ask(quantity=50, amount=weight)[0] == 422
    assert ask()[0] == 422
    assert ask(amount={"value": "1e3", "unit": "kg"})[0] == 422
    status, cut = ask(amount={"value": "12.6", "unit": "kg"})
    assert (status, cut["slug"], cut["below"], cut["above"]) == (422, "not-a-multiple", 50, 51)
    status, wrong = ask(amount={"value": "2", "unit": "carton"})
    assert (status, wrong["slug"], wrong["unit"]) == (422, "wrong-unit", "kg")


def test_g31_a_ratio_stands_with_its_reference_on_the_page_and_in_the_api(
    caller: Caller, by_weight: Listing
) -> None:
    buyer = caller.signed_in("buyer", "cmp_us")
    offer = buyer.get(f"/v1/listings/{by_weight.id}").json()
    assert (offer["price_basis"], offer["unit_size"], offer["multiple"]) == ("kg", 250, 1)
    reference = offer["reference"]
    assert (reference["kind"], reference["source"]) == ("list_price", "supplier")
    assert reference["percent"] + reference["off_percent"] == 100
    page = buyer.get(f"/offers/{by_weight.id}").text
    share, off = reference["percent"], reference["off_percent"]
    assert f"{share}% of reference price ({off}% off)" in page
    assert "declared by the supplier" in page
