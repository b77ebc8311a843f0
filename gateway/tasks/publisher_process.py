"""The publisher as a child of the server: started with it, started again when it dies, stopped with it."""

import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

from gateway.wiring import Installation
from ledger.errors import NotVisible

ROLLBACK_EXIT = 5
PAUSE_MIN_S, PAUSE_MAX_S = 1.0, 30.0
STOP_S = 15.0  # a round may still be at work
logger = logging.getLogger("lotproof.publisher")


def command_of(installation: Installation) -> list[str]:
    """What to run. It ends when its standard input does, so that a killed server leaves no publisher."""
    options = ["--watch", "--until-input-ends", "--home", str(installation.home)]
    return [sys.executable, "-m", "gateway.cli", "publish", *options]


class PublisherProcess:
    """Keeps one child alive. It says a line when it is at work; what it complains of goes to stderr.

    While it cannot start at all (no key, a wrong passphrase), nothing is recorded: entries that nobody
    will ever sign are no evidence. rolled_back: called once, when it found history missing.
    """

    def __init__(
        self,
        installation: Installation,
        rolled_back: Callable[[], None],
        *,
        command: Sequence[str] | None = None,
        pause_min_s: float = PAUSE_MIN_S,
    ) -> None:
        self._installation = installation
        self._rolled_back = rolled_back
        self._command = list(command or command_of(installation))
        self._pause_min_s = pause_min_s
        self._stopping = threading.Event()
        self._child: subprocess.Popen[str] | None = None
        self._refusing = False
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)

    @property
    def pid(self) -> int | None:
        child = self._child
        return None if child is None else child.pid

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Return when the child has ended; a round that runs comes to its end first."""
        self._stopping.set()
        child = self._child
        if child is not None and child.stdin is not None:
            child.terminate()
        self._thread.join(STOP_S)
        if self._thread.is_alive() and child is not None:
            child.kill()
            self._thread.join()

    def _run(self) -> None:
        pause_s = self._pause_min_s
        while not self._stopping.is_set():
            worked, code = self._live()
            if self._stopping.is_set():
                return
            if code == ROLLBACK_EXIT:
                self._rolled_back()
                return
            if code > 0 and not worked:
                self._refuse()
            pause_s = self._pause_min_s if worked else min(2 * pause_s, PAUSE_MAX_S)
            self._stopping.wait(pause_s)

    def _live(self) -> tuple[bool, int]:
        """One life of the child: whether it came to work, and how it ended."""
        worked = False
        try:
            started = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,  # Ctrl-C is for the server, which then stops its child in order
            )
        except OSError:
            logger.exception("the publisher cannot be started")
            return False, 1
        with started as child:
            self._child = child
            if self._stopping.is_set():
                child.terminate()
            assert child.stdout is not None
            for _line in child.stdout:
                worked = True
                self._allow()
        self._child = None
        return worked, child.returncode

    def _refuse(self) -> None:
        self._refusing = True
        self._installation.writer.refuse(
            NotVisible(
                "nothing can be signed, so nothing is recorded: the publisher does not start; "
                "see: lotproof doctor"
            )
        )

    def _allow(self) -> None:
        if self._refusing:
            self._refusing = False
            self._installation.writer.refuse(None)
