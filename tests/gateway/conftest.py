"""The demo story, told once for all tests that look at it."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import wiring
from gateway.settings import Settings
from gateway.wiring import Installation
from gateway.workflows.audit_log import audit_source
from gateway.workflows.story import tell
from tests.gateway.outsiders import new_home


@pytest.fixture(scope="session")
def told_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the whole story was told and audited once. Read it; write to a copy.

    With several workers the first that asks tells it; each has a copy of its own.
    """
    own = tmp_path_factory.mktemp("story") / "home"
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    shared = (tmp_path_factory.getbasetemp().parent if is_worker else own.parent) / "told"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # closing the file, or dying, lets the next one in
        if not (shared / "home").exists():
            _tell(shared / "telling")
            (shared / "telling").rename(shared / "home")
    shutil.copytree(shared / "home", own)
    return own


def _tell(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    settings = Settings(home=home)
    installation = wiring.create(settings)
    tell(installation, lambda _what, _share: None)
    installation.close()
    report = audit_source(settings, None, policy_file=None, vkey=None, saved_file=None)
    assert report.verdict == "verified", [str(finding) for finding in report.findings]


@pytest.fixture
def told(told_home: Path) -> Iterator[Installation]:
    """The told story, open for reading."""
    installation = wiring.open_(Settings(home=told_home))
    yield installation
    installation.close()


@pytest.fixture
def copied(told_home: Path, tmp_path: Path) -> Iterator[Installation]:
    """A copy of the told story that a test may change."""
    home = tmp_path / "home"
    shutil.copytree(told_home, home)
    installation = wiring.open_(Settings(home=home))
    yield installation
    installation.close()


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which nobody but the operator is registered."""
    home = tmp_path_factory.mktemp("empty") / "home"
    new_home(home).close()
    return home


@pytest.fixture
def house(empty_home: Path, tmp_path: Path) -> Iterator[Installation]:
    """A copy of it that a test may fill."""
    home = tmp_path / "house"
    shutil.copytree(empty_home, home)
    installation = wiring.open_(Settings(home=home))
    yield installation
    installation.close()
