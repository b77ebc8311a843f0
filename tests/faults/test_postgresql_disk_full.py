"""F5: a volume under PostgreSQL is full, that of its tables or that of its write-ahead log.

Whatever was answered stays; whatever could not be is refused as unavailable; it goes on when there is
space again. A full volume of tables needs no restart; when its log cannot be written the server
itself stops, and comes back with everything.
"""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import StorageUnavailable
from ledger.record import Entry, Submission
from ledger.store import log
from tests.bench.workload import declarations
from tests.faults.volume import Volume, mounted
from tests.ledger.world import World
from tests.postgresql import NoServer, Server

RECORDS_MAX = 3_000
LEFT = 150_000  # bytes


def server(**options: Any) -> Server:
    try:
        return Server(**options)
    except NoServer as missing:
        pytest.skip(str(missing))


@pytest.fixture
def volume() -> Iterator[Volume]:
    """Not below tmp_path, where only the user of the tests may pass and not the server's."""
    folder = Path(tempfile.mkdtemp(prefix="full"))
    folder.chmod(0o755)
    try:
        with mounted(folder / "small", size_kib=96 * 1024) as made:
            made.path.chmod(0o755)
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fill_up(world: World, answered: list[Entry]) -> Submission:
    """Record until it is refused for want of space; returns what was refused."""
    for _ in range(RECORDS_MAX // 50):
        for submission in declarations(world, 50):
            try:
                answered.append(world.writer.record(submission))
            except StorageUnavailable:
                return submission
    raise AssertionError("the volume was never full")


def check(world: World, answered: list[Entry]) -> None:
    with world.database.reading() as connection:
        head = log.read_head(connection)
        assert head is not None
        leaves = [index for index, _ in log.leaves(connection, 0, head.size + 9)]
        assert leaves == list(range(head.size)), "gapless"
        for entry in answered:
            assert log.index_of(connection, entry.event_id) == entry.index
    world.publisher.publish()
    assert world.audit().verdict == "verified"


def test_a_full_volume_of_tables_refuses_and_goes_on_without_a_restart(
    volume: Volume, tmp_path: Path
) -> None:
    running = server()
    try:
        place = volume.path / "tables"
        place.mkdir()
        running.own(place)
        running.sql(f"CREATE TABLESPACE small LOCATION '{place}'")
        name = f"small_{secrets.token_hex(3)}"
        running.sql(f"CREATE DATABASE {name} TABLESPACE small")
        world = World(tmp_path, database=running.database(name)).play("granted")
        world.writer.record(declarations(world, 1)[0])
        volume.fill(but=LEFT)
        answered: list[Entry] = []
        refused = fill_up(world, answered)
        for _ in range(3):
            with pytest.raises(StorageUnavailable, match="No space left"):
                world.writer.record(refused)
        with world.database.reading() as connection:
            assert log.index_of(connection, answered[-1].event_id) == answered[-1].index, "reading goes on"
            assert log.read_head(connection) is not None
        volume.free()
        again = world.writer.record(refused)
        assert again.created, "nothing of it was kept when it was refused"
        check(world, [*answered, again])
        world.close()
    finally:
        running.stop()


def test_a_full_volume_of_its_log_stops_the_server_and_loses_nothing(volume: Volume, tmp_path: Path) -> None:
    place = volume.path / "wal"
    place.mkdir()
    running = server(wal=place, max_wal_size="1GB")  # no segment is used again: the next one needs space
    try:
        world = World(tmp_path, database=running.database(running.create())).play("granted")
        volume.fill(but=LEFT)
        answered: list[Entry] = []
        refused = fill_up(world, answered)
        for _ in range(3):  # the server is down, and cannot recover
            with pytest.raises(StorageUnavailable):
                world.writer.record(refused)
        assert "PANIC" in running.log.read_text(), "the server's own log had no space"
        volume.free()
        running.revive()
        again = world.writer.record(refused)
        print(
            f"{len(answered)} records until the volume was full; the last one was kept: {not again.created}"
        )
        check(world, [*answered, again])
        world.close()
    finally:
        running.stop()
