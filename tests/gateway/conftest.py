"""The demo story, told once for all tests that look at it."""

import fcntl
import importlib
import os
import shutil
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
import uvicorn

from gateway import wiring
from gateway.app import create_app
from gateway.settings import Settings
from gateway.wiring import Installation
from gateway.workflows.audit_log import audit_source
from gateway.workflows.story import tell
from tests.gateway.generated import PACKAGE, generate
from tests.gateway.outsiders import new_home


@pytest.fixture(scope="session")
def told_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the whole story was told and audited once. Read it; write to a copy.

    With several workers the first that asks tells it; each has a copy of its own.
    """
    own = tmp_path_factory.mktemp("story") / "home"
    shutil.copytree(_made_once(tmp_path_factory, "told", _tell), own)
    return own


def _made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first worker which asks for it makes; read it alone."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    shared = (factory.getbasetemp().parent if is_worker else factory.getbasetemp()) / name
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # closing the file, or dying, lets the next one in
        if not (shared / "made").exists():
            shutil.rmtree(shared / "making", ignore_errors=True)
            make(shared / "making")
            (shared / "making").rename(shared / "made")
    return shared / "made"


def _tell(home: Path) -> None:
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
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The generated client of our own description."""
    folder = str(_made_once(tmp_path_factory, "client", generate))
    sys.path.insert(0, folder)
    yield importlib.import_module(PACKAGE)
    sys.path.remove(folder)
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture
def address(copied: Installation) -> Iterator[str]:
    """A changeable copy of the told story on loopback, at a port that the system chose."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(copied), log_level="error", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


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
