"""Jobs that keep the house: rows that nobody needs any more, and the alarm about parked jobs."""

from datetime import timedelta
from typing import Final

from gateway.people.tidy import tidy
from gateway.store import addressees, jobs, requests
from gateway.store.jobs import State
from gateway.tasks import causes, kinds
from gateway.tasks.attempt import Attempt
from gateway.tasks.kinds import Nothing
from gateway.tasks.outbox import Cause
from gateway.tasks.runner import Result
from gateway.workflows import keep_file
from gateway.workflows.work import Work

KEPT: Final = timedelta(days=30)  # how long finished jobs can be looked up
ROUTINE_KEPT: Final = timedelta(days=1)
ROUTINE: Final = frozenset(
    kind.name for kind in (kinds.RECHECK, kinds.PURGE, kinds.CLEAN, kinds.SWEEP, kinds.ALARM, kinds.AGE_SCANS)
)
PARKED: Final[tuple[State, ...]] = ("parked",)
ALARMS_MAX: Final = 100  # parked jobs looked at each time, the youngest first
AT_ONCE: Final = 1000  # rows deleted in one transaction; the rest goes with the next time


def clean(_attempt: Attempt, work: Work, _told: Nothing) -> Result:
    installation, connection = work.installation, work.connection
    rows = tidy(installation, connection) + requests.forget(connection, installation.wall_clock.now())
    now = installation.clock.now()
    gone = jobs.forget_finished(connection, now - ROUTINE_KEPT, AT_ONCE, kinds=ROUTINE)
    gone += jobs.forget_finished(connection, now - KEPT, AT_ONCE)
    return {"jobs": gone, "forgotten": rows}


def sweep(attempt: Attempt, _told: Nothing) -> Result:
    return {"swept": keep_file.sweep(attempt.installation)}


def alarm(attempt: Attempt, work: Work, _told: Nothing) -> Result:
    """Every administrator gets one letter about each parking, except about letters that could not be sent."""
    connection, now = work.connection, work.installation.clock.now()
    by = Cause("alarm", attempt.job.request_id)
    parked = jobs.listed(connection, states=PARKED, limit=ALARMS_MAX)
    administrators = addressees.with_role(connection, "administrator")
    for job in parked:
        if job.kind != kinds.MAIL.name:
            for user in administrators:
                causes.job_parked(connection, job, user, now, by)
    return {"parked": len(parked)}
