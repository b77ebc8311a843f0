"""Starts the child again and again on one home and kills it at random moments."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

from ledger.audit import Report
from ledger.store import checkpoints, log
from tests.faults.child import opened_world

REPOSITORY = Path(__file__).resolve().parents[2]
LINES_MAX = 12  # that a child lives to print; counted, so that a slow machine kills no younger ones
LEFT_MAX_S = 0.02  # to live after that: somewhere in the middle of the next step
Acknowledged = dict[int, str]  # index -> event id
Published = dict[int, set[str]]  # tree size -> roots that were ever shown


def kill_again_and_again(
    home: Path, *, seed: int, times: int, url: str = ""
) -> tuple[Acknowledged, Published]:
    """Start and kill ``times`` children; returns everything they had acknowledged and published."""
    chance = random.Random(seed)
    acknowledged: Acknowledged = {}
    published: Published = {}
    command = [sys.executable, "-m", "tests.faults.child"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=REPOSITORY, text=True, **pipes) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        for _ in range(times):
            print(home, url, sep="\t", file=nursery.stdin, flush=True)
            child = _child(nursery.stdout)
            for _ in range(chance.randint(0, LINES_MAX)):
                _note(nursery.stdout.readline().split(), acknowledged, published)
            time.sleep(chance.uniform(0, LEFT_MAX_S))
            os.kill(child, signal.SIGKILL)
            for line in iter(nursery.stdout.readline, "dead\n"):
                assert line, "the nursery itself died"
                _note(line.split(), acknowledged, published)
        nursery.stdin.close()
    return acknowledged, published


def _child(output: TextIO) -> int:
    """Wait until the child has come up, as it must after every kill; its process id."""
    child, ready = 0, False
    while not (child and ready):
        words = output.readline().split()
        assert words != ["dead"], "the child did not come up again"
        ready = ready or words == ["ready"]
        child = int(words[1]) if words[:1] == ["started"] else child
    return child


def _note(words: list[str], acknowledged: Acknowledged, published: Published) -> None:
    if not words:
        return
    if words[0] == "published":
        published.setdefault(int(words[1]), set()).add(words[2])
        return
    assert int(words[0]) not in acknowledged, f"index {words[0]} was given twice"
    acknowledged[int(words[0])] = words[1]


def check_home(home: Path, acknowledged: Acknowledged, published: Published, *, url: str = "") -> Report:
    """Nothing acknowledged is lost, nothing is missing in between, no size has two roots; audit it all."""
    world = opened_world(home, url)
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
