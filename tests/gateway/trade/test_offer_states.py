"""The states of an offer: what may follow what, and that an end is an end."""

from itertools import product

import pytest

from gateway.trade.offer_states import (
    ALLOWED,
    OPEN,
    STATES,
    State,
    has_ended,
    may_move,
    may_order,
    state_of,
)


def test_every_move_is_one_of_the_few_that_are_named() -> None:
    moves = {(a, b) for a, b in product(STATES, STATES) if may_move(a, b)}
    ends: tuple[State, ...] = ("sold_out", "expired", "withdrawn")
    assert moves == {
        ("draft", "in_review"), ("draft", "withdrawn"), ("in_review", "draft"), ("in_review", "published"),
        ("in_review", "withdrawn"), ("published", "paused"), ("paused", "published"),
        *((state, end) for state in ("published", "paused") for end in ends),
    }  # fmt: skip


@pytest.mark.parametrize("end", ["sold_out", "expired", "withdrawn"])
def test_an_end_is_for_good(end: State) -> None:
    assert ALLOWED[end] == frozenset()
    assert not may_order(end)


def test_a_pause_stops_new_holds_alone() -> None:
    assert {state for state in STATES if may_order(state)} == OPEN


def test_an_offer_stands_through_its_last_day() -> None:
    assert not has_ended("2026-11-22", "2026-11-22")
    assert has_ended("2026-11-22", "2026-11-23")
    assert not has_ended("", "2026-11-23")


def test_a_word_that_is_no_state_is_refused() -> None:
    with pytest.raises(ValueError, match="live"):
        state_of("live")
