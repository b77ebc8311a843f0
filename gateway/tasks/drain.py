"""Threads that do the jobs of an installation in this very process: no broker, nothing to set up."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from gateway.tasks.outbox import CAUSED
from gateway.tasks.runner import Duties, Runner
from gateway.wiring import Installation
from ledger.errors import LedgerError, Rollback

THREADS: Final = 2  # so that a long export keeps no mail waiting
LOOK_S: Final = 0.25  # between looks for what another process has caused
COMMITTING_S: Final = 0.005  # a job that was just caused here is about to be committed
SWEEP_S: Final = 2.0
PAUSE_S: Final = 1.0  # after a failure of our own
logger = logging.getLogger("lotproof.jobs")


class Drain:
    """Does jobs as they fall due. rolled_back: called once, when history is missing; then all stop."""

    def __init__(
        self,
        installation: Installation,
        duties: Duties,
        rolled_back: Callable[[Rollback], None],
        *,
        threads: int = THREADS,
    ) -> None:
        self._rolled_back = rolled_back
        self._stopping = threading.Event()
        self._runner = Runner(installation, duties, stopping=self._stopping)
        self._threads = [
            threading.Thread(target=self._guarded, args=(self._work,), name=f"jobs-{number}", daemon=True)
            for number in range(threads)
        ]
        self._threads.append(
            threading.Thread(target=self._guarded, args=(self._sweep,), name="jobs-sweep", daemon=True)
        )

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Return when what runs has ended or was given back."""
        self._stopping.set()
        CAUSED.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def _guarded(self, once: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            try:
                once()
            except Rollback as error:
                self._stopping.set()
                self._rolled_back(error)
            except LedgerError as error:
                logger.warning("jobs wait: %s", error)
                self._stopping.wait(PAUSE_S)
            except Exception:
                logger.exception("a job could not be handled in a way nobody expected")
                self._stopping.wait(PAUSE_S)

    def _work(self) -> None:
        if self._runner.run_next() != "nothing":
            return
        if CAUSED.wait(LOOK_S):
            CAUSED.clear()
            for _ in range(4):
                if self._stopping.wait(COMMITTING_S) or self._runner.run_next() != "nothing":
                    return

    def _sweep(self) -> None:
        self._runner.sweep()
        self._stopping.wait(SWEEP_S)
