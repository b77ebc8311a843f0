"""G7: shallow stock is pushed to those most likely to sell it, with reasons, and the same way each time."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policies import load
from gateway.trade.matching import Bought, Candidate, Goods, plan, scored

POLICY = load.matching()
GOODS = Goods("lst_1", "phone", "Xingye", "B", 100, 8_000, "USD", 90)
PHONE = Bought("phone", "Xingye", "B", 60, 8_000, "USD")
SHIRT = Bought("apparel", "Subai", "C", 500, 200, "USD")


def points(goods: Goods, *orders: Bought) -> dict[str, int]:
    return {part.name: part.points for part in scored(goods, Candidate("cmp", orders), POLICY).parts}


def test_every_point_of_the_score_has_a_part_that_says_why() -> None:
    found = scored(GOODS, Candidate("cmp", (PHONE,)), POLICY)
    assert found.score == sum(part.points for part in found.parts)
    assert points(GOODS, PHONE) == {
        "category": 350, "brand": 150, "grade": 150, "price": 200, "freight": 25, "ageing": 50,
    }  # fmt: skip
    assert {part.name: part.detail for part in found.parts} == {
        "category": "60", "brand": "60", "grade": "1", "price": "8000", "freight": "", "ageing": "90",
    }  # fmt: skip


def test_parts_fall_with_what_they_are_about() -> None:
    assert points(GOODS, PHONE, replace(SHIRT, pieces=60))["category"] == 175, "half of what it bought"
    assert points(GOODS, replace(PHONE, brand="Beichen"))["brand"] == 0
    assert points(GOODS, replace(PHONE, grade="A"))["grade"] == 75
    assert points(replace(GOODS, grade="C"), replace(PHONE, grade="A"))["grade"] == 0
    assert points(GOODS, replace(PHONE, piece_minor=16_000))["price"] == 100, (
        "twice the price is half the fit"
    )
    assert points(GOODS, replace(PHONE, currency="EUR"))["price"] == 0, (
        "money of two currencies is not compared"
    )
    freight = {
        share: points(replace(GOODS, freight_percent=share))["freight"] for share in (5, 10, 15, 20, 40)
    }
    assert freight == {5: 50, 10: 50, 15: 25, 20: 0, 40: 0}
    assert points(replace(GOODS, age_days=900))["ageing"] == 100


def test_companies_are_taken_until_demand_is_1_3_of_the_goods_and_more_each_day() -> None:
    """Each takes 60 x 0.925 = 55 of 100 pieces: three of them are 165, the first sum of at least 130."""
    candidates = [Candidate(f"cmp_{n}", (PHONE,)) for n in range(9)]
    found = plan(GOODS, candidates, POLICY, days_open=0)
    assert [one.company for one in found.chosen] == ["cmp_0", "cmp_1", "cmp_2"]
    assert (found.wanted, found.expected) == (130, 165)
    later = plan(GOODS, candidates, POLICY, days_open=1)
    assert [one.company for one in later.chosen] == [f"cmp_{n}" for n in range(6)]
    assert len(plan(GOODS, candidates, POLICY, days_open=30).chosen) == 9


def test_those_who_fit_go_first_and_a_company_without_orders_is_not_left_out_for_ever() -> None:
    found = plan(
        GOODS, [Candidate("a", ()), Candidate("b", (SHIRT,)), Candidate("c", (PHONE,))], POLICY, days_open=9
    )
    assert [one.company for one in found.chosen] == ["c", "b", "a"], "shirts of the next grade count a little"


def test_nothing_left_asks_nobody() -> None:
    found = plan(replace(GOODS, pieces=0), [Candidate("a", (PHONE,))], POLICY, days_open=0)
    assert (found.chosen, found.wanted) == ((), 0)


orders = st.builds(
    Bought, st.sampled_from(["phone", "apparel"]), st.sampled_from(["Xingye", "Subai", ""]),
    st.sampled_from(["A", "B", "C", "", "ungraded"]), st.integers(1, 500), st.integers(1, 20_000),
    st.sampled_from(["USD", "EUR"]),
)  # fmt: skip
companies = st.lists(st.lists(orders, max_size=3), max_size=6)


@settings(max_examples=80, deadline=None)
@given(companies, st.integers(0, 3), st.randoms(use_true_random=False))
def test_the_same_facts_give_the_same_plan_in_any_order(
    histories: list[list[Bought]], days: int, chance: object
) -> None:
    candidates = [Candidate(f"cmp_{n}", tuple(found)) for n, found in enumerate(histories)]
    mixed = [replace(one, orders=tuple(reversed(one.orders))) for one in candidates]
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    first, second = (plan(GOODS, found, POLICY, days_open=days) for found in (candidates, mixed))
    assert first == second
    assert all(0 <= one.score <= 1000 for one in first.chosen)
    assert all(0 <= one.expected <= GOODS.pieces for one in first.chosen)
    scores = [one.score for one in first.chosen]
    assert scores == sorted(scores, reverse=True)
