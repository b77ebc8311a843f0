"""A job is done as often as it should be, whatever happens to whoever does it."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.errors import Refused
from gateway.store import job_leases, jobs
from gateway.tasks import owner
from gateway.tasks.intervene import cancel, retry
from gateway.tasks.kinds import Retry
from gateway.tasks.runner import DETAIL_MAX, Duty, Runner
from gateway.wiring import Installation
from ledger.errors import LedgerError, NotVisible, Rollback, StorageUnavailable
from tests.conftest import POSTGRESQL, SQLITE
from tests.gateway.tasks import house as h
from tests.gateway.tasks.house import (
    BY,
    COUNT,
    DUTIES,
    FAIL,
    FAIL_HOLD,
    HOLD,
    HOLD_LINE,
    MANY,
    SKIP,
    WRITE,
    cause,
    counted,
    effects,
    find,
    until,
)  # fmt: skip

both = pytest.mark.databases(SQLITE, POSTGRESQL)


class Moved:
    """A clock that a test sets."""

    def __init__(self, installation: Installation) -> None:
        self._real = installation.clock
        self.by = timedelta(0)
        installation.clock = self  # type: ignore[assignment]

    def now(self):
        return self._real.now() + self.by


def drained(installation: Installation, runner: Runner | None = None) -> list[str]:
    runner = runner or Runner(installation, DUTIES)
    outcomes = []
    while (outcome := runner.run_next()) != "nothing":
        outcomes.append(outcome)
    return outcomes


def raising(kind, error: Exception) -> dict[str, Duty]:
    def act(_attempt, _told):
        raise error

    return {kind.name: Duty(kind, act)}


@both
def test_a_job_exists_if_and_only_if_its_cause_was_committed(house: Installation) -> None:
    def broken(ledger) -> None:
        h.enqueue(ledger.connection, COUNT, h.Number(number=1), now=house.clock.now(), by=BY)
        raise LedgerError("the cause itself fails")

    with pytest.raises(LedgerError, match="the cause itself"):
        house.writer.do(broken)
    assert drained(house) == []
    job = cause(house, COUNT, 2)
    assert drained(house) == ["done"]
    done = find(house, job)
    assert (done.state, done.result, done.attempts) == ("done", {"number": 2}, 1)
    assert (done.request_id, done.started_by) == ("req-1", "user:test")
    assert counted(house) == {2: 1}


@both
def test_the_same_cause_enqueues_once(house: Installation) -> None:
    assert cause(house, COUNT, 1, once="order-1") == cause(house, COUNT, 1, once="order-1")
    assert cause(house, COUNT, 2, once="order-2") != cause(house, COUNT, 3)
    assert drained(house) == ["done"] * 3
    cause(house, COUNT, 1, once="order-1")
    assert drained(house) == [], "done is done"


def test_causes_that_come_together_are_one_job_and_one_that_comes_later_is_another(
    house: Installation,
) -> None:
    assert len({cause(house, MANY, 1) for _ in range(5)}) == 1
    held = threading.Event()

    def act(attempt, told):
        assert cause(house, MANY, 2) != attempt.job.id, "what happens from here on needs another look"
        held.set()

    assert Runner(house, {MANY.name: Duty(MANY, act)}).run_next() == "done"
    assert held.is_set()
    assert drained(house) == ["done"]


@both
def test_an_effect_in_the_database_and_the_end_of_its_job_are_one_transaction(house: Installation) -> None:
    """The worker lost its lease while it worked: what it did is taken back with it."""
    job = cause(house, COUNT, 7)

    def late(attempt, work, told):
        result = h.count(attempt, work, told)
        jobs.update(work.connection, job, ("running",), lease_token="f" * 32)
        return result

    assert Runner(house, {COUNT.name: Duty(COUNT, in_transaction=late)}).run_next() == "lost"
    assert counted(house) == {}
    house.writer.do(
        lambda ledger: jobs.update(ledger.connection, job, ("running",), lease_until=house.clock.now())
    )
    runner = Runner(house, DUTIES)
    assert runner.sweep() == 1
    until(lambda: runner.run_next() == "done")
    assert counted(house) == {7: 1}


@both
def test_eight_workers_do_each_of_sixty_jobs_once(house: Installation) -> None:
    for number in range(60):
        cause(house, COUNT if number % 2 else WRITE, number)
    threads = [threading.Thread(target=drained, args=(house,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted(house) == dict.fromkeys(range(1, 60, 2), 1)
    assert effects(house.home) == list(range(0, 60, 2))
    assert len(h.notes(house.home)) == 30, "each in one attempt"


def test_a_job_that_always_fails_is_parked_and_the_queue_moves_on(house: Installation) -> None:
    poison, good = cause(house, FAIL, 1, subject="lot:a"), cause(house, COUNT, 2)
    runner = Runner(house, DUTIES, chance=lambda: 0.0)
    assert runner.run_next() == "retrying"
    first = find(house, poison)
    assert (first.state, first.reason, first.attempts) == ("retrying", "failed", 1)
    assert first.run_after > first.created_at
    until(lambda: drained(house, runner) is not None and find(house, poison).state == "parked")
    parked = find(house, poison)
    assert (parked.attempts, parked.detail) == (3, "number 1 always fails")
    assert find(house, good).state == "done"
    assert retry(house, poison)
    assert find(house, poison).attempts == 0
    assert cancel(house, poison) is False, "it waits again, and somebody relies on it"


def test_what_the_rules_refuse_is_parked_at_once(house: Installation) -> None:
    job = cause(house, WRITE, 1)
    assert Runner(house, raising(WRITE, Refused("sheet", "no header row"))).run_next() == "parked"
    assert (find(house, job).reason, find(house, job).detail) == ("refused", "no header row")
    assert cancel(house, job)
    assert find(house, job).state == "cancelled"


@pytest.mark.parametrize(
    ("error", "reason"), [(NotVisible("no witness"), "not-visible"), (StorageUnavailable("S3"), "storage")]
)
def test_an_outage_costs_no_attempt(house: Installation, error: LedgerError, reason: str) -> None:
    clock, job = Moved(house), cause(house, WRITE, 1)
    runner = Runner(house, raising(WRITE, error))
    for _ in range(5):
        assert runner.run_next() == "waiting"
        clock.by += timedelta(minutes=1)
    waiting = find(house, job)
    assert (waiting.state, waiting.attempts, waiting.reason) == ("waiting", 0, reason)
    assert drained(house) == ["done"]
    assert find(house, job).reason == ""


def test_an_unforeseen_error_tells_its_name_and_none_of_its_words(
    house: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    job = cause(house, WRITE, 1)
    Runner(house, raising(WRITE, ValueError("password=hunter2"))).run_next()
    assert (find(house, job).reason, find(house, job).detail) == ("unexpected", "ValueError")


def test_long_words_of_an_error_are_cut(house: Installation) -> None:
    job = cause(house, WRITE, 1)
    Runner(house, raising(WRITE, LedgerError("x" * 5000))).run_next()
    assert len(find(house, job).detail) == DETAIL_MAX


def test_a_rollback_gives_the_job_back_and_stops_the_worker(house: Installation) -> None:
    job = cause(house, WRITE, 1)
    with pytest.raises(Rollback):
        Runner(house, raising(WRITE, Rollback("history is missing"))).run_next()
    assert (find(house, job).state, find(house, job).reason) == ("waiting", "rollback")


def test_a_job_of_a_newer_program_waits_for_one_that_knows_it(house: Installation) -> None:
    cause(house, COUNT, 1)
    assert Runner(house, {WRITE.name: DUTIES[WRITE.name]}).run_next() == "nothing"
    assert drained(house) == ["done"]


@both
def test_jobs_of_a_subject_keep_their_order_and_others_pass(house: Installation) -> None:
    first, second = (cause(house, SKIP, n, subject="lot:a") for n in (1, 2))
    cause(house, SKIP, 3, subject="lot:b")
    runner = Runner(house, raising(SKIP, StorageUnavailable("later")))
    assert runner.run_next(second) == "nothing", "the first one is ahead of it"
    assert runner.run_next(first) == "waiting"
    assert drained(house) == ["done"], "of another subject"
    with house.database.reading() as connection:
        ahead = jobs.ahead_in_line(connection, find(house, second))
    assert ahead is not None
    assert ahead.id == first
    retry(house, first)
    assert drained(house) == ["done", "done"]
    assert h.notes(house.home) == ["attempt 3", "attempt 1", "attempt 2"]


@pytest.mark.parametrize(("failing", "later", "passes"), [(FAIL, SKIP, True), (FAIL_HOLD, HOLD_LINE, False)])
def test_a_parked_job_is_passed_over_or_holds_up_its_line(
    house: Installation, failing, later, passes: bool
) -> None:
    parked = cause(house, replace(failing, retry=Retry(attempts=1)), 1, subject="s")
    cause(house, later, 2, subject="s")
    assert drained(house) == (["parked", "done"] if passes else ["parked"])
    if not passes:
        assert cancel(house, parked), "giving it up frees the line"
        assert drained(house) == ["done"]


def test_a_lease_is_prolonged_while_the_work_goes_on(house: Installation) -> None:
    kind = replace(HOLD, lease=timedelta(milliseconds=90))
    job = cause(house, kind, 1)
    runner, other = Runner(house, {kind.name: Duty(kind, h.hold)}), Runner(house, DUTIES)
    working = threading.Thread(target=runner.run_next)
    working.start()
    until(lambda: find(house, job).lease_until is not None)
    first = find(house, job).lease_until
    until(lambda: (find(house, job).lease_until or first) > first + timedelta(milliseconds=100))
    assert other.run_next(job) == "nothing"
    (house.home / "go").touch()
    working.join()
    assert find(house, job).state == "done"


def test_a_job_that_runs_is_cancelled_between_two_pieces_of_its_work(house: Installation) -> None:
    job = cause(house, HOLD, 1)

    def act(attempt, told):
        assert cancel(house, attempt.job.id, {HOLD.name: HOLD})
        attempt.progress(1, 2)
        raise AssertionError("it had to end here")

    assert Runner(house, {HOLD.name: Duty(HOLD, act)}).run_next() == "cancelled"
    assert (find(house, job).state, find(house, job).progress_done) == ("cancelled", 1)


def test_a_stopping_process_gives_its_job_back_and_the_next_one_resumes(house: Installation) -> None:
    stopping = threading.Event()
    job = cause(house, HOLD, 1)
    working = threading.Thread(target=Runner(house, DUTIES, stopping=stopping).run_next)
    working.start()
    until(lambda: find(house, job).resume_at is not None)
    stopping.set()
    working.join()
    given = find(house, job)
    assert (given.state, given.reason, given.attempts) == ("waiting", "interrupted", 0)
    assert (given.progress_done, given.progress_total, given.progress_unit) == (1, 2, "steps")
    (house.home / "go").touch()
    assert drained(house) == ["done"]
    assert [line.split()[0] for line in h.notes(house.home)] == ["begun", "resumed", "attempt"]


def test_a_lease_of_a_dead_process_of_this_machine_need_not_run_out(house: Installation) -> None:
    job = cause(house, WRITE, 1)
    machine = owner.this_process().partition("/")[0]
    gone = f"{machine}/999999999/1"
    now = house.clock.now()

    def held_by(name: str) -> None:
        house.writer.do(
            lambda ledger: jobs.update(
                ledger.connection, job, jobs.OPEN, state="running", lease_owner=name, lease_token="a" * 32,
                attempts=1, lease_until=now + timedelta(seconds=30),
            )
        )  # fmt: skip

    runner = Runner(house, DUTIES)
    held_by(owner.this_process())
    assert runner.sweep() == 0
    held_by("elsewhere/1/1")
    assert runner.sweep() == 0, "of another machine nobody here can tell"
    held_by(gone)
    assert runner.sweep() == 1
    assert (find(house, job).state, find(house, job).reason) == ("retrying", "worker-lost")


def test_a_worker_killer_is_parked_like_any_poison(house: Installation) -> None:
    job = cause(house, WRITE, 1)
    past = house.clock.now() - timedelta(seconds=1)
    house.writer.do(
        lambda ledger: jobs.update(
            ledger.connection,
            job,
            jobs.OPEN,
            state="running",
            lease_token="a" * 32,
            attempts=3,
            lease_until=past,
        )
    )
    Runner(house, DUTIES).sweep()
    assert (find(house, job).state, find(house, job).reason) == ("parked", "worker-lost")


def test_a_clock_that_goes_back_keeps_no_job_waiting(house: Installation) -> None:
    """Times written by a clock that ran a day ahead: of a retry, and of a lease whose holder is gone."""
    clock = Moved(house)
    clock.by = timedelta(days=1)
    job, other = cause(house, WRITE, 1), cause(house, WRITE, 2)
    Runner(house, raising(WRITE, StorageUnavailable("later"))).run_next()
    taken = find(house, other)
    house.writer.do(
        lambda ledger: job_leases.take(
            ledger.connection, taken, owner="elsewhere/1/1", token="a" * 32, now=clock.now(),
            until=clock.now() + timedelta(seconds=30), frees_key=False,
        )
    )  # fmt: skip
    clock.by = timedelta(0)
    assert drained(house) == ["done"]
    assert find(house, job).state == "done"
    assert Runner(house, DUTIES).sweep() == 1
    until(lambda: drained(house) == ["done"] or find(house, other).state == "done")


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_pauses_double_up_to_a_cap_with_jitter(chance: float) -> None:
    policy = Retry(first=timedelta(seconds=2), cap=timedelta(minutes=1))
    pauses = [policy.pause(attempt, chance).total_seconds() for attempt in range(1, 9)]
    assert pauses == [n * (0.5 + 0.5 * chance) for n in (2, 4, 8, 16, 32, 60, 60, 60)]
    assert policy.pause(10_000, 1.0) == timedelta(minutes=1)
