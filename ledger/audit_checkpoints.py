"""Checkpoints that were signed on the way, each compared when the recomputed tree has its size."""

from typing import Any

from ledger.audit_report import Finding
from ledger.core.checkpoint import Checkpoint, open_checkpoint
from ledger.core.encoding import decode_decimal
from ledger.core.keys import VerifierKey
from ledger.errors import MissingEvidence, ProofError, StorageError
from ledger.ports import ObjectStore
from ledger.replay import Replay

ARCHIVE = "checkpoints"  # checkpoints/<size>: beside the tiles, one for each that was visible


class ArchivedCheckpoints:
    """Those among the published objects, where a store can list what it has."""

    def __init__(self, objects: ObjectStore, *, start: int) -> None:
        """start: checkpoints of trees up to this size were compared before."""
        self.found: list[tuple[int, Finding]] = []  # with the number of entries that it took
        self._objects = objects
        sizes = {_size_of(key) for key in objects.keys(ARCHIVE)}
        self._sizes = {size for size in sizes if size > start}

    def passed(self, replay: Replay) -> None:
        """The tree has another entry."""
        size = replay.size
        if size not in self._sizes:
            return
        key = f"{ARCHIVE}/{size}"
        try:
            problem = difference(self._objects.get(key), replay)
        except (MissingEvidence, StorageError) as error:
            self.found.append((size, Finding("missing", "checkpoints", f"{key}: {error}", size - 1)))
            return
        if problem:
            self.found.append((size, Finding("wrong", "checkpoints", f"{key}: {problem}", size - 1)))


def difference(note: Any, replay: Replay) -> str:
    """What keeps ``note`` from being the log's checkpoint of the tree as it is now, or ""."""
    try:
        shown = _opened(note, replay)
    except ProofError as error:
        return str(error)
    return "" if (shown.size, shown.root) == (replay.size, replay.root()) else "has another root"


def _opened(note: Any, replay: Replay) -> Checkpoint:
    """A checkpoint under the key that is the log's here."""
    if not isinstance(note, bytes):
        raise ProofError("the note is no note")
    assert replay.point.log is not None
    in_force = replay.point.log_keys[-1][1]
    return open_checkpoint(note, VerifierKey(replay.point.log.origin, in_force))


def _size_of(key: str) -> int:
    try:
        return decode_decimal(key.removeprefix(f"{ARCHIVE}/"))
    except ProofError:
        return 0  # no checkpoint: nothing it could say about the log
