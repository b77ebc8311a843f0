"""Hot statements: written with SQLAlchemy Core, compiled once a dialect, run on the driver's cursor.

Core costs some fifty microseconds an execution, more than the database itself; the statements of
every append and of every audited entry therefore go through here. They run in the transaction that
the Connection they are given has open on its driver.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.engine.interfaces import Dialect

from ledger.errors import StorageError, StorageUnavailable

FETCHED = 500  # rows at a time of a stream
_Parameters = Mapping[str, Any]
_Arrange = Callable[[_Parameters], Any]  # named parameters as the driver wants them


class Statement:
    """One statement with named parameters. core: the statement, or what gives it for a dialect name."""

    def __init__(self, core: Executable | Callable[[str], Executable], *, keys: Sequence[str] = ()) -> None:
        self._core = core
        self._keys = list(keys) or None  # columns of an INSERT
        self._compiled: dict[str, tuple[str, _Arrange]] = {}

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
        if len(rows) == 1:
            self._run(connection, rows[0]).close()
        elif rows:
            self._run(connection, rows, many=True).close()

    def _run(self, connection: Connection, parameters: Any, *, many: bool = False) -> Any:
        dialect = connection.dialect
        sql, arrange = self._compiled.get(dialect.name) or self._compile(dialect)
        driver: Any = connection.connection.dbapi_connection
        try:
            if not many:
                return driver.execute(sql, arrange(parameters))
            cursor = driver.cursor()
            cursor.executemany(sql, list(map(arrange, parameters)))
        except dialect.loaded_dbapi.Error as error:
            raise ours(connection, error) from error
        return cursor

    def _compile(self, dialect: Dialect) -> tuple[str, _Arrange]:
        core = self._core(dialect.name) if callable(self._core) else self._core
        compiled: Any = core.compile(dialect=dialect, column_keys=self._keys)  # type: ignore[attr-defined]
        made = self._compiled[dialect.name] = (
            compiled.string,
            _arrangement(compiled.positiontup) if compiled.positional else _named,
        )
        return made


def ours(connection: Connection, error: BaseException) -> StorageError:
    """What a driver's error means to a caller: OperationalError may pass, anything else may not."""
    if isinstance(error, connection.dialect.loaded_dbapi.OperationalError):
        return StorageUnavailable(f"database: {error}")
    return StorageError(f"database: {error}")


def _named(parameters: _Parameters) -> _Parameters:
    return parameters


def _arrangement(order: Sequence[str]) -> _Arrange:
    """The parameters as a tuple in ``order``."""
    if len(order) > 1:
        return itemgetter(*order)  # one call in C a row
    if not order:
        return lambda _: ()
    (name,) = order
    return lambda parameters: (parameters[name],)
