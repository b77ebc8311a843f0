"""What every test may lean on: a PostgreSQL server, and conformance data of others, never copied.

A test that asks for ``database`` says with ``@pytest.mark.databases(SQLITE, POSTGRESQL)``, on itself
or on its module, which ones it runs on; without a word it runs on SQLite alone.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from ledger.store.database import Database
from ledger.store.tables import LEDGER_TABLES
from tests.postgresql import NoServer, Server

REPOSITORY = Path(__file__).resolve().parent.parent
SQLITE, POSTGRESQL = "sqlite", "postgresql"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "databases(*names): the databases that a test of ``database`` runs on")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("databases")
        metafunc.parametrize("database", marker.args if marker else (SQLITE,), indirect=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A server for all tests of a run; its absence is said out loud."""
    try:
        server = Server()
    except NoServer as missing:
        pytest.skip(str(missing))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def ledger_template(postgresql: Server) -> str:
    """A database with the ledger's tables, to be copied: quicker than making them anew."""
    name = postgresql.create()
    made = postgresql.database(name)
    SQLModel.metadata.create_all(made.writer, tables=LEDGER_TABLES)
    made.close()
    return name


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of one's own with the ledger's tables."""
    if request.param == POSTGRESQL:
        server: Server = request.getfixturevalue("postgresql")
        made = server.database(server.create(request.getfixturevalue("ledger_template")))
    else:
        made = Database.at(tmp_path / "ledger.db")
        SQLModel.metadata.create_all(made.writer, tables=LEDGER_TABLES)
    yield made
    made.close()  # dropping it would cost more than the disk it takes until the server goes


@pytest.fixture(scope="session")
def conformance() -> Path:
    """The folder of conformance data; its absence is said out loud."""
    folder = Path(os.environ.get("CONFORMANCE_DIR", REPOSITORY.parent / "shared" / "conformance"))
    if not folder.is_dir():
        pytest.skip(f"conformance data is not at {folder}: set CONFORMANCE_DIR")
    return folder
