"""Check one lot: what a page shows, each record with what is wrong with it.

    1  the visible checkpoint opens under the log key, and the tiles give its root
    2  every record of the chain parses, stands at its index, and links to the one before
    3  every signature verifies under the key directory; distrusted keys are flagged
    4  every leaf stands in the tree
    5  the chain is whole: the heads tree under the last log.heads holds its last record

A child of a split begins with its parent's history up to that split. A failure never raises: it
becomes the record's trouble, because a page must say what is wrong and show the rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from ledger.core import heads, tiles
from ledger.core.checkpoint import Checkpoint, open_checkpoint
from ledger.core.keys import VerifierKey
from ledger.core.leaf import Leaf
from ledger.core.merkle import leaf_hash
from ledger.core.subjects import START
from ledger.errors import LedgerError, MissingEvidence, ProofError
from ledger.lots import trust
from ledger.lots.state import LotState
from ledger.ports import ObjectStore
from ledger.records.registry import typed
from ledger.store import log
from ledger.store.log import LogHead
from ledger.store.view import StoredView

Trouble = Literal["", "missing", "changed", "distrusted", "unpublished"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One record of a history. leaf is None when its bytes are gone or unreadable."""

    index: int
    subject: str
    seq: int
    event_id: str
    leaf: Leaf | None
    trouble: Trouble = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """A lot's records, oldest first. through: complete up to this entry; None where it is not proved."""

    lot: str
    state: LotState
    records: tuple[Standing, ...]
    checkpoint: Checkpoint | None
    through: int | None
    problems: tuple[str, ...]

    @property
    def verdict(self) -> Literal["unaltered", "part-missing", "changed"]:
        """Changed outweighs missing; a distrusted record is shown as such and not counted as changed."""
        troubles = {record.trouble for record in self.records}
        if "changed" in troubles or (self.problems and "missing" not in troubles):
            return "changed"
        return "part-missing" if "missing" in troubles else "unaltered"


class Verifier:
    """Verifies histories against one visible checkpoint; tiles are read and hashed once."""

    def __init__(self, objects: ObjectStore, key: VerifierKey) -> None:
        """Raises ProofError or MissingEvidence when the checkpoint or its tiles do not hold."""
        self.note = objects.get("checkpoint")
        self.checkpoint = open_checkpoint(self.note, key)
        self.hashes = tiles.TileHashes(self.checkpoint.size, lambda tile: objects.get(tile.path))
        if tiles.right_edge(self.checkpoint.size, self.hashes).root() != self.checkpoint.root:
            raise ProofError("the tiles do not give the checkpoint's root")

    def history(self, connection: Connection, lot: str) -> History | None:
        """The verified history of a lot; None when there is no such lot."""
        head = log.read_head(connection)
        subject = log.subject(connection, lot)
        if head is None or subject is None:
            return None
        view = StoredView(connection, head)
        records: list[Standing] = []
        problems: list[str] = []
        for name, until in _lineage(connection, lot, subject.state):
            chain = log.chain(connection, name)
            records += [s for s in self._chain(connection, view, name, chain) if s.index <= until]
            problems += self._whole(connection, head, name, chain)
        records.sort(key=lambda record: record.index)
        problems += [record.message for record in records if record.trouble == "changed"]
        through = None if problems else min(head.heads_through, self.checkpoint.size - 1)
        return History(lot, subject.state, tuple(records), self.checkpoint, through, tuple(problems))

    def _chain(
        self, connection: Connection, view: StoredView, name: str, chain: list[tuple[int, int, str]]
    ) -> Iterator[Standing]:
        previous = START
        for position, (index, seq, event_id) in enumerate(chain):
            leaf: Leaf | None = None
            trouble: Trouble = ""
            message = ""
            try:
                leaf = self._leaf(connection, view, index)
                link = next((link for link in leaf.record.body.subjects if link.id == name), None)
                if link is None or (link.seq, link.prev) != (position, previous):
                    raise ProofError("does not continue the chain of this lot")
                trouble = self._standing(view, leaf)
            except MissingEvidence as error:
                trouble, message = "missing", str(error)
            except LedgerError as error:
                trouble, message = "changed", f"entry {index}: {error}"
            previous = event_id
            yield Standing(index, name, seq, event_id, leaf, trouble, message)

    def _leaf(self, connection: Connection, view: StoredView, index: int) -> Leaf:
        encoded = log.leaf(connection, index)
        if encoded is None:
            raise MissingEvidence(f"entry {index} is missing")
        if index < self.checkpoint.size and leaf_hash(encoded) != self.hashes(0, index):
            raise ProofError("is not the entry that was published")
        leaf = Leaf.parse(encoded)
        if leaf.index != index:
            raise ProofError("stands at another index")
        typed_ = typed(leaf.record)
        leaf.record.verify(lambda key: trust.public_key(typed_, view, key))
        return leaf

    def _standing(self, view: StoredView, leaf: Leaf) -> Trouble:
        for signer in leaf.record.body.signers:
            key = view.key(signer.key)
            if key is not None and key.distrust_from is not None and key.distrust_from <= leaf.index:
                return "distrusted"
        return "" if leaf.index < self.checkpoint.size else "unpublished"

    def _whole(
        self, connection: Connection, head: LogHead, name: str, chain: list[tuple[int, int, str]]
    ) -> list[str]:
        """Nothing when the heads tree proves that the chain up to ``heads_through`` is all of it."""
        covered = [link for link in chain if link[0] < head.heads_through]
        if not covered:
            return []
        _, seq, event_id = covered[-1]

        def read(bits: int, prefix: bytes) -> heads.Node:
            node = log.heads_node(connection, bits, prefix)
            if node is None:
                raise MissingEvidence("a node of the heads tree is missing")
            return node

        key = heads.subject_key(name)
        try:
            root = self._heads_root(connection, head)
            proof = heads.prove(key, head.heads, read)
            heads.verify_presence(proof, root=root, key=key, seq=seq, event_id=event_id)
        except LedgerError as error:
            return [f"{name} is not proved whole: {error}"]
        return []

    def _heads_root(self, connection: Connection, head: LogHead) -> bytes:
        """The root as the published log.heads states it, not as the working copy says."""
        index = head.heads_through
        encoded = log.leaf(connection, index)
        if encoded is None:
            raise MissingEvidence(f"entry {index} is missing")
        if index < self.checkpoint.size and leaf_hash(encoded) != self.hashes(0, index):
            raise ProofError(f"entry {index} is not the one that was published")
        return bytes.fromhex(typed(Leaf.parse(encoded).record).data.root)


def _lineage(connection: Connection, lot: str, state: LotState) -> list[tuple[str, int]]:
    """(lot, last index that belongs to this lot's history), from the eldest ancestor down."""
    line = [(lot, 2**63)]
    while state.parent is not None:
        born = log.chain(connection, line[0][0])[0][0]  # the split that made the child
        parent = log.subject(connection, state.parent)
        line.insert(0, (state.parent, born))
        if parent is None:
            break
        state = parent.state
    return line
