"""The entries of a database, read without trust: which bytes are right, by three witnesses and a root.

Of each entry three things speak: its bytes, the column ``leaf_hash`` beside them, and the entry that
follows, which names its leaf hash (the head row for the last one). Where they differ the majority is
taken, or else the follower; and nothing is believed before the hashes taken give a signed root.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from ledger.core import merkle
from ledger.core.leaf import Leaf
from ledger.errors import InvalidRecord
from ledger.store.log import CHAIN, ENTRIES
from ledger.store.statements import Statement

Progress = Callable[[str, int, int], None]  # what is looked at, entries done, of how many
STRAYS_MAX = 1_000
_ROWS = Statement(
    select(ENTRIES.c.idx, ENTRIES.c.leaf, ENTRIES.c.leaf_hash, ENTRIES.c.event_id, ENTRIES.c.type).order_by(
        ENTRIES.c.idx
    )
)
_CHAIN = Statement(
    select(CHAIN.c.idx, CHAIN.c.subject, CHAIN.c.seq, CHAIN.c.event_id).order_by(CHAIN.c.idx, CHAIN.c.subject)
)


@dataclass(frozen=True, slots=True)
class Row:
    """One index of the log as the database has it; every column may hold anything."""

    index: int
    leaf: Any = None  # None: no row
    leaf_hash: Any = None
    event_id: Any = None
    type: Any = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """An entry whose three witnesses differ. own: hash of its bytes. Hashes are 32 bytes or None."""

    own: bytes | None
    column: bytes | None
    majority: bytes
    follower: bytes

    def taken(self, variant: int) -> bytes:
        return (self.majority, self.follower)[variant]


@dataclass(slots=True)
class Entries:
    """What one reading of the entries says. size: indexes 0 .. size - 1 were looked at.

    roots: by tree size, one root for each way to settle doubts. columns: (index, column) that
    differ from the leaf beside them. unlinked: entries whose own bytes name another index or
    predecessor. unchained: entries whose links in ``chain`` are others. strays: rows where no entry
    can be, by the index that their bytes name.
    """

    size: int = 0
    doubts: dict[int, Doubt] = field(default_factory=dict)
    roots: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    columns: list[tuple[int, str]] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)
    unlinked: list[int] = field(default_factory=list)
    unchained: list[int] = field(default_factory=list)
    strays: dict[int, bytes] = field(default_factory=dict)
    stray_rows: list[Any] = field(default_factory=list)
    last_hash: bytes = b""
    last_rec: str = ""


def read_entries(
    connection: Connection,
    *,
    at_least: int,
    wanted: Collection[int],
    head: tuple[int, bytes] | None,
    progress: Progress,
) -> Entries:
    """Read every entry once. at_least: the largest signed size, below which a gap is a missing entry.

    wanted: tree sizes whose roots are asked for. head: size and last leaf hash of the head row.
    """
    return _Reading(connection, at_least, wanted, head, progress).run()


def rows(connection: Connection, found: Entries, at_least: int) -> Iterator[Row]:
    """One Row for each index from 0 on: up to ``at_least``, and as far as rows follow without a gap."""
    expected = 0
    for columns in _ROWS.stream(connection):
        idx = columns[0]
        while isinstance(idx, int) and expected < idx and expected < at_least:
            yield Row(expected)
            expected += 1
        if idx == expected:
            yield Row(*columns)
            expected += 1
        elif len(found.stray_rows) < STRAYS_MAX:
            _note_stray(found, idx, columns[1])
    while expected < at_least:
        yield Row(expected)
        expected += 1


def leaf_of(row: Row) -> Leaf | None:
    """The entry read strictly; None when its bytes are no leaf."""
    try:
        return Leaf.parse(row.leaf) if isinstance(row.leaf, bytes) else None
    except InvalidRecord:
        return None


class _Reading:
    def __init__(
        self,
        connection: Connection,
        at_least: int,
        wanted: Collection[int],
        head: tuple[int, bytes] | None,
        progress: Progress,
    ) -> None:
        self.found = Entries()
        self._connection = connection
        self._at_least = at_least
        self._wanted = frozenset(wanted)
        self._head = head
        self._progress = progress
        self._edges = (merkle.CompactRange(), merkle.CompactRange())
        self._links = _Links(connection)

    def run(self) -> Entries:
        found = self.found
        if 0 in self._wanted:
            found.roots[0] = (merkle.EMPTY_ROOT, merkle.EMPTY_ROOT)
        total = max(self._at_least, self._head[0] if self._head else 0)
        pending: tuple[Row, Leaf | None] | None = None
        for row in rows(self._connection, found, self._at_least):
            leaf = leaf_of(row)
            if pending is not None:
                self._settle(*pending, bytes.fromhex(leaf.previous) if leaf else None)
            pending = row, leaf
            if not row.index % 100:
                self._progress("reading entries", row.index, max(total, row.index))
        if pending is not None:
            found.size = pending[0].index + 1
            last = self._head[1] if self._head and self._head[0] == found.size else None
            self._settle(*pending, last)
        return found

    def _settle(self, row: Row, leaf: Leaf | None, follower: bytes | None) -> None:
        own = merkle.leaf_hash(row.leaf) if isinstance(row.leaf, bytes) else None
        column = row.leaf_hash if _is_hash(row.leaf_hash) else None
        if own is not None and own == column and follower in {own, None}:
            self._take(row.index, own, own)
        else:
            # Of equals the first counted wins: the follower, then the column, then the bytes.
            votes = Counter(hash_ for hash_ in (follower, column, own) if hash_ is not None)
            majority = votes.most_common(1)[0][0] if votes else bytes(merkle.HASH_SIZE)
            doubt = Doubt(own, column, majority, follower or majority)
            self.found.doubts[row.index] = doubt
            self._take(row.index, doubt.majority, doubt.follower)
        if leaf is None:
            if own is not None:
                self.found.unreadable.append(row.index)
            self._links.skip(row.index)
            return
        self._compare(row, leaf)

    def _compare(self, row: Row, leaf: Leaf) -> None:
        """The leaf with what stands beside it."""
        found, record = self.found, leaf.record
        event_id = bytes.fromhex(record.event_id)
        if row.event_id != event_id:
            found.columns.append((row.index, "event_id"))
        if row.type != record.body.type:
            found.columns.append((row.index, "type"))
        if leaf.index != row.index:
            found.unlinked.append(row.index)
        links = [(link.id, link.seq, event_id) for link in record.body.subjects]
        if self._links.of(row.index) != links:
            found.unchained.append(row.index)
        found.last_hash, found.last_rec = leaf.hash, leaf.recorded_at

    def _take(self, index: int, first: bytes, second: bytes) -> None:
        one, other = self._edges
        one.append(first)
        other.append(second)
        if index + 1 in self._wanted:
            self.found.roots[index + 1] = (one.root(), other.root())


class _Links:
    """The chain index beside the entries, read in the same order."""

    def __init__(self, connection: Connection) -> None:
        self._rows = _CHAIN.stream(connection)
        self._next = next(self._rows, None)

    def of(self, index: int) -> list[tuple[Any, ...]]:
        """Links that stand under ``index``, or under an earlier one where there was none to ask for."""
        found = []
        while self._next is not None and not (isinstance(self._next[0], int) and self._next[0] > index):
            found.append(self._next[1:] if self._next[0] == index else self._next)
            self._next = next(self._rows, None)
        return found

    def skip(self, index: int) -> None:
        self.of(index)


def _note_stray(found: Entries, idx: Any, data: Any) -> None:
    found.stray_rows.append(idx)
    leaf = leaf_of(Row(0, data))
    if leaf is not None:
        found.strays[leaf.index] = leaf.encoded


def _is_hash(value: Any) -> bool:
    return isinstance(value, bytes) and len(value) == merkle.HASH_SIZE
