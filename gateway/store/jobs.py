"""The outbox: jobs as they were caused, and as pages show them. Leases are in ``job_leases``."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Row, func, select, true

from gateway.store.job_tables import JobRow, RefusedMessageRow
from ledger.store.tables import table

JOBS, REFUSED = table(JobRow), table(RefusedMessageRow)
State = Literal["waiting", "running", "done", "retrying", "parked", "cancelled"]
OPEN: Final[tuple[State, ...]] = ("waiting", "retrying", "running")
STARTABLE: Final[tuple[State, ...]] = ("waiting", "retrying")
FINISHED: Final[tuple[State, ...]] = ("done", "cancelled")
Line = Literal["free", "skip", "hold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """What causing a job writes down; see ``JobRow``."""

    id: str
    kind: str
    arguments: str
    subject: str
    line: Line
    unique_key: str | None
    max_attempts: int
    run_after: datetime
    created_at: datetime
    request_id: str
    started_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A row of the outbox. arguments, result: parsed. resume_at: None before the first mark."""

    n: int
    id: str
    kind: str
    subject: str
    line: Line
    unique_key: str | None
    arguments: dict[str, Any]
    state: State
    run_after: datetime
    attempts: int
    max_attempts: int
    lease_owner: str
    lease_token: str | None
    lease_until: datetime | None
    handed_over_at: datetime | None
    is_cancelling: bool
    progress_done: int
    progress_total: int
    progress_unit: str
    resume_at: Any
    result: dict[str, Any]
    reason: str
    detail: str
    request_id: str
    started_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class RefusedMessages:
    why: str
    count: int
    last_at: datetime


def add(connection: Connection, job: NewJob) -> str:
    """Write a job down; returns its id, or that of the job which the same cause has enqueued already.

    The transaction holds the log's lock, so nobody enqueues between the look and the insert.
    """
    if job.unique_key is not None:
        standing = connection.execute(
            select(JOBS.c.id).where(JOBS.c.unique_key == job.unique_key)
        ).scalar_one_or_none()
        if standing is not None:
            return str(standing)
    connection.execute(
        JOBS.insert(),
        [
            {
                "id": job.id,
                "kind": job.kind,
                "subject": job.subject,
                "line": job.line,
                "unique_key": job.unique_key,
                "arguments": job.arguments,
                "state": "waiting",
                "run_after": job.run_after,
                "attempts": 0,
                "max_attempts": job.max_attempts,
                "lease_owner": "",
                "is_cancelling": False,
                "progress_done": 0,
                "progress_total": 0,
                "progress_unit": "",
                "resume_at": "",
                "result": "{}",
                "reason": "",
                "detail": "",
                "request_id": job.request_id,
                "started_by": job.started_by,
                "created_at": job.created_at,
            }
        ],
    )
    return job.id


def get(connection: Connection, job_id: str) -> Job | None:
    row = connection.execute(select(JOBS).where(JOBS.c.id == job_id)).one_or_none()
    return None if row is None else to_job(row)


def listed(
    connection: Connection,
    *,
    states: Collection[State] = (),
    kind: str = "",
    before: int | None = None,
    limit: int,
) -> list[Job]:
    """The youngest first. before: the number of the last job of the page before."""
    where: list[ColumnElement[bool]] = []
    if states:
        where.append(JOBS.c.state.in_(states))
    if kind:
        where.append(JOBS.c.kind == kind)
    if before is not None:
        where.append(JOBS.c.n < before)
    statement = select(JOBS).where(*where).order_by(JOBS.c.n.desc()).limit(limit)
    return [to_job(row) for row in connection.execute(statement)]


def counts(connection: Connection) -> dict[State, int]:
    statement = select(JOBS.c.state, func.count()).group_by(JOBS.c.state)
    return {row[0]: row[1] for row in connection.execute(statement)}


def ahead_in_line(connection: Connection, job: Job) -> Job | None:
    """The oldest job that this one waits for; None when nothing is ahead of it."""
    if job.line == "free":
        return None
    statement = select(JOBS).where(JOBS.c.subject == job.subject, JOBS.c.n < job.n, is_in_the_way(JOBS.c))
    row = connection.execute(statement.order_by(JOBS.c.n).limit(1)).one_or_none()
    return None if row is None else to_job(row)


def is_in_the_way(columns: Any) -> ColumnElement[bool]:
    """Whether a job keeps the later ones of its subject waiting."""
    is_open: ColumnElement[bool] = columns.state.in_(OPEN) & (columns.line != "free")
    is_parked: ColumnElement[bool] = (columns.state == "parked") & (columns.line == "hold")
    return is_open | is_parked


def oldest_open(connection: Connection) -> datetime | None:
    """When the oldest job was caused that is neither done nor given up."""
    found = connection.execute(select(func.min(JOBS.c.created_at)).where(JOBS.c.state.in_(OPEN))).scalar()
    return aware(found)


def update(connection: Connection, job_id: str, states: Collection[str], **values: Any) -> bool:
    """Change a job that is in one of ``states``; False when it is not."""
    where = (JOBS.c.id == job_id, JOBS.c.state.in_(states))
    return connection.execute(JOBS.update().where(*where).values(values)).rowcount > 0


def forget_finished(
    connection: Connection, before: datetime, limit: int, *, kinds: Collection[str] | None = None
) -> int:
    """Delete jobs that ended before a time, the oldest first; returns how many. kinds: None for all."""
    of_kinds = true() if kinds is None else JOBS.c.kind.in_(kinds)
    numbers = (
        select(JOBS.c.n)
        .where(JOBS.c.finished_at < before, JOBS.c.state.in_(FINISHED), of_kinds)
        .order_by(JOBS.c.finished_at)
        .limit(limit)
    )
    found = connection.execute(numbers).scalars().all()
    if found:
        connection.execute(JOBS.delete().where(JOBS.c.n.in_(found)))
    return len(found)


def forget_words(connection: Connection, text: str) -> None:
    """Forget what errors said, where they quoted ``text``."""
    quoting = JOBS.c.detail.contains(text, autoescape=True)
    connection.execute(JOBS.update().where(quoting).values(detail=""))


def count_refused(connection: Connection, why: str, now: datetime) -> None:
    values = {"count": REFUSED.c.count + 1, "last_at": now}
    if not connection.execute(REFUSED.update().where(REFUSED.c.why == why).values(values)).rowcount:
        connection.execute(REFUSED.insert(), [{"why": why, "count": 1, "last_at": now}])


def refused(connection: Connection) -> Sequence[RefusedMessages]:
    rows = connection.execute(select(REFUSED).order_by(REFUSED.c.why))
    return [RefusedMessages(row.why, row[1], _stored(row.last_at)) for row in rows]


def to_job(row: Row[Any]) -> Job:
    members: dict[str, Any] = {
        name: aware(value) if isinstance(value, datetime) else value
        for name, value in row._mapping.items()  # noqa: SLF001 - public API
    }
    members["arguments"] = json.loads(row.arguments)
    members["result"] = json.loads(row.result)
    members["resume_at"] = json.loads(row.resume_at) if row.resume_at else None
    return Job(**members)


def aware(value: datetime | None) -> datetime | None:
    """SQLite forgets time zones; what we store is UTC."""
    if value is not None and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def _stored(value: datetime) -> datetime:
    made = aware(value)
    assert made is not None
    return made
