"""Migrations: one schema however it came about, guards included; a program refuses every other one."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from gateway import migrate, wiring
from gateway.migrate import MIGRATIONS, SEQUENCES, TABLES, check, upgrade
from gateway.settings import Settings
from gateway.store.schema import GATEWAY_TABLES
from gateway.workflows.parties import open_log
from ledger.errors import StorageError
from ledger.store.database import Database
from ledger.store.guards import HISTORY
from ledger.store.tables import LEDGER_TABLES
from tests.conftest import POSTGRESQL, REPOSITORY, SQLITE
from tests.postgresql import Server

NewUrl = Callable[[], str]


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> NewUrl:
    """Gives the URL of an empty database at every call."""
    count = iter(range(9))

    def made() -> str:
        if request.param == SQLITE:
            return f"sqlite:///{tmp_path / f'{next(count)}.db'}"
        server: Server = request.getfixturevalue("postgresql")
        return server.url(server.create())

    return made


def described(url: str) -> dict[str, Any]:
    """Columns, keys, indexes, triggers and functions, as the database itself tells them."""
    database = Database(url)
    with database.reading() as connection:
        found = inspect(connection)
        schema: dict[str, Any] = {
            name: {
                "columns": {
                    column["name"]: (str(column["type"]), column["nullable"])
                    for column in found.get_columns(name)
                },
                "key": found.get_pk_constraint(name)["constrained_columns"],
                "unique": sorted(tuple(one["column_names"]) for one in found.get_unique_constraints(name)),
                "indexes": sorted(
                    (one["name"], tuple(one["column_names"])) for one in found.get_indexes(name)
                ),
                "checks": len(found.get_check_constraints(name)),
            }
            for name in found.get_table_names()
            if name != "alembic_version"
        }
        schema["guards"] = _guards(connection)
    database.close()
    return schema


GUARDS = {
    SQLITE: ("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",),
    POSTGRESQL: (
        """SELECT tgname, pg_get_triggerdef(oid), tgenabled::text FROM pg_trigger
        WHERE NOT tgisinternal ORDER BY tgname""",
        """SELECT proname, pg_get_functiondef(oid) FROM pg_proc
        WHERE proname LIKE 'lotproof%' ORDER BY proname""",
        "SELECT sequencename, data_type::text FROM pg_sequences ORDER BY sequencename",
        """SELECT table_name, column_name, collation_name FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, 2""",
    ),
}


def _guards(connection: Connection) -> list[tuple[object, ...]]:
    queries = GUARDS[connection.dialect.name]
    return [tuple(row) for query in queries for row in connection.execute(text(query))]


def test_migrations_make_what_create_all_makes(new_url: NewUrl) -> None:
    migrated, made = new_url(), new_url()
    upgrade(migrated)
    database = Database(made)
    SQLModel.metadata.create_all(database.writer, tables=[*LEDGER_TABLES, *GATEWAY_TABLES])
    database.close()
    one, other = described(migrated), described(made)
    assert set(TABLES) == set(one) - {"guards"}
    assert len(one["guards"]) > len(HISTORY)
    for name, table in one.items():
        assert other[name] == table, name
    assert set(other) == set(one)


def test_a_migration_that_is_taken_back_leaves_the_schema_before_it(new_url: NewUrl) -> None:
    url, other = new_url(), new_url()
    upgrade(url)
    upgrade(other, "0001")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url)
    command.downgrade(config, "0001")
    assert described(url) == described(other)
    upgrade(url)
    upgrade(other)
    assert described(url) == described(other)


def test_the_names_that_privileges_use_are_those_of_the_database(postgresql: Server) -> None:
    url = postgresql.url(postgresql.create())
    upgrade(url)
    database = Database(url)
    with database.reading() as connection:
        assert tuple(sorted(inspect(connection).get_sequence_names())) == SEQUENCES
    database.close()


def test_a_second_upgrade_changes_nothing(new_url: NewUrl) -> None:
    url = new_url()
    upgrade(url)
    before = described(url)
    upgrade(url)
    assert described(url) == before


def stamp(url: str, revision: str) -> None:
    database = Database(url)
    with database.writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    database.close()


def test_a_newer_schema_is_refused_with_advice_and_left_alone(new_url: NewUrl, tmp_path: Path) -> None:
    url, home = new_url(), tmp_path / "home"
    settings = Settings(home=home, database_url=url)
    wiring.create(settings).close()
    stamp(url, "9001")
    before = described(url)
    for attempt in (wiring.open_, wiring.create):
        with pytest.raises(StorageError, match=r"schema 9001.*a newer lotproof has been here.*Run that one"):
            attempt(settings)
    with pytest.raises(StorageError, match="nothing was changed"):
        upgrade(url)
    assert described(url) == before


def test_an_older_schema_is_refused_and_init_brings_it_up(new_url: NewUrl, tmp_path: Path) -> None:
    url, home = new_url(), tmp_path / "home"
    settings = Settings(home=home, database_url=url)
    upgrade(url, "0001")
    stamped = described(url)
    config = wiring.create(Settings(home=tmp_path / "other", database_url=new_url()))
    config.close()
    home.mkdir()
    for name in ("config.json", "keys"):
        (tmp_path / "other" / name).rename(home / name)
    with pytest.raises(
        StorageError,
        match=rf"schema 0001, this program works on 0023.*lotproof init --home {re.escape(str(home))}",
    ):
        wiring.open_(settings)
    assert described(url) == stamped
    wiring.create(settings).close()  # what ``lotproof init`` does first
    wiring.open_(settings).close()


def test_a_database_without_tables_is_refused(new_url: NewUrl, tmp_path: Path) -> None:
    database = Database(new_url())
    with pytest.raises(StorageError, match=r"has no tables yet.*lotproof init"):
        check(database, tmp_path)
    database.close()


def test_the_database_of_another_log_is_refused(new_url: NewUrl, tmp_path: Path) -> None:
    """Two homes that write into one database, or a home whose URL points elsewhere."""
    one, other = (Settings(home=tmp_path / name, database_url=new_url()) for name in ("one", "other"))
    for settings in (one, other):
        installation = wiring.create(settings)
        open_log(installation)
        installation.close()
    crossed = Settings(home=one.home, database_url=other.database_url)
    for attempt in (wiring.open_, wiring.create):
        with pytest.raises(StorageError, match="which is not this home's"):
            attempt(crossed)
    with pytest.raises(StorageError, match="which is not this home's"):
        wiring.create(Settings(home=tmp_path / "third", database_url=one.database_url))
    assert not (tmp_path / "third" / "config.json").exists()


# PostgreSQL: one role owns and migrates, another one runs the application.


@pytest.fixture
def roles(postgresql: Server) -> tuple[str, str, str]:
    """(owner's URL, application's URL, application's role) of a new database."""
    name = postgresql.create()
    owner, app = f"owner_{name}", f"App {name}"
    for role in (owner, app):
        postgresql.sql(f"CREATE ROLE \"{role}\" LOGIN PASSWORD 'x'")
    postgresql.sql(f'GRANT ALL ON SCHEMA public TO "{owner}"', name=name)
    urls = [postgresql.url(name, user=f"{role.replace(' ', '%20')}:x") for role in (owner, app)]
    return urls[0], urls[1], app


def test_the_application_works_and_cannot_rewrite_or_unguard(
    roles: tuple[str, str, str], tmp_path: Path
) -> None:
    owner, app, role = roles
    wiring.create(Settings(home=tmp_path, database_url=owner, database_app_role=role)).close()
    installation = wiring.open_(Settings(home=tmp_path, database_url=app, database_app_role=role))
    open_log(installation)
    assert installation.publisher.publish().size > 1
    for table in HISTORY:
        column = "size" if table in ("checkpoints", "published") else "idx"
        refused(installation.database, f"UPDATE {table} SET {column} = {column}", "permission denied")
        refused(installation.database, f"DELETE FROM {table}", "permission denied")
        refused(installation.database, f"TRUNCATE {table}", "permission denied")
        refused(installation.database, f"ALTER TABLE {table} DISABLE TRIGGER ALL", "must be owner")
        refused(installation.database, f"DROP TRIGGER {table}_never_change ON {table}", "must be owner")
    refused(installation.database, "UPDATE alembic_version SET version_num = 'x'", "permission denied")
    refused(installation.database, "SET session_replication_role = replica", "permission denied")
    installation.close()


def refused(database: Database, statement: str, why: str) -> None:
    with pytest.raises(DBAPIError, match=why), database.writer.begin() as connection:
        connection.execute(text(statement))


def test_the_application_does_not_migrate_what_it_would_then_own(roles: tuple[str, str, str]) -> None:
    owner, app, role = roles
    with pytest.raises(StorageError, match="would own the tables"):
        upgrade(app, app_role=role)
    assert described(owner) == {"guards": []}
    upgrade(owner, app_role=role)
    upgrade(app, app_role=role)  # nothing is left to do, and nothing is done


def test_sqlite_has_no_roles(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="only PostgreSQL has roles"):
        upgrade(f"sqlite:///{tmp_path / 'ledger.db'}", app_role="lotproof")


def test_both_names_of_the_database_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("LOTPROOF_DATABASE_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert Settings(home=tmp_path).database == f"sqlite:///{tmp_path / 'ledger.db'}"
    monkeypatch.setenv("DATABASE_URL", "postgresql://one/db")
    assert Settings().database == "postgresql://one/db"
    monkeypatch.setenv("LOTPROOF_DATABASE_URL", "postgresql://two/db")
    assert Settings().database == "postgresql://two/db"


def test_processes_that_start_at_once_migrate_once(new_url: NewUrl) -> None:
    """Four of them meet an empty database, as after a deployment of many."""
    url = new_url()
    program = "import sys; from gateway.migrate import upgrade; upgrade(sys.argv[1])"
    command_ = [sys.executable, "-c", program, url]
    started = [
        subprocess.Popen(command_, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for process in started:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    other = new_url()
    upgrade(other)
    assert described(url) == described(other)


def test_each_migration_is_named_by_its_revision_and_the_last_name_is_the_head() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    known = {each.revision: Path(each.path).name for each in script.walk_revisions()}
    assert all(name.partition("_")[0] == revision for revision, name in known.items())
    assert migrate._schemas() == (script.get_current_head(), frozenset(known))
