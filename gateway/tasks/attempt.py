"""One attempt at a job: its lease, its heart, its progress, and the ways in which it ends early."""

import json
import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, Self

from gateway.store import job_leases
from gateway.store.jobs import Job
from gateway.wiring import Installation
from ledger.errors import LedgerError
from ledger.record import Ledger

TOLD_EVERY_S: Final = 0.5  # progress is written no oftener
logger = logging.getLogger("lotproof.jobs")


class LeaseLost(Exception):
    """Somebody else has the job now: whatever this attempt still does must not be settled."""


class Cancelled(Exception):
    """Somebody does not want it any more."""


class Interrupted(Exception):
    """The process ends; the job is given back as it stands."""


class Later(Exception):
    """It cannot be done yet, which is nobody's failure. reason: slug of ``words.JOB_REASONS``."""

    def __init__(self, reason: str, detail: str = "", *, wait: timedelta = timedelta(seconds=5)) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.wait = wait


class Attempt:
    """What the code of a job is handed. Its ``job.id`` is the key under which receivers know the effect."""

    def __init__(
        self,
        installation: Installation,
        job: Job,
        lease: timedelta,
        *,
        stopping: threading.Event,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        assert job.lease_token is not None
        self.installation = installation
        self.job = job
        self.token = job.lease_token
        self._lease = lease
        self._stopping = stopping
        self._monotonic = monotonic
        self._told_at: float | None = None
        self._ended = threading.Event()
        self._lost = False
        self._heart = threading.Thread(target=self._beat, name=f"heart-{job.id[:8]}", daemon=True)

    def __enter__(self) -> Self:
        self._heart.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._heart.join()

    def progress(self, done: int, total: int, unit: str = "") -> None:
        """Tell the jobs page how far it is. unit: slug of ``words.JOB_UNITS``.

        Raises Cancelled, Interrupted or LeaseLost: between two pieces of work is where a job may end.
        """
        self.check()
        now = self._monotonic()
        if self._told_at is not None and now - self._told_at < TOLD_EVERY_S and done < total:
            return
        self._told_at = now
        self._note(progress_done=done, progress_total=total, progress_unit=unit)

    def mark(self, resume_at: Any) -> None:
        """Note where the next attempt may go on, as JSON; durable on return."""
        self.check()
        self._note(resume_at=json.dumps(resume_at))

    def check(self) -> None:
        """Raise what ends this attempt early, if anything does."""
        if self._lost:
            raise LeaseLost(self.job.id)
        if self._stopping.is_set():
            raise Interrupted(self.job.id)

    def _note(self, **values: Any) -> None:
        def unit(ledger: Ledger) -> bool:
            if not job_leases.note(ledger.connection, self.token, **values):
                raise LeaseLost(self.job.id)
            return job_leases.is_cancelling(ledger.connection, self.token)

        if self.installation.writer.do(unit):
            raise Cancelled(self.job.id)

    def _prolong(self, ledger: Ledger) -> bool:
        return job_leases.beat(ledger.connection, self.token, self.installation.clock.now() + self._lease)

    def _beat(self) -> None:
        """A third of the lease is time for two more tries before it runs out."""
        while not self._ended.wait(self._lease.total_seconds() / 3):
            try:
                held = self.installation.writer.do(self._prolong)
            except LedgerError as error:
                logger.warning("the lease of job %s could not be prolonged: %s", self.job.id, error)
                continue
            if not held:
                self._lost = not self._ended.is_set()
                return
