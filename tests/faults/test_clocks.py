"""F13: clocks that run backwards, jump, or disagree; the log's own time never runs back.

A checkpoint that was older than an entry in it (Mammoth 2025h1, two clocks 161 ms apart) cost that
log its standing. One process alone: tests/ledger/test_writer.py; witnesses: test_rollback.py.
"""

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.core.envelope import parse_at
from ledger.core.leaf import Leaf
from ledger.errors import StorageError
from ledger.publish import Publisher
from ledger.record import BEHIND_MAX
from ledger.store import log
from ledger.store.database import Database
from ledger.writer import Writer
from tests.conftest import POSTGRESQL, SQLITE
from tests.ledger.fakes import MemoryClock
from tests.ledger.world import World, but, ident

pytestmark = pytest.mark.databases(SQLITE, POSTGRESQL)
SEED = 20261120
RECORDS = 40


class Machine:
    """Another process on the same database, with a clock and a publisher of its own."""

    def __init__(self, world: World) -> None:
        self.clock = MemoryClock(world.clock.now())
        self._database = world.another_database()
        self._world = world
        self.writer = Writer(self._database, self.clock)
        self.publisher = Publisher(
            self._database,
            self.writer,
            world.objects,
            log_signer=world.log_signer,
            heads_signer=world.heads_signer,
            clock=self.clock,
        )

    def record(self, name: str) -> None:
        """A lot declared by an author whose clock is right."""
        draft = but(self._world.declared(data={"manifest": None}, rows=()), subjects=[ident("lot", name)])
        self.writer.record(self._world.submission(draft))

    def close(self) -> None:
        self._database.close()


@pytest.fixture
def world(tmp_path: Path, database: Database) -> Iterator[World]:
    made = World(tmp_path, database=database).play("granted")
    yield made
    made.close()


@pytest.fixture
def machines(world: World) -> Iterator[tuple[Machine, Machine]]:
    one, other = Machine(world), Machine(world)
    yield one, other
    one.close()
    other.close()


def times(world: World) -> list[str]:
    """``rec`` of every entry, in order."""
    with world.database.reading() as connection:
        return [Leaf.parse(data).recorded_at for _, data in log.leaves(connection, 0, 10_000)]


def wandered(machine: Machine, name: str, *, publish: bool) -> bool:
    """Whether its clock was good enough to record and publish with."""
    try:
        machine.record(name)
        if publish:
            machine.publisher.publish()
    except StorageError as error:
        if "the clock says" not in str(error):
            raise
        return False
    return True


def check_sound(world: World) -> None:
    recorded = times(world)
    assert recorded == sorted(recorded), "time ran back"
    report = world.audit()
    assert (report.exit_code, report.findings) == (0, [])


def test_two_clocks_that_disagree_write_one_time(world: World, machines: tuple[Machine, Machine]) -> None:
    ahead, behind = machines
    ahead.clock.move(seconds=200)
    for n in range(6):
        (ahead, behind)[n % 2].record(f"turn {n}")
    ahead.publisher.publish()
    behind.record("after it was published")
    behind.publisher.publish()
    check_sound(world)
    assert times(world)[-1] >= ahead.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def test_no_checkpoint_is_dated_before_an_entry_in_it(
    world: World, machines: tuple[Machine, Machine]
) -> None:
    """The publisher's clock is the one that lags."""
    ahead, behind = machines
    ahead.clock.move(seconds=200)
    ahead.record("by the clock ahead")
    size = behind.publisher.publish().size
    with world.database.reading() as connection:
        query = text("SELECT signed_at FROM checkpoints WHERE size = :size")
        signed_at = connection.execute(query, {"size": size}).scalar_one()
    assert signed_at >= times(world)[size - 1]


def test_a_clock_too_far_behind_the_other_writes_nothing(
    world: World, machines: tuple[Machine, Machine]
) -> None:
    ahead, behind = machines
    ahead.clock.move(seconds=BEHIND_MAX.total_seconds() + 60)
    ahead.record("by the clock ahead")
    before = times(world)
    with pytest.raises(StorageError, match="the clock says"):
        behind.record("by the clock behind")
    with pytest.raises(StorageError, match="the clock says"):
        behind.publisher.publish()
    assert times(world) == before
    behind.clock.move(seconds=BEHIND_MAX.total_seconds())
    behind.record("put right")
    behind.publisher.publish()
    check_sound(world)


def test_clocks_that_wander_never_turn_time_back(world: World, machines: tuple[Machine, Machine]) -> None:
    """Steps back and forth of up to four minutes, as a bad time server makes them."""
    chance = random.Random(SEED)
    refused = 0
    for n in range(RECORDS):
        machine = chance.choice(machines)
        machine.clock.move(seconds=chance.randint(-240, 240))
        off = machine.clock.now() - world.clock.now()
        if abs(off) > timedelta(minutes=4):
            machine.clock.move(seconds=-off.total_seconds())
        refused += not wandered(machine, f"wandering {n}", publish=chance.random() < 0.2)
    assert refused < RECORDS // 2, f"seed {SEED}: most were recorded"
    last = parse_at(times(world)[-1])
    for machine in machines:
        machine.clock.move(seconds=(last - machine.clock.now()).total_seconds())
    machines[0].publisher.publish()
    check_sound(world)
