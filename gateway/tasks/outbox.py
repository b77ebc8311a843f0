"""Cause a job, in the transaction of what causes it."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Final

from sqlalchemy import Connection

from gateway.shell.logs import request_id
from gateway.store import jobs
from gateway.store.job_leases import WAIT_MAX
from gateway.tasks.kinds import Kind, Told

CAUSED: Final = Event()  # of this process: a job was written down, and may be committed any moment


@dataclass(frozen=True, slots=True)
class Cause:
    """who: a principal, or which part of the house. request: the id of the request that is answered."""

    who: str
    request: str = ""

    @classmethod
    def of(cls, who: str) -> "Cause":
        """Made before the unit of work is handed over: another request's thread may run it."""
        return cls(who, request_id())


def enqueue(
    connection: Connection,
    kind: Kind[Told],
    arguments: Told,
    *,
    now: datetime,
    by: Cause,
    once: str = "",
    subject: str = "",
    wait: timedelta = timedelta(0),
) -> str:
    """Write a job down; it exists if and only if the caller's transaction commits. Returns its id.

    now: of the installation's clock. once: names what happened; told twice of the same kind, it is one
    job, whose id is returned again. subject: in whose line it stands, for kinds that have one.
    """
    assert wait <= WAIT_MAX, "what is further ahead belongs into a schedule"
    assert bool(subject) == (kind.line != "free"), f"{kind.name} and its line"
    if kind.coalesces:
        once = "any"
    job_id = jobs.add(
        connection,
        jobs.NewJob(
            id=new_job_id(),
            kind=kind.name,
            arguments=arguments.model_dump_json(),
            subject=subject,
            line=kind.line,
            unique_key=f"{kind.name}:{once}" if once else None,
            max_attempts=kind.retry.attempts,
            run_after=now + wait,
            created_at=now,
            request_id=by.request,
            started_by=by.who,
        ),
    )
    CAUSED.set()
    return job_id


def new_job_id() -> str:
    """128 random bits: receivers know an effect by it, on whatever database the job ran."""
    return secrets.token_hex(16)
