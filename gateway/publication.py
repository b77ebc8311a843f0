"""How something becomes visible: published here, or by the process that holds the log's keys.

A server answers strangers and therefore never opens the keys; it waits for what another process shows.
"""

import threading
from typing import Protocol

from ledger.core.checkpoint import Checkpoint, LogKey, open_checkpoint
from ledger.errors import MissingEvidence, NotVisible
from ledger.ports import ObjectStore
from ledger.rollback import CHECKPOINT
from ledger.store import log
from ledger.store.database import Database

WAIT_S = 20.0
_POLL_S = 0.1


class Publication(Protocol):
    def publish(self) -> Checkpoint:
        """Return the visible checkpoint once it covers every entry sequenced so far.

        Raises NotVisible while the public checkpoint cannot follow; the entries are safe.
        """


class PublishedElsewhere:
    """Another process publishes; this one watches the visible checkpoint."""

    def __init__(
        self,
        database: Database,
        objects: ObjectStore,
        key: LogKey,
        *,
        advice: str,
        stopping: threading.Event,
        wait_s: float = WAIT_S,
    ) -> None:
        """advice: the command that starts the process which publishes. stopping: ends every waiting."""
        self._database = database
        self._objects = objects
        self._key = key
        self._advice = advice
        self._wait_s = wait_s
        self._stopping = stopping

    def publish(self) -> Checkpoint:
        with self._database.reading() as connection:
            head = log.read_head(connection)
        if head is None:
            raise MissingEvidence("the log is not opened yet")
        waited_s = 0.0
        while True:
            visible = visible_checkpoint(self._objects, self._key)
            if visible is not None and visible.size >= head.size:
                return visible
            if waited_s >= self._wait_s or self._stopping.wait(_POLL_S):
                shown = visible.size if visible else 0
                raise NotVisible(
                    f"{head.size} entries are recorded and {shown} are visible; "
                    f"if nobody publishes, start: {self._advice}"
                )
            waited_s += _POLL_S


def visible_checkpoint(objects: ObjectStore, key: LogKey) -> Checkpoint | None:
    """What readers see; None before the first. Raises ProofError when it is not signed by ``key``."""
    try:
        return open_checkpoint(objects.get(CHECKPOINT), key)
    except MissingEvidence:
        return None
