"""Callers of the told story: one that only looks, one on a copy that a test may change."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway import wiring
from gateway.settings import Settings
from gateway.wiring import Installation
from tests.gateway.web import Caller


@pytest.fixture
def home(copied: Installation) -> Path:
    return copied.home


@pytest.fixture
def caller(copied: Installation) -> Caller:
    return Caller(copied)


@pytest.fixture(scope="session")
def _reader(told_home: Path) -> Iterator[Caller]:
    opened = wiring.open_(Settings(home=told_home))
    yield Caller(opened)
    opened.close()


@pytest.fixture
def looker(_reader: Caller) -> Caller:
    """Nobody in particular, on the told story itself: it remembers nothing from test to test."""
    _reader.cookies = httpx.Cookies()
    return _reader
