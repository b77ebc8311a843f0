"""The cost of a purchase is divided to the last cent, the same way every time."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.lots.cost import allocate, unit_cost

totals = st.integers(min_value=-(10**15), max_value=10**15)
weights = st.lists(st.integers(min_value=0, max_value=10**12), min_size=1, max_size=50)


@given(totals, weights)
def test_shares_sum_to_the_total(total: int, parts: list[int]) -> None:
    assert sum(allocate(total, parts)) == total


@given(totals, weights.filter(any))
def test_no_share_is_a_minor_unit_away_from_its_exact_part(total: int, parts: list[int]) -> None:
    for share, part in zip(allocate(total, parts), parts, strict=True):
        assert abs(share * sum(parts) - total * part) < sum(parts)
        assert share == 0 or part > 0


@given(st.integers(min_value=0, max_value=10**15), weights)
def test_a_discount_is_divided_as_its_mirror_image(total: int, parts: list[int]) -> None:
    assert allocate(-total, parts) == [-share for share in allocate(total, parts)]


@given(st.integers(min_value=0, max_value=10**9), weights)
def test_more_weight_never_carries_less(total: int, parts: list[int]) -> None:
    by_weight = sorted(zip(parts, allocate(total, parts), strict=True), key=lambda pair: pair[0])
    lighter = [share for _, share in by_weight]
    for (light, less), (heavy, more) in itertools.pairwise(by_weight):
        assert light == heavy or less <= more
    assert max(lighter) <= total


@pytest.mark.parametrize(
    ("total", "parts", "shares"),
    [
        (100, [1, 1, 1], [34, 33, 33]),  # equal remainders go to the earlier weight
        (101, [1, 1, 1], [34, 34, 33]),
        (100, [0, 1, 0], [0, 100, 0]),
        (5, [0, 0], [3, 2]),  # nobody weighs anything: as equal as can be
        (0, [3, 4], [0, 0]),
        (1, [1, 2, 2], [0, 1, 0]),
        (500_000_000, [34_908, 43_376, 21_716], [174_540_000, 216_880_000, 108_580_000]),
        (0, [], []),
    ],
)
def test_known_divisions(total: int, parts: list[int], shares: list[int]) -> None:
    assert allocate(total, parts) == shares


def test_a_negative_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        allocate(100, [2, -1])


def test_an_amount_needs_something_to_carry_it() -> None:
    with pytest.raises(ValueError, match="nothing to carry 100"):
        allocate(100, [])


@pytest.mark.parametrize(
    ("total", "quantity", "digits", "text"),
    [
        (500_000_000, 100_000, 2, "50.00"),  # five million yuan for a hundred thousand garments
        (64_000_000, 1_200, 2, "533.3333"),
        (1, 8, 2, "0.0012"),  # 0.00125: half goes to the even digit
        (3, 8, 2, "0.0038"),  # 0.00375
        (100, 3, 0, "33.3333"),
        (100, 4, 0, "25"),
        (0, 7, 2, "0.00"),
    ],
)
def test_unit_costs(total: int, quantity: int, digits: int, text: str) -> None:
    assert unit_cost(total, quantity, minor_digits=digits) == text


def test_a_unit_cost_needs_units() -> None:
    with pytest.raises(ValueError, match="positive quantity"):
        unit_cost(100, 0)
