"""What a witness remembers, in a file of its own: the newest head of each log, and what it refused.

Apart from the ledger's database, its schema and its migrations on purpose: whoever runs a witness has
this one file. WAL and ``synchronous=FULL``, because a head that was cosigned must survive a power cut:
a witness that forgets a cosigned head can be led to cosign another history.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.errors import StorageError, StorageUnavailable

MEMORY = "witness.db"  # its name in the folder of a witness
BUSY_TIMEOUT_S = 5.0
FORKS_MAX = 256  # of each log, each conclusive, the first ones kept
UNPROVEN_MAX = 64  # of each log, the last ones kept
_VERSION = 1
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS identity (
  one INTEGER PRIMARY KEY CHECK (one = 1), name TEXT NOT NULL, public_key BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS cosigned (
  origin TEXT PRIMARY KEY, size INTEGER NOT NULL CHECK (size >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32), note BLOB NOT NULL, timestamp INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS evidence (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('fork', 'unproven', 'replay')),
  origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, reason TEXT NOT NULL,
  body BLOB NOT NULL, known BLOB NOT NULL, seen_at INTEGER NOT NULL, UNIQUE (origin, kind, size, root)
) STRICT;
CREATE TRIGGER IF NOT EXISTS cosigned_never_back BEFORE UPDATE ON cosigned
WHEN NEW.origin <> OLD.origin OR NEW.size < OLD.size OR NEW.timestamp < OLD.timestamp
  OR (NEW.size = OLD.size AND NEW.root <> OLD.root)
BEGIN SELECT RAISE(ABORT, 'a witness never goes back'); END;
CREATE TRIGGER IF NOT EXISTS cosigned_never_delete BEFORE DELETE ON cosigned
BEGIN SELECT RAISE(ABORT, 'a witness never forgets'); END;
CREATE TRIGGER IF NOT EXISTS evidence_never_update BEFORE UPDATE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence is never edited'); END;
CREATE TRIGGER IF NOT EXISTS evidence_never_delete BEFORE DELETE ON evidence WHEN OLD.kind <> 'unproven'
BEGIN SELECT RAISE(ABORT, 'evidence is never deleted'); END;
PRAGMA user_version = {_VERSION};
COMMIT;
"""


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The newest head this witness has cosigned for a log.

    note: the checkpoint with the log signatures that were verified and our cosignature. timestamp: of
    that cosignature, POSIX seconds.
    """

    origin: str
    size: int
    root: bytes
    note: bytes
    timestamp: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A head with a valid log signature that was refused.

    kind: ``fork`` two roots for one tree size; ``replay`` its entries do not hold; ``unproven`` its
    consistency or its entries were not to be had, which alone proves nothing: anyone may send a bad
    proof, and what stands behind a URL may be damaged.
    body: the request as it came. known: what this witness had cosigned by then, b"" for nothing.
    """

    kind: str
    origin: str
    size: int
    root: bytes
    reason: str
    body: bytes
    known: bytes
    seen_at: int  # POSIX seconds


class WitnessFile:
    """One file, also open in other processes. Every method is durable on return, or raises StorageError."""

    def __init__(self, path: Path) -> None:
        """Open ``path``, making it when it is not there."""
        self.path = path
        self._lock = threading.RLock()
        with _failing_as_ours(path):
            self._connection = sqlite3.connect(
                path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def pragma(self, name: str) -> str:
        row = self._one(f"PRAGMA {name}")
        assert row is not None, name
        return str(row[0])

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, alone among all processes; committed on leaving, rolled back on an error."""
        with self._lock, _failing_as_ours(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def identity(self) -> tuple[str, bytes] | None:
        """Name and public key of the witness whose memory this is."""
        row = self._one("SELECT name, public_key FROM identity")
        return (row[0], row[1]) if row else None

    def set_identity(self, name: str, public_key: bytes) -> None:
        """Once for ever."""
        self._do("INSERT INTO identity VALUES (1, ?, ?)", name, public_key)

    def cosigned(self, origin: str) -> Cosigned | None:
        row = self._one("SELECT * FROM cosigned WHERE origin = ?", origin)
        return Cosigned(*row) if row else None

    def set_cosigned(self, head: Cosigned) -> None:
        """Within ``writing``. A head that goes back is refused by the file itself (StorageError)."""
        self._do(
            "INSERT INTO cosigned VALUES (?, ?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE SET "
            "size = excluded.size, root = excluded.root, note = excluded.note, "
            "timestamp = excluded.timestamp",
            head.origin, head.size, head.root, head.note, head.timestamp,
        )  # fmt: skip
        self._do(
            "DELETE FROM evidence WHERE kind = 'unproven' AND origin = ? AND size = ? AND root = ?",
            head.origin, head.size, head.root,
        )  # fmt: skip

    def keep(self, found: Evidence) -> bool:
        """Keep a refused head, once, as far as there is room; says whether it is new. Within ``writing``."""
        key = (found.origin, found.kind)
        counted = self._one("SELECT count(*), min(id) FROM evidence WHERE (origin, kind) = (?, ?)", *key)
        count, first = counted or (0, None)
        same = self._one(
            "SELECT 1 FROM evidence WHERE (origin, kind, size, root) = (?, ?, ?, ?)",
            *key, found.size, found.root,
        )  # fmt: skip
        unproven = found.kind == "unproven"
        if same or (not unproven and count >= FORKS_MAX):
            return False
        if unproven and count >= UNPROVEN_MAX:
            self._do("DELETE FROM evidence WHERE id = ?", first)
        self._do(
            "INSERT INTO evidence (kind, origin, size, root, reason, body, known, seen_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            found.kind, found.origin, found.size, found.root, found.reason, found.body, found.known,
            found.seen_at,
        )  # fmt: skip
        return True

    def evidence(self) -> list[Evidence]:
        """Everything kept, in the order it came."""
        with self._lock, _failing_as_ours(self.path):
            rows = self._connection.execute(
                "SELECT kind, origin, size, root, reason, body, known, seen_at FROM evidence ORDER BY id"
            ).fetchall()
        return [Evidence(*row) for row in rows]

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        version = int(self.pragma("user_version"))
        if version not in (0, _VERSION):
            raise StorageError(f"{self.path} was written by another version of this program ({version})")
        self._connection.executescript(_SCHEMA)

    def _one(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        with self._lock, _failing_as_ours(self.path):
            row: tuple[Any, ...] | None = self._connection.execute(sql, values).fetchone()
            return row

    def _do(self, sql: str, *values: object) -> None:
        with self._lock, _failing_as_ours(self.path):
            self._connection.execute(sql, values)


@contextmanager
def _failing_as_ours(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StorageUnavailable(f"{path}: {error}") from error
    except sqlite3.Error as error:
        raise StorageError(f"{path}: {error}") from error
