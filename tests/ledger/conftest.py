"""Worlds that stand after a stage of the journey, built once and only looked at."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.store.database import Database
from tests.ledger.world import World


@pytest.fixture(scope="session")
def world_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], World]]:
    """``world_at(stage)``: shared by every test, so nothing may be recorded in it."""
    built: dict[str, World] = {}

    def at(stage: str) -> World:
        if stage not in built:
            built[stage] = World(tmp_path_factory.mktemp("world")).play(stage)
        return built[stage]

    yield at
    for world in built.values():
        world.close()


@pytest.fixture
def world(tmp_path: Path, database: Database) -> Iterator[World]:
    """A world of one's own, without a log yet."""
    made = World(tmp_path, database=database)
    yield made
    made.close()
