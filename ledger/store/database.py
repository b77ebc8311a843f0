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
_BEGIN_WRITING = "BEGIN IMMEDIATE"
_WRITING = "lotproof_writing"  # in Connection.info: the Connection of a Writing


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

    def writing(self) -> "Writing":
        """The writer's connection, to be kept between transactions: opening one costs as much as a commit."""
        return Writing(self.writer)

    def close(self) -> None:
        self.reader.dispose()
        self.writer.dispose()


class Writing:
    """One connection whose transactions begin and end on the driver.

    SQLAlchemy's own bookkeeping costs a quarter of an append, and most appends never use it: their
    statements are ``store.statements``. What runs through ``connection`` all the same joins the open
    transaction, and is committed with it.
    """

    def __init__(self, engine: Engine) -> None:
        self.connection = engine.connect()
        self._driver: Any = self.connection.connection.dbapi_connection
        self._is_sqlite = self.connection.dialect.name == "sqlite"
        self.connection.info[_WRITING] = self.connection

    def begin(self) -> None:
        """Take the writer's lock. Raises StorageUnavailable when another process holds it too long."""
        if not self._is_sqlite:
            return  # the driver begins with the first statement, which locks the head row
        try:
            self._driver.execute(_BEGIN_WRITING)
        except self.connection.dialect.loaded_dbapi.Error as error:
            raise ours(self.connection, error) from error

    def commit(self) -> None:
        """Durable on return."""
        if self.connection.in_transaction():  # SQLAlchemy joined: it has to know the end, too
            self.connection.commit()
            return
        try:
            self._driver.commit()
        except self.connection.dialect.loaded_dbapi.Error as error:
            raise ours(self.connection, error) from error

    def close(self) -> None:
        """Roll back what is open, and give the connection up."""
        self.connection.info.pop(_WRITING, None)
        self.connection.close()  # the pool rolls back


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
        driver: Any = connection.connection.dbapi_connection
        if connection.info.get(_WRITING) is connection and driver.in_transaction:
            return  # joins the transaction that Writing has begun
        cursor = driver.cursor()
        try:
            cursor.execute(_BEGIN_WRITING if writing else "BEGIN")
        except connection.dialect.loaded_dbapi.Error as error:
            raise ours(connection, error) from error
        finally:
            cursor.close()

    return engine
