"""Bring a database to the newest schema; alembic's migrations stand in ``migrations/``.

A program works on exactly one schema. On an older one it would miss guards and tables, on a newer
one it does not know what it would break: ``check`` refuses both, and says what to do.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import make_url

from gateway.store.schema import GATEWAY_TABLES
from ledger.errors import StorageError
from ledger.store import guards
from ledger.store.database import Database
from ledger.store.tables import LEDGER_TABLES

MIGRATIONS = Path(__file__).parent / "migrations"
TABLES = [table.name for table in (*LEDGER_TABLES, *GATEWAY_TABLES)]
SEQUENCES = (
    "articles_id_seq",
    "jobs_n_seq",
    "purchase_events_id_seq",
    "purchase_payments_id_seq",
    "shipment_events_id_seq",
    "stock_movements_id_seq",
)


def upgrade(url: str, revision: str = "head", *, app_role: str = "") -> None:
    """Run what is missing; a database that is new enough is left alone.

    app_role: on PostgreSQL the role that runs the application, where another one, the owner of the
    tables, migrates: it gets what it needs, and no more than to add to the history. Raises
    StorageError, and changes nothing, when a newer program has been here.
    """
    with _alone(url):
        _upgrade(url, revision, app_role)


@contextmanager
def _alone(url: str) -> Iterator[None]:
    """One process at a time where the database is a file.

    Its own lock is waited for a few seconds only, and a database that is being made knows none yet. The
    folder is locked, so nothing is left behind. PostgreSQL's lock stands in ``migrations/env.py``.
    """
    path = make_url(url).database if url.startswith("sqlite") else None
    folder = Path(path).parent if path else None
    if folder is None or not folder.is_dir():
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _upgrade(url: str, revision: str, app_role: str) -> None:
    database = Database(url)
    try:
        with database.reading() as connection:
            found = _revision(connection)
            _refuse_unknown(found)
            role = _role(connection)
        is_app = app_role in ("", role)
        if found == _schemas()[0] and revision == "head" and is_app:
            return
        if app_role:
            _refuse_owner(app_role, role)
        from alembic import command  # a third of a start, of which most find nothing to migrate
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.set_main_option("sqlalchemy.url", database.url.replace("%", "%%"))
        command.upgrade(config, revision)
        if app_role:
            _grant(database, app_role)
    finally:
        database.close()


def check(database: Database, home: Path) -> None:
    """Raises StorageError when the schema is not this program's. home: for the advice."""
    with database.reading() as connection:
        found = _revision(connection)
    _refuse_unknown(found)
    newest, _ = _schemas()
    if found != newest:
        stands = f"is at schema {found}" if found else "has no tables yet"
        raise StorageError(
            f"the database {stands}, this program works on {newest}; back it up, stop whatever else runs "
            f"on it, and bring it there with: lotproof init --home {home}"
        )


def _revision(connection: Connection) -> str | None:
    """None where there are no tables of ours, or they were never migrated."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _refuse_unknown(revision: str | None) -> None:
    if revision is not None and revision not in _schemas()[1]:
        raise StorageError(
            f"the database is at schema {revision}, which this program does not know: a newer lotproof has "
            "been here. Run that one, or restore a backup from before it; nothing was changed"
        )


def _role(connection: Connection) -> str | None:
    """Who we are to the database; None where it knows no roles."""
    if connection.dialect.name != "postgresql":
        return None
    found: str = connection.execute(text("SELECT current_user")).scalar_one()
    return found


def _refuse_owner(app_role: str, role: str | None) -> None:
    if role is None:
        raise StorageError("only PostgreSQL has roles: LOTPROOF_DATABASE_APP_ROLE means nothing here")
    if role == app_role:
        raise StorageError(
            f"{role} would own the tables, and could take their guards away: migrate as another role than "
            "the one that LOTPROOF_DATABASE_APP_ROLE names"
        )


def _grant(database: Database, role: str) -> None:
    with database.writer.begin() as connection:
        for statement in guards.privileges(role, TABLES, SEQUENCES):
            connection.execute(text(statement))


@cache
def _schemas() -> tuple[str, frozenset[str]]:
    """(the newest, all), by the names of their files: each begins with its revision."""
    revisions = sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    return revisions[-1], frozenset(revisions)
