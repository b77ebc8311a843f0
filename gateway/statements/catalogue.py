"""Every action by its slug, and which are offered to somebody."""

from collections.abc import Iterator, Mapping
from typing import Final

from gateway.statements import (
    declaring,
    dividing,
    insuring,
    intake,
    leaving,
    measuring,
    offering,
    permission,
    safety,
    supply,
    working,
)
from gateway.statements.action import HIDDEN, Action, Ask

ACTIONS: Final[Mapping[str, Action]] = {
    action.slug: action
    for action in (
        *declaring.ACTIONS,
        *insuring.ACTIONS,
        *intake.ACTIONS,
        *working.ACTIONS,
        *dividing.ACTIONS,
        *leaving.ACTIONS,
        *safety.ACTIONS,
        *supply.ACTIONS,
        *offering.ACTIONS,
        *permission.ACTIONS,
        *measuring.ACTIONS,
    )
}


def offered(ask: Ask, on: str) -> Iterator[tuple[Action, str]]:
    """The actions on a kind of subject that the caller's role has, each with "" or why not now."""
    for action in ACTIONS.values():
        if action.on == on and ask.role in action.roles:
            why = action.offered(ask)
            if why != HIDDEN:
                yield action, why
