"""Row G23: a supplier's word about its stock is found among its lots; where it is old, a lot is held."""

from dataclasses import replace

import pytest

from gateway.policies import load
from gateway.trade.stock_feed import Item, Stated, resolve
from tests.gateway.trade.test_permission_rows import FACTS, reasons

A, B = "lot:" + "a" * 20, "lot:" + "b" * 20
KNOWN = {"sf-1": frozenset({A}), "sf-2": frozenset({A, B}), "0695": frozenset({B})}


@pytest.mark.parametrize(
    ("items", "quantities", "troubles"),
    [
        ([Item("SF-1", 3)], {A: 3}, ()),
        ([Item(A, 3), Item(B, 0)], {A: 3, B: 0}, ()),
        ([Item("a" * 20, 3)], {A: 3}, ()),
        ([Item("SF-1", 3), Item("0695", 1)], {A: 3, B: 1}, ()),
        ([Item("SF-2", 3)], {}, (("SF-2", "several"),)),
        ([Item("SF-9", 3)], {}, (("SF-9", "unknown"),)),
        ([Item("SF-1", None)], {}, (("SF-1", "unreadable"),)),
        ([Item("SF-1", 1), Item("sf-1", 2)], {}, (("SF-1", "twice"), ("sf-1", "twice"))),
    ],
)
def test_g23_items_are_found_among_the_suppliers_own_lots_and_nothing_is_guessed(
    items: list[Item], quantities: dict[str, int], troubles: tuple[tuple[str, str], ...]
) -> None:
    found = resolve(items, [A, B], KNOWN)
    assert (found.quantities, found.troubles) == (quantities, troubles)


@pytest.mark.parametrize(("age", "held"), [(0, False), (47, False), (48, True), (500, True)])
def test_g23_a_direct_lot_with_a_feed_older_than_the_policy_age_is_held(age: int, held: bool) -> None:
    hours = load.stock().hours_max
    assert hours == 48
    stated = Stated("2026-11-20T00:00:00+00:00", age, hours)
    found = reasons(replace(FACTS, stated=stated), supply_mode="direct")
    assert ("stock-feed-stale" in {slug for slug, _ in found}) is held
    assert found == reasons(FACTS, supply_mode="direct") or held
