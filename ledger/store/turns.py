"""One publisher at a time: a lock of this machine, a lock of the database, and a fencing token.

The locks keep publishers out of each other's way. What they cannot see, a publisher that was cut
off from its database and went on, the token does: each turn takes a higher epoch, and who signs or
shows must still hold the highest.
"""

import fcntl
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from ledger.errors import StorageUnavailable
from ledger.store import tables
from ledger.store.database import Database
from ledger.store.tables import table

WAIT_S = 30.0  # for another machine's turn to end
_POLL_S = 0.05
_LOCK = 0x6C6F_7470_726F_6F66  # names the lock among the advisory locks of one database
PUBLISHING = table(tables.PublishingRow)


@contextmanager
def held(lock_file: Path | None) -> Iterator[None]:
    """Hold the lock of a file; the system lets go of it when the process dies."""
    if lock_file is None:
        yield
        return
    try:
        file = lock_file.open("ab")
    except OSError as error:
        raise StorageUnavailable(f"{lock_file}: {error}") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def locked(database: Database, *, wait_s: float = WAIT_S) -> Iterator[None]:
    """Hold PostgreSQL's advisory lock of this log; SQLite's file is on this machine anyway.

    The server lets go of it when the connection ends. Raises StorageUnavailable when another
    machine keeps it for longer than ``wait_s``.
    """
    if database.reader.dialect.name != "postgresql":
        yield
        return
    try:
        connection = database.reader.connect().execution_options(isolation_level="AUTOCOMMIT")
    except DBAPIError as error:
        raise StorageUnavailable(f"database: {error.orig}") from error
    try:
        _wait_for_lock(connection, wait_s)
        yield
    finally:
        connection.invalidate()  # ends the session, and with it the lock, whatever state it is in
        connection.close()


def take(connection: Connection) -> int:
    """Begin a turn inside the writer's transaction; returns its epoch, higher than any before."""
    holder = f"{platform.node()} {os.getpid()}"
    epoch = current(connection) + 1
    if epoch == 1:
        connection.execute(PUBLISHING.insert(), [{"id": 1, "epoch": epoch, "holder": holder}])
    else:
        connection.execute(PUBLISHING.update().values(epoch=epoch, holder=holder))
    return epoch


def current(connection: Connection) -> int:
    """The epoch of the turn that began last; 0 before the first."""
    return connection.execute(PUBLISHING.select()).scalars(1).first() or 0


def check(connection: Connection, epoch: int) -> None:
    """Raise StorageUnavailable unless the turn of ``epoch`` is still the last one."""
    if current(connection) != epoch:
        raise StorageUnavailable("another publisher has taken over; this one starts again")


def _wait_for_lock(connection: Connection, wait_s: float) -> None:
    until = time.monotonic() + wait_s
    try:
        while not connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}).scalar():
            if time.monotonic() >= until:
                raise StorageUnavailable("another machine publishes this log and does not come to an end")
            time.sleep(_POLL_S)
    except DBAPIError as error:
        raise StorageUnavailable(f"database: {error.orig}") from error
