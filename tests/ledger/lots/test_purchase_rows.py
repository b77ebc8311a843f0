"""Rows L2 to L4, L10 and L22: what was paid, what is owed to the brand, how good a supplier is."""

from collections.abc import Iterator
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.lots.cost import unit_cost
from ledger.lots.fees import Accrual, Licence, Sale, accruals
from ledger.lots.purchase import Cost, Delivery, Held, Worth, allocate_down, in_records, spread_freight
from ledger.lots.suppliers import COUNTED_TYPES, Tallies, Tally, Weights, score
from ledger.records.registry import TYPES
from ledger.store import log
from tests.ledger import supplying
from tests.ledger.supplying import OTHER_LOT
from tests.ledger.world import CHILD_A, CHILD_B, PARTIES, World, but, hand

METHODS = ("unit", "expected_value", "face_value")
BRAND = PARTIES["brand"]


def test_l2_five_million_for_a_hundred_thousand_garments_is_fifty_each() -> None:
    paid = 500_000_000
    assert unit_cost(paid, 100_000) == "50.00"
    garments = Held("all", Worth(0), tuple(Held(f"style {n}", Worth(10_000)) for n in range(10)))
    costs = allocate_down(garments, paid, "unit")
    assert {costs[f"style {n}"].total_minor for n in range(10)} == {50_000_000}


def test_l2_a_fixed_price_buys_its_face_value_at_five_per_cent() -> None:
    stock = Held(
        "all", Worth(0), (Held("a", Worth(1, 0, 1_500_000_000)), Held("b", Worth(1, 0, 500_000_000)))
    )
    costs = allocate_down(stock, 100_000_000, "face_value")
    assert (costs["a"].total_minor, costs["b"].total_minor) == (75_000_000, 25_000_000)


def test_l3_a_sells_for_a_hundred_and_b_for_sixty_on_a_fifty_average() -> None:
    lot = Held("lot", Worth(0), (Held("A", Worth(60, 600_000)), Held("B", Worth(40, 240_000))))
    by_unit = allocate_down(lot, 500_000, "unit")
    by_value = allocate_down(lot, 500_000, "expected_value")
    assert (by_unit["A"].total_minor, by_unit["B"].total_minor) == (300_000, 200_000)
    assert (by_value["A"].total_minor, by_value["B"].total_minor) == (357_143, 142_857)


def worths() -> st.SearchStrategy[Worth]:
    amount = st.integers(min_value=0, max_value=10**9)
    return st.builds(Worth, st.integers(min_value=0, max_value=10**6), amount, amount)


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> Held:
    """A lot, its children and grandchildren, with ids of their own."""
    shape = draw(st.lists(st.integers(min_value=0, max_value=4), min_size=depth, max_size=depth))

    def grown(name: str, level: int) -> Held:
        count = shape[level] if level < depth else 0
        children = tuple(grown(f"{name}.{n}", level + 1) for n in range(count))
        return Held(name, draw(worths()), children)

    return grown("lot", 0)


def _all(held: Held) -> Iterator[Held]:
    yield held
    for child in held.children:
        yield from _all(child)


@given(trees(), st.integers(min_value=0, max_value=10**14), st.sampled_from(METHODS))
def test_l3_children_and_grandchildren_sum_to_the_price_under_every_method(
    root: Held, paid: int, method: str
) -> None:
    costs = allocate_down(root, paid, method)  # type: ignore[arg-type]
    assert costs["lot"].total_minor == paid
    for held in _all(root):
        parts = [costs[child.lot].total_minor for child in held.children]
        assert costs[held.lot].total_minor == costs[held.lot].own_minor + sum(parts)
    assert sum(cost.own_minor for cost in costs.values()) == paid
    assert all(cost.own_minor >= 0 for cost in costs.values())


@given(trees(), trees(), st.integers(min_value=0, max_value=10**12))
def test_l3_dividing_one_part_changes_no_other(one: Held, other: Held, paid: int) -> None:
    whole = Worth(one.weight("unit"))
    sold_off = Held("other", Worth(other.weight("unit")))
    undivided = allocate_down(Held("all", Worth(0), (Held("lot", whole), sold_off)), paid, "unit")
    divided = allocate_down(Held("all", Worth(0), (one, sold_off)), paid, "unit")
    assert divided["lot"].total_minor == undivided["lot"].total_minor
    assert divided["other"] == undivided["other"]


def test_l3_a_lot_that_was_split_away_whole_keeps_no_cost() -> None:
    lot = Held("lot", Worth(0), (Held("a", Worth(0)), Held("b", Worth(0))))
    assert allocate_down(lot, 5, "unit") == {"lot": Cost(5, 0), "a": Cost(3, 3), "b": Cost(2, 2)}


def test_l4_a_day_of_a_hundred_thousand_items_pays_half_a_yuan_each() -> None:
    deliveries = [Delivery(f"lot {n:03d}", 400) for n in range(250)]
    shares = spread_freight(5_000_000, deliveries)
    assert set(shares.values()) == {20_000}  # 200.00 for 400 items


@given(
    st.integers(min_value=0, max_value=10**12),
    st.lists(st.integers(min_value=1, max_value=10**5), min_size=1, max_size=300),
)
def test_l4_any_bill_in_any_number_of_records_sums_back(bill: int, quantities: list[int]) -> None:
    deliveries = [Delivery(f"lot {n:04d}", quantity) for n, quantity in enumerate(quantities)]
    records = in_records(bill, deliveries, most=128)
    assert [delivery for _, part in records for delivery in part] == deliveries
    assert all(len(part) <= 128 for _, part in records)
    assert sum(sum(spread_freight(share, part).values()) for share, part in records) == bill


def _sale(amount: int, *licences: Licence, cost: int | None = None) -> Sale:
    return Sale("ab" * 32, amount, "USD", licences, cost, "CNY" if cost is not None else "")


def test_l10_ten_thousand_at_five_per_cent_accrues_five_hundred() -> None:
    licence = Licence("authorization:x", BRAND, "0.05")
    assert list(accruals([_sale(1_000_000, licence)])) == [
        Accrual("ab" * 32, "authorization:x", BRAND, 1_000_000, 50_000, "USD")
    ]


def test_l10_a_fee_on_the_purchase_is_taken_of_what_the_units_cost() -> None:
    licence = Licence("authorization:x", BRAND, "0.05", "purchase")
    accrual = next(accruals([_sale(1_000_000, licence, cost=300_000)]))
    assert (accrual.amount_minor, accrual.currency) == (15_000, "CNY")
    with pytest.raises(ValueError, match=r"cost of what .* sold is not known"):
        list(accruals([_sale(1_000_000, licence)]))


def test_l10_every_grant_of_a_chain_has_its_own_fee() -> None:
    chain = (Licence("authorization:x", BRAND, "0.05"), Licence("authorization:y", PARTIES["agent"], "0.01"))
    payable = [(one.payee, one.amount_minor) for one in accruals([_sale(1_000_000, *chain)])]
    assert payable == [(BRAND, 50_000), (PARTIES["agent"], 10_000)]


@given(st.lists(st.integers(min_value=0, max_value=10**10), max_size=60))
def test_l10_many_small_fees_are_never_off_by_a_minor_unit(amounts: list[int]) -> None:
    licence = Licence("authorization:x", BRAND, "0.05")
    fees = [one.amount_minor for one in accruals(_sale(amount, licence) for amount in amounts)]
    assert abs(sum(fees) - Decimal("0.05") * sum(amounts)) <= Decimal("0.5")
    assert all(fee >= 0 for fee in fees)


@pytest.mark.parametrize("rate", ["-0.01", "1.01"])
def test_l10_a_rate_that_is_no_share_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="is no share"):
        list(accruals([_sale(1, Licence("authorization:x", BRAND, rate))]))


def _tallies(world: World) -> Tallies:
    """As anyone folds them: from the leaves, and what opens the quantities."""
    tallies = Tallies()
    with world.database.reading() as connection:
        for _, leaf in log.leaves(connection, 0, len(world.entries)):
            body = orjson.loads(leaf)["body"]
            event_id = world.entries[orjson.loads(leaf)["log"]["i"]].event_id
            quantity = log.opening(connection, event_id, "quantity")
            tallies.take(body, {} if quantity is None else {"quantity": quantity.value})
    return tallies


def test_l22_rates_come_from_the_ledger_alone(world: World) -> None:
    """Six counted, one not identified; two sold of the split, one of them disputed with reason."""
    supplying.play(world, "sold")
    world.record(supplying.dispute_settled(1))
    world.record(but(supplying.dispute_settled(1), data={"outcome": "rejected"}))
    found = _tallies(world).of
    assert found == {PARTIES["supplier"]: Tally(received=6, rejected=1, sold=2, disputed=1)}
    tally = found[PARTIES["supplier"]]
    assert (tally.reject_rate, tally.return_rate, tally.dispute_rate) == (1_666, 0, 5_000)


def test_l22_what_cannot_be_opened_is_counted_as_unopened(world: World) -> None:
    supplying.play(world, "sold")
    tallies = Tallies()
    with world.database.reading() as connection:
        for _, leaf in log.leaves(connection, 0, len(world.entries)):
            tallies.take(orjson.loads(leaf)["body"], {})
    assert tallies.of[PARTIES["supplier"]] == Tally(received=6, rejected=1, unopened=1)


def test_l22_each_supplier_answers_for_its_own_goods(world: World) -> None:
    supplying.play(world, "received")
    own = [hand("brand", "supplier", "supply")]
    for draft in supplying.another_lot(world, hands=own, refs=[]):
        releasing = [hand("operator", "custodian"), hand("brand", "releasing", "keeper")]
        if draft.type == "lot.received":
            world.record(world.key("brand", "keeper", ["lot.received:releasing"]))
            draft = but(draft, hands=releasing, data={"damaged": 4})  # noqa: PLW2901
        world.record(draft)
    found = _tallies(world).of
    assert found[BRAND] == Tally(received=4, rejected=4)
    assert found[PARTIES["supplier"]] == Tally(received=6, rejected=1)
    assert world.state(OTHER_LOT).supplier == BRAND


def test_l22_a_unit_that_was_graded_is_not_rejected_again(world: World) -> None:
    """The child that is regraded after its repair was looked at before."""
    supplying.play(world, "regraded")
    assert _tallies(world).of[PARTIES["supplier"]].rejected == 1
    assert world.state(CHILD_B).inspection != world.state(CHILD_A).inspection


WEIGHTS = Weights(reject=4_000, returned=3_000, dispute=3_000, full_inspection_below=9_000, units_min=100)


@pytest.mark.parametrize(
    ("tally", "points", "poor"),
    [
        (Tally(received=1000), 10_000, False),
        (Tally(received=1000, rejected=250), 9_000, False),  # just good enough
        (Tally(received=1000, rejected=251), 8_996, True),
        (Tally(received=1000, sold=100, returned=34), 8_980, True),
        (Tally(received=99, rejected=99), 6_000, False),  # too few to say
        (Tally(received=100, rejected=100, sold=1, returned=1, disputed=1), 0, True),
    ],
)
def test_l22_below_the_threshold_everything_is_inspected(tally: Tally, points: int, poor: bool) -> None:
    found = score(tally, WEIGHTS)
    assert (found.points, found.full_inspection) == (points, poor)


def test_l22_weights_that_do_not_sum_are_refused() -> None:
    with pytest.raises(ValueError, match="sum to 10000"):
        Weights(1, 1, 1, 9_000)


def test_l22_only_records_that_count_are_read() -> None:

    assert set(TYPES) >= COUNTED_TYPES
