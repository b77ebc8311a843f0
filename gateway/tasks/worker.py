"""A Celery worker: it does the jobs that the broker hands out, and asks the database about each."""

import logging
import os
import socket
from collections.abc import Callable
from typing import Any, Final

from celery import signals
from celery.exceptions import Reject

from gateway.store import jobs
from gateway.tasks.broker import TASK, application
from gateway.tasks.runner import Duties, Runner
from gateway.wiring import Installation
from ledger.record import Ledger

CHILD_JOBS_MAX: Final = 1000  # then a child is replaced, with whatever memory it gathered
logger = logging.getLogger("lotproof.worker")


def celery_worker(open_installation: Callable[[], Installation], duties: Duties, *, processes: int) -> Any:
    """A Celery worker that ends when it is told to; ``start`` runs it.

    open_installation: called once in every child, and in the parent for a moment when it counts a refused
    message. The parent itself holds no connection: it forks.
    """
    probe = open_installation()
    url = probe.settings.broker_url.get_secret_value()
    probe.close()
    app = application(url)
    app.open_installation = open_installation
    child: dict[str, Runner | Installation] = {}

    def begin(**_facts: Any) -> None:
        installation = open_installation()
        child.update(installation=installation, runner=Runner(installation, duties))

    signals.worker_process_init.connect(begin, weak=False)

    @app.task(name=TASK, bind=True, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
    def job(_task: Any, job_id: str, _request_id: str) -> None:
        installation, runner = child["installation"], child["runner"]
        assert isinstance(installation, Installation)
        assert isinstance(runner, Runner)
        run(installation, runner, job_id)

    return app.Worker(
        hostname=f"lotproof-{os.getpid()}@{socket.gethostname()}",
        pool_cls="prefork",
        concurrency=processes,
        without_gossip=True,
        without_mingle=True,
        max_tasks_per_child=CHILD_JOBS_MAX,
        loglevel="WARNING",
        quiet=True,
    )


def run(installation: Installation, runner: Runner, job_id: str) -> None:
    """One message. The database says what is to be done about it: a late or repeated one changes nothing.

    Raises Reject, with the message counted, when there is no such job.
    """
    if runner.run_next(job_id) != "nothing":
        return
    with installation.database.reading() as connection:
        found = jobs.get(connection, job_id)
    if found is None:

        def count(ledger: Ledger) -> None:
            jobs.count_refused(ledger.connection, "unknown-job", installation.clock.now())

        installation.writer.do(count)
        raise Reject(f"no job {job_id}", requeue=False)
    if found.state == "running":
        runner.sweep()  # delivered again because its worker died: it need not wait for the lease
