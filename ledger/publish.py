"""Integrate and publish: tiles from entries, one signature a tree size, visible last.

Any step may die and be run again:
    log.heads recorded     a log that ends with it gets no second one
    tiles written          the same entries give the same bytes; objects are created, never replaced
    checkpoint signed      committed before it is shown; the size is never signed again
    checkpoint visible     the only object that changes
"""

from sqlalchemy import Connection

from ledger.core import canonical, heads, merkle, tiles
from ledger.core.checkpoint import Checkpoint, open_checkpoint, signed
from ledger.core.envelope import print_at, signing_input
from ledger.core.keys import VerifierKey, key_id
from ledger.errors import MissingEvidence, ProofError, Rollback, StorageConflict, StorageError
from ledger.ports import Clock, ObjectStore, Signer
from ledger.record import Entry, Ledger, Submission
from ledger.store import checkpoints, log
from ledger.store.checkpoints import SignedHead
from ledger.store.database import Database
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
    ) -> None:
        self._database = database
        self._writer = writer
        self._objects = objects
        self._log_signer = log_signer
        self._heads_signer = heads_signer
        self._clock = clock

    def publish(self) -> Checkpoint:
        """Publish every entry sequenced so far and return the visible checkpoint.

        Raises Rollback when a larger tree was shown before: this database lost history. Raises
        StorageConflict when a tile exists with other bytes.
        """
        size = self._writer.do(self._close_with_heads, alone=True)
        with self._database.reading() as connection:
            head = log.read_head(connection)
            last = checkpoints.latest(connection)
            assert head is not None
            key = VerifierKey(head.state.origin, bytes.fromhex(head.state.log_key))
            self._check_shown(key, size, last)
            self._integrate(connection, last.size if last else 0, size)
        if last is None or last.size < size:
            root = self._root(size, last)
            last = self._writer.do(lambda ledger: self._sign(ledger, key, size, root))
        self._objects.replace(CHECKPOINT, last.note)
        return open_checkpoint(last.note, key)

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
        return ledger.record(self._writer.prepare(Submission(body, (signature,))))

    def _check_shown(self, key: VerifierKey, size: int, last: SignedHead | None) -> None:
        """Refuse to go on behind a checkpoint that others may have seen."""
        try:
            shown = open_checkpoint(self._objects.get(CHECKPOINT), key)
        except MissingEvidence:
            return
        except ProofError as error:
            raise StorageConflict(f"the visible checkpoint is not ours: {error}") from error
        if shown.size > size or last is None or shown.size > last.size:
            raise Rollback(
                f"a tree of {shown.size} entries was published, this database has {size}: history was lost"
            )
        with self._database.reading() as connection:
            ours = checkpoints.of_size(connection, shown.size)
        if ours is None or ours.root != shown.root:
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

    def _root(self, size: int, last: SignedHead | None) -> bytes:
        """The root from the tiles just written; consistent with the last one signed, or ProofError."""
        hashes = tiles.TileHashes(size, lambda tile: self._objects.get(tile.path))
        root = tiles.right_edge(size, hashes).root()
        if last is not None:
            path = merkle.consistency_path(last.size, size, hashes)
            merkle.verify_consistency(
                old_size=last.size, old_root=last.root, tree_size=size, root=root, path=path
            )
        return root

    def _sign(self, ledger: Ledger, key: VerifierKey, size: int, root: bytes) -> SignedHead:
        """Sign the tree of ``size`` once; its checkpoint is durable before anyone sees it."""
        last = checkpoints.latest(ledger.connection)
        if last is not None and last.size == size and last.root == root:
            return last  # another publisher was as quick
        if last is not None and last.size >= size:
            raise Rollback(f"a tree of {last.size} entries is signed already")
        if self._log_signer.public_key != key.public_key:
            raise StorageError("the key at hand is not the log's key")
        checkpoint = Checkpoint(key.name, size, root)
        note = signed(checkpoint, key, self._log_signer.sign(checkpoint.text.encode()))
        head = SignedHead(size, root, str(note).encode(), print_at(self._clock.now()))
        checkpoints.add(ledger.connection, head)
        return head
