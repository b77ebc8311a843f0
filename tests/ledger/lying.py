"""A log whose operator may lie: it holds the log key and the heads key, and no author's."""

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from ledger.core import canonical, heads, merkle, tiles
from ledger.core.checkpoint import Checkpoint, signed
from ledger.core.encoding import encode_base64
from ledger.core.envelope import event_id, signing_input
from ledger.core.keys import VerifierKey
from ledger.store import log
from tests.interop.static_log import StaticLog
from tests.ledger.fakes import MemoryObjectStore
from tests.ledger.world import HEADS_KEY, LOG_KEY, ORIGIN, World

KEY = VerifierKey(ORIGIN, LOG_KEY.public_key)
Leaf = dict[str, Any]
Change = Callable[[list[Leaf]], object]


def entries_of(world: World) -> list[bytes]:
    with world.database.reading() as connection:
        head = log.read_head(connection)
        assert head is not None
        return [leaf for _, leaf in log.leaves(connection, 0, head.size)]


def relinked(entries: Sequence[bytes], change: Change, *, false_head: bool = False) -> list[bytes]:
    """The entries after ``change``, linked and with all heads signed again; no author signs again.

    false_head: the last heads leave out the key that they would end with.
    """
    leaves: list[Leaf] = [orjson.loads(entry) for entry in entries]
    change(leaves)
    encoded: list[bytes] = []
    known: dict[bytes, bytes] = {}
    last = "0" * 64
    for index, leaf in enumerate(leaves):
        body = leaf["body"]
        if body["type"] == "log.heads":
            if false_head and index == len(leaves) - 1:
                known.popitem()
            body["data"] = {"through": index, "count": len(known), "root": heads.root_of(known).hex()}
            leaf["sigs"] = [encode_base64(HEADS_KEY.sign(signing_input(canonical.dumps(body))))]
        leaf["log"] = {**leaf["log"], "i": index, "prev": last}
        name = event_id(canonical.dumps(body))
        for link in body["subjects"]:
            known[heads.subject_key(link["id"])] = heads.value_hash(link["seq"], name)
        for code in body["data"].get("codes", ()) if body["type"] == "codes.issued" else ():
            known[heads.code_key(bytes.fromhex(code))] = heads.value_hash(0, name)
        encoded.append(canonical.dumps(leaf))
        last = merkle.leaf_hash(encoded[-1]).hex()
    return encoded


class Shown:
    """A log as it stands behind its URL: entries, their tiles at the sizes shown, and the last checkpoint."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        self.log = StaticLog(entries)
        self.objects = MemoryObjectStore()
        self.note = b""

    def show(self, size: int | None = None) -> Checkpoint:
        """Write the tiles of a size and sign its checkpoint."""
        size = len(self.log.entries) if size is None else size
        for tile in tiles.tiles_of(size):
            self.objects.create(tile.path, self.log.read(tile))
        checkpoint = Checkpoint(ORIGIN, size, self.log.root(size))
        self.note = str(signed(checkpoint, KEY, LOG_KEY.sign(checkpoint.text.encode()))).encode()
        self.objects.replace("checkpoint", self.note)
        return checkpoint

    def request(self, old: int) -> bytes:
        """What its publisher sends to a witness that stands at ``old``."""
        size = Checkpoint.parse(self.note.decode().partition("\n\n")[0] + "\n").size
        path = merkle.consistency_path(old, size, self.log.hashes(size)) if old else []
        lines = [f"old {old}", *map(encode_base64, path), ""]
        return "".join(f"{line}\n" for line in lines).encode() + self.note
