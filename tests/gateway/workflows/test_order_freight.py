"""G15: what carriage takes of the price of each order, marked above a fifth, unknown where nobody said."""

from dataclasses import replace
from fractions import Fraction

import pytest

from gateway.policies import load
from gateway.store import trade
from gateway.wiring import Installation
from gateway.workflows import order_freight
from gateway.workflows.sell import Terms, confirm, reserve
from tests.gateway.web import Caller


def test_g15_the_share_of_each_order_is_its_freight_to_its_price_and_a_fifth_is_marked(
    copied: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with copied.database.reading() as connection:
        offer = next(
            one
            for one in trade.listings(connection)
            if one.market == "VN" and (stock := trade.stock(connection, one.lot)) and stock.available >= 20
        )
    hold = reserve(copied, offer.id, "cmp_vn", 20)
    made = confirm(copied, hold.id, "cmp_vn", Terms("PO-F", "FCA", "Shenzhen"))
    with copied.database.reading() as connection:
        found = order_freight.latest(connection)
        newest = found[0]
        assert newest.order.id == made.id
        assert newest.freight_minor
        assert newest.share == Fraction(newest.freight_minor, made.total_minor)
        assert {
            one.verdict == "high" for one in found if one.share is not None and one.share > Fraction(1, 5)
        } <= {True}
        cheap = replace(made, unit_price_minor=max(1, 4 * newest.freight_minor // made.quantity))
        just_above = replace(made, unit_price_minor=max(1, (9 * newest.freight_minor // 2) // made.quantity))
        monkeypatch.setattr(
            trade, "orders", lambda _connection: [cheap, just_above, replace(made, lot=made.lot)]
        )
        marked = order_freight.latest(connection)
        nowhere = replace(made, market="XX")
        monkeypatch.setattr(trade, "orders", lambda _connection: [nowhere, replace(made, state="cancelled")])
        (unknown,) = order_freight.latest(connection)
    assert [one.verdict for one in marked[1:]] == ["high", "high"], "a quarter, and more than a fifth"
    assert load.freight().warn_percent == 20
    assert (unknown.freight_minor, unknown.share, unknown.verdict) == (None, None, "unknown")
    assert order_freight.overall([unknown]) is None
    assert order_freight.overall([newest, unknown]) == newest.share
    monkeypatch.undo()
    page = Caller(copied).signed_in("operator").get("/operator/figures").text
    assert f"/operator/orders/{made.id.partition(':')[2]}" in page
    assert "Freight of each order" in page
