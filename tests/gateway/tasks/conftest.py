"""A house with an opened log and nothing in it, on the databases that a test names."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import wiring
from gateway.settings import Settings
from gateway.wiring import Installation
from gateway.workflows.parties import open_log
from tests.conftest import POSTGRESQL, SQLITE
from tests.postgresql import Server


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "house" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("databases")
        metafunc.parametrize("house", marker.args if marker else (SQLITE,), indirect=True)


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("empty") / "home"
    _make(Settings(home=home))
    return home


@pytest.fixture(scope="session")
def empty_on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgresql: Server) -> tuple[Path, str]:
    """(home, name of its database)."""
    home, name = tmp_path_factory.mktemp("empty") / "home", postgresql.create()
    _make(Settings(home=home, database_url=postgresql.url(name)))
    return home, name


@pytest.fixture
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    home, url = tmp_path / "home", ""
    if request.param == POSTGRESQL:
        server: Server = request.getfixturevalue("postgresql")
        source, name = request.getfixturevalue("empty_on_postgresql")
        url = server.url(server.create(name))
    else:
        source = request.getfixturevalue("empty_home")
    shutil.copytree(source, home)
    installation = wiring.open_(Settings(home=home, database_url=url))
    yield installation
    installation.close()


def _make(settings: Settings) -> None:
    installation = wiring.create(settings)
    open_log(installation)
    installation.publisher.publish()
    installation.close()
