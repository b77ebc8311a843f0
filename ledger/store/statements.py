"""Hot statements: written with SQLAlchemy Core, compiled once a dialect, run on the driver's cursor.

Core costs some fifty microseconds an execution, more than the database itself; the statements of
every append and of every audited entry therefore go through here. They run in the transaction that
the Connection they are given has open on its driver.

Rows in bulk go to PostgreSQL in its own ways. Microseconds a row of ``entries`` in batches of 256,
and of an upsert into ``subjects``: one INSERT each, in a pipeline, 38 and 20; binary COPY 11, for
an INSERT only; INSERT from arrays 12 and 17. Below BULK_MIN rows the pipeline is as quick.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextvars import ContextVar
from itertools import chain, count
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Connection,
    Executable,
    Integer,
    LargeBinary,
    Table,
    any_,
    bindparam,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect

from ledger.errors import StorageError, StorageUnavailable

FETCHED = 500  # rows at a time of a stream
BULK_MIN = 8  # rows from which PostgreSQL's own ways are quicker
BLOCK = 64  # rows of one INSERT on SQLite
BLOCKS = "sqlite, in blocks"  # beside the dialects' names
_PLACES = [f"value_{n}" for n in range(64)]  # of values asked for together on SQLite
_PASSING = ("25P02", "0A000")  # in_failed_sql_transaction, feature_not_supported: cached plan
_names = count()  # of server-side cursors
_Parameters = Mapping[str, Any]
_Arrange = Callable[[_Parameters], Any]  # named parameters as the driver wants them
NOTED: ContextVar[Callable[[str, Any], None] | None] = ContextVar("noted", default=None)  # ``store.reads``


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
        """Every row, in batches. On PostgreSQL the server keeps those that were not asked for yet."""
        cursor = self._run(connection, parameters, streamed=True)
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

    def rows(self, connection: Connection, **parameters: Any) -> list[tuple[Any, ...]]:
        """Every row at once."""
        cursor = self._run(connection, parameters)
        try:
            found: list[tuple[Any, ...]] = cursor.fetchall()
        except connection.dialect.loaded_dbapi.Error as error:
            raise ours(connection, error) from error
        finally:
            cursor.close()
        return found

    def do(self, connection: Connection, **parameters: Any) -> None:
        self._run(connection, parameters).close()

    def changed(self, connection: Connection, **parameters: Any) -> int:
        """How many rows it changed."""
        cursor = self._run(connection, parameters)
        count: int = cursor.rowcount
        cursor.close()
        return count

    def do_many(self, connection: Connection, rows: Sequence[_Parameters]) -> None:
        """Once for each of ``rows``."""
        if len(rows) == 1:
            self._run(connection, rows[0]).close()
        elif rows:
            self._run(connection, rows, many=True).close()

    def _run(
        self, connection: Connection, parameters: Any, *, many: bool = False, streamed: bool = False
    ) -> Any:
        dialect = connection.dialect
        sql, arrange = self._compiled.get(dialect.name) or self._compile(dialect)
        driver: Any = connection.connection.dbapi_connection
        try:
            if streamed and dialect.name == "postgresql":  # an ordinary cursor would hold every row here
                cursor = driver.cursor(name=f"lotproof_{next(_names)}")
                cursor.execute(sql, arrange(parameters))
                return cursor
            if not many:
                arranged = arrange(parameters)
                if (noted := NOTED.get()) is not None:
                    noted(sql, arranged)
                return driver.execute(sql, arranged)
            cursor = driver.cursor()
            cursor.executemany(sql, list(map(arrange, parameters)))
        except (dialect.loaded_dbapi.Error, UnicodeDecodeError) as error:  # the latter: a garbled schema
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


class Among(Statement):
    """``columns`` of the rows whose ``column`` is one of many values, asked for together."""

    def __init__(self, columns: Sequence[Any], column: Any, type_: Any) -> None:
        """type_: of ``column``, as PostgreSQL's array of it wants to know."""
        places = column.in_([bindparam(name) for name in _PLACES])
        listed = column == any_(bindparam("values", type_=ARRAY(type_)))
        super().__init__(
            lambda dialect: select(*columns).where(listed if dialect == "postgresql" else places)
        )

    def of(self, connection: Connection, values: Collection[Any]) -> list[tuple[Any, ...]]:
        """The rows there are, each once."""
        asked = list(values)
        if connection.dialect.name == "postgresql":
            return self.rows(connection, values=asked)
        found = []
        for start in range(0, len(asked), len(_PLACES)):
            part = asked[start : start + len(_PLACES)]
            part += part[-1:] * (len(_PLACES) - len(part))  # one statement for any number of values
            found += self.rows(connection, **dict(zip(_PLACES, part, strict=True)))
        return found


class Write(Statement):
    """Rows into ``target``, all its columns.

    replaces: a row of the same primary key takes the new values; otherwise it is an error.
    """

    def __init__(self, target: Table, *, replaces: bool = False) -> None:
        super().__init__(
            (lambda dialect: _upsert(target, dialect)) if replaces else target.insert(),
            keys=[column.name for column in target.columns],
        )
        self._replaces = replaces
        self._arrange = _arrangement([column.name for column in target.columns])
        self._types = [_postgresql_type(column) for column in target.columns]
        names = ", ".join(f'"{column.name}"' for column in target.columns)
        self._copy = f'COPY "{target.name}" ({names}) FROM STDIN (FORMAT BINARY)'
        arrays = ", ".join(f"%b::{type_}[]" for type_ in self._types)
        own = {column.name for column in target.primary_key}
        others = [column.name for column in target.columns if column.name not in own]
        self._from_arrays = (
            f'INSERT INTO "{target.name}" ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT '  # noqa: S608 - our own names
            f"({', '.join(own)}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in others)}"
        )

    def do_many(self, connection: Connection, rows: Sequence[_Parameters]) -> None:
        """Write ``rows``; no two of them have the same primary key."""
        if connection.dialect.name != "postgresql":
            self._in_blocks(connection, rows)
            return
        if len(rows) < BULK_MIN:
            super().do_many(connection, rows)
            return
        driver: Any = connection.connection.dbapi_connection
        values = map(self._arrange, rows)
        try:
            with driver.cursor() as cursor:
                if self._replaces:
                    cursor.execute(self._from_arrays, [list(column) for column in zip(*values, strict=True)])
                    return
                with cursor.copy(self._copy) as copy:
                    copy.set_types(self._types)
                    for row in values:
                        copy.write_row(row)
        except connection.dialect.loaded_dbapi.Error as error:
            raise ours(connection, error) from error

    def _in_blocks(self, connection: Connection, rows: Sequence[_Parameters]) -> None:
        """Many rows a statement. Between two statements other threads of Python want their turn."""
        whole = len(rows) // BLOCK * BLOCK
        if whole:
            sql, arrange = self._compiled.get(BLOCKS) or self._compile_blocks(connection.dialect)
            driver: Any = connection.connection.dbapi_connection
            try:
                for start in range(0, whole, BLOCK):
                    block = map(arrange, rows[start : start + BLOCK])
                    driver.execute(sql, tuple(chain.from_iterable(block))).close()
            except connection.dialect.loaded_dbapi.Error as error:
                raise ours(connection, error) from error
        super().do_many(connection, rows[whole:])

    def _compile_blocks(self, dialect: Dialect) -> tuple[str, _Arrange]:
        sql, arrange = self._compiled.get(dialect.name) or self._compile(dialect)
        places = f"({', '.join('?' * len(self._keys or ()))})"
        assert sql.count(places) == 1
        made = self._compiled[BLOCKS] = sql.replace(places, ", ".join([places] * BLOCK)), arrange
        return made


def _upsert(target: Table, dialect: str) -> Executable:
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(target)
    own = [column.name for column in target.primary_key]
    others = {c.name: insert.excluded[c.name] for c in target.columns if c.name not in own}
    upsert: Executable = insert.on_conflict_do_update(index_elements=own, set_=others)
    return upsert


def _postgresql_type(column: Column[Any]) -> str:
    if isinstance(column.type, LargeBinary):
        return "bytea"
    if isinstance(column.type, Integer):
        return "int8" if isinstance(column.type, BigInteger) else "int4"
    return "text"


def ours(connection: Connection, error: BaseException) -> StorageError:
    """What a driver's error means to a caller: OperationalError may pass, most others may not.

    On PostgreSQL two others pass, too: a transaction that somebody else's statement broke, and a plan
    that a migration has overtaken.
    """
    may_pass = getattr(error, "sqlstate", None) in _PASSING
    if may_pass or isinstance(error, connection.dialect.loaded_dbapi.OperationalError):
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
