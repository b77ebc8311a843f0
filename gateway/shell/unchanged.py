"""Whether anything that pages are made of has changed since: told by the database itself, at once.

SQLite counts the commits of others on a connection that never writes (``PRAGMA data_version``). On
PostgreSQL two equal snapshots (``pg_current_snapshot``) see the same rows: every transaction that
writes takes a number, and ends one. The visible checkpoint is compared byte by byte.
"""

import threading
import weakref
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from gateway.wiring import Installation
from ledger.adapters.folder import Folder
from ledger.errors import LedgerError

Stamp = tuple[str, bytes]


class Unchanged:
    """On SQLite one connection that only asks, opened when it is first needed."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._driver: Any = None
        self._opened = 0

    @property
    def is_quick(self) -> bool:
        """Whether a stamp is a matter of microseconds: no network, and nothing that is waited for."""
        is_local = isinstance(self._installation.log, Folder)
        return is_local and self._installation.database.reader.dialect.name == "sqlite"

    def stamp(self) -> Stamp | None:
        """Equal to an earlier one: nothing was committed and nothing published in between.

        None when that cannot be told now. What is read after a stamp was taken may be kept under it: if
        it is newer than the stamp, the next stamp differs.
        """
        try:
            note = self._installation.log.get("checkpoint")
            with self._lock:
                return self._version(), note
        except (LedgerError, SQLAlchemyError, OSError):
            self.close()
            return None

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _version(self) -> str:
        """SQLite's count is each connection's own; a snapshot of PostgreSQL is the same for all."""
        database = self._installation.database
        if database.reader.dialect.name != "sqlite":
            with database.reading() as connection:
                return str(connection.execute(text("SELECT pg_current_snapshot()::text")).scalar_one())
        if self._connection is None:
            self._connection = database.reader.connect()
            self._connection.detach()  # closed, it is closed, and is nobody else's
            self._opened += 1  # each connection begins to count anew
            weakref.finalize(self, self._connection.close)
            self._driver = self._connection.connection.dbapi_connection
            self._driver.execute("PRAGMA busy_timeout=0")  # whoever asks answers people meanwhile
        try:
            return f"{self._opened}:{self._driver.execute('PRAGMA data_version').fetchone()[0]}"
        except self._connection.dialect.loaded_dbapi.Error as error:
            raise SQLAlchemyError(str(error)) from error
