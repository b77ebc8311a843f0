"""G4, G5: what a unit is in pieces, in which steps goods are ordered, what a line costs."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policies import load
from gateway.trade.quantities import BASES, BY_PIECE, Nearest, Pack, Steps, half_up, pack_of

KG = Pack("kg", 250)
COUNTS = st.integers(1, 10**6)
PACKS = st.builds(Pack, st.sampled_from(BASES[1:]), st.integers(1, 10**6)) | st.just(BY_PIECE)


def test_g4_twelve_and_a_half_kilograms_are_priced_to_the_cent() -> None:
    """Fifty pieces of 250 g at 3.33 the kilogram: 41.625, and half a cent goes up."""
    assert KG.whole_pieces(Decimal("12.5")) == 50
    assert KG.units(50) == Fraction(25, 2)
    assert KG.amount_minor(50, 333) == 4163
    assert KG.amount_minor(50, 332) == 4150


def test_g4_a_piece_is_not_divided() -> None:
    assert KG.whole_pieces(Decimal("12.6")) is None
    assert Pack("carton", 24).whole_pieces(Decimal(2)) == 48


def test_g4_what_turns_a_unit_into_pieces_has_to_be_stated_for_every_piece() -> None:
    def found(basis: str, masses: list[int | None], carton: int | None = None) -> Pack | None:
        return pack_of(basis, pieces=90, piece_masses_g=masses, carton_pieces=carton)  # type: ignore[arg-type]

    assert found("kg", [250, 250]) == KG
    assert found("kg", [250, 251]) is None
    assert found("kg", [250, None]) is None
    assert found("kg", []) is None
    assert found("carton", [], 24) == Pack("carton", 24)
    assert found("carton", []) is None
    assert found("lot", []) == Pack("lot", 90)
    assert found("piece", []) == BY_PIECE


def test_g5_four_are_refused_and_five_are_taken() -> None:
    usual = Steps(load.channels().moq)
    assert [usual.allows(pieces, 100) for pieces in (4, 5, 6)] == [False, True, True]
    assert usual.smallest(100) == 5


def test_g5_steps_of_24_from_48_on() -> None:
    steps = Steps(48, 24)
    assert [pieces for pieces in range(1, 120) if steps.allows(pieces, 1000)] == [48, 72, 96]
    assert steps.nearest(50, 1000) == Nearest(48, 72)
    assert steps.nearest(47, 1000) == Nearest(None, 48)
    assert steps.nearest(97, 100) == Nearest(96, 100)
    assert steps.nearest(200, 100) == Nearest(96, None)


def test_g5_a_rest_may_be_taken_whole_and_in_no_other_way() -> None:
    steps = Steps(48, 24)
    assert steps.allows(30, 30)
    assert not steps.allows(24, 30)
    assert steps.smallest(30) == 30
    assert not steps.allows(0, 0)


def test_g5_an_order_reaches_its_minimum_over_all_its_lots() -> None:
    minimum = load.channels().order_minimum
    assert minimum.is_reached([(3, 100), (2, 100)], "USD")
    assert not minimum.is_reached([(2, 100), (2, 100)], "USD")
    assert minimum.is_reached([(1, minimum.amounts["USD"] - 1), (1, 1)], "USD")
    assert not minimum.is_reached([(1, 10**9)], "XXX"), "no amount is named for it"


@given(COUNTS, st.integers(1, 5000), st.integers(1, 10**6), st.integers(0, 10**6))
def test_what_is_allowed_keeps_the_steps_or_is_all_that_is_left(
    pieces: int, moq: int, multiple: int, left: int
) -> None:
    steps = Steps(moq, multiple)
    if steps.allows(pieces, left) and pieces != left:
        assert pieces % multiple == 0
        assert pieces >= min(moq, left)
    near = steps.nearest(pieces, left)
    for one in (near.below, near.above):
        assert one is None or (0 < one <= left and steps.allows(one, left))
    assert near.below is None or near.below <= pieces
    assert near.above is None or near.above >= pieces


@given(PACKS, COUNTS, st.integers(0, 10**9))
def test_a_line_is_rounded_half_up_once(pack: Pack, pieces: int, price: int) -> None:
    exact = Fraction(price) * pieces / pack.pieces
    amount = pack.amount_minor(pieces, price)
    assert -Fraction(1, 2) < amount - exact <= Fraction(1, 2)
    if pack.basis == "kg":
        spelled = Decimal(price) * pieces * pack.size / 1000
        assert amount == int(spelled.quantize(Decimal(1), ROUND_HALF_UP))


@given(PACKS, st.lists(COUNTS, min_size=1, max_size=8), st.integers(0, 10**9))
def test_parts_with_a_whole_price_a_piece_sum_to_the_whole(pack: Pack, parts: list[int], price: int) -> None:
    if pack.piece_price_minor(price).denominator != 1:
        price = half_up(price * pack.pieces.denominator * pack.pieces)
        if pack.piece_price_minor(price).denominator != 1:
            return
    amounts = [pack.amount_minor(part, price) for part in parts]
    assert sum(amounts) == pack.amount_minor(sum(parts), price)


@given(PACKS, COUNTS)
def test_units_and_pieces_are_the_same_goods(pack: Pack, pieces: int) -> None:
    assert pack.units(pieces) * pack.pieces == pieces


@pytest.mark.parametrize(("value", "whole"), [("0", 0), ("0.5", 1), ("0.4999", 0), ("1.5", 2), ("2.5", 3)])
def test_a_half_goes_up(value: str, whole: int) -> None:
    assert half_up(Fraction(value)) == whole
