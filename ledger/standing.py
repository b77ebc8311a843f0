"""Where a log stands between sequenced and visible, read without any key."""

from dataclasses import dataclass

from ledger.core.checkpoint import LogKey, open_checkpoint
from ledger.core.cosignature import COSIGNATURE_ED25519, timestamp_of
from ledger.core.note import Note
from ledger.core.policy import Policy
from ledger.errors import MissingEvidence
from ledger.ports import ObjectStore
from ledger.rollback import CHECKPOINT
from ledger.store import checkpoints, log
from ledger.store.database import Database


@dataclass(frozen=True, slots=True)
class Standing:
    """size: entries sequenced; signed, visible: sizes of the newest signed and of the visible tree.

    waiting: something is sequenced and not visible, or visible and not noted. unwitnessed_since: the
    log's time at which the first tree was signed that nobody may see yet, "" when there is none.
    cosigned_at: POSIX seconds of the oldest cosignature on the visible checkpoint, None without one.
    """

    size: int
    signed: int
    visible: int
    waiting: bool
    unwitnessed_since: str
    cosigned_at: int | None


def read_standing(
    database: Database, objects: ObjectStore, key: LogKey, policy: Policy | None = None
) -> Standing:
    """policy: what publication demands; its witnesses are those whose times count.

    Raises ProofError when the visible checkpoint is not signed by ``key``.
    """
    with database.reading() as connection:  # before the objects: what is shown by then may be larger
        head = log.read_head(connection)
        last = checkpoints.latest(connection)
        noted = checkpoints.last_published(connection)
    visible, cosigned_at = 0, None
    try:
        note = objects.get(CHECKPOINT)
        visible = open_checkpoint(note, key).size
        cosigned_at = _oldest(note, policy)
    except MissingEvidence:
        note = b""
    size, signed = head.size if head else 0, last.size if last else 0
    with database.reading() as connection:
        first = checkpoints.first_after(connection, visible)
    return Standing(
        size=size,
        signed=signed,
        visible=visible,
        waiting=not size == visible == (noted or 0),
        unwitnessed_since=first.signed_at if first else "",
        cosigned_at=cosigned_at,
    )


def _oldest(note: bytes, policy: Policy | None) -> int | None:
    witnesses = policy.witnesses.values() if policy else ()
    wanted = {(witness.name, witness.id) for witness in witnesses if witness.kind == COSIGNATURE_ED25519}
    lines = Note.parse(note).signatures
    return min((timestamp_of(s.blob) for s in lines if (s.name, s.key_id) in wanted), default=None)
