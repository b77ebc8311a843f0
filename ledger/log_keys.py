"""The keys of a log as its own database shows them, and the handovers that it publishes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection, bindparam, literal_column, select

from ledger.audit_source import fetch
from ledger.core import log_keys, merkle, tiles
from ledger.core.keys import VerifierKey
from ledger.core.leaf import Leaf
from ledger.core.log_keys import LogKeys
from ledger.core.proof import InclusionProof
from ledger.errors import InvalidRecord, MissingEvidence, ProofError, StorageError
from ledger.handovers import published
from ledger.ports import ObjectStore
from ledger.store import checkpoints, log
from ledger.store.database import Database
from ledger.store.log import CHAIN, ENTRIES
from ledger.store.statements import Statement

_CHANGES = Statement(  # they extend the operator's party, which saves a look at every entry
    select(ENTRIES.c.idx, ENTRIES.c.leaf)
    .join(CHAIN, CHAIN.c.idx == ENTRIES.c.idx)
    .where(CHAIN.c.subject == bindparam("operator"), ENTRIES.c.type == literal_column(f"'{log_keys.TYPE}'"))
    .order_by(ENTRIES.c.idx)
)


def stored_keys(connection: Connection, first: VerifierKey | None = None) -> LogKeys:
    """The keys of the log that this database holds, each handover verified. first: pinned elsewhere.

    Raises MissingEvidence while the log is not opened, StorageError when a key took over that the one
    before did not sign for, or when entry 0 names another key than ``first``.
    """
    encoded, head = log.leaf(connection, 0), log.read_head(connection)
    if encoded is None or head is None:
        raise MissingEvidence("the log is not opened yet")
    try:
        opened = Leaf.parse(encoded).record.body
        keys = LogKeys(VerifierKey(opened.origin, bytes.fromhex(str(opened.data["log_key"]))))
        if first is not None and keys.first != first:
            raise StorageError(f"entry 0 names another log key than {first}")
        for index, data in list(_CHANGES.stream(connection, operator=opened.data["operator"])):
            signed = checkpoints.first_after(connection, index)
            key = log_keys.key_named_by(Leaf.parse(data))
            keys = keys.changed(index, key, signed.note if signed else None)
    except (InvalidRecord, ProofError, LookupError, TypeError, ValueError) as error:
        raise StorageError(f"the keys of the log cannot be read: {error}; see: lotproof fsck") from error
    return keys


class LedgerKeys:
    """What opens the checkpoints of an installation: asks its database each time, for keys follow keys."""

    def __init__(self, database: Database, first: VerifierKey, objects: ObjectStore | None = None) -> None:
        """first: the key that the installation began with, from outside the database.

        objects: where handovers stand that this database lost, when a checkpoint goes beyond it.
        """
        self.first = first
        self._database = database
        self._objects = objects

    @property
    def name(self) -> str:
        return self.first.name

    def __str__(self) -> str:
        """The vkey in force."""
        return str(self.now().newest)

    def now(self, *, size: int = 0) -> LogKeys:
        """size: of a tree that is asked about; one beyond the database may have been handed over."""
        with self._database.reading() as connection:
            head = log.read_head(connection)
            keys = LogKeys(self.first) if head is None else stored_keys(connection, self.first)
        known = tuple(change for change in keys.changes if change.handover is not None)
        beyond = size > (head.size if head else 0)
        if self._objects is not None and (beyond or len(known) < len(keys.changes)):
            handovers = list(published(self._objects))[len(known) :]
            if handovers:
                keys = replace(keys, changes=known)
            for one in handovers:
                keys = keys.changed(one.index, one.key, one.note)
        return keys

    def required(self, size: int) -> Sequence[VerifierKey]:
        return self.now(size=size).required(size)

    def every(self) -> Sequence[VerifierKey]:
        return self.now().every()


def handover_bytes(connection: Connection, objects: ObjectStore, keys: LogKeys, number: int) -> bytes:
    """The published form of a handover that was signed. number: from 1 on."""
    change = keys.changes[number - 1]
    size = change.handover
    assert size is not None, "a handover is published once it is signed"
    head, leaf = checkpoints.of_size(connection, size), log.leaf(connection, change.index)
    if head is None or leaf is None:
        raise StorageError(f"the handover of entry {change.index} is not whole here; see: lotproof fsck")
    hashes = tiles.TileHashes(size, lambda tile: fetch(objects, tile))
    path = tuple(merkle.inclusion_path(change.index, size, hashes))
    return bytes(InclusionProof(change.index, path, head.note, leaf))


def due_handovers(connection: Connection, objects: ObjectStore) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of every handover that was visible. Raises StorageError where they cannot be made."""
    if log.read_head(connection) is None:
        return  # a log that is not opened yet has no key to hand over
    keys, shown = stored_keys(connection), checkpoints.last_published(connection) or 0
    for number, change in enumerate(keys.changes, start=1):
        if change.handover is not None and change.handover <= shown:
            yield log_keys.object_key(number), handover_bytes(connection, objects, keys, number)
