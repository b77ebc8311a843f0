"""What a person may do about a job: wait no longer, begin anew, give it up."""

from collections.abc import Mapping
from typing import Any

from gateway.store import jobs, labels
from gateway.store.jobs import Job
from gateway.tasks import kinds
from gateway.tasks.kinds import Kind
from gateway.tasks.outbox import CAUSED
from gateway.wiring import Installation
from ledger.record import Ledger


def may_be_cancelled(job: Job, known: Mapping[str, Kind[Any]] = kinds.ALL) -> bool:
    """What somebody asked for, nobody need finish; what something else relies on is given up when parked."""
    kind = known.get(job.kind)
    asked_for = kind is not None and kind.cancellable and not job.is_cancelling
    return job.state == "parked" or (asked_for and job.state in jobs.OPEN)


def cancel(installation: Installation, job_id: str, known: Mapping[str, Kind[Any]] = kinds.ALL) -> bool:
    """End a job that waits now, one that runs between two pieces of its work; False when it may not end."""

    def unit(ledger: Ledger) -> bool:
        connection = ledger.connection
        job = jobs.get(connection, job_id)
        if job is None or not may_be_cancelled(job, known):
            return False
        if job.state == "running":
            return jobs.update(connection, job_id, ("running",), is_cancelling=True)
        if job.kind == kinds.PRINT_LABELS.name:  # else its codes would count as printed for ever
            labels.refused(connection, str(job.arguments["run"]), "its job was cancelled")
        ended = {"state": "cancelled", "reason": "cancelled", "finished_at": installation.clock.now()}
        return jobs.update(connection, job_id, (job.state,), unique_key=None, **ended)

    done = installation.writer.do(unit)
    CAUSED.set()  # what stood behind it in line may start
    return done


def may_be_retried(job: Job) -> bool:
    """One that was parked, or that waits for its next attempt."""
    return job.state in ("parked", "retrying") or (job.state == "waiting" and job.reason != "")


def retry(installation: Installation, job_id: str) -> bool:
    """Begin anew with a parked job, or wait no longer with one that failed; False for any other."""

    def unit(ledger: Ledger) -> bool:
        job = jobs.get(ledger.connection, job_id)
        if job is None or not may_be_retried(job):
            return False
        now = installation.clock.now()
        values = {"state": "waiting", "run_after": now, "attempts": 0, "finished_at": None}
        return jobs.update(ledger.connection, job_id, (job.state,), handed_over_at=None, **values)

    done = installation.writer.do(unit)
    CAUSED.set()
    return done
