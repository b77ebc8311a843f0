"""Several processes append to one log at once: it stays one chain, and nothing that was answered is lost."""

import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from gateway.migrate import upgrade
from ledger.core import canonical
from ledger.core.leaf import FIRST_PREVIOUS, Leaf
from ledger.errors import StorageUnavailable
from ledger.record import Entry, Submission
from ledger.store import log
from ledger.store.database import Database
from ledger.writer import Writer
from tests.bench.workload import declarations
from tests.conftest import POSTGRESQL, REPOSITORY, SQLITE
from tests.ledger.world import World
from tests.postgresql import Server

PROCESSES, APPENDS = 4, 400
BOTH = pytest.mark.databases(SQLITE, POSTGRESQL)


@BOTH
def test_four_processes_times_four_hundred_appends_are_one_chain(tmp_path: Path, database: Database) -> None:
    world = World(tmp_path, database=database).play("granted")
    before = len(world.entries)
    command = [sys.executable, "-m", "tests.faults.racer", database.url, str(tmp_path), str(APPENDS)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    racers = [subprocess.Popen(command, cwd=REPOSITORY, text=True, **pipes) for _ in range(PROCESSES)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n", racer.communicate()[1]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    answered: dict[int, str] = {}
    whose: list[tuple[int, int]] = []
    for number, racer in enumerate(racers):
        output, errors = racer.communicate()
        assert racer.returncode == 0, errors
        lines = [line.split() for line in output.splitlines()]
        assert len(lines) == APPENDS
        for index, event_id in lines:
            assert int(index) not in answered, f"index {index} was given twice"
            answered[int(index)] = event_id
        whose += [(int(index), number) for index, _ in lines]
    assert sorted(answered) == list(range(before, before + PROCESSES * APPENDS)), "no gap"
    turns = [number for _, number in sorted(whose)]
    assert sum(a != b for a, b in pairwise(turns)) > PROCESSES, "they did race"
    check_chain(world, answered)
    world.publisher.publish()
    report = world.audit()
    assert (report.exit_code, report.findings) == (0, [])


def check_chain(world: World, answered: dict[int, str]) -> None:
    """Every answer stands where it was said, and no entry has two followers."""
    with world.database.reading() as connection:
        leaves = [Leaf.parse(data) for _, data in log.leaves(connection, 0, 2**62)]
    assert [leaf.index for leaf in leaves] == list(range(len(leaves)))
    for index, event_id in answered.items():
        assert leaves[index].record.event_id == event_id
    followers = Counter(leaf.previous for leaf in leaves)
    assert max(followers.values()) == 1, "a fork"
    hashes = [leaf.hash.hex() for leaf in leaves]
    assert [leaf.previous for leaf in leaves] == [FIRST_PREVIOUS, *hashes[:-1]]


def recorded(writer: Writer, submission: Submission) -> Entry:
    """At most once more: a plan that the migration has overtaken is made anew."""
    try:
        return writer.record(submission)
    except StorageUnavailable:
        return writer.record(submission)


@pytest.mark.parametrize("kind", [SQLITE, POSTGRESQL])
def test_two_versions_side_by_side_write_the_same_bytes(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A deployment: the program of before goes on while the schema moves under it and a new one joins."""
    server: Server | None = request.getfixturevalue("postgresql") if kind == POSTGRESQL else None
    url = server.url(server.create()) if server else f"sqlite:///{tmp_path / 'ledger.db'}"
    upgrade(url, "0001")
    old_world = World(tmp_path, database=Database(url)).play("granted")
    submissions = declarations(old_world, 60)
    answers = [old_world.writer.record(one) for one in submissions[:20]]
    upgrade(url)
    new_database = Database(url)
    new = Writer(new_database, old_world.clock)
    for n, one in enumerate(submissions[20:]):
        writer = (old_world.writer, new)[n % 2]
        answers.append(recorded(writer, one))
    first = len(old_world.entries)
    assert [entry.index for entry in answers] == list(range(first, first + 60))
    check_chain(old_world, {entry.index: entry.event_id for entry in answers})
    with new_database.reading() as connection:
        for entry, submission in zip(answers, submissions, strict=True):
            leaf = log.leaf(connection, entry.index)
            assert leaf is not None
            assert submission.body in leaf, "stored as it was signed"
            assert canonical.dumps(canonical.loads(leaf)) == leaf
    old_world.publisher.publish()
    assert old_world.audit().verdict == "verified"
    new_database.close()
    old_world.close()
