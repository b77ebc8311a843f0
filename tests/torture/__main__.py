"""``python -m tests.torture --minutes N --seed S``: kills, flips, faults and load until the time is up.

Every round draws its own seed from the first one and prints it before it begins, so that a round that
fails can be run again alone: ``--round NAME --seed S``.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import apsw

from tests.faults.killing import check_home, kill_again_and_again
from tests.faults.recording import calls_of, cut_power, fail_calls, found_after, record_journey
from tests.ledger.flips import check_database_flip, check_object_flip, contents, finished
from tests.torture.goods import goods
from tests.torture.hammered import hammered
from tests.torture.labels import labels
from tests.torture.requests import asked
from tests.torture.walk import walk

KILLS = 20
FLIPS = 60
CUTS = 200
FAILING_RUNS = 40


def kills(seed: int, folder: Path) -> str:
    acknowledged, published = kill_again_and_again(folder, seed=seed, times=KILLS)
    report = check_home(folder, acknowledged, published)
    assert report.exit_code == 0, report.findings
    return f"{KILLS} kills, {len(acknowledged)} records kept, {len(published)} trees"


def flips(seed: int, folder: Path) -> str:
    chance = random.Random(seed)
    world = finished(folder, lots=chance.choice((0, 30, 260)))
    right = contents(folder / "ledger.db")
    assert right is not None
    keys = [
        p.relative_to(folder / "public").as_posix() for p in (folder / "public").rglob("*") if p.is_file()
    ]
    for _ in range(FLIPS):
        check_database_flip(world, folder, right, chance)
        check_object_flip(world, folder, chance.choice(sorted(keys)), chance)
    return f"{2 * FLIPS} flips in {len(keys)} objects and the database"


def records(seed: int, folder: Path) -> str:
    accepted, refused = walk(seed, folder)
    return f"{accepted} records accepted, {refused} refused, audit verified"


def warehouse(seed: int, folder: Path) -> str:
    accepted, refused = goods(seed, folder)
    return f"{accepted} records accepted, {refused} refused without a trace, units and cost balance"


def power(seed: int, folder: Path) -> str:
    """``folder`` holds the statements of one journey, replayed with the power cut at CUTS places."""
    recording = record_journey(_new(folder / "recorded"))
    calls, acknowledged = calls_of(recording, folder / "calls"), 0
    for cut in range(seed, seed + CUTS):
        told, after = cut_power(recording, folder / str(cut), seed=cut, calls=calls)
        found = found_after(after, recording)
        assert found in (told, told + 1), f"cut {cut}: {found} commits of {told}"
        acknowledged += told
        shutil.rmtree(folder / str(cut))
    return f"{CUTS} power cuts, {acknowledged} commits acknowledged, none lost"


def io(seed: int, folder: Path) -> str:
    recording = record_journey(_new(folder / "recorded"))
    calls, told = calls_of(recording, folder / "calls"), 0
    for run in range(seed, seed + FAILING_RUNS):
        error = (apsw.IOError, apsw.FullError)[run % 2]
        errors, after = fail_calls(recording, folder / str(run), seed=run, calls=calls, error=error)
        assert found_after(after, recording) == len(recording.commits), f"run {run}"
        told += errors
        shutil.rmtree(folder / str(run))
    return f"{FAILING_RUNS} runs with failing calls, {told} errors told, nothing lost, no phantom"


def load(seed: int, folder: Path) -> str:
    looks, size = hammered(seed, folder)
    return f"{looks} looks at a log whose writer was killed, {size} entries, audit verified"


def http(seed: int, folder: Path) -> str:
    return f"{asked(seed, folder)} requests from our own description, no 5xx, nothing undescribed"


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


ROUNDS: dict[str, Callable[[int, Path], str]] = {
    "kills": kills,
    "flips": flips,
    "records": records,
    "goods": warehouse,
    "power": power,
    "io": io,
    "load": load,
    "http": http,
    "labels": labels,
}


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.torture")
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--seed", type=int, default=None, help="drawn when it is not given")
    options.add_argument("--round", choices=ROUNDS, default=None, help="run this one, once, with this seed")
    chosen = options.parse_args()
    seed = random.SystemRandom().randrange(2**32) if chosen.seed is None else chosen.seed
    print(f"torture: seed {seed}, {chosen.minutes:g} minutes", flush=True)
    if chosen.round:
        _run(chosen.round, seed)
        return 0
    chance, end = random.Random(seed), time.monotonic() + 60 * chosen.minutes
    while time.monotonic() < end:
        for name in ROUNDS:
            _run(name, chance.randrange(2**32))
    return 0


def _run(name: str, seed: int) -> None:
    print(f"{name:8} --round {name} --seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        print(f"         {ROUNDS[name](seed, Path(folder))}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
