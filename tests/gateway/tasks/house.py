"""An empty house with jobs of our own in it: effects that can be counted, work that can be interrupted."""

import os
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from gateway import wiring
from gateway.settings import Settings
from gateway.store import jobs
from gateway.store.jobs import Job
from gateway.tasks.attempt import Attempt
from gateway.tasks.kinds import Arguments, Kind, Retry
from gateway.tasks.outbox import Cause, enqueue
from gateway.tasks.runner import Duty, Result
from gateway.wiring import Installation
from gateway.workflows.work import STEPS, Work
from ledger.adapters.folder import Folder
from ledger.errors import LedgerError

WAIT_S = 90.0  # for another process; generous, nothing is measured by it
BY = Cause("user:test", "req-1")
SOON = Retry(attempts=3, first=timedelta(milliseconds=20), cap=timedelta(milliseconds=40))


class Number(Arguments):
    number: int


def count(_attempt: Attempt, work: Work, told: Number) -> Result:
    """An effect in the database that shows when it happens twice."""
    step = f"effect:{told.number}:{os.urandom(6).hex()}"
    work.connection.execute(STEPS.insert(), [{"step": step, "result": "1"}])
    return {"number": told.number}


def write(attempt: Attempt, told: Number) -> Result:
    """An effect outside: an object created if absent, by the job's id; every attempt is noted beside it."""
    note(attempt.installation.home, f"attempt {told.number}")
    Folder(attempt.installation.home / "effects").create(attempt.job.id, str(told.number).encode())
    return {"number": told.number}


def hold(attempt: Attempt, told: Number) -> Result:
    """Works in two steps until ``go`` says that it may end."""
    first = attempt.job.resume_at is None
    note(attempt.installation.home, f"{'begun' if first else 'resumed'} {told.number} {os.getpid()}")
    if first:
        attempt.progress(1, 2, "steps")
        attempt.mark({"step": 1})
    while not (attempt.installation.home / "go").exists():
        attempt.check()
        time.sleep(0.01)
    return write(attempt, told)


def fail(_attempt: Attempt, told: Number) -> Result:
    raise LedgerError(f"number {told.number} always fails")


def die(attempt: Attempt, told: Number) -> Result:
    """Poison: whoever runs it is gone."""
    note(attempt.installation.home, f"died {told.number}")
    os.kill(os.getpid(), 9)
    return None


COUNT = Kind(name="count", arguments=Number, effect="database", retry=SOON)
WRITE = Kind(name="write", arguments=Number, retry=SOON)
SKIP = Kind(name="write_skip", arguments=Number, line="skip", retry=SOON)
HOLD_LINE = Kind(name="write_hold", arguments=Number, line="hold", retry=SOON)
HOLD = Kind(name="hold", arguments=Number, cancellable=True, retry=SOON, lease=timedelta(seconds=30))
FAIL = Kind(name="fail", arguments=Number, line="skip", retry=SOON)
FAIL_HOLD = Kind(name="fail_hold", arguments=Number, line="hold", retry=SOON)
DIE = Kind(name="die", arguments=Number, retry=SOON)
MANY = Kind(name="many", arguments=Number, coalesces=True, retry=SOON)
DUTIES = {
    duty.kind.name: duty
    for duty in (
        Duty(COUNT, in_transaction=count),
        Duty(WRITE, write),
        Duty(SKIP, write),
        Duty(HOLD_LINE, write),
        Duty(HOLD, hold),
        Duty(FAIL, fail),
        Duty(FAIL_HOLD, fail),
        Duty(DIE, die),
        Duty(MANY, write),
    )
}


def note(home: Path, line: str) -> None:
    with (home / "notes").open("a") as file:
        file.write(line + "\n")


def notes(home: Path) -> list[str]:
    path = home / "notes"
    return path.read_text().splitlines() if path.exists() else []


def cause(installation: Installation, kind: Kind[Number], number: int, **options: Any) -> str:
    """Enqueue in a transaction of its own."""
    return installation.writer.do(
        lambda ledger: enqueue(
            ledger.connection, kind, Number(number=number), now=installation.clock.now(), by=BY, **options
        )
    )


def find(installation: Installation, job_id: str) -> Job:
    with installation.database.reading() as connection:
        found = jobs.get(connection, job_id)
    assert found is not None
    return found


def counted(installation: Installation) -> dict[int, int]:
    """Number -> how often its effect in the database happened."""
    with installation.database.reading() as connection:
        steps = connection.execute(select(STEPS.c.step).where(STEPS.c.step.like("effect:%"))).scalars()
        numbers = [int(step.split(":")[1]) for step in steps]
    return {number: numbers.count(number) for number in numbers}


def effects(home: Path) -> list[int]:
    """The numbers whose effect outside happened, each as often as it did."""
    return sorted(int(path.read_text()) for path in (home / "effects").glob("*") if path.is_file())


def open_jobs(installation: Installation) -> int:
    with installation.database.reading() as connection:
        where = jobs.JOBS.c.state.in_(jobs.OPEN)
        return int(connection.execute(select(func.count()).select_from(jobs.JOBS).where(where)).scalar_one())


def until(true: Any, what: str = "it") -> None:
    """Wait for another thread or process."""
    end = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.02)


def main() -> None:
    """``python -m tests.gateway.tasks.house HOME DATABASE BROKER``: a worker that knows these jobs."""
    home, url, broker = sys.argv[1:]
    chosen = Settings(home=Path(home), database_url=url, broker_url=broker)
    if broker:
        from gateway.tasks.worker import celery_worker

        worker = celery_worker(lambda: wiring.open_(chosen, publishes=False), DUTIES, processes=1)
        worker.start()
        return
    from gateway.tasks.drain import Drain

    drain = Drain(wiring.open_(chosen, publishes=False), DUTIES, print)
    drain.start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
