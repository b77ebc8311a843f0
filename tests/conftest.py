"""What every test may lean on: a PostgreSQL server, and conformance data of others, never copied.

A test that asks for ``database`` says with ``@pytest.mark.databases(SQLITE, POSTGRESQL)``, on itself
or on its module, which ones it runs on; without a word it runs on SQLite alone.
"""

import gc
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
# Files that take longest, the longest first. They start first, so that the cores end at about the same time.
LONG = (
    "gateway/pages/test_in_browser.py",
    "gateway/test_on_postgresql.py",
    "gateway/console/test_story.py",
    "gateway/cli/test_repair.py",
    "faults/test_kill.py",
    "gateway/stories/test_by_pages.py",
    "ledger/adapters/test_s3_servers.py",
    "gateway/statements/test_bad_answers.py",
    "gateway/shell/test_described.py",
    "gateway/test_stolen_key.py",
    "gateway/measuring/test_offline.py",
    "gateway/cli/test_commands.py",
    "gateway/cli/test_audit.py",
    "faults/test_postgresql_disk_full.py",
    "gateway/cli/test_publish.py",
    "gateway/cli/test_packs.py",
    "gateway/routes/test_buyer.py",
    "gateway/cli/test_hammer.py",
    "gateway/tasks/test_broker.py",
    "gateway/cli/test_witness.py",
    "faults/test_postgresql_restart.py",
    "ledger/adapters/test_s3_publishing.py",
    "faults/test_writers_race.py",
    "gateway/routes/test_access.py",
    "ledger/test_verify.py",
    "gateway/measuring/test_bench.py",
    "gateway/test_check_in_browser.py",
    "gateway/pages/test_render.py",
    "exporters/labels/test_reading.py",
    "gateway/test_client.py",
    "exporters/test_pdf.py",
    "exporters/test_audit_pack.py",
    "exporters/test_papers.py",
    "gateway/workflows/test_issue_papers.py",
    "gateway/routes/test_visibility.py",
    "gateway/test_migrate.py",
    "ledger/test_fsck.py",
    "ledger/adapters/test_s3.py",
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "databases(*names): the databases that a test of ``database`` runs on")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than cores: servers that are killed, stores that are away and browsers are waited for."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Thousands of tests and all of ours are no garbage: later collections need not walk them."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)  # what is not long keeps its random order
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {REPOSITORY / "tests" / name: rank for rank, name in enumerate(LONG)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


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
        name = server.create(request.getfixturevalue("ledger_template"))
        made = server.database(name)
        yield made
        made.close()
        server.forget(name)
    else:
        made = Database.at(tmp_path / "ledger.db")
        SQLModel.metadata.create_all(made.writer, tables=LEDGER_TABLES)
        yield made
        made.close()


@pytest.fixture(scope="session")
def conformance() -> Path:
    """The folder of conformance data; its absence is said out loud."""
    folder = Path(os.environ.get("CONFORMANCE_DIR", REPOSITORY.parent / "shared" / "conformance"))
    if not folder.is_dir():
        pytest.skip(f"conformance data is not at {folder}: set CONFORMANCE_DIR")
    return folder
