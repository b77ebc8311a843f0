"""Mappings that live in a file, with the part in use in memory: what a large log adds up to.

Two generations of values stand before each table. What is read or written joins the younger one; when
that is full, the older one is written out and forgotten, and the younger takes its place.
"""

import sqlite3
import zlib
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ledger.errors import InvalidRecord, ProofError, StorageError

K = TypeVar("K")
V = TypeVar("V")
CHECK_SIZE = 4  # bytes of CRC-32 behind each value: a disk that forgets is found, and nothing is believed
FETCHED = 500
_FOREIGN = (ValueError, TypeError, KeyError, AttributeError, InvalidRecord, ProofError)


class StateFile:
    """A connection whose errors are ours."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self._name = name

    def do(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        with self._ours():
            self._connection.execute(sql, parameters).close()

    def do_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        with self._ours():
            self._connection.executemany(sql, rows)

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first row, or None."""
        try:  # of the hot path: a context manager costs as much as the look-up
            return self._connection.execute(sql, parameters).fetchone()
        except sqlite3.Error as error:
            raise StorageError(f"{self._name}: {error}") from error

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Any]:
        """Every row, in batches."""
        with self._ours():
            cursor = self._connection.execute(sql, parameters)
        while True:
            with self._ours():
                batch = cursor.fetchmany(FETCHED)
            if not batch:
                return
            yield from batch

    def close(self) -> None:
        """Roll back what is open."""
        with suppress(sqlite3.Error):
            self._connection.close()

    @contextmanager
    def _ours(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StorageError(f"{self._name}: {error}") from error


@dataclass(frozen=True, slots=True)
class Codec(Generic[K, V]):
    """How keys and values are stored. value_from: also told the key."""

    key_to: Callable[[K], bytes]
    key_from: Callable[[bytes], K]
    value_to: Callable[[V], bytes]
    value_from: Callable[[K, bytes], V]


class Spilled(MutableMapping[K, V]):
    """One table as a mapping. No value is None. Writes join the file's open transaction."""

    def __init__(
        self,
        file: StateFile,
        table: str,
        codec: Codec[K, V],
        *,
        held_max: int,
        clustered: bool = False,
    ) -> None:
        """table: one of the caller's own names. held_max: values of a generation in memory.

        clustered: neighbours by stored key stand on one page; otherwise those that came together do.
        """
        self._file = file
        self._codec = codec
        self._held_max = held_max
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}
        self._unwritten: set[K] = set()
        self._absent: K | None = None  # looked for last, and not there: rules ask twice
        kind = " WITHOUT ROWID" if clustered else ""
        file.do(f"CREATE TABLE IF NOT EXISTS {table} (key BLOB PRIMARY KEY, value BLOB NOT NULL){kind}")
        self._select = f"SELECT value FROM {table} WHERE key = ?"  # noqa: S608 - our own names
        self._all = f"SELECT key, value FROM {table} ORDER BY key"  # noqa: S608
        self._count = f"SELECT count(*) FROM {table}"  # noqa: S608
        self._delete = f"DELETE FROM {table} WHERE key = ?"  # noqa: S608
        self._clear = f"DELETE FROM {table}"  # noqa: S608
        self._write = (
            f"INSERT INTO {table} (key, value) VALUES (?, ?) "  # noqa: S608
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        )

    def get(self, key: K, default: Any = None) -> Any:
        value = self._young.get(key)
        if value is not None:
            return value
        value = self._old.get(key)
        if value is None:
            if key == self._absent:
                return default
            value = self._read(key)
            if value is None:
                self._absent = key
                return default
        self._hold(key, value)
        return value

    def __getitem__(self, key: K) -> V:
        value: V | None = self.get(key)
        if value is None:
            raise StorageError(f"the state has nothing at {key!r}, which an earlier entry made")
        return value

    def __contains__(self, key: object) -> bool:
        return self.get(key) is not None  # type: ignore[arg-type]

    def __setitem__(self, key: K, value: V) -> None:
        self._absent = None
        self._unwritten.add(key)
        self._hold(key, value)

    def __delitem__(self, key: K) -> None:
        self._young.pop(key, None)
        self._old.pop(key, None)
        self._unwritten.discard(key)
        self._file.do(self._delete, (self._codec.key_to(key),))

    def pop(self, key: K, default: Any = None) -> Any:
        """The value, which is then gone; ``default`` where there is none."""
        value = self.get(key)
        if value is None:
            return default
        del self[key]
        return value

    def __iter__(self) -> Iterator[K]:
        return (key for key, _ in self._rows())

    def items(self) -> Iterator[tuple[K, V]]:  # type: ignore[override]
        """Everything, by stored key, in a stream; other tables may be written meanwhile."""
        return self._rows()

    def __len__(self) -> int:
        self.write()
        count: int = self._file.row(self._count)[0]
        return count

    def clear(self) -> None:
        self._young, self._old, self._absent = {}, {}, None
        self._unwritten.clear()
        self._file.do(self._clear)

    def write(self) -> None:
        """Put everything that is only in memory into the open transaction."""
        self._put([key for generation in (self._old, self._young) for key in generation])

    def _rows(self) -> Iterator[tuple[K, V]]:
        self.write()
        for raw, stored in self._file.stream(self._all):
            key = self._codec.key_from(raw)
            yield key, self._decoded(key, raw, stored)

    def _hold(self, key: K, value: V) -> None:
        young = self._young
        young[key] = value
        if len(young) > self._held_max:
            self._put([key for key in self._old if key not in young])
            self._old, self._young = young, {}

    def _put(self, keys: list[K]) -> None:
        unwritten, young, old = self._unwritten, self._young, self._old
        rows = []
        for key in keys:
            if key in unwritten:
                unwritten.discard(key)
                raw = self._codec.key_to(key)
                stored = self._codec.value_to(young[key] if key in young else old[key])
                rows.append((raw, stored + _check(raw, stored)))
        rows.sort()  # neighbours share pages
        if rows:
            self._file.do_many(self._write, rows)

    def _read(self, key: K) -> V | None:
        raw = self._codec.key_to(key)
        row = self._file.row(self._select, (raw,))
        return None if row is None else self._decoded(key, raw, row[0])

    def _decoded(self, key: K, raw: bytes, stored: bytes) -> V:
        try:
            value, check = stored[:-CHECK_SIZE], stored[-CHECK_SIZE:]
            if check == _check(raw, value):
                return self._codec.value_from(key, value)
        except _FOREIGN as error:
            raise StorageError(f"the state holds something unreadable at {key!r}: {error}") from error
        raise StorageError(f"the state is damaged at {key!r}")


def _check(raw: bytes, value: bytes) -> bytes:
    return zlib.crc32(value, zlib.crc32(raw)).to_bytes(CHECK_SIZE, "big")
