"""F2: the power goes at any call, and what was acknowledged is on the platter.

The store's own statements, with the store's own PRAGMAs, are replayed on a disk that loses or tears
whatever was not synced. ``python -m tests.torture --round power`` cuts it at many more places.
"""

from pathlib import Path

import pytest

from tests.faults.recording import DATABASE, Recording, cut_power, found_after
from tests.ledger.world import World, but, ident

SEED = 20261120
CUTS = 60
CUTS_OF_HARNESS = 20


def test_the_store_asks_for_wal_and_a_sync_at_every_commit(recording: Recording) -> None:
    assert {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"} <= set(recording.settings)


@pytest.mark.parametrize("seed", range(SEED, SEED + CUTS))
def test_a_power_cut_loses_nothing_that_was_acknowledged(
    recording: Recording, calls: int, tmp_path: Path, seed: int
) -> None:
    acknowledged, after = cut_power(recording, tmp_path, seed=seed, calls=calls)
    found = found_after(after, recording)
    assert found in (acknowledged, acknowledged + 1), f"seed {seed}: {found} commits of {acknowledged}"


def test_the_harness_finds_what_a_lazier_setting_loses(
    recording: Recording, calls: int, tmp_path: Path
) -> None:
    """With NORMAL a commit is acknowledged before it is synced; a harness that saw no loss sees none ever."""
    lazy = recording.setting("PRAGMA synchronous=FULL", "PRAGMA synchronous=NORMAL")
    lost = 0
    for seed in range(SEED, SEED + CUTS_OF_HARNESS):
        acknowledged, after = cut_power(lazy, tmp_path / str(seed), seed=seed, calls=calls)
        lost += max(0, acknowledged - found_after(after, recording))
    assert lost > CUTS_OF_HARNESS


@pytest.mark.parametrize("seed", range(SEED, SEED + 6))
def test_after_a_cut_the_log_goes_on(recording: Recording, calls: int, tmp_path: Path, seed: int) -> None:
    """What was in flight is asked for again; then the log is published and every check passes."""
    _, after = cut_power(recording, tmp_path, seed=seed, calls=calls, first=calls // 2)
    assert (after / DATABASE).exists(), f"seed {seed}"
    world = World(after)
    try:
        world.clock.move(days=1)
        draft = world.declared(data={"manifest": None}, rows=(), refs=(), committed={"price": None})
        world.record(but(draft, subjects=[ident("lot", "after the cut")]))
        world.publisher.publish()
        report = world.audit()
        assert (report.exit_code, report.findings) == (0, []), f"seed {seed}"
    finally:
        world.close()
