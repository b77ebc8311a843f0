"""What only a database can show: its index, its working copies, and what opens commitments.

Wrong index bytes (entries, chain, heads nodes, checkpoints) fail. Working copies and openings prove
nothing by themselves, so damage to them leaves the log unverified, never failed.

Everything is compared while the entries stream by, in one snapshot: memory holds the working state of
the log, never its leaves.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, select, text
from sqlalchemy.exc import DBAPIError

from ledger.audit import Finding, Kind, Report
from ledger.audit_private import PrivateParts
from ledger.core import merkle, tiles
from ledger.core.checkpoint import Checkpoint, open_checkpoint
from ledger.core.commitments import Opening
from ledger.core.keys import VerifierKey
from ledger.core.leaf import Leaf
from ledger.errors import LedgerError, MissingEvidence, ProofError, StorageError
from ledger.lots.state import MODELS, LotState, Subject, printed
from ledger.ports import ObjectStore
from ledger.replay import Openings, Replay
from ledger.store import log
from ledger.store.checkpoints import CHECKPOINTS
from ledger.store.database import Database
from ledger.store.log import CHAIN, CODES, ENTRIES, HEADS, KEYS, SUBJECTS
from ledger.store.statements import Statement

OPENINGS_AHEAD = 256  # entries whose openings are read together
FINDINGS_MAX = 20  # of one stage; the first ones name the place
_FOREIGN = (ValueError, TypeError, KeyError, AttributeError, AssertionError)  # from reading damaged text

_ENTRIES = Statement(
    select(ENTRIES.c.idx, ENTRIES.c.leaf, ENTRIES.c.leaf_hash, ENTRIES.c.event_id, ENTRIES.c.type)
    .where(ENTRIES.c.idx >= bindparam("start"))
    .order_by(ENTRIES.c.idx)
)
_CHAIN = Statement(
    select(CHAIN.c.idx, CHAIN.c.subject, CHAIN.c.seq, CHAIN.c.event_id).order_by(CHAIN.c.idx, CHAIN.c.subject)
)
_SUBJECTS = Statement(
    select(SUBJECTS.c.subject, SUBJECTS.c.seq, SUBJECTS.c.idx, SUBJECTS.c.event_id, SUBJECTS.c.state)
)
_KEYS = Statement(select(KEYS.c.key_id, KEYS.c.party, KEYS.c.state))
_CODES = Statement(select(CODES.c.code_hash, CODES.c.idx, CODES.c.subject, CODES.c.event_id))
_HEADS = Statement(select(HEADS))
_SIZES = Statement(select(CHECKPOINTS.c.size))
_CHECKPOINTS = Statement(
    select(CHECKPOINTS.c.size, CHECKPOINTS.c.root, CHECKPOINTS.c.note).order_by(CHECKPOINTS.c.size)
)


class DatabaseSource:
    """An installation: its database, and the published objects beside it."""

    def __init__(self, name: str, database: Database, objects: ObjectStore) -> None:
        self.name = name
        self.objects = objects
        self.opening: Openings | None = self._openings
        self._database = database
        self._connection: Connection | None = None
        self._private: PrivateParts | None = None
        self._columns: tuple[Any, ...] = ()  # of the entry at hand: idx, leaf, leaf_hash, event_id, type
        self._chain: Iterator[tuple[Any, ...]] | None = None
        self._findings: list[Finding] = []

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """One reading transaction for the whole audit; it begins with the first row read."""
        with self._database.reading() as connection:
            self._connection = connection
            self._private = PrivateParts(connection)
            self._chain = _CHAIN.stream(connection)
            self._findings = []
            try:
                yield
            finally:
                self._connection = self._private = self._chain = None

    def entries(self, start: int) -> Iterator[bytes]:
        """Leaves in order. Raises MissingEvidence at a gap or a row that cannot be read."""
        expected = start
        for columns in _ENTRIES.stream(self._open, start=start):
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
        """Compare the index columns, chain links, openings and rows of an entry that was judged."""
        _, _, leaf_hash, event_id, type_ = self._columns
        record, own_id = leaf.record, bytes.fromhex(leaf.record.event_id)
        if (leaf_hash, event_id, type_) != (leaf.hash, own_id, record.body.type):
            self._columns_differ(leaf, own_id)
        if self._chain is not None:
            links = [(leaf.index, link.id, link.seq, own_id) for link in record.body.subjects]
            if list(islice(self._chain, len(links))) != links:
                self._chain_differs(leaf.index)
        assert self._private is not None
        assert replay.typed is not None
        self._private.saw(leaf, replay.typed, replay.opened, replay.before)

    def leaf_at(self, index: int) -> bytes:
        leaf = log.leaf(self._open, index)
        if leaf is None:
            raise MissingEvidence(f"entry {index} is missing from the database")
        return leaf

    def wanted_roots(self) -> set[int]:
        return {size for (size,) in _SIZES.stream(self._open) if isinstance(size, int)}

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

    def prove_rest(self, replay: Replay, roots: dict[int, bytes], report: Report) -> None:
        """Index, checkpoints, working copies, openings, rows and grades."""
        assert self._private is not None
        connection = self._open
        if self._chain is not None and next(self._chain, None) is not None:
            self._chain_differs(replay.size)
        report.findings += self._findings[:FINDINGS_MAX]
        damage = _damage(connection)
        if damage:
            report.findings.append(Finding("missing", "database", f"the file is damaged: {damage}"))
        report.findings += islice(_heads_findings(connection, replay), FINDINGS_MAX)
        report.findings += islice(_copies_findings(connection, replay), FINDINGS_MAX)
        report.findings += islice(_checkpoint_findings(connection, replay, roots), FINDINGS_MAX)
        report.findings += self._private.findings()[:FINDINGS_MAX]
        report.checked += ["chain index", "heads nodes", "stored checkpoints", "working copies", "openings"]
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

    def _openings(self, event_id: str) -> Mapping[str, Opening]:
        assert self._private is not None
        return self._private.openings(event_id)

    def _columns_differ(self, leaf: Leaf, own_id: bytes) -> None:
        rights = ("leaf_hash", leaf.hash), ("event_id", own_id), ("type", leaf.record.body.type)
        for stored, (name, right) in zip(self._columns[2:], rights, strict=True):
            if stored != right:
                message = f"column {name} is not the leaf's"
                self._findings.append(Finding("wrong", "index", message, leaf.index, name))

    def _chain_differs(self, index: int) -> None:
        """Said once: after a difference the two lists run apart."""
        message = "the chain index differs from the records"
        self._findings.append(Finding("wrong", "chain", message, index, "subjects"))
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


def _heads_findings(connection: Connection, replay: Replay) -> Iterator[Finding]:
    """The stored nodes are exactly those that the records give."""
    met, through = 0, replay.heads_through
    for row in _HEADS.stream(connection):
        node = replay.heads_nodes.get((row[0], row[1]))
        if node is None:
            yield Finding("wrong", "heads", f"{_place(*row[:2])} is not in the tree", through)
        elif log.heads_columns(node) != row:
            met += 1
            yield Finding("wrong", "heads", f"{_place(*row[:2])} is not what the records give", through)
        else:
            met += 1
    if met != len(replay.heads_nodes):
        yield Finding("wrong", "heads", f"{len(replay.heads_nodes) - met} nodes are missing", through)


def _copies_findings(connection: Connection, replay: Replay) -> Iterator[Finding]:
    """Working copies that pages and rules read; ``lotproof rebuild`` makes them again."""
    met = 0
    for name, seq, idx, event_id, state in _SUBJECTS.stream(connection):
        subject = replay.subjects.get(name)
        met += subject is not None
        head = subject and (subject.head.seq, subject.head.index, subject.head.event_id)
        if subject is None or (seq, idx, _hex(event_id)) != head or not _same_state(name, state, subject):
            yield _stale(f"the working copy of {name} is not what its records give")
    if met != len(replay.subjects):
        yield _stale(f"working copies of {len(replay.subjects) - met} subjects are missing")
    kept = {key_id: (party, state) for key_id, party, state in _KEYS.stream(connection)}
    if kept != {key.id: (key.party, key.model_dump_json()) for key in replay.keys.values()}:
        yield _stale("the working copy of the key directory is not what the records give")
    codes = {row[0]: (row[1], row[2], _hex(row[3])) for row in _CODES.stream(connection)}
    if codes != replay.codes:
        yield _stale("the working copy of the issued codes is not what the records give")
    yield from _head_findings(connection, replay)


def _head_findings(connection: Connection, replay: Replay) -> Iterator[Finding]:
    try:
        head = log.read_head(connection)
    except (*_FOREIGN, LedgerError) as error:
        yield _stale(f"the head row cannot be read: {error}")
        return
    place = (replay.size, replay.last_leaf, replay.last_rec)
    if (
        head is None
        or (head.size, _hex(head.last_leaf), head.last_rec) != place
        or head.state != replay.state
    ):
        yield _stale("the head row is not what the records give")
    elif (head.heads, head.heads_through) != (replay.heads_head, replay.heads_through):
        yield _stale("the head row names another heads tree than the records give")


def _checkpoint_findings(
    connection: Connection, replay: Replay, roots: dict[int, bytes]
) -> Iterator[Finding]:
    for size, root, note in _CHECKPOINTS.stream(connection):
        right = roots.get(size)
        if right is None:
            yield Finding("missing", "checkpoints", f"entries of the signed tree of {size} are missing")
            continue
        try:
            shown = _opened(note, replay)
        except ProofError as error:
            yield Finding("wrong", "checkpoints", f"checkpoint of {size}: {error}", size - 1)
            continue
        if (shown.size, shown.root, root) != (size, right, right):
            yield Finding("wrong", "checkpoints", f"checkpoint of {size} has another root", size - 1)


def _opened(note: Any, replay: Replay) -> Checkpoint:
    """A stored checkpoint, under any key that was the log's."""
    if not isinstance(note, bytes):
        raise ProofError("the note is no note")
    assert replay.state is not None
    failed: ProofError | None = None
    for public_key in replay.log_keys:
        try:
            return open_checkpoint(note, VerifierKey(replay.state.origin, public_key))
        except ProofError as error:
            failed = error
    raise failed or ProofError("no key of the log is known")


def _damage(connection: Connection) -> str:
    if connection.dialect.name != "sqlite":
        return ""
    try:
        found: list[str] = list(connection.execute(text("PRAGMA quick_check(1)")).scalars())
    except DBAPIError as error:
        return str(error.orig)
    return "" if found == ["ok"] else str(found[:1])


def _same_state(name: str, stored: Any, subject: Subject) -> bool:
    """A sale whose quantity is not open counts as unknown in the replay: that is no difference."""
    state = subject.state
    if not isinstance(stored, str):
        return False
    if stored == printed(state):
        return True
    try:
        copy = MODELS[name.partition(":")[0]].model_validate_json(stored)
    except (ValueError, KeyError):
        return False
    if isinstance(state, LotState) and isinstance(copy, LotState) and state.sold is None:
        copy = copy.model_copy(update={"sold": None})
    same: bool = copy == state
    return same


def _place(bits: Any, prefix: Any) -> str:
    return f"heads node {bits}:{_hex(prefix)[:16]}"


def _hex(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _sized(value: Any, size: int) -> bool:
    return isinstance(value, bytes) and len(value) == size


def _stale(message: str) -> Finding:
    return Finding("missing", "working copies", f"{message}; lotproof rebuild makes it again")
