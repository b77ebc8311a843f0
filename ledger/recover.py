"""Take back entries that were published and are lost here: an old backup was restored.

The published tiles hold every published entry. Before anything is written, all of the missing ones
are read once and, behind the entries that are here, must give the signed root. Then they are judged
one by one, as any reader would, and appended up to each ``log.heads``, whose root must come out.
What they committed to, and the rows of their manifests, was never public: a newer backup has it, or
nobody.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from ledger.close import updated_heads
from ledger.core import merkle, tiles
from ledger.core.checkpoint import Checkpoint, LogKey, as_signed, open_checkpoint
from ledger.core.envelope import print_at
from ledger.core.leaf import Leaf
from ledger.errors import InvalidRecord, MissingEvidence, ProofError, Rollback
from ledger.handovers import published
from ledger.lots import trust
from ledger.lots.judge import judge
from ledger.ports import Clock, ObjectStore
from ledger.record import Ledger
from ledger.records.registry import typed
from ledger.rollback import ARCHIVE
from ledger.store import checkpoints, log
from ledger.store.checkpoints import SignedHead
from ledger.store.database import Database
from ledger.writer import Writer

_READ_AT_ONCE = 4096  # leaf hashes
Progress = Callable[[int, int], None]  # entries taken back, of how many


@dataclass(frozen=True, slots=True)
class Recovered:
    """start, end: the entries taken back. committed: how many of them commit to values not at hand."""

    start: int
    end: int
    committed: int


def recover(
    database: Database,
    writer: Writer,
    objects: ObjectStore,
    note: bytes,
    key: LogKey,
    *,
    clock: Clock,
    progress: Progress = lambda _done, _total: None,
) -> Recovered:
    """Append what the tree of ``note`` has and the database has not; safe to repeat after a crash.

    objects: a place with the tiles of that tree, believed in nothing. Raises ProofError when ``note``
    is not signed by ``key``, MissingEvidence when an entry cannot be had there, Rollback when the
    entries here are not the beginning of that tree: then there are two histories, and nothing is written.
    """
    target = open_checkpoint(note, key)
    with database.reading() as connection:
        head = log.read_head(connection)
        start = head.size if head else 0
        if start >= target.size:
            return Recovered(start, start, 0)
        hashes = _verified(connection, objects, start, target)
    committed = 0
    for unit in _units(objects, start, target.size, hashes):
        committed += sum(bool(leaf.record.body.commit) for leaf in unit)
        if unit[-1].record.body.type == "log.heads":
            if unit[:-1]:
                writer.do(partial(_adopt, leaves=unit[:-1]), alone=True)
            writer.do(partial(_adopt_heads, leaf=unit[-1]), alone=True)
        else:
            writer.do(partial(_adopt, leaves=unit), alone=True)
        progress(unit[-1].index + 1 - start, target.size - start)
    _remember(database, writer, objects, note, key, clock)
    return Recovered(start, target.size, committed)


def missing(database: Database, objects: ObjectStore, note: bytes, key: LogKey) -> range:
    """The entries that ``recover`` would take back, after the same verification; writes nothing."""
    target = open_checkpoint(note, key)
    with database.reading() as connection:
        head = log.read_head(connection)
        start = head.size if head else 0
        if start < target.size:
            _verified(connection, objects, start, target)
    return range(start, max(start, target.size))


def _verified(connection: Connection, objects: ObjectStore, start: int, target: Checkpoint) -> list[bytes]:
    """Leaf hashes of the missing entries, which with those that are here give the signed root."""
    edge = merkle.CompactRange()
    for index, encoded in log.leaves(connection, 0, start):
        if index != edge.size:
            raise MissingEvidence(f"entry {edge.size} is missing here; see: lotproof fsck")
        edge.append(merkle.leaf_hash(encoded))
    hashes = []
    for entry in _entries(objects, start, target.size):
        hashes.append(merkle.leaf_hash(entry))
        edge.append(hashes[-1])
    if edge.root() != target.root:
        raise Rollback(
            f"the entries here and the published ones behind them do not give the root signed for "
            f"{target.size} entries: either these are two histories, or a copy is damaged"
        )
    return hashes


def _units(objects: ObjectStore, start: int, end: int, hashes: Sequence[bytes]) -> Iterator[list[Leaf]]:
    """The missing entries in pieces that end with a ``log.heads``; what is read now is what was verified."""
    unit: list[Leaf] = []
    for offset, entry in enumerate(_entries(objects, start, end)):
        if merkle.leaf_hash(entry) != hashes[offset]:
            raise ProofError(f"entry {start + offset} changed while it was read")
        unit.append(Leaf.parse(entry))
        if unit[-1].record.body.type == "log.heads":
            yield unit
            unit = []
    if unit:
        yield unit


def _entries(objects: ObjectStore, start: int, end: int) -> Iterator[bytes]:
    for number in range(start // tiles.WIDTH, -(-end // tiles.WIDTH)):
        first = number * tiles.WIDTH
        width = min(tiles.WIDTH, end - first)
        yield from _bundle(objects, number, width)[max(0, start - first) :]


def _bundle(objects: ObjectStore, number: int, width: int) -> list[bytes]:
    """A partial bundle may be gone once the full one is there (C2SP tlog-tiles)."""
    try:
        return tiles.parse_bundle(objects.get(tiles.Tile(-1, number, width).path), width)
    except MissingEvidence:
        if width == tiles.WIDTH:
            raise
        full = objects.get(tiles.Tile(-1, number).path)
        return tiles.parse_bundle(full, tiles.WIDTH)[:width]


def _adopt(ledger: Ledger, leaves: Sequence[Leaf]) -> None:
    for leaf in leaves:
        typed_ = typed(leaf.record)
        leaf.record.verify(partial(trust.public_key, typed_, ledger.view))
        changes = judge(typed_, index=leaf.index, recorded_at=leaf.recorded_at, view=ledger.view, opened={})
        ledger.adopt(leaf, changes)


def _adopt_heads(ledger: Ledger, leaf: Leaf) -> None:
    head = ledger.head
    assert head is not None
    new, nodes = updated_heads(ledger.connection, head)
    data = typed(leaf.record).data
    if (data.count, data.root) != (new.count, new.root.hex()):
        raise InvalidRecord(f"entry {leaf.index}: its heads are not what the entries before it give")
    _adopt(ledger, [leaf])
    log.set_heads(ledger.connection, new, through=leaf.index, nodes=nodes)


def _remember(
    database: Database, writer: Writer, objects: ObjectStore, note: bytes, key: LogKey, clock: Clock
) -> None:
    """Write down again what was signed: the archived checkpoints of the lost time, and ``note``."""
    end = open_checkpoint(note, key).size
    notes = {end: note}
    for name in objects.keys(ARCHIVE):
        last_part = name.rpartition("/")[2]
        if last_part.isdecimal():
            notes.setdefault(int(last_part), objects.get(name))
    for handover in published(objects):  # its tree was signed, and perhaps never visible
        notes.setdefault(handover.checkpoint.size, handover.note)
    at = print_at(clock.now())
    with database.reading() as connection:
        last = checkpoints.latest(connection)
        known = last.size if last else 0
        edge = merkle.CompactRange()
        heads = []
        for wanted in sorted(size for size in notes if known < size <= end):
            _grow(connection, edge, wanted)
            heads.append(_head(notes[wanted], edge, key, at))

    def add(ledger: Ledger) -> None:
        for head in heads:
            checkpoints.add(ledger.connection, head)

    writer.do(add)


def _grow(connection: Connection, edge: merkle.CompactRange, size: int) -> None:
    while edge.size < size:
        for hash_ in log.leaf_hashes(connection, edge.size, min(edge.size + _READ_AT_ONCE, size)):
            edge.append(hash_)


def _head(data: bytes, edge: merkle.CompactRange, key: LogKey, at: str) -> SignedHead:
    """A checkpoint with the log's signature alone, of the tree that is here now."""
    checkpoint = open_checkpoint(data, key)
    if (edge.size, edge.root()) != (checkpoint.size, checkpoint.root):
        raise Rollback(f"two roots were signed for {checkpoint.size} entries")
    return SignedHead(checkpoint.size, checkpoint.root, as_signed(data, key), at)
