"""What ``lotproof serve`` does beside answering: one round every few seconds, each step safe to repeat."""

import logging
import threading

from exporters.errors import ExportersError
from gateway.publication import visible_checkpoint
from gateway.store import trade
from gateway.wiring import Installation
from gateway.workflows import erase
from gateway.workflows.compare import compare
from gateway.workflows.recheck import recheck
from gateway.workflows.ship_order import ship_order
from ledger.errors import LedgerError, NotVisible, Rollback
from ledger.standing import read_standing

INTERVAL_S = 5
logger = logging.getLogger("lotproof.housekeeping")


class Housekeeping:
    """A thread that has what was sequenced published, withdraws what lost its ground, and packs orders.

    A rollback stops it for good, and with it all recording: a longer log would be a second history.
    """

    def __init__(self, installation: Installation, interval_s: float = INTERVAL_S) -> None:
        self.rolled_back = False
        self._installation = installation
        self._interval_s = interval_s
        self._rechecked = 0  # the visible tree size at which offers were judged last
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Return when the round that runs has ended."""
        self._installation.stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def refuse(self, error: Rollback) -> None:
        """Read only from now on: pages and audits answer, nothing is recorded or signed."""
        self.rolled_back = True
        self._installation.writer.refuse(error)
        logger.critical("READ ONLY, stopped publishing and recording: %s", error)

    def _run(self) -> None:
        while not self.rolled_back and not self._installation.stopping.wait(self._interval_s):
            try:
                compare(self._installation, ask=False)
                self._rechecked = tidy(self._installation, rechecked=self._rechecked)
            except Rollback as error:
                self.refuse(error)
            except LedgerError:
                logger.exception("a round failed and will be tried again")
            except Exception:
                logger.exception("a round failed in a way nobody expected; it will be tried again")


def tidy(installation: Installation, *, rechecked: int = 0) -> int:
    """One round. Does nothing while nothing has happened and no order waits.

    rechecked: the visible tree size at which the offers were judged last; returns that of now.
    """
    if not erase.purge_due(installation):
        logger.warning("erased values are still in the database's files; the next round purges them")
    covered = _published(installation)
    visible = visible_checkpoint(installation.log, installation.vkey)
    size = visible.size if visible else 0
    if size != rechecked:
        recheck(installation)
    if not covered:
        return size  # papers need a checkpoint over what they say
    with installation.database.reading() as connection:
        waiting = [order.id for order in trade.orders(connection) if order.state != "shipped"]
    for order in waiting:
        try:
            ship_order(installation, order)  # in the demo the warehouse packs at once
        except Rollback:
            raise
        except (LedgerError, ExportersError):
            logger.exception("order %s could not be packed; it waits for the next round", order)
    _published(installation)
    return size


def _published(installation: Installation) -> bool:
    """See to it that everything sequenced is visible; False when it cannot be for now."""
    if not read_standing(installation.database, installation.log, installation.vkey).waiting:
        return True
    try:
        installation.publisher.publish()
    except NotVisible as error:
        logger.warning("%s", error)
        return False
    return True
