"""What ``lotproof serve`` does beside answering: periodic work, and jobs, by itself or through a broker."""

import logging
import threading

from gateway.tasks import schedule
from gateway.tasks.catalogue import DUTIES
from gateway.tasks.drain import Drain
from gateway.tasks.relay import RelayThread
from gateway.tasks.runner import Duties
from gateway.wiring import Installation
from gateway.workflows.compare import compare
from ledger.errors import LedgerError, Rollback

INTERVAL_S = 2.0
logger = logging.getLogger("lotproof.housekeeping")


class Housekeeping:
    """A clock that enqueues periodic work, and threads that do jobs or hand them to the broker.

    A rollback stops it for good, and with it all recording: a longer log would be a second history.
    """

    def __init__(
        self, installation: Installation, interval_s: float = INTERVAL_S, *, duties: Duties = DUTIES
    ) -> None:
        self.rolled_back = False
        self._installation = installation
        self._interval_s = interval_s
        self._clock = threading.Thread(target=self._run, name="housekeeping", daemon=True)
        self._hands: Drain | RelayThread = (
            RelayThread(installation, duties)
            if installation.settings.broker_url.get_secret_value()
            else Drain(installation, duties, self.refuse)
        )

    def start(self) -> None:
        self._clock.start()
        self._hands.start()

    def stop(self) -> None:
        """Return when the jobs that run have ended or were given back."""
        self._installation.stopping.set()
        self._hands.stop()
        if self._clock.ident is not None:
            self._clock.join()

    def refuse(self, error: Rollback) -> None:
        """Read only from now on: pages and audits answer, nothing is recorded or signed."""
        self.rolled_back = True
        self._installation.writer.refuse(error)
        logger.critical("READ ONLY, stopped publishing and recording: %s", error)

    def _run(self) -> None:
        while not self.rolled_back and not self._installation.stopping.wait(self._interval_s):
            try:
                compare(self._installation, ask=False)
                schedule.tick(self._installation)
            except Rollback as error:
                self.refuse(error)
            except LedgerError:
                logger.exception("a round failed and will be tried again")
            except Exception:
                logger.exception("a round failed in a way nobody expected; it will be tried again")
