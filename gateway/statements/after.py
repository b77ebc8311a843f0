"""What the gateway's own tables need once a statement is recorded or ended, in the same transaction.

By ``Proposal.then``; each theme's module adds its own in ``AFTER``, and in ``ENDED`` for statements that
were declined, withdrawn or refused. ``BEFORE`` is looked at ahead of the transaction in which somebody signs,
and may refuse it.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final

from sqlalchemy import Connection

from gateway.wiring import Installation
from gateway.workflows.work import Work
from ledger.core.canonical import JsonValue
from ledger.record import Entry

Effect = Callable[[Work, Entry, Mapping[str, JsonValue]], None]
End = Callable[[Connection, Mapping[str, JsonValue]], None]
Look = Callable[[Installation, Mapping[str, JsonValue]], None]
MODULES: Final = (
    "declaring", "intake", "working", "dividing", "leaving", "safety", "supply", "offering", "permission",
    "measuring", "importing", "shipping",
)  # fmt: skip


def _of_themes(name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for module in MODULES:
        found |= getattr(import_module(f"gateway.statements.{module}"), name, {})
    return found


AFTER: Final[dict[str, Effect]] = _of_themes("AFTER")
ENDED: Final[dict[str, End]] = _of_themes("ENDED")
BEFORE: Final[dict[str, Look]] = _of_themes("BEFORE")
