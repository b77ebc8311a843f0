"""A database: many readers, one writer. How each engine keeps its promises stands in its own module."""

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ledger.errors import StorageError, StorageUnavailable
from ledger.store import postgresql, sqlite
from ledger.store.statements import ours


class Database:
    """One database, by URL: ``sqlite:///…`` or ``postgresql://user:password@host:port/name``."""

    def __init__(self, url: str) -> None:
        """Connects to nothing yet. Raises StorageError for a URL that names no database we know."""
        address = _parsed(url)
        self.url = address.render_as_string(hide_password=False)
        self._writings: weakref.WeakSet[Writing] = weakref.WeakSet()
        if address.get_backend_name() == "sqlite":
            self.reader = sqlite.engine(self.url, writing=False)
            self.writer = sqlite.engine(self.url, writing=True)
        else:
            self.reader = postgresql.engine(address, writing=False)
            self.writer = postgresql.engine(address, writing=True)

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
        except PoolTimeout as error:
            raise StorageUnavailable("database: every reading connection is in use") from error

    def writing(self) -> "Writing":
        """The writer's connection, to be kept between transactions: opening one costs as much as a commit."""
        made = Writing(self.writer)
        self._writings.add(made)
        return made

    def close(self) -> None:
        for writing in list(self._writings):  # a pool lets go only of what was given back
            writing.close()
        self.reader.dispose()
        self.writer.dispose()


class Writing:
    """One connection whose transactions begin and end on the driver.

    SQLAlchemy's own bookkeeping costs a quarter of an append, and most appends never use it: their
    statements are ``store.statements``. What runs through ``connection`` all the same joins the open
    transaction, and is committed with it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._open()

    def _open(self) -> None:
        self.connection = self._engine.connect()
        self._driver: Any = self.connection.connection.dbapi_connection
        self.connection.info[sqlite.JOINS] = self.connection

    def begin(self) -> None:
        """Begin to write. Raises StorageUnavailable when another process holds the lock too long.

        SQLite's lock is taken here. On PostgreSQL the first statement begins the transaction and
        locks the head row; a connection that the server gave up is replaced, while nothing is lost by it.
        """
        if not self._is_sqlite:
            if not postgresql.is_alive(self._driver):
                self.close()
                self._open()  # the pool has pinged it
            return
        try:
            self._driver.execute(sqlite.BEGIN_WRITING)
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
        if not self.connection.closed:
            self.connection.info.pop(sqlite.JOINS, None)
            self.connection.close()  # the pool rolls back


def _parsed(url: str) -> URL:
    """The URL as SQLAlchemy reads it; PostgreSQL is always spoken to through psycopg 3."""
    try:
        address = make_url(url.replace("postgres://", "postgresql://", 1))
    except ArgumentError as error:  # its own words repeat the URL, password and all
        raise StorageError(
            "the database URL cannot be read: it is sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME, "
            "with special characters of the password percent-encoded"
        ) from error
    if address.get_backend_name() == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() != "sqlite":
        raise StorageError(f"{address.get_backend_name()} is no database we know: sqlite or postgresql")
    return address
