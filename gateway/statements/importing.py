"""Lots of a supplier's file whose supplier signs elsewhere: what is done once it did, or never will.

Operators state them by importing the file (``workflows.declare_elsewhere``), not by a form.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

from gateway.store import waiting
from gateway.workflows.file_reports import forget_lot
from gateway.workflows.work import Work
from ledger.core.canonical import JsonValue
from ledger.record import Entry

IMPORTED: Final = "imported"


def _declared(work: Work, entry: Entry, told: Mapping[str, JsonValue]) -> None:
    waiting.take_in(work.connection, str(told["lot"]), entry.event_id)


def _ended(connection: Connection, told: Mapping[str, JsonValue]) -> None:
    """Its goods may be declared anew, by this file or by another."""
    lot = str(told["lot"])
    share = waiting.share_of(connection, lot)
    assert share is not None  # stored together with the statement
    waiting.forget(connection, lot)
    forget_lot(connection, str(told["consignment"]), lot, share)


AFTER: Final = {IMPORTED: _declared}
ENDED: Final = {IMPORTED: _ended}
