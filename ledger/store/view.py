"""What the rules may see, read from the tables: the log up to the transaction's own last record."""

from collections.abc import Sequence

from sqlalchemy import Connection

from ledger.core import canonical
from ledger.core.canonical import JsonValue
from ledger.lots.state import Event, KeyState, LogState, Subject
from ledger.store import log
from ledger.store.log import Appended, LogHead

SUBJECTS_CACHED_MAX = 50_000


class Cache:
    """States kept between transactions, true for exactly one size of the log.

    Another process may have written in between; then the size differs and everything is forgotten.
    """

    def __init__(self) -> None:
        self.size = -1
        self.subjects: dict[str, Subject] = {}
        self.keys: dict[str, KeyState] = {}

    def forget(self) -> None:
        self.size = -1
        self.subjects.clear()
        self.keys.clear()

    def at(self, size: int) -> None:
        """Keep what is known only if it is known of this very size."""
        if size != self.size or len(self.subjects) > SUBJECTS_CACHED_MAX:
            self.forget()
            self.size = size


class StoredView:
    """A View over one connection, a cache and what the transaction itself has appended."""

    def __init__(
        self,
        connection: Connection,
        head: LogHead | None,
        cache: Cache | None = None,
        appended: Appended | None = None,
    ) -> None:
        self._connection = connection
        self._cache = cache or Cache()
        self._appended = appended or Appended()
        self._log = head.state if head else None
        self._opened: dict[tuple[str, str], JsonValue | None] | None = None

    def remember_openings(self, *, on: bool) -> None:
        """Read an opening once while one record is judged; its rules ask for the same ones.

        Off between records: a unit of work may erase an opening in this very transaction.
        """
        self._opened = {} if on else None

    def log(self) -> LogState | None:
        return self._appended.state or self._log

    def subject(self, subject: str) -> Subject | None:
        found = self._appended.subjects.get(subject) or self._cache.subjects.get(subject)
        if found is None:
            found = log.subject(self._connection, subject)
            if found is not None:
                self._cache.subjects[subject] = found
        return found

    def key(self, key_id: str) -> KeyState | None:
        found = self._appended.keys.get(key_id) or self._cache.keys.get(key_id)
        if found is None:
            found = log.key(self._connection, key_id)
            if found is not None:
                self._cache.keys[key_id] = found
        return found

    def event(self, event_id: str) -> Event | None:
        for leaf in self._appended.leaves:
            if leaf.record.event_id == event_id:
                return log.event_of(leaf)
        return log.event(self._connection, event_id)

    def first_issued(self, codes: Sequence[str]) -> str | None:
        for code in codes:
            if code in self._appended.codes:
                return code
        return log.first_issued(self._connection, codes)

    def opening(self, event_id: str, field: str) -> JsonValue | None:
        if self._opened is None:
            return self._opening(event_id, field)
        if (event_id, field) not in self._opened:
            self._opened[event_id, field] = self._opening(event_id, field)
        return self._opened[event_id, field]

    def _opening(self, event_id: str, field: str) -> JsonValue | None:
        pending = self._appended.openings.get((event_id, field))
        if pending is not None:
            return canonical.loads(pending["value"])
        opening = log.opening(self._connection, event_id, field)
        return None if opening is None else opening.value
