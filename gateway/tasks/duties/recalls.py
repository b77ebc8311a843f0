"""Jobs about recalls: who bought of the goods is written to, once a person and record."""

from typing import Literal

from gateway.store import addressees
from gateway.tasks import causes
from gateway.tasks.attempt import Attempt
from gateway.tasks.kinds import Letter, Record
from gateway.tasks.outbox import Cause
from gateway.tasks.runner import Result
from gateway.workflows.recalls import news_of
from gateway.workflows.work import Work


def tell_buyers(attempt: Attempt, work: Work, told: Record) -> Result:
    """The letters are caused in the transaction that ends this job."""
    connection, now = work.connection, work.installation.clock.now()
    news = news_of(connection, told.index)
    by = Cause("log", attempt.job.request_id)
    readers = {
        user
        for company in {order.company for order in news.orders}
        for user in addressees.of_organisation(connection, company)
    }
    template: Literal["recall", "recall_ended"] = "recall_ended" if news.ended else "recall"
    for user in sorted(readers):
        causes.tell(connection, Letter(template=template, about=str(told.index), to=user), now, by)
    return {"told": len(readers), **({"unknown": news.unknown} if news.unknown else {})}
