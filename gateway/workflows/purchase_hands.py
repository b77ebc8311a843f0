"""Whose hand a step of a purchase was: buyers are told who of their own did it, of others only the house."""

from typing import Final, Literal

from sqlalchemy import Connection

from gateway.store import api_keys, people
from gateway.store.purchases import Event, Purchase
from gateway.workflows.companies import KEY, USER

Side = Literal["house", "company", "operator"]
_SAID_BY_MEMBERS: Final = frozenset({"", "declined"})  # reasons of what ends a wait for an approval


def side_of(connection: Connection, purchase: Purchase, event: Event) -> Side:
    """house: nobody's hand, it happened by itself. operator: staff, whose names are not the buyer's to know.

    Whoever left since is told by what the step was: only members answer a wait for approval.
    """
    if not event.by:
        return "house"
    if event.by == purchase.placed_by:
        return "company"
    if event.by.startswith(KEY):
        key = api_keys.get(connection, event.by.removeprefix(KEY))
        return "company" if key is not None and key.organisation == purchase.company else "operator"
    held = people.memberships(connection, event.by.removeprefix(USER))
    if any(one.organisation == purchase.company for one in held):
        return "company"
    answered = event.before == "pending_approval" and event.reason in _SAID_BY_MEMBERS
    return "company" if answered and not held else "operator"
