"""Do jobs beside the server, on this machine or another one."""

import logging
import signal
import threading
from typing import Annotated

import typer

from gateway.cli.options import Home, settings

ONCE_MAX = 10_000  # jobs of one --once: those that cause others must come to an end


def worker(
    home: Home = None,
    processes: Annotated[int, typer.Option("--processes", min=1, max=64, help="How many jobs at once.")] = 2,
    once: Annotated[
        bool, typer.Option("--once", help="Do what is due now, by looking for it, and leave.")
    ] = False,
) -> None:
    """Do jobs: as the broker of LOTPROOF_BROKER_URL hands them out, or, without one, as they fall due.

    Any number may run; a server without a broker does its jobs itself and needs none. Exit 5 when this
    database stands behind what was shown.
    """
    from gateway import wiring
    from gateway.shell import logs
    from gateway.tasks.catalogue import DUTIES
    from gateway.workflows.compare import compare

    chosen = settings(home)
    logs.configure(chosen.log_format, level=logging.WARNING)
    installation = wiring.open_(chosen, publishes=False)
    compare(installation, ask=False)  # a log that lost history is not gone on with
    if once:
        from gateway.tasks.runner import Runner

        runner = Runner(installation, DUTIES)
        runner.sweep()
        done = 0
        while done < ONCE_MAX and runner.run_next() != "nothing":
            done += 1
        installation.close()
        typer.echo(f"{done} jobs")
        return
    if chosen.broker_url.get_secret_value():
        from gateway.tasks.worker import celery_worker

        installation.close()
        made = celery_worker(lambda: wiring.open_(chosen, publishes=False), DUTIES, processes=processes)
        typer.echo("working for the broker", err=True)
        made.start()
        raise typer.Exit(made.exitcode or 0)
    from gateway.tasks.drain import Drain
    from ledger.errors import Rollback

    stopping, lost = threading.Event(), list[Rollback]()

    def rolled_back(error: Rollback) -> None:
        lost.append(error)
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopping.set())
    drain = Drain(installation, DUTIES, rolled_back, threads=processes)
    drain.start()
    typer.echo("working; there is no broker", err=True)
    stopping.wait()
    drain.stop()
    installation.close()
    if lost:
        raise lost[0]
