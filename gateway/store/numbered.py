"""Lots by the GTIN of their goods."""

import re
from collections.abc import Iterable
from threading import Lock
from typing import Any

from sqlalchemy import Connection, select

from ledger.store import log
from ledger.store.log import CHAIN, SUBJECTS

_CHUNK = 500  # below SQLite's limit of bound values
_GTIN = re.compile(r'"gtin":"([0-9]{14})"')


class LotsByGtin:
    """Which lots were made for which GTIN. No column has it, so states are read once and then as they change.

    One for each process. What it says is where to look: whoever shows a lot reads the lot.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._lots: dict[str, dict[str, None]] = {}  # GTIN -> lots, those that came last at the end
        self._size = 0

    def of(self, connection: Connection, gtin: str, *, limit: int) -> list[str]:
        """The ids of up to ``limit`` lots, the newest first. gtin: 14 digits."""
        with self._lock:
            head = log.read_head(connection)
            if head is not None and head.size > self._size:
                self._read(connection, head.size)
            return list(reversed(self._lots.get(gtin, {})))[:limit]

    def _read(self, connection: Connection, size: int) -> None:
        of_lots = SUBJECTS.c.subject.startswith("lot:", autoescape=True)
        states = select(SUBJECTS.c.subject, SUBJECTS.c.state).where(of_lots)
        if self._size == 0:
            said = SUBJECTS.c.state.contains('"gtin":"', autoescape=True)
            self._add(connection.execute(states.where(said).order_by(SUBJECTS.c.idx)))
        else:
            recent = CHAIN.c.idx >= self._size, CHAIN.c.idx < size
            touched = list(connection.execute(select(CHAIN.c.subject).where(*recent)).scalars())
            for start in range(0, len(touched), _CHUNK):
                named = SUBJECTS.c.subject.in_(touched[start : start + _CHUNK])
                self._add(connection.execute(states.where(named).order_by(SUBJECTS.c.idx)))
        self._size = size

    def _add(self, rows: Iterable[Any]) -> None:
        for lot, state in rows:
            found = _GTIN.search(state)
            if found is not None:
                self._lots.setdefault(found[1], {})[lot] = None
