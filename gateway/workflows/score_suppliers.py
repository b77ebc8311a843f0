"""What the log says of each supplier, kept in memory and carried forward by what came since."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Connection, select

from ledger.lots.suppliers import COUNTED_TYPES, Tallies, Tally
from ledger.store.database import Database
from ledger.store.log import ENTRIES, OPENINGS

AT_ONCE = 1_000  # records read together


@dataclass(slots=True)
class _Known:
    """tallies: over the entries below ``size``, of which ``last`` (an event id) is the last one."""

    tallies: Tallies = field(default_factory=Tallies)
    size: int = 0
    last: bytes = b""
    lock: Lock = field(default_factory=Lock)


_KNOWN: WeakKeyDictionary[Database, _Known] = WeakKeyDictionary()
_ADDING = Lock()


def tally_of(database: Database, connection: Connection, supplier: str) -> Tally:
    """The tally of a supplier, a party id, over every entry that ``connection`` sees."""
    return catch_up(database, connection).of.get(supplier, Tally())


def catch_up(database: Database, connection: Connection) -> Tallies:
    """Every supplier's tally. The first call reads the whole log, later ones what is new.

    A log that was put back, or a unit of work that was, is noticed by its last entry and read anew.
    """
    with _ADDING:
        known = _KNOWN.setdefault(database, _Known())
    with known.lock:
        if known.size and not _stands(connection, known):
            known.tallies, known.size, known.last = Tallies(), 0, b""
        for index, event_id, leaf, opened in _since(connection, known.size):
            known.tallies.take(orjson.loads(leaf)["body"], opened)
            known.size, known.last = index + 1, event_id
        return known.tallies


def _stands(connection: Connection, known: _Known) -> bool:
    statement = select(ENTRIES.c.event_id).where(ENTRIES.c.idx == known.size - 1)
    return bool(connection.execute(statement).scalar_one_or_none() == known.last)


def _since(connection: Connection, start: int) -> Iterator[tuple[int, bytes, bytes, dict[str, Any]]]:
    quantity = OPENINGS.c.value
    statement = (
        select(ENTRIES.c.idx, ENTRIES.c.event_id, ENTRIES.c.leaf, quantity)
        .outerjoin(OPENINGS, (OPENINGS.c.event_id == ENTRIES.c.event_id) & (OPENINGS.c.field == "quantity"))
        .where(ENTRIES.c.type.in_(COUNTED_TYPES))
        .order_by(ENTRIES.c.idx)
        .limit(AT_ONCE)
    )
    while True:
        rows = connection.execute(statement.where(ENTRIES.c.idx >= start)).all()
        for index, event_id, leaf, value in rows:
            yield index, event_id, leaf, {} if value is None else {"quantity": orjson.loads(value)}
        if len(rows) < AT_ONCE:
            return
        start = rows[-1][0] + 1
