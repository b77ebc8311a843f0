"""Jobs about searches that buyers keep."""

from gateway.tasks.attempt import Attempt
from gateway.tasks.kinds import Nothing
from gateway.tasks.runner import Result
from gateway.workflows.keep_search import write_letters
from gateway.workflows.work import Work


def tell(_attempt: Attempt, work: Work, _told: Nothing) -> Result:
    """The letters are caused in the transaction that ends this job."""
    return {"letters": write_letters(work.installation, work.connection)}
