"""Jobs about readings of codes: what is too old is forgotten, what is remarkable is told."""

from gateway.store import addressees
from gateway.tasks import causes
from gateway.tasks.attempt import Attempt
from gateway.tasks.kinds import Letter, Nothing, ScanAlert
from gateway.tasks.outbox import Cause
from gateway.tasks.runner import Result
from gateway.workflows import scan_history
from gateway.workflows.work import Work


def age(_attempt: Attempt, work: Work, _told: Nothing) -> Result:
    return {"forgotten": scan_history.age(work.installation, work.connection)}


def tell_operator(attempt: Attempt, work: Work, told: ScanAlert) -> Result:
    """The letters are caused in the transaction that ends this job."""
    connection, now = work.connection, work.installation.clock.now()
    by = Cause("scans", attempt.job.request_id)
    staff = addressees.with_role(connection, "operator")
    for user in staff:
        causes.tell(connection, Letter(template="scan_alert", about=told.alert, to=user), now, by)
    return {"letters": len(staff)}
