"""``lotproof publish --watch``: the one process that holds the log's keys, and publishes what waits."""

import fcntl
import threading
import time
from collections.abc import Callable
from pathlib import Path

from gateway.clock import WallClock
from gateway.wiring import Installation
from ledger.core.checkpoint import Checkpoint
from ledger.errors import LedgerError, Rollback
from ledger.standing import Standing, read_standing

BACKOFF_MAX_S = 30.0
WATCHING = "watching.lock"  # in the home; held while a publisher watches
Tell = Callable[[str], None]


def is_watched(home: Path) -> bool:
    """Whether a process of this machine watches this home."""
    try:
        with (home / WATCHING).open("rb") as mark:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


class Watch:
    """Publishes whenever entries wait, renews cosignatures while none do, and outlives outages.

    told: each visible checkpoint. complained: each new reason why one is not visible.
    """

    def __init__(
        self,
        installation: Installation,
        *,
        told: Tell,
        complained: Tell,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Opens the log's keys. Raises StorageError when that cannot be done."""
        self._installation = installation
        self._publisher = installation.signing_publisher
        self._told = told
        self._complained = complained
        self._monotonic = monotonic
        self._complaint = ""
        self._failures = 0
        self._shown: Checkpoint | None = None
        self._asked_at: float | None = None  # monotonic seconds of the last round that asked everybody

    def run(self, stopping: threading.Event) -> None:
        """Work until told to stop. Raises Rollback: going on would make a second history."""
        self._told(f"publishing {self._installation.config.origin}")  # the keys are open, the work begins
        with (self._installation.home / WATCHING).open("ab") as mark:
            fcntl.flock(mark, fcntl.LOCK_SH)  # shared: it only says that somebody watches
            while not stopping.wait(self.round()):
                continue

    def round(self) -> float:
        """One look, and what it calls for; returns how many seconds to rest."""
        settings = self._installation.settings
        try:
            self._work()
        except Rollback:
            raise
        except LedgerError as error:
            self._failures += 1
            if str(error) != self._complaint:
                self._complaint = str(error)
                self._complained(self._complaint)
            return float(min(settings.publish_interval_s * 2**self._failures, BACKOFF_MAX_S))
        if self._complaint:
            self._complained("it works again")
        self._complaint, self._failures = "", 0
        return settings.publish_interval_s

    def _work(self) -> None:
        installation = self._installation
        policy = installation.publication_policy
        standing = read_standing(installation.database, installation.log, installation.vkey, policy)
        refresh = self._is_stale(standing)
        if self._shown is not None and not standing.waiting and not refresh:
            return
        if refresh:
            self._asked_at = self._monotonic()
        shown = self._publisher.publish(refresh=refresh)
        if shown != self._shown:
            self._shown = shown
            self._told(f"{shown.origin}: {shown.size} entries, root {shown.root.hex()}")

    def _is_stale(self, standing: Standing) -> bool:
        """Whether the cosignatures on the visible checkpoint are due for renewal."""
        quorum = self._installation.quorum
        if quorum is None or not quorum.witnesses:
            return False
        freshness_s = self._installation.settings.freshness_s
        if self._asked_at is not None and self._monotonic() - self._asked_at < freshness_s:
            return False
        age_s = WallClock().now().timestamp() - (standing.cosigned_at or 0)
        return age_s >= freshness_s
