"""Readings of codes on their way to the database: noted in memory, written together every two seconds.

No page waits for a write. A process that is killed loses the readings since it wrote last; one that is
stopped writes them first. What does not fit is dropped and counted, never the page.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Final

from gateway.wiring import Installation
from gateway.workflows import scan_history
from gateway.workflows.scan_history import Note
from ledger.errors import LedgerError

INTERVAL_S: Final = 2.0
NOTES_MAX: Final = 10_000  # of different networks and codes; more of the same take no more room
AT_ONCE: Final = 500  # notes a transaction: the ledger's writer is not held up
logger = logging.getLogger("lotproof.readings")


class ReadingBook:
    """What was noted and is not written yet. told: hears how many readings were dropped."""

    def __init__(
        self,
        installation: Installation,
        *,
        told: Callable[[int], object] = lambda _count: None,
        notes_max: int = NOTES_MAX,
    ) -> None:
        self._installation = installation
        self._told = told
        self._notes_max = notes_max
        self._lock = threading.Lock()
        self._noted: Counter[Note] = Counter()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, code: str, country: str, address: str) -> None:
        """A stranger opened the page of ``code``. country: "" unknown. address: of the connection."""
        at = self._installation.wall_clock.now()
        self._add({Note.of(code, at, country, address): 1})

    def write(self) -> int:
        """Count everything that was noted; how many readings. What cannot be written now stays noted."""
        with self._lock:
            due, self._noted = self._noted, Counter()
        written, waiting = 0, iter(sorted(due, key=lambda note: note.code))
        while batch := {note: due[note] for note in islice(waiting, AT_ONCE)}:
            try:
                scan_history.write(self._installation, batch)
            except LedgerError as error:
                self._add(batch | {note: due[note] for note in waiting})
                logger.warning("readings of codes are not written yet: %s", error)
                break
            written += sum(batch.values())
        return written

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="readings", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Return when everything that could be written is."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self.write()

    def _run(self) -> None:
        while not self._stopping.wait(INTERVAL_S):
            try:
                if self._noted:
                    self.write()
            except Exception:
                logger.exception("readings of codes were lost")

    def _add(self, notes: Mapping[Note, int]) -> None:
        dropped = 0
        with self._lock:
            for note, count in notes.items():
                if note in self._noted or len(self._noted) < self._notes_max:
                    self._noted[note] += count
                else:
                    dropped += count
        if dropped:
            self._told(dropped)
            logger.warning("%d readings of codes were dropped: too many at once", dropped)
