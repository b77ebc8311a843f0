"""Lift the guards of a table within one transaction: the only way in which history is put right.

Guards are gone for nobody else, and never for longer: both databases undo it with the transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, TextClause, text
from sqlalchemy.exc import DBAPIError

from ledger.errors import StorageError
from ledger.store import guards

_SQLITE = text(
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table ORDER BY name"
)
_POSTGRESQL = text(
    "SELECT tgname, tgenabled::text FROM pg_trigger "
    "WHERE tgrelid = to_regclass(:table) AND NOT tgisinternal ORDER BY tgname"
)
_ENABLE = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA"}  # pg_trigger.tgenabled
_FIRES = frozenset("OA")  # in an ordinary session


@contextmanager
def unguarded(connection: Connection, *names: str) -> Iterator[None]:
    """Inside, rows of these tables can be changed; on leaving, the guards are what they were.

    Part of the caller's transaction, in a savepoint: an error inside undoes what was changed, too.
    Raises StorageError when the role does not own the tables, or the guards did not come back.
    """
    before = {name: _guards(connection, name) for name in names}
    try:
        with connection.begin_nested():
            for name, triggers in before.items():
                _lift(connection, name, triggers)
            yield
            for name, triggers in before.items():
                _put_back(connection, name, triggers)
    except DBAPIError as error:
        raise StorageError(
            f"database: {error.orig}; to change {', '.join(names)} connect as the role that owns them"
        ) from error
    if before != {name: _guards(connection, name) for name in names}:
        raise StorageError("the guards did not come back; nothing was changed")


def missing(connection: Connection) -> list[str]:
    """The guards of history that are not there, are others, or do not fire."""
    found: list[str] = []
    for name in guards.HISTORY:
        there = _guards(connection, name)
        for guard, statement in _expected(connection, name).items():
            stands = there.get(guard) == statement if _is_sqlite(connection) else there.get(guard) in _FIRES
            if not stands:
                found.append(guard)
    return found


def restore(connection: Connection) -> None:
    """Put back the guards that are missing; inside the caller's transaction."""
    wanted = set(missing(connection))
    for name in guards.HISTORY:
        there = _guards(connection, name)
        lost = [guard for guard in _expected(connection, name) if guard in wanted]
        for guard in lost:
            if guard in there:
                place = "" if _is_sqlite(connection) else f" ON {name}"
                connection.execute(text(f"DROP TRIGGER {guard}{place}"))
        for statement in _statements(connection, name) if lost else ():
            guard = _trigger(statement)
            if not guard or guard in lost:
                connection.execute(_literally(statement))


def _guards(connection: Connection, name: str) -> dict[str, str]:
    """Trigger -> its statement (SQLite) or how it is enabled (PostgreSQL)."""
    query = _SQLITE if _is_sqlite(connection) else _POSTGRESQL
    return {row[0]: row[1] for row in connection.execute(query, {"table": name})}


def _lift(connection: Connection, name: str, triggers: dict[str, str]) -> None:
    for trigger in triggers:
        if _is_sqlite(connection):
            connection.execute(text(f"DROP TRIGGER {trigger}"))
        else:
            connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER {trigger}"))


def _put_back(connection: Connection, name: str, triggers: dict[str, str]) -> None:
    for trigger, value in triggers.items():
        if _is_sqlite(connection):
            connection.execute(_literally(value))
        elif value in _ENABLE:
            connection.execute(text(f"ALTER TABLE {name} {_ENABLE[value]} TRIGGER {trigger}"))


def _expected(connection: Connection, name: str) -> dict[str, str]:
    statements = _statements(connection, name)
    return {_trigger(statement): statement for statement in statements if _trigger(statement)}


def _statements(connection: Connection, name: str) -> tuple[str, ...]:
    return guards.sqlite(name) if _is_sqlite(connection) else guards.postgresql(name)


def _trigger(statement: str) -> str:
    """The name in a CREATE TRIGGER, "" for another statement."""
    words = statement.split(maxsplit=3)
    return words[2] if words[:2] == ["CREATE", "TRIGGER"] else ""


def _literally(statement: str) -> TextClause:
    return text(statement.replace(":", "\\:"))  # no bound parameter


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
