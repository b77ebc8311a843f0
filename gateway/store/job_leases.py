"""Who works on which job, for how long, and how an attempt ends. The token fences: no token, no ending.

Times are compared with a clock that people set. A moment further ahead than anybody here ever writes was
written before the clock went back; it counts as past.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, or_, select

from gateway.store.job_tables import JobRow
from gateway.store.jobs import JOBS, STARTABLE, Job, is_in_the_way, to_job
from ledger.store.tables import table

WAIT_MAX: Final = timedelta(hours=1)  # no job is put off, and no lease given, for longer
_EARLIER = table(JobRow).alias("earlier")


def startable(
    connection: Connection,
    now: datetime,
    *,
    kinds: Collection[str],
    job_id: str | None = None,
    limit: int = 1,
) -> list[Job]:
    """Jobs that may start now, in the order of their causes.

    kinds: those that the caller knows how to do. job_id: that one or none.
    """
    where = [JOBS.c.state.in_(STARTABLE), _is_past(JOBS.c.run_after, now), ~_is_blocked()]
    where.append(JOBS.c.kind.in_(kinds))
    if job_id is not None:
        where.append(JOBS.c.id == job_id)
    statement = select(JOBS).where(*where).order_by(JOBS.c.n).limit(limit)
    return [to_job(row) for row in connection.execute(statement)]


def to_hand_over(connection: Connection, now: datetime, *, before: datetime, limit: int) -> list[Job]:
    """Startable jobs about which the broker holds no message, as far as we know.

    before: one that was handed over earlier than this, and that nobody has begun, counts as lost.
    """
    lost = or_(JOBS.c.handed_over_at.is_(None), JOBS.c.handed_over_at < before, JOBS.c.handed_over_at > now)
    where = (JOBS.c.state.in_(STARTABLE), _is_past(JOBS.c.run_after, now), ~_is_blocked(), lost)
    statement = select(JOBS).where(*where).order_by(JOBS.c.n).limit(limit)
    return [to_job(row) for row in connection.execute(statement)]


def hand_over(connection: Connection, numbers: Collection[int], now: datetime) -> None:
    """Note that the broker has confirmed messages about jobs that are still to be started."""
    where = (JOBS.c.n.in_(numbers), JOBS.c.state.in_(STARTABLE))
    connection.execute(JOBS.update().where(*where).values(handed_over_at=now))


def take(
    connection: Connection,
    job: Job,
    *,
    owner: str,
    token: str,
    now: datetime,
    until: datetime,
    frees_key: bool,
) -> bool:
    """Begin an attempt, which counts from here on; False when somebody else was quicker.

    frees_key: the same cause may enqueue again from now on: what happens meanwhile needs another run.
    """
    values: dict[str, Any] = {
        "state": "running",
        "attempts": JOBS.c.attempts + 1,
        "lease_owner": owner,
        "lease_token": token,
        "lease_until": until,
        "started_at": now,
        "handed_over_at": None,
    }
    if frees_key:
        values["unique_key"] = None
    where = (JOBS.c.n == job.n, JOBS.c.state.in_(STARTABLE))
    return connection.execute(JOBS.update().where(*where).values(values)).rowcount == 1


def beat(connection: Connection, token: str, until: datetime) -> bool:
    """Prolong a lease; False when it is not ours any more."""
    return _held(connection, token, {"lease_until": until})


def note(connection: Connection, token: str, **values: Any) -> bool:
    """Write down progress or where to resume; False when the lease is not ours any more."""
    return _held(connection, token, values)


def is_cancelling(connection: Connection, token: str) -> bool:
    found = connection.execute(select(JOBS.c.is_cancelling).where(JOBS.c.lease_token == token))
    return bool(found.scalar_one_or_none())


def end(connection: Connection, token: str, **values: Any) -> bool:
    """End the attempt; False, and nothing changed, when the lease is not ours any more."""
    return _held(connection, token, {"lease_token": None, "lease_until": None, "lease_owner": "", **values})


def running(connection: Connection) -> list[Job]:
    statement = select(JOBS).where(JOBS.c.state == "running").order_by(JOBS.c.n)
    return [to_job(row) for row in connection.execute(statement)]


def has_lapsed(job: Job, now: datetime) -> bool:
    """Whether the lease of a running job has run out."""
    return job.lease_until is None or not now < job.lease_until <= now + WAIT_MAX


def _held(connection: Connection, token: str, values: dict[str, Any]) -> bool:
    where = (JOBS.c.lease_token == token, JOBS.c.state == "running")
    return connection.execute(JOBS.update().where(*where).values(values)).rowcount == 1


def _is_past(column: Any, now: datetime) -> ColumnElement[bool]:
    return or_(column <= now, column > now + WAIT_MAX)


def _is_blocked() -> ColumnElement[bool]:
    """Whether an earlier job of the same subject is to be waited for."""
    earlier = (
        select(_EARLIER.c.n)
        .where(_EARLIER.c.subject == JOBS.c.subject, _EARLIER.c.n < JOBS.c.n, is_in_the_way(_EARLIER.c))
        .exists()
    )
    return (JOBS.c.line != "free") & earlier
