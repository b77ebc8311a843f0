"""Large logs in little time: a mirror of declarations, each of a lot of its own, properly signed.

The worst case for whoever replays it: as many subjects as entries. Records are filled into the bytes
of one that the writer really took; the heads tree and the tiles are made as a publisher makes them.
"""

import tempfile
from collections.abc import Iterator
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from ledger.core import canonical, heads, tiles
from ledger.core.checkpoint import Checkpoint, signed
from ledger.core.envelope import SignedRecord, event_id, signing_input
from ledger.core.keys import VerifierKey
from ledger.core.leaf import Leaf, sequenced
from ledger.core.policy import Policy
from ledger.core.subjects import subject_id
from ledger.replay_file import StoredState
from ledger.store import log
from ledger.tile_tree import TileTree
from tests.ledger.world import HEADS_KEY, LOG_KEY, ORIGIN, World, signer

HEADS_EVERY = 10_240  # entries between two log.heads
ROOM_BYTES = 200_000_000
KEY = VerifierKey(ORIGIN, LOG_KEY.public_key)
POLICY = Policy.trusting(str(KEY))


class LargeLog:
    """A log below ``folder``, as a folder of tiles. ``grow`` adds entries and signs a checkpoint."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._state = StoredState(folder.with_suffix(".made"), bound_to={}, room_bytes=ROOM_BYTES)
        self._tree = TileTree()
        self._tree.on_tile = lambda tile, hashes: self._write(tile, b"".join(hashes))
        self._bundle: list[bytes] = []
        self._changed: dict[bytes, bytes] = {}
        self._head = heads.EMPTY_HEAD
        self._last = ""
        self._lots = count()
        with tempfile.TemporaryDirectory() as made:
            world = World(Path(made)).play("granted")
            world.record(world.declared(data={"manifest": None}, rows=()))
            world.publisher.publish()
            with world.database.reading() as connection:
                leaves = [Leaf.parse(data) for _, data in log.leaves(connection, 0, 1_000)]
            world.close()
        self._heads, self._declared = (leaf.record.body.model_dump() for leaf in (leaves[-1], leaves[-2]))
        for body in (self._heads, self._declared):
            body.pop("performed_by")
        self._rec = leaves[-1].recorded_at
        for leaf in leaves[:-2]:
            self._add(leaf)

    @property
    def size(self) -> int:
        return self._tree.size

    def grow(self, size: int) -> None:
        """Add declarations until the log has ``size`` entries, the last a ``log.heads``; publish it."""
        signing = signer("supplier", "supplier")
        for body in self._declarations():
            if self.size >= size - 1:
                break
            self._sign(body, signing)
            if not self.size % HEADS_EVERY:
                self._close_with_heads()
        self._close_with_heads()
        if self._bundle:
            self._write(self._bundle_tile(), tiles.bundle(self._bundle))
        for tile, hashes in self._tree.partial_tiles():
            self._write(tile, b"".join(hashes))
        checkpoint = Checkpoint(ORIGIN, self.size, self._tree.root())
        note = signed(checkpoint, KEY, LOG_KEY.sign(checkpoint.text.encode()))
        (self.folder / "checkpoint").write_bytes(str(note).encode())

    def close(self) -> None:
        self._state.discard()

    def _declarations(self) -> Iterator[dict[str, Any]]:
        for n in self._lots:
            drawn = sha256(f"large {n}".encode()).digest()
            subject = {"id": subject_id("lot", drawn[:13]), "seq": 0, "prev": "0" * 64}
            commit = dict.fromkeys(self._declared["commit"], drawn.hex())
            yield {**self._declared, "subjects": [subject], "commit": commit}

    def _sign(self, body: dict[str, Any], by: Any) -> None:
        encoded = canonical.dumps(body)
        # Its parts are only printed: nothing asks for the parsed body.
        record = SignedRecord(encoded, (by.sign(signing_input(encoded)),), None, event_id(encoded))  # type: ignore[arg-type]
        leaf = sequenced(record, index=self.size, previous=self._last, recorded_at=self._rec)
        for link in body["subjects"]:
            self._changed[heads.subject_key(link["id"])] = heads.value_hash(link["seq"], record.event_id)
        self._append(leaf)

    def _add(self, leaf: Leaf) -> None:
        for link in leaf.record.body.subjects:
            value = heads.value_hash(link.seq, leaf.record.event_id)
            self._changed[heads.subject_key(link.id)] = value
        self._append(leaf)

    def _append(self, leaf: Leaf) -> None:
        self._last = leaf.hash.hex()
        self._bundle.append(leaf.encoded)
        self._tree.append(leaf.hash)
        if len(self._bundle) == tiles.WIDTH:
            self._write(self._bundle_tile(), tiles.bundle(self._bundle))
            self._bundle = []

    def _bundle_tile(self) -> tiles.Tile:
        return tiles.Tile(-1, (self.size - 1) // tiles.WIDTH, len(self._bundle))

    def _close_with_heads(self) -> None:
        nodes = self._state.nodes
        update = heads.Update(self._head, lambda bits, prefix: nodes[bits, prefix])
        self._head = update.put(self._changed)
        nodes.update(update.changed)
        self._changed = {}
        data = {"through": self.size, "count": self._head.count, "root": self._head.root.hex()}
        self._sign({**self._heads, "data": data}, HEADS_KEY)

    def _write(self, tile: tiles.Tile, data: bytes) -> None:
        path = self.folder / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
