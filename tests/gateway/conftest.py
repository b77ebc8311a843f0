"""The story is told once; tests that write get a copy of the home."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import wiring
from gateway.settings import Settings
from gateway.wiring import Installation
from gateway.workflows.story import tell
from tests.gateway.web import Caller


def _settings(home: Path) -> Settings:
    return Settings(home=home, host="127.0.0.1", port=8000, public_url="", database_url="")


@pytest.fixture(scope="session")
def told_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("told") / "home"
    installation = wiring.create(_settings(home))
    tell(installation, lambda what, share: None)
    installation.close()
    return home


@pytest.fixture
def home(told_home: Path, tmp_path: Path) -> Path:
    """A copy that a test may write to, before ``installation`` opens it."""
    return Path(shutil.copytree(told_home, tmp_path / "home"))


@pytest.fixture
def installation(home: Path) -> Iterator[Installation]:
    opened = wiring.open_(_settings(home))
    yield opened
    opened.close()


@pytest.fixture
def caller(installation: Installation) -> Caller:
    return Caller(installation)


@pytest.fixture(scope="session")
def reader(told_home: Path) -> Iterator[Caller]:
    """For tests that only look."""
    opened = wiring.open_(_settings(told_home))
    yield Caller(opened)
    opened.close()
