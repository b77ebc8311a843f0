"""The demo story, told once for all tests that look at it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import wiring
from gateway.settings import Settings
from gateway.wiring import Installation
from gateway.workflows.audit_log import audit_source
from gateway.workflows.story import tell


@pytest.fixture(scope="session")
def told_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the whole story was told and audited once. Read it; write to a copy."""
    home = tmp_path_factory.mktemp("story") / "home"
    settings = Settings(home=home)
    installation = wiring.create(settings)
    tell(installation, lambda _what, _share: None)
    installation.close()
    report = audit_source(settings, None, policy_file=None, vkey=None, saved_file=None)
    assert report.verdict == "verified", [str(finding) for finding in report.findings]
    return home


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
