"""What ``lotproof serve`` does beside answering: one round every few seconds, each step safe to repeat."""

import logging
import threading

from exporters.errors import ExportersError
from gateway.store import trade
from gateway.wiring import Installation
from gateway.workflows.recheck import recheck
from gateway.workflows.ship_order import ship_order
from ledger.errors import LedgerError, MissingEvidence, Rollback
from ledger.publish import CHECKPOINT
from ledger.store import checkpoints, log

INTERVAL_S = 5
logger = logging.getLogger("lotproof.housekeeping")


class Housekeeping:
    """A thread that publishes what was sequenced, withdraws what lost its ground, and packs orders.

    A rollback stops it for good: signing on would make a second history.
    """

    def __init__(self, installation: Installation, interval_s: float = INTERVAL_S) -> None:
        self._installation = installation
        self._interval_s = interval_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Return when the round that runs has ended."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._interval_s):
            try:
                tidy(self._installation)
            except Rollback:
                logger.critical(
                    "stopped publishing: this database stands behind what was shown", exc_info=True
                )
                return
            except LedgerError:
                logger.exception("a round failed and will be tried again")
            except Exception:
                logger.exception("a round failed in a way nobody expected; it will be tried again")


def tidy(installation: Installation) -> None:
    """One round. Does nothing while nothing has happened and no order waits."""
    if _grown(installation):
        installation.publisher.publish()
        recheck(installation)
    with installation.database.reading() as connection:
        waiting = [order.id for order in trade.orders(connection) if order.state != "shipped"]
    for order in waiting:
        try:
            ship_order(installation, order)  # in the demo the warehouse packs at once
        except Rollback:
            raise
        except (LedgerError, ExportersError):
            logger.exception("order %s could not be packed; it waits for the next round", order)
    if _grown(installation):
        installation.publisher.publish()


def _grown(installation: Installation) -> bool:
    """Whether something is not signed yet, or signed and not shown."""
    with installation.database.reading() as connection:
        head = log.read_head(connection)
        last = checkpoints.latest(connection)
    if head is None or last is None or head.size > last.size:
        return head is not None
    try:
        return installation.log.get(CHECKPOINT) != last.note
    except MissingEvidence:
        return True
