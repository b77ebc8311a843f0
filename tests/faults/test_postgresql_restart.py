"""F6: PostgreSQL restarts or crashes at any moment; a record sent again is answered, and stands once."""

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from ledger.errors import StorageUnavailable
from ledger.record import Entry, Ledger, Submission
from ledger.store import log
from ledger.store.database import Writing
from tests.bench.workload import declarations
from tests.ledger.world import World
from tests.postgresql import NoServer, Server

MODES = pytest.mark.parametrize("mode", ["fast", "immediate"])
RESTARTS = 4
UNTIL_S = 60.0  # a writer that has not come back by then never will


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One of its own: the others' must not go away under them."""
    try:
        made = Server()
    except NoServer as missing:
        pytest.skip(str(missing))
    yield made
    made.stop()


@pytest.fixture
def world(server: Server, tmp_path: object) -> Iterator[World]:
    made = World(tmp_path, database=server.database(server.create())).play("granted")  # type: ignore[arg-type]
    yield made
    made.close()


def insistent(world: World, submission: Submission, failures: list[str]) -> Entry:
    """A client that sends the very same record until it is answered."""
    begun = time.monotonic()
    while True:
        try:
            return world.writer.record(submission)
        except StorageUnavailable as error:
            failures.append(str(error))
            assert time.monotonic() - begun < UNTIL_S, failures[-3:]
            time.sleep(0.02)


@MODES
def test_a_server_that_restarts_under_load_costs_nothing_but_time(
    world: World, server: Server, mode: str
) -> None:
    submissions = declarations(world, 600)
    first = len(world.entries)
    answers: dict[str, Entry] = {}
    failures: list[str] = []
    done = threading.Event()

    def send(mine: list[Submission]) -> None:
        for submission in mine:
            entry = insistent(world, submission, failures)
            assert answers.setdefault(entry.event_id, entry) is entry

    def send_all() -> None:
        threads = [threading.Thread(target=send, args=(submissions[n::4],)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        done.set()

    sender = threading.Thread(target=send_all)
    sender.start()
    restarts = 0
    while restarts < RESTARTS or not done.is_set():
        reached = first + (restarts + 1) * len(submissions) // (RESTARTS + 2)
        while not done.is_set() and first + len(answers) < reached:
            done.wait(0.005)
        if restarts < RESTARTS:
            server.restart(mode)
            restarts += 1
        else:
            done.wait()
    sender.join()
    print(f"{restarts} {mode} restarts, {len(failures)} attempts had to be repeated")
    assert len(answers) == len(submissions)
    check(world, [answers[key] for key in answers], first)


def check(world: World, answers: list[Entry], first: int) -> None:
    assert sorted(entry.index for entry in answers) == list(range(first, first + len(answers)))
    with world.database.reading() as connection:
        for entry in answers:
            assert log.index_of(connection, entry.event_id) == entry.index
        head = log.read_head(connection)
    assert head is not None
    assert head.size == first + len(answers)
    world.publisher.publish()
    assert world.audit().verdict == "verified"


@MODES
def test_a_transaction_that_the_server_lost_leaves_nothing(world: World, server: Server, mode: str) -> None:
    (submission,) = declarations(world, 1)
    prepared = world.writer.prepare(submission)

    def interrupted(ledger: Ledger) -> Entry:
        entry = ledger.record(prepared)
        ledger.flush()
        server.restart(mode)
        return entry

    with pytest.raises(StorageUnavailable):
        world.writer.do(interrupted)
    entry = world.writer.record(submission)
    assert (entry.index, entry.created) == (len(world.entries), True)
    check(world, [entry], len(world.entries))


def test_a_commit_whose_answer_was_lost_is_found_again(
    world: World, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outcome is unknown to whoever sent the record; the log knows it by its event id."""
    (submission,) = declarations(world, 1)
    commit = Writing.commit

    def lost(writing: Writing) -> None:
        commit(writing)
        server.restart("immediate")
        writing._driver.execute("SELECT 1")  # what a caller that waits for the answer is told

    with monkeypatch.context() as patch:
        patch.setattr(Writing, "commit", lost)
        with pytest.raises(Exception, match=r"terminat|closed"):
            world.writer.record(submission)
    entry = world.writer.record(submission)
    assert (entry.index, entry.created) == (len(world.entries), False)
    check(world, [entry], len(world.entries))


@MODES
def test_readers_come_back_by_themselves(world: World, server: Server, mode: str) -> None:
    """Several in the pool, all of whose connections the server has closed."""
    with world.database.reading() as one, world.database.reading() as two:
        for connection in (one, two):
            connection.execute(text("SELECT 1"))
    server.restart(mode)
    with world.database.reading() as one, world.database.reading() as two:
        for connection in (one, two):
            assert connection.execute(text("SELECT 1")).scalar_one() == 1


def test_a_server_that_is_away_is_unavailable(world: World, server: Server) -> None:
    (submission,) = declarations(world, 1)
    server.halt()
    try:
        for _ in range(2):
            with pytest.raises(StorageUnavailable, match="refused"):
                world.writer.record(submission)
        with pytest.raises(StorageUnavailable), world.database.reading():
            pass
    finally:
        server.start()
    assert world.writer.record(submission).created
