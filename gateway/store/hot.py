"""Whole rows as frozen values by statements that are compiled once, for what every hold reads and writes.

SQLAlchemy's own execution costs many times what such a statement costs the database, and a hold
makes a dozen of them inside the one writer's transaction.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, Connection, Table, bindparam, select

from ledger.store.statements import Statement

Value = TypeVar("Value")
_Convert = Callable[[Any], Any]


class Found(Generic[Value]):
    """Rows of ``source`` as values of ``of``, whose fields are columns by name."""

    def __init__(self, of: type[Value], source: Table, *by: str) -> None:
        """by: columns that have to equal what is given under their names."""
        names = [one.name for one in fields(of)]  # type: ignore[arg-type]
        self._of = of
        self._columns = [source.c[name] for name in names]
        where = [source.c[name] == bindparam(name, type_=source.c[name].type) for name in by]
        self._statement = Statement(select(*self._columns).where(*where))
        self._converts: dict[str, list[tuple[int, _Convert]]] = {}

    def first(self, connection: Connection, **given: str) -> Value | None:
        row = self._statement.row(connection, **given)
        if row is None:
            return None
        values = list(row)
        for at, convert in self._converting(connection):
            values[at] = convert(values[at])
        return self._of(*values)

    def _converting(self, connection: Connection) -> list[tuple[int, _Convert]]:
        known = self._converts.get(connection.dialect.name)
        if known is None:
            found = [_from_driver(connection, column) for column in self._columns]
            known = [(at, convert) for at, convert in enumerate(found) if convert is not None]
            self._converts[connection.dialect.name] = known
        return known


class Added:
    """Rows into ``source``: every column that is given a name of."""

    def __init__(self, source: Table, *names: str) -> None:
        self._columns = [source.c[name] for name in names]
        self._statement = Statement(source.insert(), keys=names)

    def add(self, connection: Connection, row: Mapping[str, Any]) -> None:
        """Raises StorageError, also where the database refuses the row."""
        self._statement.do(
            connection, **{one.name: given(connection, one, row[one.name]) for one in self._columns}
        )


def given(connection: Connection, column: Column[Any], value: Any) -> Any:
    """A value for ``column`` as the driver takes it."""
    dialect = connection.dialect
    convert = column.type.dialect_impl(dialect).bind_processor(dialect)
    return value if convert is None else convert(value)


def _from_driver(connection: Connection, column: Column[Any]) -> _Convert | None:
    dialect = connection.dialect
    convert = column.type.dialect_impl(dialect).result_processor(dialect, None)
    if column.type.python_type is not datetime:
        return convert
    return lambda value: _utc(value if convert is None else convert(value))


def _utc(value: datetime | None) -> datetime | None:
    """SQLite forgets time zones; what we store is UTC."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value
