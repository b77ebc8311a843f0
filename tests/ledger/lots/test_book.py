"""Cost and units are posted like money: what leaves one account enters another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.lots.book import Book
from ledger.lots.movements import HERE, SHORT, SOURCE, Account, Movement, movements
from tests.ledger.goods import Floor, MemoryLog


def bought(units: int, cost_minor: int, lot: str = "lot") -> Book:
    book = Book()
    book.post([Movement(Account(lot, SOURCE), Account(lot, HERE), units)])
    book.carry(lot, {"CNY": cost_minor})
    return book


def to(lot: str, units: int, *, of: str = "lot", place: str = HERE) -> Movement:
    return Movement(Account(of, HERE), Account(lot, place), units)


def test_a_warehouse_of_100_000_garments_keeps_its_price_through_splits_and_sales() -> None:
    """5,000,000 CNY over 100,000 garments are 50.00 each (commerce 1.2 L2)."""
    book = bought(100_000, 500_000_000)
    book.post([to("a", 60_000), to("b", 30_000)])
    book.post([to("a", 1, of="a", place="sold")])
    assert book.cost(Account("a", "sold"))["CNY"] == 5_000
    assert book.total_cost() == {"CNY": 500_000_000}


def test_l3_worth_instead_of_number_divides_the_cost() -> None:
    """A sells 100 and B 60 on an average of 50: 100 + 60 units carry what they are worth."""
    book = bought(200, 1_000_000)
    book.post([to("a", 100), to("b", 100)], weights=[100 * 100, 100 * 60, 0])
    costs = [book.cost(Account(lot, HERE))["CNY"] for lot in ("a", "b", "lot")]
    assert costs == [625_000, 375_000, 0]


def test_what_never_came_was_not_paid_for() -> None:
    book = bought(10, 1_000)
    book.post([to("lot", 4, place=SHORT), to("lot", 1, place="unidentified")])
    assert book.cost(Account("lot", SHORT)).get("CNY", 0) == 0
    assert book.cost(Account("lot", "unidentified"))["CNY"] == 167
    assert book.cost(Account("lot", HERE))["CNY"] == 833


def test_what_is_not_there_does_not_move() -> None:
    book = bought(3, 10)
    with pytest.raises(ValueError, match="has not 4 units here"):
        book.post([to("a", 4)])
    assert book.lot("lot") == {HERE: 3, SOURCE: -3}


def test_an_unopened_sale_leaves_the_lot_unknown_and_the_rest_balanced() -> None:
    book = bought(3, 10)
    book.post([Movement(Account("lot", HERE), Account("lot", "sold"), None)])
    assert book.unknown == {"lot"}
    assert sum(book.units.values()) == 0


def test_a_state_that_differs_from_the_movements_is_named() -> None:
    floor = Floor(MemoryLog())
    lot = floor.lot("AA")
    wrong = floor.state(lot).model_copy(update={"quantity": 3})
    assert floor.book.differences([(lot, wrong)]) == [f"{lot}: quantity 3, moved 2"]


def test_a_record_about_something_else_moves_nothing() -> None:
    floor = Floor(MemoryLog())
    accepted = floor.log.record(floor.declared(2))
    assert [move.quantity for move in movements(accepted.typed, accepted.before, {})] == [2]
    recalled = floor.log.record(floor.recalled(list(accepted.before)))
    assert movements(recalled.typed, recalled.before, {}) == []


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 60)), max_size=30))
def test_cost_is_conserved_whatever_moves(moves: list[tuple[int, int, int]]) -> None:
    book = bought(100, 99_991, "0")
    for source, target, units in moves:
        if source != target:
            try:
                book.post([to(str(target), units, of=str(source))])
            except ValueError:
                continue
    assert book.total_cost() == {"CNY": 99_991}
    assert sum(book.units.values()) == 0
    here = {account: n for account, n in book.units.items() if account.place == HERE}
    assert all(book.cost(account).get("CNY", 0) == 0 for account, n in here.items() if n == 0)
