"""What units cost, read back from what the log commits to."""

import pytest

from gateway.store import trade
from gateway.wiring import Installation
from gateway.workflows.costs import costs_of
from ledger.errors import MissingEvidence
from ledger.lots.movements import HERE, SOLD, Account
from ledger.store import log
from ledger.store.log import OPENINGS


def test_l3_what_was_paid_for_the_phones_is_in_their_family_to_the_cent(told: Installation) -> None:
    with told.database.reading() as connection:
        order = trade.orders(connection)[0]
        costs = costs_of(connection, [order.lot])
        states = [(name, one.state) for name, one in log.subjects_of_kind(connection, "lot")]
        family = [(name, state) for name, state in states if costs.book.lot(name)]
        roots = [name for name, state in family if state.parent is None]
        paid = sum(
            (log.opening(connection, log.chain(connection, name)[0][2], "price")).value["amount_minor"]  # type: ignore[union-attr]
            for name in roots
        )
    assert len(roots) == 1
    assert costs.book.total_cost() == {"CNY": paid}
    assert costs.book.differences(family) == []
    sold = costs.of_sales[order.sold_event]["CNY"]
    account = Account(order.lot, SOLD)
    assert 0 < sold <= costs.book.cost(account)["CNY"]
    unit = (costs.book.cost(account)["CNY"] + costs.book.cost(Account(order.lot, HERE))["CNY"]) / sum(
        costs.book.lot(order.lot).values()
    )
    assert sold == pytest.approx(unit * order.quantity, abs=1)


def test_a_price_that_cannot_be_opened_leaves_no_cost_with_a_hole(copied: Installation) -> None:
    with copied.database.reading() as connection:
        lot = trade.orders(connection)[0].lot
    with copied.database.writer.begin() as connection:
        connection.execute(OPENINGS.update().where(OPENINGS.c.field == "price").values(value=None))
    with copied.database.reading() as connection, pytest.raises(MissingEvidence, match="price of record"):
        costs_of(connection, [lot])
