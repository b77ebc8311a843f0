"""The one writer: what waits is committed together, and everyone gets its own answer after COMMIT."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import inspect, text

from ledger.core.envelope import parse_at
from ledger.errors import InvalidRecord, StaleSubject, StorageError, StorageUnavailable
from ledger.record import Entry, Ledger, Submission
from ledger.store import log
from ledger.writer import UNITS_MAX, Writer
from tests.ledger.world import LOT, World, but, ident

pytestmark = pytest.mark.databases("sqlite", "postgresql")
CALLERS = 80


def declarations(world: World, count: int) -> list[Submission]:
    draft = world.declared(data={"manifest": None}, rows=())
    return [world.submission(but(draft, subjects=[ident("lot", f"n {n}")])) for n in range(count)]


def commits_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Appends the size of the log at each commit."""
    sizes: list[int] = []
    flush = Ledger.flush

    def counted(ledger: Ledger) -> None:
        flush(ledger)
        sizes.append(ledger.size)

    monkeypatch.setattr(Ledger, "flush", counted)
    assert world is not None
    return sizes


def all_at_once(world: World, calls: list[Callable[[], Any]]) -> list[Any]:
    """Run the calls in threads of their own while the writer is held, then let it go."""
    answers: list[Any] = [None] * len(calls)

    def run(n: int) -> None:
        try:
            answers[n] = calls[n]()
        except Exception as error:  # noqa: BLE001 - handed to the test
            answers[n] = error

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(calls))]
    with world.writer._lock:
        for thread in threads:
            thread.start()
        while len(world.writer._waiting) < len(calls):
            threads[0].join(0.001)
    for thread in threads:
        thread.join()
    return answers


def test_eighty_callers_share_a_commit_and_each_gets_its_own_index(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.play("granted")
    submissions = declarations(world, CALLERS)
    size = len(world.entries)
    sizes = commits_counted(world, monkeypatch)
    answers = all_at_once(world, [lambda one=one: world.writer.record(one) for one in submissions])
    assert sorted(answer.index for answer in answers) == list(range(size, size + CALLERS))
    assert sizes == [size + CALLERS], "one commit for all that waited"
    with world.database.reading() as connection:
        for answer in answers:
            assert log.index_of(connection, answer.event_id) == answer.index
    world.publisher.publish()
    assert world.audit().verdict == "verified"


def test_a_commit_takes_no_more_than_its_share(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = commits_counted(world, monkeypatch)
    count = UNITS_MAX + 4
    answers = all_at_once(world, [lambda n=n: world.writer.do(lambda _: n) for n in range(count)])
    assert sorted(answers) == list(range(count))
    assert len(sizes) == 2


def test_a_failing_unit_rolls_back_alone(world: World) -> None:
    """One record is refused, one unit fails after it wrote to tables and log: the others stand."""
    world.play("granted")
    size = len(world.entries)
    good, mixed, other = declarations(world, 3)
    bad = replace(good, body=good.body.replace(b'"quantity":6', b'"quantity":7'))
    prepared = world.writer.prepare(mixed)

    def failing(ledger: Ledger) -> None:
        ledger.connection.execute(text("CREATE TABLE scratch (x INTEGER)"))
        ledger.record(prepared)
        raise ValueError("the unit's own mistake")

    answers = all_at_once(
        world,
        [
            lambda: world.writer.record(good),
            lambda: world.writer.do(failing),
            lambda: world.writer.record(other),
        ],
    )
    with pytest.raises(InvalidRecord, match="/sigs"):
        world.writer.record(bad)
    assert str(answers[1]) == "the unit's own mistake"
    assert sorted(answers[n].index for n in (0, 2)) == [size, size + 1]
    assert world.writer.record(mixed).index == size + 2, "nothing of the failed unit remained"
    assert not inspect(world.database.writer).has_table("scratch")


def test_a_unit_alone_that_fails_leaves_nothing(world: World) -> None:
    world.play("granted")
    prepared = world.writer.prepare(declarations(world, 1)[0])

    def failing(ledger: Ledger) -> None:
        ledger.record(prepared)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        world.writer.do(failing, alone=True)
    entry = world.writer.do(lambda ledger: ledger.record(prepared))
    assert entry.index == len(world.entries)
    assert entry.created


def test_the_same_record_again_is_answered_with_its_index(world: World) -> None:
    world.play("declared")
    first, submission = world.entries[-1], world.submissions[-1]
    again = world.writer.record(submission)
    assert again == replace(first, created=False)
    world.record(world.received())
    assert world.writer.record(submission) == replace(first, created=False)
    with world.database.reading() as connection:
        assert log.index_of(connection, first.event_id) == first.index


def test_the_same_record_twice_in_one_commit_stands_once(world: World) -> None:
    world.play("granted")
    one = declarations(world, 1)[0]
    answers: list[Entry] = all_at_once(world, [lambda: world.writer.record(one)] * 2)
    assert {answer.index for answer in answers} == {len(world.entries)}
    assert sorted(answer.created for answer in answers) == [False, True]


def test_two_who_sign_on_one_head_get_one_yes_and_one_stale(world: World) -> None:
    world.play("declared")
    one, other = world.submission(world.received()), world.submission(world.received(data={"damaged": 1}))
    answers = all_at_once(world, [lambda: world.writer.record(one), lambda: world.writer.record(other)])
    stale = next(answer for answer in answers if isinstance(answer, StaleSubject))
    entry = next(answer for answer in answers if isinstance(answer, Entry))
    assert (stale.subject, stale.head, stale.seq) == (LOT, entry.event_id, 1)


def test_a_clock_far_behind_the_log_stops_the_writer(world: World) -> None:
    world.play("granted")
    submission = declarations(world, 1)[0]
    world.clock.move(seconds=-301 - 1)
    with pytest.raises(StorageError, match="the log was last written at"):
        world.writer.record(submission)
    world.clock.move(seconds=2)
    assert world.writer.record(submission).created


class Hours:
    """Monotonic seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def __call__(self) -> float:
        return self.passed_s


def test_a_clock_that_jumps_more_than_an_hour_ahead_stops_the_writer(world: World) -> None:
    world.play("granted")
    first, second, third = declarations(world, 3)
    hours = Hours()
    writer = Writer(world.database, world.clock, monotonic=hours)
    size = writer.record(first).index + 1
    hours.passed_s += 10
    world.clock.move(seconds=3600 + 10 + 1)
    for _ in range(2):
        with pytest.raises(StorageError, match=r"the clock jumped ahead from 2026-11-20T.* to 2026-11-20T"):
            writer.record(second)
    with pytest.raises(StorageError, match="the clock jumped ahead"):
        writer.do(lambda _: None)
    with world.database.reading() as connection:
        head = log.read_head(connection)
    assert head is not None
    assert head.size == size, "nothing was sequenced"
    world.clock.move(seconds=-1)
    assert writer.record(second).created, "an hour more than what passed is borne"
    assert writer.record(third).created
    writer._disconnect()


def test_a_log_may_be_idle_for_as_long_as_it_really_was(world: World) -> None:
    world.play("granted")
    first, second = declarations(world, 2)
    hours = Hours()
    writer = Writer(world.database, world.clock, monotonic=hours)
    writer.record(first)
    hours.passed_s += 30 * 86_400
    world.clock.move(days=30)
    assert writer.record(second).created
    writer._disconnect()


def test_the_first_commit_of_a_process_is_not_judged_by_the_hour(world: World) -> None:
    world.play("granted")
    first, second = declarations(world, 2)
    hours = Hours()
    world.clock.move(days=30)
    writer = Writer(world.database, world.clock, monotonic=hours)
    assert writer.record(first).created
    world.clock.move(hours=2)
    with pytest.raises(StorageError, match="the clock jumped ahead"):
        writer.record(second)
    writer._disconnect()


def test_log_time_never_runs_back(world: World) -> None:
    world.play("granted")
    submission = declarations(world, 1)[0]
    with world.database.reading() as connection:
        before = log.read_head(connection)
    world.clock.move(seconds=-100)
    world.writer.record(submission)
    with world.database.reading() as connection:
        after = log.read_head(connection)
    assert before is not None
    assert after is not None
    assert after.last_rec == before.last_rec
    assert parse_at(after.last_rec) > world.clock.now()


def test_another_process_may_write_in_between(world: World) -> None:
    """What a writer remembers of subjects is true for one size of the log only."""
    world.play("declared")
    other = Writer(world.another_database(), world.clock)
    first = other.record(world.submission(world.received()))
    world.record(world.assigned())
    assert world.entries[-1].index == first.index + 1
    second = other.record(world.submission(world.inspected()))
    assert second.index == first.index + 2
    other._disconnect()
    other._database.close()


def test_a_database_that_is_locked_is_unavailable_and_the_record_may_be_sent_again(world: World) -> None:
    """The other one holds what every writer takes first: SQLite's lock, or the head row."""
    world.play("granted")
    submission = declarations(world, 1)[0]
    other = world.another_database()
    connection = world.writer._connected().connection
    impatience = {"sqlite": "PRAGMA busy_timeout=1", "postgresql": "SET lock_timeout = 1"}
    connection.execute(text(impatience[connection.dialect.name]))
    connection.commit()
    with other.writer.begin() as holding:
        log.lock_head(holding)
        with pytest.raises(StorageUnavailable, match="lock"):
            world.writer.record(submission)
    assert world.writer.record(submission).created
    other.close()


def test_a_driver_error_inside_a_unit_is_ours_with_its_cause(world: World) -> None:
    with pytest.raises(StorageError, match=r"no such table|does not exist") as caught:
        world.writer.do(lambda ledger: ledger.connection.execute(text("SELECT * FROM nowhere")))
    assert caught.value.__cause__ is not None
