"""Batched intake on PostgreSQL against batched intake on SQLite: the same records, checks and rules."""

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ledger.record import Submission
from tests.bench.workload import declarations
from tests.ledger.world import World
from tests.postgresql import NoServer, Server

RUNS = 7
BATCH = 256  # records a commit
RATIO_MIN = 0.7

Together = Callable[[World, Sequence[Submission]], None]


def postgresql_ratio(record_together: Together) -> float | None:
    """Records a second on PostgreSQL for each on SQLite; None, said aloud, where there is no server."""
    try:
        server = Server()
    except NoServer as missing:
        print(f"postgresql            not measured: {missing}", flush=True)
        return None
    try:
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
            worlds = [World(Path(one)), World(Path(other), database=server.database(server.create()))]
            try:
                return _ratio([world.play("granted") for world in worlds], record_together)
            finally:
                for world in worlds:
                    world.close()
    finally:
        server.stop()


def _ratio(worlds: Sequence[World], record_together: Together) -> float:
    times: list[list[float]] = [[], []]
    for run in range(RUNS + 1):
        for taken, world in zip(times, worlds, strict=True):
            batch = declarations(world, BATCH)
            gc.collect()
            start = time.perf_counter()
            record_together(world, batch)
            if run:  # the first one warms caches and plans
                taken.append((time.perf_counter() - start) / BATCH)
    sqlite, postgresql = (statistics.median(taken) for taken in times)
    ratio = statistics.median(a / b for a, b in zip(*times, strict=True))
    print(
        f"append, {BATCH} a commit   sqlite {sqlite * 1e6:6.0f} us  postgresql {postgresql * 1e6:6.0f} us"
        f"  ratio {ratio:5.2f} (>= {RATIO_MIN} wanted)",
        flush=True,
    )
    return ratio
