"""Check one lot: what a page shows, each record with what is wrong with it.

    1  the visible checkpoint opens under the log key, and the tiles give its root
    2  every record of the chain parses, stands at its index, and links to the one before
    3  every signature verifies under the key directory; distrusted keys are flagged
    4  every leaf stands in the tree
    5  the chain is whole: the heads tree under the last log.heads holds its last record
    6  the state kept of the lot is what these records give when the rules are applied to them again

A child of a split begins with its parent's history up to that split. What does not hold becomes the
record's trouble or the history's problem, because a page must say what is wrong and show the rest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from ledger.core import heads, tiles
from ledger.core.canonical import JsonValue
from ledger.core.checkpoint import Checkpoint, LogKey, open_checkpoint
from ledger.core.commitments import commitment
from ledger.core.leaf import Leaf
from ledger.core.merkle import leaf_hash
from ledger.core.subjects import START, kind_of
from ledger.errors import LedgerError, MissingEvidence, ProofError, StorageUnavailable
from ledger.family import line_of
from ledger.lots import rules, trust
from ledger.lots.state import (
    AuthorizationState,
    Event,
    Head,
    LogState,
    LotState,
    ShipmentState,
    Subject,
    WorkState,
)
from ledger.ports import ObjectStore
from ledger.records.intake import LotMerged
from ledger.records.parties import LogHeads
from ledger.records.registry import Typed, typed
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

    def __init__(self, objects: ObjectStore, key: LogKey) -> None:
        """Raises ProofError or MissingEvidence when the checkpoint or its tiles do not hold."""
        self.note = objects.get("checkpoint")
        self.checkpoint = open_checkpoint(self.note, key)
        self.hashes = tiles.TileHashes(self.checkpoint.size, lambda tile: objects.get(tile.path))
        if tiles.right_edge(self.checkpoint.size, self.hashes).root() != self.checkpoint.root:
            raise ProofError("the tiles do not give the checkpoint's root")

    def history(self, connection: Connection, lot: str) -> History | None:
        """The verified history of a lot; None when there is no such lot.

        Raises MissingEvidence when the tables cannot be read as what we wrote, or when this
        connection still shows a log shorter than the checkpoint; StorageUnavailable when the tiles
        cannot be had now. Nothing is claimed then. Every other failure is told in the history.
        """
        try:
            return self._history(connection, lot)
        except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise MissingEvidence(f"{lot}: what is stored cannot be read") from error

    def _history(self, connection: Connection, lot: str) -> History | None:
        head = log.read_head(connection)
        subject = log.subject(connection, lot) if kind_of(lot) == "lot" else None
        if head is None or subject is None:
            return None
        if head.size < self.checkpoint.size:
            raise MissingEvidence(
                f"this database shows {head.size} entries, and {self.checkpoint.size} are published"
            )
        view = StoredView(connection, head)
        records: list[Standing] = []
        line, problems = _lineage(connection, lot, subject.state)
        for name, until in line:
            chain = log.chain(connection, name)
            records += [s for s in self._chain(connection, view, name, chain) if s.index <= until]
            problems += self._whole(connection, head, name, chain)
        records.sort(key=lambda record: record.index)
        problems += [record.message for record in records if record.trouble == "changed"]
        if not problems and all(record.leaf is not None for record in records):
            problems += _kept_problems(connection, view, lot, subject, records)
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
                if (
                    link is None
                    or (link.seq, link.prev) != (position, previous)
                    or (seq, event_id) != (position, leaf.record.event_id)
                ):
                    raise ProofError("does not continue the chain of this lot")
                trouble = self._standing(view, leaf)
            except StorageUnavailable:
                raise
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
        if not chain:
            return [f"{name} exists, and none of its records is left"]
        covered = [link for link in chain if link[0] < head.heads_through]

        def read(bits: int, prefix: bytes) -> heads.Node:
            node = log.heads_node(connection, bits, prefix)
            if node is None:
                raise MissingEvidence("a node of the heads tree is missing")
            return node

        key = heads.subject_key(name)
        try:
            root = self._heads_root(connection, head)
            proof = heads.prove(key, head.heads, read)
            if covered:
                _, seq, event_id = covered[-1]
                heads.verify_presence(proof, root=root, key=key, seq=seq, event_id=event_id)
            else:
                heads.verify_absence(proof, root=root, key=key)
        except StorageUnavailable:
            raise
        except LedgerError as error:
            return [f"{name} is not proved whole: {error}"]
        return []

    def _heads_root(self, connection: Connection, head: LogHead) -> bytes:
        """The root as the published log.heads states it, not as the working copy says."""
        index = head.heads_through
        if index < self.checkpoint.size - 1:  # a published tree ends with the log.heads over all of it
            raise ProofError("the heads tree kept here is older than the published one")
        encoded = log.leaf(connection, index)
        if encoded is None:
            raise MissingEvidence(f"entry {index} is missing")
        if index < self.checkpoint.size and leaf_hash(encoded) != self.hashes(0, index):
            raise ProofError(f"entry {index} is not the one that was published")
        leaf = Leaf.parse(encoded)
        data = typed(leaf.record).data
        if not isinstance(data, LogHeads) or (leaf.index, data.through) != (index, index):
            raise ProofError(f"entry {index} is no log.heads over the entries before it")
        trust.check_heads_signer(leaf.record.body, head.state)
        leaf.record.verify(lambda _key: bytes.fromhex(head.state.heads_key))
        return bytes.fromhex(data.root)


def _lineage(connection: Connection, lot: str, state: LotState) -> tuple[list[tuple[str, int]], list[str]]:
    """(lot, last index that belongs to this lot's history), eldest ancestors first; problems."""
    if not state.sources:
        return [(lot, 2**63)], []
    line = line_of(connection, lot)
    broken = [
        name for name, _ in line if not log.chain(connection, name) or log.subject(connection, name) is None
    ]
    if broken:
        return [(lot, 2**63)], [f"{lot} does not lead back to {name}" for name in broken]
    return line, []


def _kept_problems(
    connection: Connection, view: StoredView, lot: str, kept: Subject, records: Sequence[Standing]
) -> list[str]:
    """Where the working copy of a lot differs from what its verified records give."""
    last = next(record for record in reversed(records) if record.subject == lot)
    if kept.head != Head(seq=last.seq, event_id=last.event_id, index=last.index):
        return [f"the newest record kept of {lot} is not the newest of its chain"]
    try:
        state = _refolded(connection, view, records)[lot]
    except (LedgerError, LookupError) as error:
        return [f"the records of {lot} do not follow from each other: {error}"]
    if state.sold is None:  # a sale whose quantity is erased: nothing is left to compare with
        state = state.model_copy(update={"sold": kept.state.sold})
    names = [name for name in LotState.model_fields if getattr(state, name) != getattr(kept.state, name)]
    return [f"the {' and '.join(names)} kept of {lot} is not what its records say"] if names else []


def _refolded(connection: Connection, view: StoredView, records: Sequence[Standing]) -> dict[str, LotState]:
    """The states of the lots of a lineage, from their own records alone. records: oldest first."""
    own = {record.subject for record in records}
    states: dict[str, LotState] = {}
    for leaf in {record.index: record.leaf for record in records}.values():  # a split is in two chains
        assert leaf is not None
        body = leaf.record.body
        if body.type in ("correction.recorded", "erasure.recorded"):
            continue  # extends the chain and changes nothing
        typed_ = typed(leaf.record)
        after = rules.apply(
            typed_,
            _before(typed_, leaf.index, states),
            index=leaf.index,
            day=leaf.recorded_at[:10],
            view=_Past(view),
            opened=_opened(connection, typed_),
        )
        states.update({n: s for n, s in after.items() if n in own and isinstance(s, LotState)})
    return states


def _before(typed_: Typed, index: int, states: Mapping[str, LotState]) -> dict[str, Subject | None]:
    """What a record of these lots found. Of any other subject: what the rules ask of it, granted.

    Whether another lot, the work order or the shipment allowed the record is their own history.
    """
    body, data = typed_.record.body, typed_.data
    lots = [link.id for link in body.subjects if kind_of(link.id) == "lot"]
    new = {link.id for link in body.subjects if link.seq == 0}
    ours = next((name for name in lots if name in states), "")
    before: dict[str, Subject | None] = {}
    for link in body.subjects:
        state: LotState | WorkState | ShipmentState | None = None
        match kind_of(link.id):
            case "lot":
                state = states.get(link.id) or (None if link.id in new else states.get(ours))
                if state is not None and link.id not in states and isinstance(data, LotMerged):
                    own = next(parent.quantity for parent in data.parents if parent.id == link.id)
                    state = state.model_copy(update={"quantity": own})
            case "work":
                kind = "inspection" if body.type == "lot.inspected" else "refurbishment"
                state = WorkState(lot=ours, kind=kind, worker_party=body.author.party)
            case "shipment" if body.type != "lot.packed":
                state = ShipmentState(
                    owner=body.author.party,
                    lots=lots,
                    packages=data.packages,
                    mass_g=data.mass_g,
                    shipped=body.type == "lot.delivered",
                )
        head = Head(seq=link.seq - 1, event_id=link.prev, index=index - 1)
        before[link.id] = None if state is None else Subject(head=head, state=state)
    return before


def _opened(connection: Connection, typed_: Typed) -> dict[str, JsonValue]:
    """The quantity of a sale, where it is still at hand and opens its commitment."""
    body = typed_.record.body
    committed = body.commit.get("quantity")
    opening = log.opening(connection, typed_.record.event_id, "quantity") if committed else None
    if opening is None or commitment("quantity", opening) != committed:
        return {}
    return {"quantity": opening.value}


class _Past:
    """A View for judging again what was judged once: nothing that came later counts against it."""

    def __init__(self, view: StoredView) -> None:
        self._view = view

    def log(self) -> LogState | None:
        return self._view.log()

    def subject(self, subject: str) -> Subject | None:
        found = self._view.subject(subject)
        if found is not None and isinstance(found.state, LotState):
            return Subject(head=found.head, state=found.state.model_copy(update={"recalls": []}))
        if found is None or not isinstance(found.state, AuthorizationState):
            return found
        return Subject(head=found.head, state=found.state.model_copy(update={"revoked": False}))

    def key(self, key_id: str) -> None:
        """None: a key distrusted since is told record by record."""
        del key_id

    def event(self, event_id: str) -> Event | None:
        return self._view.event(event_id)

    def first_issued(self, codes: Sequence[str]) -> None:
        """None: by now these very records have issued them."""
        del codes

    def opening(self, event_id: str, field: str) -> None:
        """None: who a grant was given to was judged with the record."""
        del event_id, field
