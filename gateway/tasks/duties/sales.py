"""Private offers are shown to some more companies, day by day."""

from gateway.tasks.attempt import Attempt
from gateway.tasks.kinds import Nothing
from gateway.tasks.runner import Result
from gateway.workflows.match_listing import push_all
from gateway.workflows.work import Work


def push(_attempt: Attempt, work: Work, _told: Nothing) -> Result:
    return {"companies": push_all(work.connection, work.installation.clock.now())}
