"""Integrate and publish: tiles from entries, one signature a tree size, visible last.

Any step may die and be run again:
    log.heads recorded     a log that ends with it gets no second one
    tiles written          the same entries give the same bytes; objects are created, never replaced
    checkpoint signed      committed before it is shown; the size is never signed again
    checkpoint visible     the only object that changes, and it never shrinks

One publisher works at a time, within a process and, by a lock file, between processes.
"""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from ledger.core import canonical, heads, merkle, tiles
from ledger.core.checkpoint import Checkpoint, open_checkpoint, signed
from ledger.core.envelope import print_at, signing_input
from ledger.core.keys import VerifierKey, key_id
from ledger.core.leaf import FIRST_PREVIOUS, Leaf
from ledger.errors import (
    InvalidRecord,
    MissingEvidence,
    ProofError,
    Rollback,
    StorageConflict,
    StorageError,
    StorageUnavailable,
)
from ledger.ports import Clock, ObjectStore, Signer
from ledger.record import Entry, Ledger, Submission
from ledger.store import checkpoints, log
from ledger.store.checkpoints import SignedHead
from ledger.store.database import Database
from ledger.store.log import LogHead
from ledger.writer import Writer

CHECKPOINT = "checkpoint"


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
    ) -> None:
        """lock_file: shared by every process that publishes this log; None where there is only one."""
        self._database = database
        self._writer = writer
        self._objects = objects
        self._log_signer = log_signer
        self._heads_signer = heads_signer
        self._clock = clock
        self._lock = threading.Lock()
        self._lock_file = lock_file

    def publish(self) -> Checkpoint:
        """Publish every entry sequenced so far and return the visible checkpoint.

        Waits for a publisher at work. Raises Rollback when what was shown before is not in this
        database: it lost history, or has another one. Raises StorageConflict when a tile exists with
        other bytes, StorageError when the entries are no tree to sign; then nothing was signed.
        """
        with self._lock, _held(self._lock_file):
            return self._publish()

    def _publish(self) -> Checkpoint:
        size = self._writer.do(self._close_with_heads, alone=True)
        shown_note = self._shown_note()  # before the snapshot: whatever is shown by now is in it
        with self._database.reading() as connection:
            head = log.read_head(connection)
            last = checkpoints.latest(connection)
            assert head is not None
            key = VerifierKey(head.state.origin, bytes.fromhex(head.state.log_key))
            shown = None if shown_note is None else _opened(shown_note, key)
            ours = None if shown is None else self._check_shown(connection, shown, head)
            if last is None or last.size < size:
                self._integrate(connection, last.size if last else 0, size)
                root = self._checked_root(connection, size, last, head)
            if shown is not None and ours is None:
                self._check_extends(shown, max(size, last.size if last else 0))
        if last is None or last.size < size:
            last = self._writer.do(lambda ledger: self._sign(ledger, key, size, root))
        return self._show(last, key)

    def _close_with_heads(self, ledger: Ledger) -> int:
        """End the log with a ``log.heads`` over everything before it; returns the tree size."""
        head = ledger.head
        if head is None:
            raise MissingEvidence("the log is not opened yet")
        if head.heads_through == head.size - 1:
            return head.size  # nothing came since the last one
        values = {
            heads.subject_key(name): heads.value_hash(seq, event_id)
            for name, seq, event_id in log.heads_since(ledger.connection, head.heads_through)
        }
        for code, event_id in log.codes_since(ledger.connection, head.heads_through):
            values[heads.code_key(code)] = heads.value_hash(0, event_id)

        def read(bits: int, prefix: bytes) -> heads.Node:
            node = log.heads_node(ledger.connection, bits, prefix)
            if node is None:
                raise StorageError(f"heads node {bits}:{prefix.hex()} is missing; run lotproof rebuild")
            return node

        update = heads.Update(head.heads, read)
        new = update.put(values)
        entry = self._record_heads(ledger, new)
        log.set_heads(ledger.connection, new, through=entry.index, nodes=update.changed.values())
        return ledger.size

    def _record_heads(self, ledger: Ledger, head: heads.Head) -> Entry:
        state = ledger.head.state if ledger.head else None
        assert state is not None
        body = canonical.dumps(
            {
                "v": 1,
                "type": "log.heads",
                "origin": state.origin,
                "subjects": [],
                "refs": [],
                "signers": [
                    {
                        "party": state.heads_party,
                        "key": key_id(self._heads_signer.public_key),
                        "role": "heads",
                    }
                ],
                "at": print_at(self._clock.now()),
                "offset": "+00:00",
                "data": {"through": ledger.size, "count": head.count, "root": head.root.hex()},
                "commit": {},
            }
        )
        signature = self._heads_signer.sign(signing_input(body))
        return ledger.record(self._writer.prepare(Submission(body, (signature,))), own_heads=True)

    def _shown_note(self) -> bytes | None:
        try:
            return self._objects.get(CHECKPOINT)
        except MissingEvidence:
            return None

    def _check_shown(self, connection: Connection, shown: Checkpoint, head: LogHead) -> SignedHead | None:
        """Refuse to go on behind a checkpoint that others may have seen; returns our copy of it."""
        if shown.size > head.size:
            raise Rollback(
                f"a tree of {shown.size} entries was published, this database has {head.size}: "
                "history was lost"
            )
        ours = checkpoints.of_size(connection, shown.size)
        if ours is not None and ours.root != shown.root:
            raise Rollback(f"two histories of {shown.size} entries: the published root is not ours")
        return ours

    def _check_extends(self, shown: Checkpoint, size: int) -> None:
        """A shown tree that this database does not remember signing must be one that it holds."""
        if shown.size > size or tiles.right_edge(shown.size, self._hashes(size)).root() != shown.root:
            raise Rollback(f"two histories of {shown.size} entries: the published root is not ours")

    def _integrate(self, connection: Connection, old_size: int, size: int) -> None:
        """Write the tiles that the growth adds, bundles first, then upwards.

        From the last signed size on: everything before it was written before it was signed.
        """
        for tile in tiles.tiles_between(old_size, size):
            self._objects.create(tile.path, self._tile_bytes(connection, tile))

    def _tile_bytes(self, connection: Connection, tile: tiles.Tile) -> bytes:
        start = tile.index * tiles.WIDTH
        if tile.level < 0:
            entries = [leaf for _, leaf in log.leaves(connection, start, start + tile.width)]
            if len(entries) != tile.width:
                raise StorageError(f"entries {start}..{start + tile.width} are not all there")
            return tiles.bundle(entries)
        if tile.level == 0:
            bundle = self._objects.get(tiles.Tile(-1, tile.index, tile.width).path)
            hashes = [merkle.leaf_hash(entry) for entry in tiles.parse_bundle(bundle, tile.width)]
            if hashes != log.leaf_hashes(connection, start, start + tile.width):
                raise StorageError(f"entries {start}..{start + tile.width} do not hash to what was recorded")
            return b"".join(hashes)
        below = (
            tiles.parse_tile(self._objects.get(tiles.Tile(tile.level - 1, start + n).path), tiles.WIDTH)
            for n in range(tile.width)
        )
        return b"".join(merkle.root_of(hashes) for hashes in below)

    def _hashes(self, size: int) -> tiles.TileHashes:
        return tiles.TileHashes(size, lambda tile: self._objects.get(tile.path))

    def _checked_root(
        self, connection: Connection, size: int, last: SignedHead | None, head: LogHead
    ) -> bytes:
        """The root from the tiles just written, if the entries since ``last`` are what gives it.

        Each new entry must stand at its index and name the one before it, and the tree signed last
        with them at its right edge must be the tree of the tiles. Raises StorageError.
        """
        try:
            hashes = self._hashes(size)
            edge = tiles.right_edge(last.size if last else 0, hashes)
            if last is not None and edge.root() != last.root:
                raise StorageError(f"the tiles do not give the root signed for {last.size} entries")
            previous = hashes(0, last.size - 1).hex() if last is not None else FIRST_PREVIOUS
            leaf: Leaf | None = None
            for index, encoded in log.leaves(connection, edge.size, size):
                leaf = Leaf.parse(encoded)
                if (leaf.index, leaf.previous) != (index, previous) or index != edge.size:
                    raise StorageError(f"entry {index} is not linked to the entry before it")
                edge.append(leaf.hash)
                previous = leaf.hash.hex()
            root = tiles.right_edge(size, hashes).root()
        except (InvalidRecord, ProofError, TypeError) as error:  # TypeError: a column of another kind
            raise StorageError(f"the entries are no tree to sign: {error}") from error
        if edge.size != size or edge.root() != root:
            raise StorageError(f"the entries and the tiles of {size} entries give two roots")
        if leaf is None or leaf.record.body.type != "log.heads":
            raise StorageError(f"a tree ends with log.heads, and entry {size - 1} is none")
        if head.size == size and head.last_leaf != leaf.hash:
            raise StorageError(f"entry {size - 1} is not the one that was recorded last")
        return root

    def _sign(self, ledger: Ledger, key: VerifierKey, size: int, root: bytes) -> SignedHead:
        """Sign the tree of ``size`` once; its checkpoint is durable before anyone sees it."""
        last = checkpoints.latest(ledger.connection)
        if last is not None and last.size == size and last.root != root:
            raise Rollback(f"two histories of {size} entries: another root is signed already")
        if last is not None and last.size >= size:
            return last  # another publisher was quicker
        if self._log_signer.public_key != key.public_key:
            raise StorageError("the key at hand is not the log's key")
        checkpoint = Checkpoint(key.name, size, root)
        note = signed(checkpoint, key, self._log_signer.sign(checkpoint.text.encode()))
        head = SignedHead(size, root, str(note).encode(), print_at(self._clock.now()))
        checkpoints.add(ledger.connection, head)
        return head

    def _show(self, head: SignedHead, key: VerifierKey) -> Checkpoint:
        """Make ``head`` visible, unless a larger tree is by now; returns what is visible."""
        note = self._shown_note()
        visible = None if note is None else _opened(note, key)
        if visible is not None and visible.size > head.size:
            return visible
        self._objects.replace(CHECKPOINT, head.note)
        return open_checkpoint(head.note, key)


def _opened(note: bytes, key: VerifierKey) -> Checkpoint:
    try:
        return open_checkpoint(note, key)
    except ProofError as error:
        raise StorageConflict(f"the visible checkpoint is not ours: {error}") from error


@contextmanager
def _held(lock_file: Path | None) -> Iterator[None]:
    """Hold the lock of a file; the system lets go of it when the process dies."""
    if lock_file is None:
        yield
        return
    try:
        file = lock_file.open("ab")
    except OSError as error:
        raise StorageUnavailable(f"{lock_file}: {error}") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
