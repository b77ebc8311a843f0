"""Engines: many readers, one writer.

SQLite gets a reading engine (deferred, ``query_only``) and a single writing connection (WAL,
``synchronous=FULL``, ``BEGIN IMMEDIATE``); with NORMAL a power cut loses acknowledged records.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from ledger.errors import StorageUnavailable
from ledger.store.statements import ours

BUSY_TIMEOUT_MS = 5_000


class Database:
    """One database, by URL. ``sqlite:///…`` or, later, ``postgresql+psycopg://…``."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.reader = _engine(url, writing=False)
        self.writer = _engine(url, writing=True)

    @classmethod
    def at(cls, path: Path) -> "Database":
        return cls(f"sqlite:///{path}")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent snapshot; a write through it fails."""
        try:
            with self.reader.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise StorageUnavailable(f"database: {error.orig}") from error

    def close(self) -> None:
        self.reader.dispose()
        self.writer.dispose()


def _engine(url: str, *, writing: bool) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    options: dict[str, Any] = {"connect_args": {"check_same_thread": False}}
    if writing:
        options["poolclass"] = StaticPool  # one connection; ledger.writer serialises its use
    engine = create_engine(url, **options)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, so that DDL rolls back too
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA foreign_keys=ON")
        if writing:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
        else:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        cursor = connection.connection.cursor()  # the driver's own: every append passes here
        try:
            cursor.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
        except connection.dialect.loaded_dbapi.Error as error:
            raise ours(connection, error) from error
        finally:
            cursor.close()

    return engine
