"""Hot statements: written with SQLAlchemy Core, compiled once a dialect, run on the driver's cursor.

Core costs some fifty microseconds an execution, more than the database itself; the statements of
every append and of every audited entry therefore go through here. They run in the transaction of the
Connection they are given, whose BEGIN and COMMIT stay SQLAlchemy's.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.engine.interfaces import Dialect

from ledger.errors import StorageError, StorageUnavailable

FETCHED = 500  # rows at a time of a stream
_Parameters = Mapping[str, Any]


class Statement:
    """One statement with named parameters. core: the statement, or what gives it for a dialect name."""

    def __init__(self, core: Executable | Callable[[str], Executable], *, keys: Sequence[str] = ()) -> None:
        self._core = core
        self._keys = list(keys) or None  # columns of an INSERT
        self._compiled: dict[str, tuple[str, tuple[str, ...] | None]] = {}

    def row(self, connection: Connection, **parameters: Any) -> tuple[Any, ...] | None:
        """The first row, or None."""
        cursor = self._run(connection, parameters)
        try:
            found: tuple[Any, ...] | None = cursor.fetchone()
        except connection.dialect.loaded_dbapi.Error as error:
            raise ours(connection, error) from error
        finally:
            cursor.close()
        return found

    def stream(self, connection: Connection, **parameters: Any) -> Iterator[tuple[Any, ...]]:
        """Every row, in batches."""
        cursor = self._run(connection, parameters)
        try:
            while True:
                try:
                    batch = cursor.fetchmany(FETCHED)
                except (connection.dialect.loaded_dbapi.Error, ValueError, OverflowError) as error:
                    raise ours(connection, error) from error
                if not batch:
                    return
                yield from batch
        finally:
            cursor.close()

    def do(self, connection: Connection, **parameters: Any) -> None:
        self._run(connection, parameters).close()

    def do_many(self, connection: Connection, rows: Sequence[_Parameters]) -> None:
        """Once for each of ``rows``."""
        if rows:
            self._run(connection, rows).close()

    def _run(self, connection: Connection, parameters: _Parameters | Sequence[_Parameters]) -> Any:
        sql, order = self._text(connection.dialect)
        cursor = connection.connection.cursor()
        try:
            if isinstance(parameters, Mapping):
                cursor.execute(sql, _arranged(parameters, order))
            else:
                cursor.executemany(sql, [_arranged(row, order) for row in parameters])
        except connection.dialect.loaded_dbapi.Error as error:
            cursor.close()
            raise ours(connection, error) from error
        return cursor

    def _text(self, dialect: Dialect) -> tuple[str, tuple[str, ...] | None]:
        found = self._compiled.get(dialect.name)
        if found is None:
            core = self._core(dialect.name) if callable(self._core) else self._core
            compiled: Any = core.compile(dialect=dialect, column_keys=self._keys)  # type: ignore[attr-defined]
            order = tuple(compiled.positiontup) if compiled.positional else None
            found = self._compiled[dialect.name] = (compiled.string, order)
        return found


def ours(connection: Connection, error: BaseException) -> StorageError:
    """What a driver's error means to a caller: OperationalError may pass, anything else may not."""
    if isinstance(error, connection.dialect.loaded_dbapi.OperationalError):
        return StorageUnavailable(f"database: {error}")
    return StorageError(f"database: {error}")


def _arranged(parameters: _Parameters, order: tuple[str, ...] | None) -> Any:
    return parameters if order is None else [parameters[name] for name in order]
