"""Does this database hold everything that was ever shown of its log? Whoever signs asks first.

Three places outside the database remember: the signed-head file beside it, the visible checkpoint,
and the witnesses. A restored backup, a copied database and a second publisher all show themselves
as a head, signed by our own key, that is larger than the log or has another root.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Thread

from sqlalchemy import Connection

from ledger.adapters.witness_http import EXCHANGE_S, WAIT_S, WitnessClient
from ledger.core import merkle
from ledger.core.checkpoint import Checkpoint, LogKey, open_checkpoint
from ledger.core.keys import VerifierKey
from ledger.errors import MissingEvidence, ProofError, Rollback, StorageConflict, StorageUnavailable
from ledger.ports import ObjectStore
from ledger.store import checkpoints, log

CHECKPOINT = "checkpoint"  # what everybody sees
SIGNED_HEAD = "signed-head"  # beside the database: the note signed last
ARCHIVE = "checkpoints"  # checkpoints/<size>: each visible checkpoint as the log signed it
ADVICE = "nothing more is signed; see: lotproof doctor"
_READ_AT_ONCE = 4096  # leaf hashes


@dataclass(frozen=True, slots=True)
class Known:
    """A head that was signed with the log's key, and where it is remembered. note: as found there."""

    where: str
    checkpoint: Checkpoint
    note: bytes


def remembered(store: ObjectStore, name: str, where: str, key: LogKey) -> Known | None:
    """What stands under ``name``; None when nothing does. Raises StorageConflict when it is not ours."""
    try:
        note = store.get(name)
    except MissingEvidence:
        return None
    try:
        return Known(where, open_checkpoint(note, key), note)
    except ProofError as error:
        raise StorageConflict(f"{where} is not ours: {error}") from error


def witnessed(witnesses: Sequence[WitnessClient], key: LogKey) -> tuple[list[Known], dict[str, str]]:
    """What the witnesses show of this log, and by name why some show nothing.

    A checkpoint without our own signature is no evidence: a lying witness cannot stop the log.
    """
    answers: Queue[tuple[str, Known | None, str]] = Queue()
    for witness in witnesses:
        asking = Thread(target=lambda w=witness: answers.put(_shown(w, key)), daemon=True)
        asking.start()
    known, silent = [], {witness.name: "it does not answer in time" for witness in witnesses}
    try:
        for _ in witnesses:
            name, found, why = answers.get(timeout=WAIT_S + EXCHANGE_S)
            del silent[name]
            if found is not None:
                known.append(found)
            elif why:
                silent[name] = why
    except Empty:
        pass
    return known, silent


def opened(witness: WitnessClient, note: bytes, key: LogKey) -> Known:
    """A witness's own copy of our checkpoint. Raises ProofError when we did not sign it.

    It keeps the signatures that it verified, so any key that was ever the log's is enough here.
    """
    where = f"witness {witness.name}"
    if isinstance(key, VerifierKey):
        return Known(where, open_checkpoint(note, key), note)
    try:
        return Known(where, open_checkpoint(note, key), note)
    except ProofError as error:
        failed = error
    for one in key.every():
        try:
            return Known(where, open_checkpoint(note, one), note)
        except ProofError:
            continue
    raise failed


def check(connection: Connection, known: Iterable[Known]) -> None:
    """Raise Rollback when a known head is not one of this database's own trees."""
    head = log.read_head(connection)
    size = 0 if head is None else head.size
    last = checkpoints.latest(connection)
    if last is not None and last.size > size:
        raise Rollback(
            f"this database signed a tree of {last.size} entries and holds {size}: history was lost; {ADVICE}"
        )
    for one in known:
        shown = one.checkpoint
        if shown.size > size:
            raise Rollback(
                f"{one.where} is a tree of {shown.size} entries, this database has {size}: "
                f"history was lost; {ADVICE}"
            )
        if root_at(connection, shown.size) != shown.root:
            raise Rollback(
                f"two histories of {shown.size} entries: the root in {one.where} is not ours; {ADVICE}"
            )


def root_at(connection: Connection, size: int) -> bytes:
    """The root signed for ``size``, or else the one that the entries give. size <= entries."""
    ours = checkpoints.of_size(connection, size)
    if ours is not None:
        return ours.root
    edge = merkle.CompactRange()
    for start in range(0, size, _READ_AT_ONCE):
        for hash_ in log.leaf_hashes(connection, start, min(start + _READ_AT_ONCE, size)):
            edge.append(hash_)
    return edge.root()


def _shown(witness: WitnessClient, key: LogKey) -> tuple[str, Known | None, str]:
    try:
        note = witness.latest(key.name)
        return witness.name, None if note is None else opened(witness, note, key), ""
    except (StorageUnavailable, ProofError) as error:
        return witness.name, None, str(error)
    except Exception as error:  # noqa: BLE001 - a stranger's answer must not end the thread unheard
        return witness.name, None, f"its answer cannot be used: {error}"
