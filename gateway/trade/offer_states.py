"""The states of an offer and the moves between them; what is not named here cannot happen."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

State = Literal["draft", "in_review", "published", "paused", "sold_out", "expired", "withdrawn"]
STATES: Final[tuple[State, ...]] = get_args(State)

_ENDS: Final[frozenset[State]] = frozenset({"sold_out", "expired", "withdrawn"})
ALLOWED: Final[Mapping[State, frozenset[State]]] = {
    "draft": frozenset({"in_review", "withdrawn"}),
    "in_review": frozenset({"draft", "published", "withdrawn"}),
    "published": frozenset({"paused", *_ENDS}),
    "paused": frozenset({"published", *_ENDS}),
    "sold_out": frozenset(),
    "expired": frozenset(),
    "withdrawn": frozenset(),  # for that head: a new offer needs a new verification
}
# An offer that the gate passed in the moment in which it was stated begins as published.
BEGINS: Final[frozenset[State]] = frozenset({"draft", "in_review", "published"})
OPEN: Final[frozenset[State]] = frozenset({"published", "paused"})  # recorded as offered, and not ended
WAITING: Final[frozenset[State]] = frozenset({"draft", "in_review"})  # seen by the operator's staff alone

# Why staff ends or stops an offer; what the gate ends has the slug of its first reason.
WITHDRAWN_FOR: Final = ("seller_decision", "price_changed", "goods_needed")
PAUSED_FOR: Final = ("stock_count", "price_review", "question_open", "goods_needed")


def state_of(text: str) -> State:
    """Raises ValueError for a word that is no state."""
    if text not in STATES:
        raise ValueError(f"{text} is no state of an offer")
    return text


def may_move(before: State, after: State) -> bool:
    return after in ALLOWED[before]


def may_order(state: str) -> bool:
    """Whether a hold that stands may still become an order; a pause stops new holds alone."""
    return state in OPEN


def has_ended(offered_until: str, today: str) -> bool:
    """Whether the last day (YYYY-MM-DD, "" for none) of an offer lies behind ``today``."""
    return bool(offered_until) and today > offered_until
