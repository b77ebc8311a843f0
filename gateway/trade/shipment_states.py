"""The states of a shipment, and which may follow which (commerce.md 4.3)."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

State = Literal[
    "planned",  # its pieces are chosen; they may be picked and packed
    "packed",  # the warehouse signed for its packages
    "documents_ready",  # every document that its market asks for is issued
    "dispatched",  # it left; the stock went with it
    "at_border",
    "in_transit",  # on the leg that the shipment names
    "delivered",
    "lost",
    "returned",  # it came back to us; the goods re-enter lot by lot
    "cancelled",  # never left: the pieces may be shipped otherwise
]
STATES: Final[tuple[State, ...]] = get_args(State)

TRANSITIONS: Final[Mapping[State, frozenset[State]]] = {
    "planned": frozenset({"packed", "cancelled"}),
    "packed": frozenset({"documents_ready", "cancelled"}),
    "documents_ready": frozenset({"dispatched", "cancelled"}),
    "dispatched": frozenset({"in_transit", "at_border", "delivered", "lost", "returned"}),
    "in_transit": frozenset({"in_transit", "at_border", "delivered", "lost", "returned"}),
    "at_border": frozenset({"in_transit", "delivered", "lost", "returned"}),
    "delivered": frozenset({"returned"}),
    "lost": frozenset({"in_transit", "returned"}),  # it turned up
    "returned": frozenset(),
    "cancelled": frozenset(),
}
HERE: Final[frozenset[State]] = frozenset({"planned", "packed", "documents_ready"})
UNDER_WAY: Final[frozenset[State]] = frozenset({"dispatched", "in_transit", "at_border"})
LEFT: Final[frozenset[State]] = frozenset(STATES) - HERE - {"cancelled"}
LIVE: Final[frozenset[State]] = frozenset(STATES) - {"cancelled"}


def may_follow(state: State, wanted: State) -> bool:
    return wanted in TRANSITIONS[state]
