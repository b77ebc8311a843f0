"""Starts the child again and again on one home and kills it at random moments."""

import random
import subprocess
import sys
import time
from pathlib import Path

from ledger.adapters.folder import Folder
from ledger.audit import Report
from ledger.store import checkpoints, log
from tests.ledger.world import World

REPOSITORY = Path(__file__).resolve().parents[2]
Acknowledged = dict[int, str]  # index -> event id
Published = dict[int, set[str]]  # tree size -> roots that were ever shown


def kill_again_and_again(home: Path, *, seed: int, times: int) -> tuple[Acknowledged, Published]:
    """Run and kill ``times`` children; returns everything they had acknowledged and published."""
    chance = random.Random(seed)
    acknowledged: Acknowledged = {}
    published: Published = {}
    for _ in range(times):
        command = [sys.executable, "-m", "tests.faults.child", str(home)]
        with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            first = child.stdout.readline()
            assert first == "ready\n", "the child must come up again after every kill"
            time.sleep(chance.uniform(0, 0.12))
            child.kill()
            _note(child.stdout.read(), acknowledged, published)
    return acknowledged, published


def _note(output: str, acknowledged: Acknowledged, published: Published) -> None:
    for line in output.splitlines(keepends=True):
        words = line.split()
        if not line.endswith("\n"):
            continue  # cut off by the kill
        if words[0] == "published":
            published.setdefault(int(words[1]), set()).add(words[2])
            continue
        assert int(words[0]) not in acknowledged, f"index {words[0]} was given twice"
        acknowledged[int(words[0])] = words[1]


def check_home(home: Path, acknowledged: Acknowledged, published: Published) -> Report:
    """Nothing acknowledged is lost, nothing is missing in between, no size has two roots; audit it all."""
    world = World(home, Folder(home / "public"))
    try:
        world.clock.move(days=1)
        world.publisher.publish()
        with world.database.reading() as connection:
            head = log.read_head(connection)
            assert head is not None
            assert [index for index, _ in log.leaves(connection, 0, head.size + 1)] == list(range(head.size))
            for index, event_id in acknowledged.items():
                assert log.index_of(connection, event_id) == index
            for size, roots in published.items():
                signed = checkpoints.of_size(connection, size)
                assert signed is not None, f"a tree of {size} was shown and is not signed"
                assert roots == {signed.root.hex()}
        return world.audit()
    finally:
        world.close()
