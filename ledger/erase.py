"""Erase what opens a commitment or stands behind a manifest (records.md 2).

Deleted are value and salt, or the row; what was signed keeps their salted hashes, so every proof stays
as it was. Whoever erases records ``erasure.recorded`` in the same transaction: something that is gone
without a word is a finding of every audit.
"""

import sqlite3
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from ledger.errors import InvalidRecord
from ledger.lots.rows import manifests, row_offsets
from ledger.records.registry import NEEDED_VALUES, Typed
from ledger.store.database import Database
from ledger.store.log import OPENINGS, ROWS

PATIENCE_S = 10.0  # how long a purge waits for readers of old pages
_PURGED = ("openings", "manifest_rows")


@dataclass(frozen=True, slots=True)
class Private:
    """What one record keeps off the log. fields: committed field -> whether its value is still there.

    rows: number of a row, counted through all manifests -> whether it is still there.
    """

    fields: Mapping[str, bool]
    rows: Mapping[int, bool]


def private_of(connection: Connection, typed: Typed) -> Private:
    """What stands behind a record's commitments and manifests now."""
    event = bytes.fromhex(typed.record.event_id)
    stored = {
        row.field: row.value is not None and row.salt is not None
        for row in connection.execute(select(OPENINGS).where(OPENINGS.c.event_id == event))
    }
    offsets = row_offsets(typed)
    is_there = ROWS.c.data.is_not(None)
    statement = select(ROWS.c.part, ROWS.c.n, is_there).where(ROWS.c.event_id == event)
    rows = {
        offsets[part] + n: bool(kept) for part, n, kept in connection.execute(statement) if part in offsets
    }
    fields = {name: stored.get(name, False) for name in typed.record.body.commit}
    return Private(fields, rows)


def erase(
    connection: Connection, typed: Typed, *, fields: Collection[str] = (), rows: Collection[int] = ()
) -> None:
    """Delete values and salts of ``fields``, and ``rows`` of the record's manifests, in this transaction.

    rows: numbers counted through the record's manifests (``row_offsets``). Raises InvalidRecord when a
    field or row is unknown or gone already, or when the rules still need the value.
    """
    found = private_of(connection, typed)
    for name in fields:
        if name not in found.fields:
            raise InvalidRecord("the record commits to no such field", pointer=f"/fields/{name}")
        if not found.fields[name]:
            raise InvalidRecord("its value is erased already, or was never kept", pointer=f"/fields/{name}")
        if name in NEEDED_VALUES.get(typed.type.name, ()):
            raise InvalidRecord("later records are judged by this value", pointer=f"/fields/{name}")
    for n in rows:
        if not found.rows.get(n, False):
            raise InvalidRecord("there is no such row, or it is erased already", pointer=f"/rows/{n}")
    if not fields and not rows:
        raise InvalidRecord("nothing is named to be erased", pointer="/fields")
    event = bytes.fromhex(typed.record.event_id)
    if fields:
        of_record = (OPENINGS.c.event_id == event, OPENINGS.c.field.in_(sorted(fields)))
        connection.execute(OPENINGS.update().where(*of_record).values(salt=None, value=None))
    for part, start in row_offsets(typed).items():
        end = start + dict(manifests(typed))[part].count
        of_part = [n - start for n in rows if start <= n < end]
        if of_part:
            where = (ROWS.c.event_id == event, ROWS.c.part == part, ROWS.c.n.in_(of_part))
            connection.execute(ROWS.update().where(*where).values(data=None))


def purge(database: Database, *, tables: Sequence[str] = (), patience_s: float | None = None) -> bool:
    """Drop the copies that the database itself still keeps of what was erased and committed.

    SQLite: the write-ahead log holds pages as they were; it is written back and cut to nothing.
    PostgreSQL: dead rows stay in the files until the tables are written anew. tables: others that held
    copies. False when readers kept an old page in use for ``patience_s`` seconds (10 when None): ask again.
    """
    if database.writer.dialect.name == "postgresql":
        with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for name in (*_PURGED, *tables):
                quoted = connection.dialect.identifier_preparer.quote(name)
                connection.exec_driver_sql(f"VACUUM (FULL) {quoted}")
        return True
    path = database.writer.url.database
    assert path is not None
    until = time.monotonic() + (PATIENCE_S if patience_s is None else patience_s)
    with sqlite3.connect(path, isolation_level=None, timeout=1) as own:
        while True:
            state: tuple[Any, ...] = own.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if state[0] == 0:
                return True
            if time.monotonic() >= until:
                return False
            time.sleep(0.05)
