"""Hand jobs to the broker: one process at a time, and two would do no harm.

The order of its steps: the broker confirms a message, then the job is noted as handed over. A crash in
between sends the message again; the second one finds the job taken or done.
"""

import logging
import secrets
import threading
import time
from datetime import timedelta
from typing import Any, Final

from amqp.exceptions import AMQPError  # type: ignore[import-untyped]  # amqp has no types
from kombu.exceptions import KombuError

from gateway.store import job_leases, schedules
from gateway.store.jobs import Job
from gateway.tasks import owner
from gateway.tasks.broker import TASK, application
from gateway.tasks.outbox import CAUSED
from gateway.tasks.runner import Duties, Runner
from gateway.wiring import Installation
from ledger.errors import LedgerError

TURN: Final = timedelta(seconds=10)  # how long a relay that died keeps others from it
LOST_AFTER: Final = timedelta(seconds=30)  # a message that nobody took by then is sent again
LOOK_S: Final = 0.25
SILENT_S: Final = 1.0  # between attempts to reach a broker that does not answer
SWEEP_S: Final = 2.0
BATCH: Final = 100
logger = logging.getLogger("lotproof.relay")


class Relay:
    """Sends messages about jobs that may start. ``round`` is safe to be run by any number of processes."""

    def __init__(self, installation: Installation, *, lost_after: timedelta = LOST_AFTER) -> None:
        self._installation = installation
        self._lost_after = lost_after
        self._name = f"{owner.this_process()}#{secrets.token_hex(4)}"  # two of one process are two
        self._app = application(installation.settings.broker_url.get_secret_value())
        self._producer: Any = None
        self._silent = False

    def round(self) -> int:
        """Hand over what waits, if it is this relay's turn; returns how many messages were confirmed.

        Raises LedgerError when the database cannot be asked.
        """
        if not self._has_turn():
            return 0
        now = self._installation.clock.now()
        with self._installation.database.reading() as connection:
            waiting = job_leases.to_hand_over(connection, now, before=now - self._lost_after, limit=BATCH)
        try:
            if self._silent:
                self._connected()
            sent = [job.n for job in waiting if self._send(job)]
        except (KombuError, AMQPError, OSError) as error:
            self._is_silent(error)
            return 0
        self._answers()
        if sent:
            self._installation.writer.do(
                lambda ledger: job_leases.hand_over(ledger.connection, sent, self._installation.clock.now())
            )
        return len(sent)

    @property
    def is_silent(self) -> bool:
        """Whether the broker did not answer at the last look."""
        return self._silent

    def close(self) -> None:
        """Let another relay have the turn at once."""
        self._disconnect()
        try:
            self._installation.writer.do(
                lambda ledger: schedules.let_go_of_relay(
                    ledger.connection, self._name, self._installation.clock.now()
                )
            )
        except LedgerError as error:
            logger.warning("the relay's turn ends by itself: %s", error)

    def _has_turn(self) -> bool:
        """A turn is renewed when a third of it has passed: every look would be a write."""
        now = self._installation.clock.now()
        with self._installation.database.reading() as connection:
            standing = schedules.relay(connection)
        if standing is not None and now + TURN * 2 / 3 < standing.until <= now + TURN:
            return standing.holder == self._name
        if standing is not None and standing.holder != self._name and now < standing.until <= now + TURN:
            return False
        return self._installation.writer.do(
            lambda ledger: schedules.hold_relay(
                ledger.connection, self._name, self._installation.clock.now(), TURN
            )
        )

    def _send(self, job: Job) -> bool:
        self._app.send_task(TASK, args=(job.id, job.request_id), producer=self._connected(), retry=False)
        return True

    def _connected(self) -> Any:
        """A producer whose channel confirms what it is given."""
        if self._producer is None:
            connection = self._app.connection_for_write()
            connection.connect()
            self._producer = self._app.amqp.Producer(connection, auto_declare=True)
        return self._producer

    def _disconnect(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                producer.connection.release()
            except (KombuError, AMQPError, OSError):
                logger.debug("the connection was gone already")

    def _is_silent(self, error: Exception) -> None:
        self._disconnect()
        if not self._silent:
            logger.warning("the broker does not answer, jobs wait for it: %s", type(error).__name__)
        self._silent = True
        now = self._installation.clock.now()
        self._installation.writer.do(lambda ledger: schedules.broker_answers(ledger.connection, now))

    def _answers(self) -> None:
        with self._installation.database.reading() as connection:
            standing = schedules.relay(connection)
        if self._silent or (standing is not None and standing.silent_since is not None):
            logger.warning("the broker answers again")
            self._installation.writer.do(lambda ledger: schedules.broker_answers(ledger.connection, None))
        self._silent = False


class RelayThread:
    """Runs a relay until it is told to stop."""

    def __init__(self, installation: Installation, duties: Duties) -> None:
        self._installation = installation
        self._runner = Runner(installation, duties)  # it only takes back what dead workers held
        self._swept_at = -SWEEP_S
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        CAUSED.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        relay = Relay(self._installation)
        while not self._stopping.is_set():
            try:
                self._sweep()
                sent = relay.round()
            except LedgerError as error:
                logger.warning("jobs wait: %s", error)
                sent = 0
            except Exception:
                logger.exception("the relay failed in a way nobody expected; it will try again")
                sent = 0
            if not sent:
                if relay.is_silent:
                    self._stopping.wait(SILENT_S)
                elif CAUSED.wait(LOOK_S):
                    CAUSED.clear()
                    self._stopping.wait(0.005)  # until it is committed
        relay.close()

    def _sweep(self) -> None:
        now = time.monotonic()
        if now - self._swept_at >= SWEEP_S:
            self._swept_at = now
            self._runner.sweep()
