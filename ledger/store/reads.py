"""Tell whether an answer still stands: note what was read for it, and later read the same again.

Whatever is computed from rows alone is the same as long as every row is. Comparing bytes costs a
fraction of parsing them and verifying their signatures, and finds an altered one as surely.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, event

from ledger.store.statements import NOTED, ours


class Reads:
    """SELECTs with their parameters as the driver takes them, each once, in the order they came first."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], tuple[str, Any]] = {}

    def note(self, sql: str, parameters: Any) -> None:
        self._made.setdefault((sql, repr(parameters)), (sql, parameters))

    def digest(self, connection: Connection) -> bytes:
        """SHA-256 over the rows that every noted statement finds now; of the same rows it is the same.

        connection: in a transaction that is one snapshot. Raises StorageError.
        """
        driver: Any = connection.connection.dbapi_connection
        found = sha256()
        try:
            if connection.dialect.name == "postgresql":
                with driver.pipeline():  # they travel together
                    cursors = [driver.execute(*one) for one in self._made.values()]
                    for cursor in cursors:
                        found.update(repr(cursor.fetchall()).encode())
            else:
                for one in self._made.values():
                    found.update(repr(driver.execute(*one).fetchall()).encode())
        except (connection.dialect.loaded_dbapi.Error, UnicodeError) as error:
            raise ours(connection, error) from error
        return found.digest()


@contextmanager
def noted(connection: Connection) -> Iterator[Reads]:
    """Note what this thread reads, through SQLAlchemy's ``connection`` and through ``store.statements``."""
    reads = Reads()

    def read(_on: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, _many: Any) -> None:
        reads.note(sql, parameters)

    token = NOTED.set(reads.note)
    event.listen(connection, "before_cursor_execute", read)
    try:
        yield reads
    finally:
        event.remove(connection, "before_cursor_execute", read)
        NOTED.reset(token)
