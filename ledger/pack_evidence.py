"""Collect what a lot pack shows from one snapshot of the database and the published tiles."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, select

from ledger.core import heads, manifest, merkle
from ledger.core.canonical import JsonValue
from ledger.core.leaf import Leaf
from ledger.core.proof import InclusionProof
from ledger.errors import MissingEvidence, NotVisible, ProofError
from ledger.log_keys import handover_bytes, stored_keys
from ledger.lots.lineage import ancestors
from ledger.lots.state import LotState
from ledger.pack import chains_of, involved, stating_about
from ledger.pack_private import Place, part_of
from ledger.ports import ObjectStore
from ledger.records.registry import Typed, typed
from ledger.store import log
from ledger.store.log import ROWS, LogHead
from ledger.verify import Verifier


@dataclass(frozen=True, slots=True)
class Histories:
    """Whole histories under one checkpoint.

    leaves: in the order of the log, each with its inclusion path. whole: subject -> presence of its last
    record under the last ``log.heads``. lineage: the lot, then its ancestors.
    """

    lot: str
    lineage: tuple[str, ...]
    leaves: tuple[tuple[Leaf, tuple[bytes, ...]], ...]
    whole: Mapping[str, heads.HeadsProof]


@dataclass(frozen=True, slots=True)
class Opened:
    """A committed value with its salt, 32 bytes."""

    event_id: str
    field: str
    value: JsonValue
    salt: bytes


@dataclass(frozen=True, slots=True)
class ProvedRow:
    """A row of a manifest. encoded: its canonical bytes; path: from its leaf to rows_root."""

    event_id: str
    part: str
    encoded: bytes
    path: tuple[bytes, ...]


def handovers(connection: Connection, verifier: Verifier, objects: ObjectStore) -> tuple[InclusionProof, ...]:
    """Each change of the log's key up to the visible checkpoint: its entry in a tree signed by both."""
    keys, size = stored_keys(connection), verifier.checkpoint.size
    due = [one for one in keys.changes if one.handover is not None and one.handover <= size]
    made = (handover_bytes(connection, objects, keys, number + 1) for number in range(len(due)))
    return tuple(replace(InclusionProof.parse(data), extra=None) for data in made)


def collect(connection: Connection, verifier: Verifier, lot: str) -> Histories | None:
    """The histories that ``lot`` rests on, as of the visible checkpoint; None when it is not in there.

    Raises NotVisible while the heads tree of this snapshot is another one than the published: ask
    again. MissingEvidence, ProofError where something cannot be read as what was published.
    """
    head, size = log.read_head(connection), verifier.checkpoint.size
    if head is None or head.heads_through != size - 1:
        raise NotVisible("the newest records are being published; ask again in a moment")

    @cache
    def chain_of(name: str) -> tuple[Leaf, ...]:
        return tuple(
            _leaf(connection, verifier, index) for index, _, _ in log.chain(connection, name) if index < size
        )

    if not chain_of(lot):
        return None
    first, last = _leaf(connection, verifier, 0), _leaf(connection, verifier, size - 1)
    stating = {
        party for party in log.parties_of_kind(connection, "auditor") if stating_about(lot, chain_of(party))
    }
    rests = involved(lot, first, last, chain_of, also=stating)
    found = {leaf.index: leaf for name in rests for leaf in chain_of(name)} | {0: first, last.index: last}
    leaves = tuple(found[index] for index in sorted(found))
    return Histories(
        lot=lot,
        lineage=tuple(_lineage(connection, lot)),
        leaves=tuple((leaf, _path(verifier, leaf.index)) for leaf in leaves),
        whole={name: _prove(connection, head, name) for name in sorted(rests & chains_of(leaves).keys())},
    )


def _leaf(connection: Connection, verifier: Verifier, index: int) -> Leaf:
    encoded = log.leaf(connection, index)
    if encoded is None:
        raise MissingEvidence(f"entry {index} is missing")
    if merkle.leaf_hash(encoded) != verifier.hashes(0, index):
        raise ProofError(f"entry {index} is not the one that was published")
    return Leaf.parse(encoded)


def _path(verifier: Verifier, index: int) -> tuple[bytes, ...]:
    return tuple(merkle.inclusion_path(index, verifier.checkpoint.size, verifier.hashes))


def _prove(connection: Connection, head: LogHead, name: str) -> heads.HeadsProof:
    def read(bits: int, prefix: bytes) -> heads.Node:
        node = log.heads_node(connection, bits, prefix)
        if node is None:
            raise MissingEvidence("a node of the heads tree is missing")
        return node

    return heads.prove(heads.subject_key(name), head.heads, read)


def _lineage(connection: Connection, lot: str) -> Iterator[str]:
    yield lot
    yield from ancestors(lot, lambda name: _state(connection, name))


def _state(connection: Connection, lot: str) -> LotState:
    found = log.subject(connection, lot)
    if found is None or not isinstance(found.state, LotState):
        raise ProofError(f"{lot} is no lot")
    return found.state


def openings(
    connection: Connection, histories: Histories, may_see: Callable[[Leaf, str], bool]
) -> tuple[Opened, ...]:
    """What opens the committed fields that ``may_see(record, field)`` allows; erased ones are left out."""
    found = []
    for leaf, _ in histories.leaves:
        for name in sorted(leaf.record.body.commit):
            opening = log.opening(connection, leaf.record.event_id, name) if may_see(leaf, name) else None
            if opening is not None:
                found.append(Opened(leaf.record.event_id, name, opening.value, opening.salt))
    return tuple(found)


def rows(
    connection: Connection, histories: Histories, wanted: Collection[Place] | None
) -> tuple[ProvedRow, ...]:
    """The rows of the lot with those they come from, and what was measured or mended of them.

    wanted: places in the lot's own manifest; None: all of it. Erased rows are left out.
    """
    book = _Rows(connection, histories)
    places: set[Place] = set()
    for start in book.own() if wanted is None else wanted:
        place: Place | None = start
        while place is not None and place not in places:
            places.add(place)
            place = book.source(place)
    for leaf, _ in histories.leaves:
        if leaf.record.body.type in ("lot.inspected", "lot.refurbished"):
            places |= book.about(leaf.record.event_id, places)
    return tuple(row for place in sorted(places) if (row := book.proved(place)) is not None)


class _Rows:
    """The manifests of a lot and its ancestors, read when first asked for."""

    def __init__(self, connection: Connection, histories: Histories) -> None:
        self._connection = connection
        self._lineage = histories.lineage
        self._typed: dict[str, Typed] = {
            leaf.record.event_id: typed(leaf.record) for leaf, _ in histories.leaves
        }
        self._read: dict[str, tuple[list[bytes | None], list[bytes]]] = {}
        self._nodes: dict[tuple[str, int, int], bytes] = {}

    def own(self) -> list[Place]:
        """The rows that stand for the lot now, as of the checkpoint's records."""
        event_id = _state(self._connection, self._lineage[0]).manifest_event
        if event_id not in self._typed:  # the lot has none, or it is not published yet
            return []
        return [(event_id, n) for n in range(len(self._manifest(event_id)[0]))]

    def source(self, place: Place) -> Place | None:
        """The row that a row comes from; None at the declaration, a merge, and behind an erased one."""
        source = self._facts(place).get("src")
        if not isinstance(source, dict) or "lot" in source:
            return None
        return source["event_id"], source["n"]

    def about(self, event_id: str, places: Collection[Place]) -> set[Place]:
        """The rows of a record that name one of ``places`` as their source."""
        mine = ((event_id, n) for n in range(len(self._manifest(event_id)[0])))
        return {place for place in mine if self.source(place) in places}

    def proved(self, place: Place) -> ProvedRow | None:
        event_id, n = place
        data, hashes = self._manifest(event_id)
        encoded = data[n] if n < len(data) else None
        if encoded is None:
            return None

        def node(level: int, index: int) -> bytes:
            if level == 0:
                return hashes[index]
            key = (event_id, level, index)
            if key not in self._nodes:
                pair = node(level - 1, 2 * index), node(level - 1, 2 * index + 1)
                self._nodes[key] = merkle.node_hash(*pair)
            return self._nodes[key]

        path = tuple(merkle.inclusion_path(n, len(hashes), node))
        return ProvedRow(event_id, part_of(self._typed[event_id], self._lineage), encoded, path)

    def _facts(self, place: Place) -> dict[str, Any]:
        event_id, n = place
        data = self._manifest(event_id)[0]
        encoded = data[n] if n < len(data) else None
        return {} if encoded is None else manifest.parse_row(encoded, n)

    def _manifest(self, event_id: str) -> tuple[list[bytes | None], list[bytes]]:
        if event_id not in self._typed:
            return [], []
        if event_id not in self._read:
            part = part_of(self._typed[event_id], self._lineage)
            where = (ROWS.c.event_id == bytes.fromhex(event_id), ROWS.c.part == part)
            statement = select(ROWS.c.data, ROWS.c.leaf_hash).where(*where).order_by(ROWS.c.n)
            stored: Sequence[Any] = self._connection.execute(statement).all()
            self._read[event_id] = ([row.data for row in stored], [row.leaf_hash for row in stored])
        return self._read[event_id]
