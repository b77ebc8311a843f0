"""Why a job waits, as of now: one sentence's slug, the time in it, and the job that it waits for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.store.job_leases import WAIT_MAX
from gateway.store.jobs import STARTABLE, Job
from gateway.store.schedules import Relay
from gateway.tasks import kinds

PICKED_UP: Final = timedelta(seconds=15)  # by then somebody has taken a job that may start, or nobody works


@dataclass(frozen=True, slots=True)
class Wait:
    """slug: of ``words.JOB_WAITS``; "" for a job that does not wait."""

    slug: str = ""
    at: datetime | None = None
    behind: Job | None = None


def why(job: Job, ahead: Job | None, *, has_broker: bool, relay: Relay | None, now: datetime) -> Wait:
    """ahead: the job that is before it in line. relay: None where none ever ran."""
    if job.state not in STARTABLE:
        return Wait()
    if job.kind not in kinds.ALL:
        return Wait("unknown-kind")
    if ahead is not None:
        return Wait("line-parked" if ahead.state == "parked" else "line", behind=ahead)
    if now < job.run_after <= now + WAIT_MAX:
        return Wait("again" if job.reason else "later", job.run_after)
    if not has_broker:
        waited = max(job.run_after, job.created_at)
        return Wait("next") if now - waited < PICKED_UP else Wait("no-worker", waited)
    if relay is None or not now < relay.until <= now + WAIT_MAX:
        return Wait("no-relay")
    if relay.silent_since is not None:
        return Wait("broker", relay.silent_since)
    if job.handed_over_at is not None:
        return Wait("handed-over", job.handed_over_at)
    return Wait("next")
