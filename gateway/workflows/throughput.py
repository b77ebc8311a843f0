"""How many units each site takes in, looks at and mends a day: from the records alone, nobody enters it.

Kept in memory and carried forward by what the log added since, as the suppliers' scores are.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, select

from gateway.statements.lots import site_of
from ledger.core.leaf import Leaf
from ledger.core.subjects import kind_of
from ledger.lots.state import LotState
from ledger.store import log
from ledger.store.database import Database
from ledger.store.log import ENTRIES

COUNTED: Final = {"lot.received": "received", "lot.inspected": "inspected", "lot.refurbished": "repaired"}
AT_ONCE: Final = 1_000  # records read together


@dataclass(frozen=True, slots=True, order=True)
class Shift:
    """One kind of work at one site on one day of the log. site: "" where none is recorded."""

    day: date
    site: str
    what: str


@dataclass(frozen=True, slots=True)
class Done:
    """units: handled in all; workers: different people who are named as having done it."""

    units: int
    workers: int

    @property
    def per_worker(self) -> int | None:
        """Units a person; None where nobody is named."""
        return self.units // self.workers if self.workers else None


@dataclass(slots=True)
class _Known:
    size: int = 0
    last: bytes = b""
    units: Counter[Shift] = field(default_factory=Counter)
    workers: dict[Shift, set[str]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


_KNOWN: WeakKeyDictionary[Database, _Known] = WeakKeyDictionary()
_ADDING = Lock()


def throughput(database: Database, connection: Connection) -> dict[Shift, Done]:
    """Every shift that the log knows of, by day, site and kind of work."""
    with _ADDING:
        known = _KNOWN.setdefault(database, _Known())
    with known.lock:
        _catch_up(connection, known)
        return {
            shift: Done(units, len(known.workers.get(shift, ())))
            for shift, units in sorted(known.units.items())
        }


def _catch_up(connection: Connection, known: _Known) -> None:
    head = log.read_head(connection)
    size = head.size if head else 0
    if known.size > size or (known.size and _last(connection, known.size) != known.last):
        known.size, known.last = 0, b""
        known.units.clear()
        known.workers.clear()
    while True:
        rows = connection.execute(
            select(ENTRIES.c.idx, ENTRIES.c.leaf)
            .where(ENTRIES.c.idx >= known.size, ENTRIES.c.type.in_(COUNTED))
            .order_by(ENTRIES.c.idx)
            .limit(AT_ONCE)
        ).all()
        for row in rows:
            _take(connection, known, Leaf.parse(row.leaf))
            known.size = row.idx + 1
        if len(rows) < AT_ONCE:
            break
    known.size, known.last = size, _last(connection, size)


def _last(connection: Connection, size: int) -> bytes:
    return next(iter(log.leaf_hashes(connection, size - 1, size)), b"")


def _take(connection: Connection, known: _Known, leaf: Leaf) -> None:
    body = leaf.record.body
    lot = next(link.id for link in body.subjects if kind_of(link.id) == "lot")
    subject = log.subject(connection, lot)
    if subject is None or not isinstance(subject.state, LotState):
        return
    site = str(body.data.get("site") or site_of(subject.state))
    shift = Shift(date.fromisoformat(leaf.recorded_at[:10]), site, COUNTED[body.type])
    known.units[shift] += _units(body.type, body.data)
    if body.performed_by:
        known.workers.setdefault(shift, set()).add(body.performed_by)


def _units(type_: str, data: Any) -> int:
    if type_ == "lot.received":
        return int(data["counted"])
    if type_ == "lot.inspected":
        return sum(int(grade["count"]) for grade in data["grades"])
    return max((int(step["count"]) for step in data["steps"]), default=0)
