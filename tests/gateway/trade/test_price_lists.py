"""G8, G13: the nearest agreement speaks, its deepest step is the price, and no order of rows changes it."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.trade.price_lists import (
    Buyer,
    HolderKind,
    Offered,
    PriceList,
    Rung,
    Step,
    dearer_for_more,
    ladder,
    resolve,
)

DAY = date(2026, 11, 22)
BUYER = Buyer("cmp_vn", 2, "VN")
OWN = 10_000
MARKET = PriceList("prl_m", "market", "VN", "", "USD", DAY, None, 0)
TIER = replace(MARKET, id="prl_t", holder_kind="tier", holder="2")
COMPANY = replace(MARKET, id="prl_c", holder_kind="company", holder="cmp_vn")


def speaks(
    *offered: Offered, pieces: int = 100, buyer: Buyer = BUYER, day: date = DAY
) -> tuple[str, int] | None:
    found = resolve(offered, buyer, "USD", day, pieces)
    return None if found is None else (found[0].id, found[1].unit_price_minor)


def of(list_: PriceList, *steps: tuple[int, int]) -> Offered:
    return Offered(list_, tuple(Step(*step) for step in steps))


def test_a_company_goes_before_its_tier_and_that_before_the_market_even_where_it_is_dearer() -> None:
    all_ = (of(MARKET, (5, 7_000)), of(TIER, (5, 8_000)), of(COMPANY, (5, 9_000)))
    assert speaks(*all_) == ("prl_c", 9_000)
    assert speaks(*all_[:2]) == ("prl_t", 8_000)
    assert speaks(all_[0]) == ("prl_m", 7_000)
    assert speaks() is None


def test_the_deepest_step_that_is_reached_is_the_price_and_below_the_first_the_next_agreement_speaks() -> (
    None
):
    company, market = of(COMPANY, (500, 6_000), (100, 7_000)), of(MARKET, (5, 8_000))
    reached = {pieces: speaks(company, market, pieces=pieces) for pieces in (4, 5, 99, 100, 499, 500)}
    assert reached == {
        4: None, 5: ("prl_m", 8_000), 99: ("prl_m", 8_000), 100: ("prl_c", 7_000), 499: ("prl_c", 7_000),
        500: ("prl_c", 6_000),
    }  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"holder": "cmp_other"}, {"market": "NG"}, {"currency": "EUR"}, {"valid_from": date(2026, 11, 23)},
        {"valid_to": date(2026, 11, 21)}, {"is_open": False},
    ],
)  # fmt: skip
def test_a_list_that_is_not_for_this_buyer_currency_or_day_says_nothing(changed: dict[str, object]) -> None:
    assert speaks(of(replace(COMPANY, **changed), (1, 1))) is None  # type: ignore[arg-type]


def test_the_first_and_the_last_day_are_included() -> None:
    one_day = of(replace(COMPANY, valid_to=DAY), (1, 1))
    assert speaks(one_day) == ("prl_c", 1)


def test_a_list_of_a_tier_holds_for_those_above_and_the_highest_one_is_the_nearest() -> None:
    low, high = of(TIER, (1, 500)), of(replace(TIER, id="prl_t3", holder="3"), (1, 600))
    by_tier = {tier: speaks(low, high, buyer=replace(BUYER, tier=tier)) for tier in (1, 2, 3, 4)}
    assert by_tier == {1: None, 2: ("prl_t", 500), 3: ("prl_t3", 600), 4: ("prl_t3", 600)}


def test_of_equally_near_lists_the_higher_priority_speaks_and_then_the_smaller_id() -> None:
    a, b = of(replace(MARKET, id="prl_a"), (1, 1)), of(replace(MARKET, id="prl_b"), (1, 2))
    assert speaks(b, a) == ("prl_a", 1)
    assert speaks(a, of(replace(MARKET, id="prl_z", priority=1), (1, 3))) == ("prl_z", 3)


def test_a_ladder_names_every_quantity_at_which_the_price_changes() -> None:
    offered = [of(COMPANY, (500, 6_000), (100, 7_000)), of(MARKET, (50, 8_000), (200, 7_500))]
    steps = ladder(offered, BUYER, "USD", DAY, own_minor=OWN, smallest=5, most=1_000)
    assert steps == (
        Rung(5, OWN, ""), Rung(50, 8_000, "prl_m"), Rung(100, 7_000, "prl_c"), Rung(500, 6_000, "prl_c"),
    )  # fmt: skip
    assert ladder([], BUYER, "USD", DAY, own_minor=OWN, smallest=5, most=9) == (Rung(5, OWN, ""),)


def test_steps_that_rise_are_found_whatever_their_order() -> None:
    assert dearer_for_more([Step(100, 90), Step(5, 100), Step(500, 90)]) is None
    found = dearer_for_more([Step(100, 101), Step(5, 100)])
    assert found == (Step(5, 100), Step(100, 101))


steps = st.lists(
    st.tuples(st.integers(1, 60), st.integers(1, 900)), min_size=1, max_size=5, unique_by=lambda one: one[0]
)
kinds: st.SearchStrategy[tuple[HolderKind, str]] = st.sampled_from(
    [("company", "cmp_vn"), ("tier", "1"), ("tier", "2"), ("market", "VN"), ("company", "x")]
)


@st.composite
def agreements(draw: st.DrawFn) -> list[Offered]:
    """Lists as they may stand: more pieces never cost more within one."""
    found = []
    for n in range(draw(st.integers(0, 4))):
        kind, holder = draw(kinds)
        said = draw(steps)
        prices = sorted((price for _, price in said), reverse=True)
        falling = zip(sorted(pieces for pieces, _ in said), prices, strict=True)
        list_ = PriceList(f"prl_{n}", kind, holder, "", "USD", DAY, None, draw(st.integers(0, 1)))
        found.append(Offered(list_, tuple(Step(*one) for one in falling)))
    return found


@settings(max_examples=120, deadline=None)
@given(agreements(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_and_more_pieces_never_cost_more_within_an_agreement(
    offered: list[Offered], chance: object
) -> None:
    mixed = [replace(one, steps=tuple(reversed(one.steps))) for one in offered]
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    found = [resolve(offered, BUYER, "USD", DAY, pieces) for pieces in range(1, 70)]
    assert found == [resolve(mixed, BUYER, "USD", DAY, pieces) for pieces in range(1, 70)]
    for fewer, more in pairwise(found):
        if fewer is not None and more is not None and fewer[0].id == more[0].id:
            assert more[1].unit_price_minor <= fewer[1].unit_price_minor
    rungs = ladder(offered, BUYER, "USD", DAY, own_minor=OWN, smallest=1, most=70)
    for pieces, one in enumerate(found, start=1):  # the ladder that is shown is what is charged
        shown = next(rung for rung in reversed(rungs) if rung.min_qty <= pieces)
        assert shown.unit_price_minor == (OWN if one is None else one[1].unit_price_minor)
