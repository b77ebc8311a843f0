"""What the database itself refuses: to rewrite history, to leave a gap, to go back.

The same statements whether tables come from ``create_all`` or from a migration, which carries its
own frozen copy. A table's owner can take its triggers away, so on PostgreSQL the role that runs the
application should not own the tables: ``privileges`` is what it needs and no more.
"""

from collections.abc import Collection

from sqlalchemy import DDL, Table, event
from sqlalchemy.schema import ExecutableDDLElement

HISTORY = ("entries", "checkpoints", "chain", "published")  # only ever grow

_SQLITE_GAPLESS = (
    "CREATE TRIGGER entries_are_gapless BEFORE INSERT ON entries "
    "WHEN NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM entries) "
    "BEGIN SELECT RAISE(ABORT, 'entries are gapless'); END"
)
_SQLITE_GROW = (
    "CREATE TRIGGER checkpoints_only_grow BEFORE INSERT ON checkpoints "
    "WHEN NEW.size <= (SELECT coalesce(max(size), -1) FROM checkpoints) "
    "BEGIN SELECT RAISE(ABORT, 'checkpoints only grow'); END"
)

# REPLACE deletes without firing triggers of DELETE: what has one of these already is not inserted.
_SQLITE_KEYS = {
    "entries": (("event_id",),),  # no index stands twice: entries are gapless
    "chain": (("idx", "subject"), ("subject", "seq")),
    "published": (("size",),),  # and no size of checkpoints: they only grow
}

# SQLSTATE 23000 is the class that SQLite's RAISE(ABORT) reports, too: an IntegrityError to both drivers.
_REFUSE = """CREATE OR REPLACE FUNCTION lotproof_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% are never changed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$"""

# Once a statement, not once a row. No gap before it, a block of neighbours without a gap inside,
# its first one's predecessor there and, by the primary key, none of it there before: no gap after it.
_GAPLESS = """CREATE OR REPLACE FUNCTION lotproof_entries_are_gapless() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  low bigint;
  high bigint;
  rows bigint;
BEGIN
  SELECT min(idx), max(idx), count(*) INTO low, high, rows FROM added;
  IF rows > 0 AND (
    low < 0 OR high - low + 1 <> rows
    OR (low > 0 AND NOT EXISTS (SELECT 1 FROM entries WHERE idx = low - 1))
  ) THEN
    RAISE EXCEPTION 'entries are gapless' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$"""

# The lock lasts to the end of the transaction: two that grow at once are put in an order.
_GROW = """CREATE OR REPLACE FUNCTION lotproof_checkpoints_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(TG_RELID::bigint);
  IF NEW.size <= (SELECT coalesce(max(size), -1) FROM checkpoints) THEN
    RAISE EXCEPTION 'checkpoints only grow' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$"""

_NEVER = (
    "CREATE TRIGGER {name}_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {name} "
    "FOR EACH STATEMENT EXECUTE FUNCTION lotproof_never_changed()"
)
_EACH_INSERT = (
    "CREATE TRIGGER entries_are_gapless AFTER INSERT ON entries REFERENCING NEW TABLE AS added "
    "FOR EACH STATEMENT EXECUTE FUNCTION lotproof_entries_are_gapless()"
)
_EACH_CHECKPOINT = (
    "CREATE TRIGGER checkpoints_only_grow BEFORE INSERT ON checkpoints "
    "FOR EACH ROW EXECUTE FUNCTION lotproof_checkpoints_only_grow()"
)
_POSTGRESQL_OWN = {"entries": (_GAPLESS, _EACH_INSERT), "checkpoints": (_GROW, _EACH_CHECKPOINT)}


def sqlite(name: str) -> tuple[str, ...]:
    """The triggers of one table of HISTORY."""
    never = tuple(
        f"CREATE TRIGGER {name}_never_{verb.lower()} BEFORE {verb} ON {name} "
        f"BEGIN SELECT RAISE(ABORT, '{name} are never changed'); END"
        for verb in ("UPDATE", "DELETE")
    )
    own = {"entries": (_SQLITE_GAPLESS,), "checkpoints": (_SQLITE_GROW,)}
    return (*never, *_never_replaced(name), *own.get(name, ()))


def _never_replaced(name: str) -> tuple[str, ...]:
    stands = " OR ".join(
        f"EXISTS (SELECT 1 FROM {name} WHERE {' AND '.join(f'{column} = NEW.{column}' for column in key)})"  # noqa: S608 - our own names
        for key in _SQLITE_KEYS.get(name, ())
    )
    trigger = (
        f"CREATE TRIGGER {name}_never_replace BEFORE INSERT ON {name} WHEN {stands} "
        f"BEGIN SELECT RAISE(ABORT, '{name} are never changed'); END"
    )
    return (trigger,) if stands else ()


def postgresql(name: str) -> tuple[str, ...]:
    """The functions and triggers of one table of HISTORY."""
    return (_REFUSE, _NEVER.format(name=name), *_POSTGRESQL_OWN.get(name, ()))


def privileges(role: str, tables: Collection[str], sequences: Collection[str]) -> tuple[str, ...]:
    """PostgreSQL: what the application's role may do, to be run by the owner of ``tables``.

    It reads and writes, and only adds to HISTORY; it may see the schema's revision and not set it.
    Run again after every migration: a new table starts with no privileges.
    """
    quoted = _quoted(role)
    others = ", ".join(_quoted(name) for name in sorted({*tables} - {*HISTORY}))
    history = ", ".join(_quoted(name) for name in HISTORY)
    return (
        f"REVOKE ALL ON {others}, {history}, alembic_version FROM PUBLIC, {quoted}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {others} TO {quoted}",
        f"GRANT SELECT, INSERT ON {history} TO {quoted}",
        f"GRANT SELECT ON alembic_version TO {quoted}",
        f"GRANT USAGE ON SEQUENCE {', '.join(_quoted(name) for name in sorted(sequences))} TO {quoted}",
    )


def guard(table: Table) -> None:
    """Let ``create_all`` make the guards of ``table`` right after it."""
    for dialect, statements in (("sqlite", sqlite(table.name)), ("postgresql", postgresql(table.name))):
        for statement in statements:
            event.listen(table, "after_create", _creation(statement, dialect))


def _creation(statement: str, dialect: str) -> ExecutableDDLElement:
    made: DDL = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
    return made.execute_if(dialect=dialect)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
