"""The states of a purchase and the ways between them; what is in no table cannot happen."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, get_args

State = Literal[
    "draft",
    "pending_approval",
    "placed",
    "deposit_paid",
    "confirmed",
    "partially_shipped",
    "shipped",
    "delivered",
    "completed",
    "cancelled",
    "on_hold",
]
Reason = Literal["customer", "declined", "fraud", "inventory", "staff", "other", "expired", "recall"]
STATES: Final[tuple[State, ...]] = get_args(State)
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)
CUSTOMER_REASONS: Final[tuple[Reason, ...]] = ("customer", "other")  # that a buyer may give
STAFF_REASONS: Final[tuple[Reason, ...]] = ("customer", "fraud", "inventory", "staff", "other")

NEXT: Final[Mapping[State, frozenset[State]]] = {
    "draft": frozenset({"pending_approval", "placed", "cancelled"}),
    "pending_approval": frozenset({"placed", "cancelled", "on_hold"}),
    "placed": frozenset({"deposit_paid", "confirmed", "cancelled", "on_hold"}),
    "deposit_paid": frozenset({"confirmed", "cancelled", "on_hold"}),
    "confirmed": frozenset({"partially_shipped", "shipped", "cancelled", "on_hold"}),
    "partially_shipped": frozenset({"shipped", "on_hold"}),
    "shipped": frozenset({"delivered"}),
    "delivered": frozenset({"completed"}),
    "completed": frozenset(),
    "cancelled": frozenset(),
    # back to where it stood, or to its end
    "on_hold": frozenset(
        {"pending_approval", "placed", "deposit_paid", "confirmed", "partially_shipped", "cancelled"}
    ),
}

UNSOLD: Final[frozenset[State]] = frozenset({"draft", "pending_approval", "placed", "deposit_paid"})
RUNNING_OUT: Final[frozenset[State]] = frozenset(
    {"pending_approval", "placed"}
)  # holds end, and it with them
TRAVELLING: Final[frozenset[State]] = frozenset({"confirmed", "partially_shipped", "shipped", "delivered"})


def may_become(before: State, after: State) -> bool:
    return after in NEXT[before]


def of_orders(order_states: Sequence[str], *, paid: bool) -> State:
    """Where a sold purchase stands by its orders, which are at least one.

    order_states: confirmed, packed, partially_shipped, shipped or delivered. paid: whether nothing is owed.
    """
    assert order_states
    gone = sum(state in ("shipped", "delivered") for state in order_states)
    if not gone:
        return "partially_shipped" if "partially_shipped" in order_states else "confirmed"
    if gone < len(order_states):
        return "partially_shipped"
    if any(state != "delivered" for state in order_states):
        return "shipped"
    return "completed" if paid else "delivered"


def way_to(before: State, after: State) -> list[State]:
    """The states on the way of the goods after ``before``, each once; empty when it goes nowhere."""
    line: list[State] = ["confirmed", "partially_shipped", "shipped", "delivered", "completed"]
    if before not in line or after not in line:
        return []
    passed = line[line.index(before) + 1 : line.index(after) + 1]
    return [one for one in passed if one != "partially_shipped" or after == one]
