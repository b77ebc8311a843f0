"""Integrate and publish: tiles from entries, one signature a tree size, visible last.

Any step may die and be run again:
    compared                with what was ever shown of this log; behind it, nothing is signed
    log.heads recorded      a log that ends with it gets no second one
    tiles written           the same entries give the same bytes; objects are created, never replaced
    checkpoint signed       committed before it is shown; the size is never signed again
    signed head kept        outside the database, before any witness or reader sees it
    cosignatures collected  each verified and stored; without the quorum the old checkpoint stays
    checkpoint visible      the only object that changes, and it never shrinks

While one log key follows another, each tree is signed by both (``ledger.core.log_keys``); the first such
tree is the handover, which is published beside the tiles before anything else shows the new key.

One publisher works at a time: ``ledger.store.turns``.
"""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Connection

from ledger import heal, integrate, rollback
from ledger.close import close_with_heads
from ledger.core import log_keys
from ledger.core.checkpoint import Checkpoint, open_checkpoint, signed_by_all
from ledger.core.cosignature import timestamp_of
from ledger.core.envelope import print_at
from ledger.core.keys import VerifierKey
from ledger.core.log_keys import LogKeys
from ledger.core.note import Note
from ledger.errors import MissingEvidence, Rollback, StorageError
from ledger.log_keys import LedgerKeys, handover_bytes, stored_keys
from ledger.ports import Clock, ObjectStore, Signer
from ledger.quorum import Quorum
from ledger.record import Ledger
from ledger.rollback import ADVICE, ARCHIVE, CHECKPOINT, SIGNED_HEAD, Known
from ledger.store import checkpoints, log, turns
from ledger.store.checkpoints import SignedHead
from ledger.store.database import Database
from ledger.writer import Writer


class Publisher:
    """Makes what was sequenced visible. log_signer signs checkpoints, heads_signer ``log.heads``."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        objects: ObjectStore,
        *,
        log_signer: Signer,
        heads_signer: Signer,
        clock: Clock,
        lock_file: Path | None = None,
        beside: ObjectStore | None = None,
        quorum: Quorum | None = None,
        other_log_signer: Callable[[bytes], Signer | None] | None = None,
    ) -> None:
        """lock_file: shared by every process that publishes this log; None where there is only one.

        other_log_signer: while the log changes its key, the signer of a public key, where it is at
        hand and shall sign. It is asked each time, so that a process need not start again.

        beside: keeps the signed-head file, outside the database. quorum: who must have cosigned
        before a checkpoint is visible; None for nobody.
        """
        self._database = database
        self._writer = writer
        self._objects = objects
        self._log_signer = log_signer
        self._other_log_signer = other_log_signer or (lambda _public_key: None)
        self._heads_signer = heads_signer
        self._clock = clock
        self._lock = threading.Lock()
        self._lock_file = lock_file
        self._beside = beside
        self._quorum = quorum
        self._compared = False  # with the witnesses, at least once
        self._healed = False  # objects that were missing, since this publisher knows of it
        self._handed_over = 0  # handovers that this publisher saw published

    def publish(self, *, refresh: bool = False) -> Checkpoint:
        """Publish every entry sequenced so far and return the visible checkpoint.

        Waits for a publisher at work. refresh: ask every witness for a newer cosignature even
        though the log has not grown. Raises NotVisible when the witnesses that the policy demands
        have not cosigned: then the old checkpoint stays. Raises Rollback when what was shown before
        is not in this database: it lost history, or has another one. Raises StorageConflict when a
        tile exists with other bytes, StorageError when the entries are no tree to sign; then
        nothing was signed.
        """
        with self._lock, turns.held(self._lock_file), turns.locked(self._database):
            try:
                return self._publish(refresh=refresh)
            except MissingEvidence:
                self._healed = False  # the next round makes it again
                raise

    def _publish(self, *, refresh: bool) -> Checkpoint:
        keys = self._keys()
        with self._database.reading() as connection:
            ask = not (self._compared and _is_signed(connection))
        known = self._known(keys, ask=ask)  # before the snapshot: what is shown by now is in it
        with self._database.reading() as connection:
            rollback.check(connection, known)
        self._compared = True
        size, epoch = self._writer.do(self._close, alone=True)
        with self._database.reading() as connection:
            head = log.read_head(connection)
            last = checkpoints.latest(connection)
            assert head is not None
            if last is not None:
                self._heal(connection, last, grows=last.size < size)
            if last is None or last.size < size:
                integrate.write_tiles(connection, self._objects, last.size if last else 0, size)
                root = integrate.checked_root(connection, self._objects, size, last, head)
        if last is None or last.size < size:
            note = self._sign(Checkpoint(keys.name, size, root))
            last = self._writer.do(lambda ledger: self._store(ledger, size, root, note, epoch))
        self._keep(last)
        with self._database.reading() as connection:
            keys = stored_keys(connection)  # a handover that was signed just now is one from now on
        lines = [] if self._quorum is None else self._quorum.collect(last, keys, refresh=refresh)
        return self._show(last, keys, lines, epoch)

    def _heal(self, connection: Connection, last: SignedHead, *, grows: bool) -> None:
        """The last signed tree has its objects: those that are gone come back, others stop us."""
        if grows or not self._healed:
            heal.check_edge(connection, self._objects, last.size)
        if not self._healed:
            heal.create_missing(connection, self._objects, last)
            self._healed = True

    def _keys(self) -> LogKeys:
        """The log's keys; those that the next tree must be signed with are at hand."""
        with self._database.reading() as connection:
            head = log.read_head(connection)
            if head is None:
                raise MissingEvidence("the log is not opened yet")
            keys = stored_keys(connection)
        for key in keys.required(head.size + 1):
            self._required_signer(key)
        if self._quorum is not None:
            self._quorum.check_lists(keys)
        return keys

    def _required_signer(self, key: VerifierKey) -> Signer:
        signer = self._other_log_signer(key.public_key) or self._log_signer
        if signer.public_key != key.public_key:
            raise StorageError(f"the key at hand is not the log's key {key.id.hex()}, which must sign")
        return signer

    def _known(self, keys: LogKeys, *, ask: bool) -> list[Known]:
        """Every head that others may have seen. ask: the witnesses, too, as before a signature."""
        key = LedgerKeys(self._database, keys.first, self._objects)
        known = [rollback.remembered(self._objects, CHECKPOINT, "the visible checkpoint", key)]
        if self._beside is not None:
            known.append(rollback.remembered(self._beside, SIGNED_HEAD, "the signed-head file", key))
        seen = [one for one in known if one is not None]
        if ask and self._quorum is not None:
            seen += rollback.witnessed(self._quorum.witnesses, key)[0]
        return seen

    def _close(self, ledger: Ledger) -> tuple[int, int]:
        size = close_with_heads(ledger, self._writer, self._heads_signer, self._clock)
        return size, turns.take(ledger.connection)

    def _sign(self, checkpoint: Checkpoint) -> bytes:
        """Outside any transaction: a key may be far away. Nobody sees the note before it is stored."""
        with self._database.reading() as connection:  # what the tree holds was recorded by now
            keys = stored_keys(connection)
        required = keys.required(checkpoint.size)
        former = keys.former if required[-1] == keys.newest and keys.former not in required else None
        signers = [(key, self._required_signer(key)) for key in required]
        signer = self._other_log_signer(former.public_key) if former is not None else None
        if former is not None and signer is not None:
            signers.insert(0, (former, signer))
        message = checkpoint.text.encode()
        return str(signed_by_all(checkpoint, [(key, one.sign(message)) for key, one in signers])).encode()

    def _store(self, ledger: Ledger, size: int, root: bytes, note: bytes, epoch: int) -> SignedHead:
        """Make the signed tree of ``size`` the only one for ever, durable before anyone sees it."""
        last = checkpoints.latest(ledger.connection)
        if last is not None and last.size == size and last.root != root:
            raise Rollback(f"two histories of {size} entries: another root is signed already; {ADVICE}")
        if last is not None and last.size >= size:
            return last  # another publisher was quicker
        turns.check(ledger.connection, epoch)
        head = SignedHead(size, root, note, ledger.recorded_at)
        checkpoints.add(ledger.connection, head)
        return head

    def _keep(self, head: SignedHead) -> None:
        """Remember the newest signed head outside the database, before anyone else is told of it."""
        if self._beside is None:
            return
        try:
            standing = self._beside.get(SIGNED_HEAD)
        except MissingEvidence:
            standing = b""
        if standing != head.note:
            self._beside.replace(SIGNED_HEAD, head.note)

    def _show(self, head: SignedHead, keys: LogKeys, lines: Sequence[str], epoch: int) -> Checkpoint:
        """Make ``head`` visible, unless a larger tree is by now; returns what is visible."""
        visible = rollback.remembered(self._objects, CHECKPOINT, "the visible checkpoint", keys)
        if visible is not None and visible.checkpoint.size > head.size:
            return visible.checkpoint
        note = head.note + "".join(lines).encode()
        if self._quorum is not None:
            self._quorum.check(note, head, keys, shown=visible.checkpoint.size if visible else 0)
        self._hand_over(keys, head.size)
        if visible is not None and not _adds(note, visible.note):
            note = visible.note
        else:
            with self._database.reading() as connection:
                turns.check(connection, epoch)
            self._objects.create(f"{ARCHIVE}/{head.size}", head.note)
            self._objects.replace(CHECKPOINT, note)
        # Visible. A crash here leaves it unnoted; the next round finds it and notes it.
        with self._database.reading() as connection:
            noted = checkpoints.last_published(connection)
        if noted is None or noted < head.size:
            at = print_at(self._clock.now())
            self._writer.do(lambda ledger: checkpoints.note_published(ledger.connection, [head.size], at))
        return open_checkpoint(note, keys)

    def _hand_over(self, keys: LogKeys, size: int) -> None:
        """Publish every handover up to ``size``: a reader of the new key's signature finds it there."""
        due = [one for one in keys.changes if one.handover is not None and one.handover <= size]
        while self._handed_over < len(due):
            number = self._handed_over + 1
            with self._database.reading() as connection:
                data = handover_bytes(connection, self._objects, keys, number)
            self._objects.create(log_keys.object_key(number), data)
            self._handed_over = number


def _is_signed(connection: Connection) -> bool:
    """Whether the newest signed head covers every entry."""
    head, last = log.read_head(connection), checkpoints.latest(connection)
    return head is not None and last is not None and last.size == head.size


def _adds(note: bytes, visible: bytes) -> bool:
    """Whether ``note`` says something that the visible checkpoint does not: a tree, or a newer time."""
    new, old = Note.parse(note), Note.parse(visible)
    if new.text != old.text:
        return True
    times = {(s.name, s.key_id): timestamp_of(s.blob) for s in old.signatures}
    return any(times.get((s.name, s.key_id), -1) < timestamp_of(s.blob) for s in new.signatures)
