"""The pages about jobs: what waits, since when, why, and what can be done about it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from gateway.errors import NotFound
from gateway.pages.building.reading import short
from gateway.pages.views import Hash, Link, Value
from gateway.pages.views.forms import Form
from gateway.pages.views.jobs import BrokerLine, JobLine, JobsView, JobView, ScheduleLine, Tone
from gateway.store import jobs, schedules
from gateway.store.jobs import OPEN, Job, State
from gateway.tasks import kinds
from gateway.tasks.intervene import may_be_cancelled, may_be_retried
from gateway.tasks.why import Wait, why
from gateway.wiring import Installation

PAGE: Final = 50
LIST: Final = "/operator/jobs"
STATES: Final[tuple[State, ...]] = ("running", "waiting", "retrying", "parked", "done", "cancelled")
_TONES: Final[Mapping[str, Tone]] = {"done": "good", "running": "busy", "retrying": "warn", "parked": "bad"}
_HASHES: Final = frozenset({"sha256"})


def jobs_view(
    installation: Installation,
    connection: Connection,
    *,
    state: State | None = None,
    kind: str = "",
    before: int | None = None,
    export_form: Form | None = None,
) -> JobsView:
    """before: the number of the last job of the page before. export_form: None: not for this visitor."""
    states = (state,) if state else ()
    found = jobs.listed(connection, states=states, kind=kind, before=before, limit=PAGE + 1)
    reader = _Reader(installation, connection)
    counts = jobs.counts(connection)
    shown = found[:PAGE]
    return JobsView(
        lines=tuple(reader.line(job) for job in shown),
        tabs=(
            (_href(kind=kind), "", state is None, sum(counts.values())),
            *((_href(one, kind), one, one == state, counts.get(one, 0)) for one in STATES),
        ),
        state=state or "",
        kind=kind,
        kinds=tuple(kinds.ALL),
        broker=reader.broker(),
        schedules=tuple(
            ScheduleLine(name=one.name, last_at=one.last_at, next_due=one.next_due)
            for one in schedules.every(connection)
            if one.next_due != one.last_at  # one that follows the log has no times of its own
        ),
        oldest_at=jobs.oldest_open(connection),
        is_live=any(counts.get(one) for one in OPEN),
        export_action="" if export_form is None else f"{LIST}/exports",
        export_form=export_form,
        next_href=_href(state or "", kind, shown[-1].n) if len(found) > PAGE else "",
    )


def job_view(
    installation: Installation, connection: Connection, job_id: str, *, may_open_files: bool
) -> JobView:
    """Raises NotFound."""
    job = jobs.get(connection, job_id)
    if job is None:
        raise NotFound(job_id)
    path = f"{LIST}/{job.id}"
    has_file = may_open_files and job.state == "done" and "filename" in job.result
    return JobView(
        id=job.id,
        line=_Reader(installation, connection).line(job),
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        started_by=job.started_by,
        request_id=job.request_id,
        owner=job.lease_owner,
        facts=tuple(_facts(job)),
        is_live=job.state in OPEN,
        is_cancelling=job.is_cancelling and job.state == "running",
        retry_action=f"{path}/retry" if may_be_retried(job) else "",
        cancel_action=f"{path}/cancel" if may_be_cancelled(job) else "",
        file_href=f"{path}/file" if has_file else "",
    )


def line_of(installation: Installation, connection: Connection, job: Job) -> JobLine:
    """One job as a line on a page about something else."""
    return _Reader(installation, connection).line(job)


class _Reader:
    """Turns jobs into lines; what is the same for all of them is read once."""

    def __init__(self, installation: Installation, connection: Connection) -> None:
        self._connection = connection
        self._has_broker = bool(installation.settings.broker_url.get_secret_value())
        self._relay = schedules.relay(connection)
        self._now: datetime = installation.clock.now()

    def line(self, job: Job) -> JobLine:
        wait = self._wait(job)
        return JobLine(
            href=f"{LIST}/{job.id}",
            kind=job.kind,
            state=job.state,
            tone=_TONES.get(job.state, ""),
            since=_since(job),
            about=_about(job),
            done=job.progress_done,
            total=job.progress_total if job.state in OPEN else 0,
            unit=job.progress_unit,
            wait=wait.slug,
            wait_at=wait.at,
            wait_href=f"{LIST}/{wait.behind.id}" if wait.behind else "",
            reason=job.reason,
            detail=job.detail,
            attempts=job.attempts,
            max_attempts=job.max_attempts,
        )

    def broker(self) -> BrokerLine | None:
        refused = tuple((one.why, one.count, one.last_at) for one in jobs.refused(self._connection))
        if not self._has_broker and not refused:
            return None
        silent_since = self._relay.silent_since if self._relay else None
        return BrokerLine(silent_since=silent_since, refused=refused)

    def _wait(self, job: Job) -> Wait:
        ahead = jobs.ahead_in_line(self._connection, job) if job.state in jobs.STARTABLE else None
        return why(job, ahead, has_broker=self._has_broker, relay=self._relay, now=self._now)


def _since(job: Job) -> datetime:
    if job.finished_at is not None:
        return job.finished_at
    return job.started_at if job.state == "running" and job.started_at else job.created_at


def _about(job: Job) -> Link | None:
    """The thing that the job is about, where it has a page."""
    order, lot = job.arguments.get("order"), job.arguments.get("lot")
    if order:
        return Link(text=short(order), href=f"/operator/orders/{order.partition(':')[2]}")
    if lot:
        return Link(text=short(lot), href=f"/operator/lots/{lot.partition(':')[2]}")
    return None


def _facts(job: Job) -> list[tuple[str, Value]]:
    return [
        (name, Hash(text=str(value)) if name in _HASHES else value)
        for name, value in job.result.items()
        if isinstance(value, (int, str))
    ]


def _href(state: str = "", kind: str = "", before: int | None = None) -> str:
    named = (("state", state), ("kind", kind), ("before", "" if before is None else str(before)))
    query = "&".join(f"{name}={value}" for name, value in named if value)
    return f"{LIST}?{query}" if query else LIST
