"""What only a database can show: its index, its working copies, and what opens commitments.

Wrong index bytes (entries, chain, heads nodes, checkpoints) fail. Working copies and openings prove
nothing by themselves, so damage to them leaves the log unverified, never failed.

Everything is compared while the entries stream by, in one snapshot: memory holds the working state of
the log, never its leaves.
"""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, select

from ledger import audit_copies
from ledger.audit_checkpoints import difference
from ledger.audit_private import PrivateParts
from ledger.audit_report import FINDINGS_MAX, NO_HEADS, Finding, Kind, Report
from ledger.core import merkle, tiles
from ledger.core.leaf import Leaf
from ledger.errors import LedgerError, MissingEvidence, StorageError
from ledger.ports import ObjectStore
from ledger.replay import Openings, Replay, Sealed
from ledger.store import log
from ledger.store.checkpoints import CHECKPOINTS
from ledger.store.database import Database
from ledger.store.log import CHAIN, ENTRIES
from ledger.store.statements import Statement

OPENINGS_AHEAD = 256  # entries whose openings are read together

_ENTRIES = Statement(
    select(ENTRIES.c.idx, ENTRIES.c.leaf, ENTRIES.c.leaf_hash, ENTRIES.c.event_id, ENTRIES.c.type)
    .where(ENTRIES.c.idx >= bindparam("start"))
    .order_by(ENTRIES.c.idx)
)
_CHAIN = Statement(
    select(CHAIN.c.idx, CHAIN.c.subject, CHAIN.c.seq, CHAIN.c.event_id)
    .where(CHAIN.c.idx >= bindparam("start"))
    .order_by(CHAIN.c.idx, CHAIN.c.subject)
)
_CHECKPOINTS = Statement(
    select(CHECKPOINTS.c.size, CHECKPOINTS.c.root, CHECKPOINTS.c.note).order_by(CHECKPOINTS.c.size)
)


class DatabaseSource:
    """An installation: its database, and the published objects beside it."""

    kind = "database"

    def __init__(self, name: str, database: Database, objects: ObjectStore) -> None:
        self.name = name
        self.objects = objects
        self.opening: Openings | None = self._openings
        self._database = database
        self._connection: Connection | None = None
        self._private: PrivateParts | None = None
        self._columns: tuple[Any, ...] = ()  # of the entry at hand: idx, leaf, leaf_hash, event_id, type
        self._chain: Iterator[tuple[Any, ...]] | None = None
        self._checkpoints: _Checkpoints | None = None
        self._findings: list[Finding] = []
        self._streams: list[Generator[tuple[Any, ...], None, None]] = []
        self._whole = True
        self._tree_size = 0

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """One reading transaction for the whole audit; it begins with the first row read."""
        with self._database.reading() as connection:
            self._connection = connection
            self._findings = []
            try:
                yield
            finally:
                for stream in self._streams:  # one that a bad entry cut short still holds a cursor
                    stream.close()
                self._streams.clear()
                self._connection = self._private = self._chain = self._checkpoints = None

    def begin(self, replay: Replay, *, tree_size: int, whole: bool) -> None:
        """The rows of entries before ``replay.size`` are not read again."""
        self._whole, self._tree_size = whole, tree_size
        self._private = PrivateParts(self._open, replay.state.gone, replay.point.tallies)
        self._chain = self._stream(_CHAIN, start=replay.size)
        self._checkpoints = _Checkpoints(self._stream(_CHECKPOINTS), replay.size)

    def entries(self, start: int) -> Iterator[bytes]:
        """Leaves in order. Raises MissingEvidence at a gap or a row that cannot be read."""
        expected = start
        for columns in self._stream(_ENTRIES, start=start):
            idx, leaf, leaf_hash, event_id, _ = columns
            if self._private is not None and (expected - start) % OPENINGS_AHEAD == 0:
                self._private.read_ahead(expected, expected + OPENINGS_AHEAD)
            if idx != expected:
                raise MissingEvidence(f"entry {expected} is missing from the database")
            if not (_sized(leaf_hash, 32) and _sized(event_id, 32) and isinstance(leaf, bytes)):
                raise MissingEvidence(f"the row of entry {expected} is damaged")
            self._columns = columns
            yield leaf
            expected += 1

    def saw(self, leaf: Leaf, replay: Replay) -> None:
        """Compare the index columns, chain links, openings, rows and checkpoints of an entry judged."""
        assert self._private is not None
        assert self._checkpoints is not None
        assert replay.typed is not None
        _, _, leaf_hash, event_id, type_ = self._columns
        record, own_id = leaf.record, bytes.fromhex(leaf.record.event_id)
        if (leaf_hash, event_id, type_) != (leaf.hash, own_id, record.body.type):
            self._columns_differ(leaf, own_id)
        if self._chain is not None:
            for link in record.body.subjects:
                if next(self._chain, None) != (leaf.index, link.id, link.seq, own_id):
                    self._chain_differs(leaf.index, leaf)
                    break
        self._private.saw(leaf, replay.typed, replay.opened, replay.before)
        self._checkpoints.passed(replay, self._tree_size)

    @property
    def sound(self) -> bool:
        assert self._private is not None
        assert self._checkpoints is not None
        return not (self._findings or self._private.found or self._checkpoints.findings)

    def tallies(self) -> Mapping[str, int]:
        assert self._private is not None
        return self._private.tallies()

    def leaf_at(self, index: int) -> bytes:
        leaf = log.leaf(self._open, index)
        if leaf is None:
            raise MissingEvidence(f"entry {index} is missing from the database")
        return leaf

    def explain(self, index: int, error: LedgerError) -> Kind:
        """A row whose columns all disagree at once was not edited but garbled."""
        if isinstance(error, MissingEvidence | StorageError):
            return "missing"
        row = _ENTRIES.row(self._open, start=index)  # a signature fails some entries later
        if row is None:
            return "missing"
        _, leaf, leaf_hash, _, _ = row
        if merkle.leaf_hash(leaf) == leaf_hash:
            return "wrong"
        return "wrong" if self._published_hash(index) in (leaf_hash, None) else "missing"

    def prove_rest(self, replay: Replay, report: Report) -> None:
        """Index, checkpoints, working copies, openings, rows and grades."""
        assert self._private is not None
        assert self._checkpoints is not None
        connection = self._open
        if self._chain is not None and next(self._chain, None) is not None:
            self._chain_differs(replay.size)
        report.findings += self._findings[:FINDINGS_MAX]
        if self._whole:
            damage = audit_copies.damage(connection)
            if damage:
                report.find("missing", "database", f"the file is damaged: {damage}")
            report.findings += islice(audit_copies.heads_findings(connection, replay), FINDINGS_MAX)
            report.findings += islice(audit_copies.copies_findings(connection, replay), FINDINGS_MAX)
            report.checked += ["heads nodes", "working copies"]
        report.findings += islice(audit_copies.head_findings(connection, replay), FINDINGS_MAX)
        report.findings += self._checkpoints.rest()[:FINDINGS_MAX]
        report.findings += self._private.findings(whole=self._whole)[:FINDINGS_MAX]
        report.checked += ["chain index", "stored checkpoints", "openings"]
        if self._private.grades_checked:
            report.checked.append("grades")
        if self._private.grades_untold:
            report.not_checked.append(
                f"grades of {self._private.grades_untold} inspections: rows or scheme not at hand"
            )

    @property
    def _open(self) -> Connection:
        assert self._connection is not None, "an audit reads inside snapshot()"
        return self._connection

    def _stream(self, statement: Statement, **parameters: Any) -> Iterator[tuple[Any, ...]]:
        stream = (row for row in statement.stream(self._open, **parameters))
        self._streams.append(stream)
        return stream

    def _openings(self, event_id: str) -> Mapping[str, Sealed]:
        assert self._private is not None
        return self._private.openings(event_id)

    def _columns_differ(self, leaf: Leaf, own_id: bytes) -> None:
        rights = ("leaf_hash", leaf.hash), ("event_id", own_id), ("type", leaf.record.body.type)
        for stored, (name, right) in zip(self._columns[2:], rights, strict=True):
            if stored != right and len(self._findings) < FINDINGS_MAX:
                message = f"column {name} is not the leaf's"
                finding = Finding("wrong", "index", message, leaf.index, name, _subjects(leaf))
                self._findings.append(finding)

    def _chain_differs(self, index: int, leaf: Leaf | None = None) -> None:
        """Said once: after a difference the two lists run apart."""
        message = "the chain index differs from the records"
        subjects = _subjects(leaf) if leaf else ()
        self._findings.insert(0, Finding("wrong", "chain", message, index, "subjects", subjects))
        self._chain = None

    def _published_hash(self, index: int) -> bytes | None:
        """The leaf hash of an entry as published; None where no tile shows it."""
        for width in (tiles.WIDTH, *range(tiles.WIDTH - 1, index % tiles.WIDTH, -1)):
            try:
                data = self.objects.get(tiles.Tile(0, index >> tiles.HEIGHT, width).path)
                return tiles.parse_tile(data, width)[index % tiles.WIDTH]
            except LedgerError:
                continue
        return None


class _Checkpoints:
    """The stored checkpoints, each compared when the tree has its size."""

    def __init__(self, rows: Iterator[tuple[Any, ...]], start: int) -> None:
        """rows: by size. start: checkpoints of trees up to this size were compared before."""
        self.findings: list[Finding] = []
        self._rows = rows
        self._next = next(self._rows, None)
        while start and self._next is not None and isinstance(self._next[0], int) and self._next[0] <= start:
            self._next = next(self._rows, None)

    def passed(self, replay: Replay, tree_size: int) -> None:
        """The tree has another entry. tree_size: of the checkpoint that the audit is about."""
        while self._next is not None and isinstance(self._next[0], int) and self._next[0] <= replay.size:
            size, root, note = self._next
            self._next = next(self._rows, None)
            if size != replay.size:
                self._without_entries(size)
                continue
            if size < tree_size and replay.point.heads_through != size - 1:
                message = NO_HEADS.format(size)
                self._find(Finding("wrong", "heads", message, size - 1, "/body/type"))
            self._compare(size, root, note, replay)

    def rest(self) -> list[Finding]:
        """All that was found; call it after the last entry."""
        while self._next is not None and len(self.findings) < FINDINGS_MAX:
            self._without_entries(self._next[0])
            self._next = next(self._rows, None)
        return self.findings

    def _compare(self, size: int, root: Any, note: Any, replay: Replay) -> None:
        problem = difference(note, replay)
        if problem:
            self._find(Finding("wrong", "checkpoints", f"checkpoint of {size}: {problem}", size - 1))
        elif root != replay.root():
            self._find(Finding("wrong", "checkpoints", f"checkpoint of {size} has another root", size - 1))

    def _without_entries(self, size: Any) -> None:
        self._find(Finding("missing", "checkpoints", f"entries of the signed tree of {size} are missing"))

    def _find(self, finding: Finding) -> None:
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(finding)


def _subjects(leaf: Leaf) -> tuple[str, ...]:
    return tuple(link.id for link in leaf.record.body.subjects)


def _sized(value: Any, size: int) -> bool:
    return isinstance(value, bytes) and len(value) == size
