"""What the rules may see, read from the tables: the log up to the transaction's own last record."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from ledger.core import canonical
from ledger.core.canonical import JsonValue
from ledger.lots.state import Event, KeyState, LogState, Subject
from ledger.store import log
from ledger.store.log import Appended, LogHead

SUBJECTS_CACHED_MAX = 50_000


class Cache:
    """States kept between transactions, true for exactly one log: its size and its last leaf hash.

    Another process may have written in between, or a backup was put back and has grown again; then
    everything is forgotten.
    """

    def __init__(self) -> None:
        self.size = -1
        self.last_leaf = b""
        self.subjects: dict[str, Subject] = {}
        self.keys: dict[str, KeyState] = {}

    def forget(self) -> None:
        self.size = -1
        self.subjects.clear()
        self.keys.clear()

    def at(self, size: int, last_leaf: bytes) -> None:
        """Keep what is known only if it is known of this very log."""
        if (size, last_leaf) != (self.size, self.last_leaf) or len(self.subjects) > SUBJECTS_CACHED_MAX:
            self.forget()
            self.size, self.last_leaf = size, last_leaf


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
        self._kept: dict[tuple[str, str], JsonValue] | None = None
        self._absent: set[str] = set()  # subjects that the log did not have when the head was locked
        self._fresh: set[bytes] = set()  # commitments that it did not have then

    def expect(self, subjects: Collection[str], commitments: Collection[bytes]) -> None:
        """Read at once what records to come will ask for one by one; the head is locked."""
        unknown = [name for name in subjects if name not in self._cache.subjects]
        found = log.subjects_named(self._connection, unknown) if unknown else {}
        self._cache.subjects.update(found)
        self._absent.update(name for name in unknown if name not in found)
        if commitments:
            self._fresh = {*commitments} - log.committed_of(self._connection, commitments)

    def keep_openings(self) -> None:
        """Read an opening once in this transaction, in which no unit of work can erase one."""
        self._kept = {}

    def remember_openings(self, *, on: bool) -> None:
        """Read an opening once while one record is judged; its rules ask for the same ones.

        Off between records: a unit of work may erase an opening in this very transaction.
        """
        self._opened = {} if on else None

    def log(self) -> LogState | None:
        return self._appended.state or self._log

    def subject(self, subject: str) -> Subject | None:
        found = self._appended.subjects.get(subject) or self._cache.subjects.get(subject)
        if found is None and subject not in self._absent:
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
        if self._kept is not None and (event_id, field) in self._kept:
            return self._kept[event_id, field]
        if self._opened is None:
            return self._opening(event_id, field)
        if (event_id, field) not in self._opened:
            value = self._opened[event_id, field] = self._opening(event_id, field)
            if (
                self._kept is not None and value is not None
            ):  # what is absent now may come in this transaction
                self._kept[event_id, field] = value
        return self._opened[event_id, field]

    def is_committed(self, commitment: bytes) -> bool:
        """Whether an opening of this very commitment was ever stored, or is about to be."""
        if commitment in self._appended.commitments:
            return True
        return commitment not in self._fresh and log.is_committed(self._connection, commitment)

    def _opening(self, event_id: str, field: str) -> JsonValue | None:
        pending = self._appended.openings.get((event_id, field))
        if pending is not None:
            return canonical.loads(pending["value"])
        opening = log.opening(self._connection, event_id, field)
        return None if opening is None else opening.value
