"""What only a database can show: its index, its working copies, and what opens commitments.

Wrong index bytes (entries, chain, heads nodes, checkpoints) fail. Working copies and openings prove
nothing by themselves, so damage to them leaves the log unverified, never failed.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from ledger.audit import Finding, Kind, Report
from ledger.core import canonical, commitments, heads, manifest, merkle, tiles
from ledger.core.canonical import JsonValue
from ledger.core.checkpoint import open_checkpoint
from ledger.core.commitments import Opening
from ledger.core.keys import VerifierKey
from ledger.core.leaf import Leaf
from ledger.errors import InvalidRecord, LedgerError, MissingEvidence, ProofError
from ledger.lots.regrade import check_grades
from ledger.lots.rows import manifests
from ledger.lots.state import MODELS
from ledger.ports import ObjectStore
from ledger.records.inspection import LotInspected
from ledger.records.registry import Typed, typed
from ledger.replay import Openings, Replay
from ledger.store import checkpoints, log
from ledger.store.database import Database
from ledger.store.log import CHAIN, CODES, ENTRIES, HEADS, KEYS, OPENINGS, ROWS, SUBJECTS

FINDINGS_MAX = 20  # of one stage; the first ones name the place


class DatabaseSource:
    """An installation: its database, and the published objects beside it."""

    def __init__(self, name: str, database: Database, objects: ObjectStore) -> None:
        self.name = name
        self.objects = objects
        self.opening: Openings | None = self._opening
        self._database = database
        self._grades_checked = 0
        self._rows_missing = 0
        self._misses: list[Finding] = []
        self._leaf_columns: dict[int, tuple[bytes, bytes, str]] = {}
        self._gaps: list[Finding] = []
        self._erased: dict[str, tuple[set[str], set[int]]] = {}

    def entries(self, start: int) -> Iterator[bytes]:
        """Leaves in order, their index columns compared in passing."""
        expected = start
        columns = (ENTRIES.c.idx, ENTRIES.c.leaf, ENTRIES.c.leaf_hash, ENTRIES.c.event_id, ENTRIES.c.type)
        with self._reading() as connection:
            statement = select(*columns).where(ENTRIES.c.idx >= start).order_by(ENTRIES.c.idx)
            for idx, leaf, leaf_hash, event_id, type_ in _rows(connection, statement):
                if idx != expected:
                    raise MissingEvidence(f"entry {expected} is missing from the database")
                if not (_sized(leaf_hash, 32) and _sized(event_id, 32) and isinstance(leaf, bytes)):
                    raise MissingEvidence(f"the row of entry {expected} is damaged")
                self._leaf_columns = {idx: (leaf_hash, event_id, type_)}
                yield leaf
                self._check_columns(idx, leaf, leaf_hash, event_id, type_)
                expected += 1

    def leaf_at(self, index: int) -> bytes:
        with self._reading() as connection:
            leaf = log.leaf(connection, index)
        if leaf is None:
            raise MissingEvidence(f"entry {index} is missing from the database")
        return leaf

    def wanted_roots(self) -> set[int]:
        with self._reading() as connection:
            sizes = connection.execute(select(checkpoints.CHECKPOINTS.c.size)).scalars()
            return {size for size in sizes if isinstance(size, int)}

    def explain(self, index: int, error: LedgerError) -> Kind:
        """A row whose columns all disagree at once was not edited but garbled."""
        if isinstance(error, MissingEvidence):
            return "missing"
        leaf_hash = self._leaf_columns.get(index, (b"", b"", ""))[0]
        if merkle.leaf_hash(self.leaf_at(index)) == leaf_hash:
            return "wrong"
        return "wrong" if self._published_hash(index) in (leaf_hash, None) else "missing"

    def prove_rest(self, replay: Replay, roots: dict[int, bytes], report: Report) -> None:
        """Index, checkpoints, working copies, openings, rows and grades."""
        report.findings += self._gaps[:FINDINGS_MAX]
        with self._reading() as connection:
            damage = _damage(connection)
            if damage:
                report.findings.append(Finding("missing", "database", f"the file is damaged: {damage}"))
            for check in (self._chain, self._heads, self._copies):
                report.findings += list(check(connection, replay))[:FINDINGS_MAX]
            report.findings += list(self._checkpoints(connection, replay, roots))[:FINDINGS_MAX]
            report.findings += list(self._private(connection, replay))[:FINDINGS_MAX]
        report.findings += self._misses[:FINDINGS_MAX]
        report.checked += ["chain index", "heads nodes", "stored checkpoints", "working copies", "openings"]
        if self._grades_checked:
            report.checked.append("grades")
        if self._rows_missing:
            report.not_checked.append(
                f"grades of {self._rows_missing} inspections: rows or scheme not at hand"
            )

    def _check_columns(self, idx: int, leaf: bytes, leaf_hash: bytes, event_id: bytes, type_: str) -> None:
        record = Leaf.parse(leaf).record
        for name, stored, right in (
            ("leaf_hash", leaf_hash, merkle.leaf_hash(leaf)),
            ("event_id", event_id, bytes.fromhex(record.event_id)),
            ("type", type_, record.body.type),
        ):
            if stored != right:
                self._gaps.append(Finding("wrong", "index", f"column {name} is not the leaf's", idx, name))

    def _published_hash(self, index: int) -> bytes | None:
        """The leaf hash of an entry as published; None where no tile shows it."""
        for width in (tiles.WIDTH, *range(tiles.WIDTH - 1, index % tiles.WIDTH, -1)):
            try:
                data = self.objects.get(tiles.Tile(0, index >> tiles.HEIGHT, width).path)
                return tiles.parse_tile(data, width)[index % tiles.WIDTH]
            except LedgerError:
                continue
        return None

    def _chain(self, connection: Connection, replay: Replay) -> Iterator[Finding]:
        """The chain index holds exactly the links of the leaves."""
        statement = select(CHAIN.c.idx, CHAIN.c.subject, CHAIN.c.seq, CHAIN.c.event_id)
        stored = _rows(connection, statement.order_by(CHAIN.c.idx, CHAIN.c.subject))
        expected = self._links(replay.size)
        while True:
            ours, theirs = next(stored, None), next(expected, None)
            if ours is None and theirs is None:
                return
            if ours is None or theirs is None or tuple(ours) != theirs:
                at = theirs[0] if theirs else (ours[0] if ours else None)
                yield Finding("wrong", "chain", "the chain index differs from the records", at, "subjects")
                return

    def _links(self, size: int) -> Iterator[tuple[int, str, int, bytes]]:
        with self._reading() as connection:
            for idx, leaf in log.leaves(connection, 0, size):
                record = Leaf.parse(leaf).record
                event_id = bytes.fromhex(record.event_id)
                for link in record.body.subjects:
                    yield idx, link.id, link.seq, event_id

    def _heads(self, connection: Connection, replay: Replay) -> Iterator[Finding]:
        stored: dict[tuple[Any, Any], heads.Node] = {}
        for node in _nodes(connection):
            stored[node.bits, node.prefix] = node
        for place, node in replay.heads_nodes.items():
            if stored.pop(place, None) != node:
                where = f"heads node {place[0]}:{place[1].hex()[:16]}"
                yield Finding("wrong", "heads", f"{where} is not what the records give", replay.heads_through)
        for bits, prefix in stored:
            shown = prefix.hex()[:16] if isinstance(prefix, bytes) else prefix
            yield Finding(
                "wrong", "heads", f"heads node {bits}:{shown} is not in the tree", replay.heads_through
            )

    def _copies(self, connection: Connection, replay: Replay) -> Iterator[Finding]:
        """Working copies that pages and rules read; ``lotproof rebuild`` makes them again."""
        stored = {row.subject: row for row in _rows(connection, select(SUBJECTS))}
        for name, subject in replay.subjects.items():
            row = stored.pop(name, None)
            if row is None or not _same_subject(name, row, subject):
                yield _stale(f"the working copy of {name} is not what its records give")
        for name in stored:
            yield _stale(f"the working copy of {name} stands for no record")
        kept = {row.key_id: row.state for row in _rows(connection, select(KEYS))}
        if kept != {key.id: key.model_dump_json() for key in replay.keys.values()}:
            yield _stale("the working copy of the key directory is not what the records give")
        codes = {r.code_hash: (r.idx, r.subject, _hex(r.event_id)) for r in _rows(connection, select(CODES))}
        if codes != replay.codes:
            yield _stale("the working copy of the issued codes is not what the records give")
        head = log.read_head(connection)
        if (
            head is None
            or head.state != replay.state
            or (
                (head.size, head.last_leaf.hex(), head.last_rec)
                != (replay.size, replay.last_leaf, replay.last_rec)
            )
        ):
            yield _stale("the head row is not what the records give")
        elif (head.heads, head.heads_through) != (replay.heads_head, replay.heads_through):
            yield _stale("the head row names another heads tree than the records give")

    def _checkpoints(
        self, connection: Connection, replay: Replay, roots: dict[int, bytes]
    ) -> Iterator[Finding]:
        assert replay.state is not None
        for head in checkpoints.all_of(connection):
            root = roots.get(head.size)
            if root is None:
                yield Finding(
                    "missing", "checkpoints", f"entries of the signed tree of {head.size} are missing"
                )
                continue
            try:
                key = VerifierKey(replay.state.origin, bytes.fromhex(replay.state.log_key))
                shown = open_checkpoint(head.note, key)
            except ProofError as error:
                yield Finding("wrong", "checkpoints", f"checkpoint of {head.size}: {error}", head.size - 1)
                continue
            if (shown.size, shown.root, head.root) != (head.size, root, root):
                yield Finding("wrong", "checkpoints", f"checkpoint of {head.size} has another root",
                              head.size - 1)  # fmt: skip

    def _private(self, connection: Connection, replay: Replay) -> Iterator[Finding]:
        """Openings and rows: each fits its commitment, none is gone without a word."""
        openings = {(_hex(row.event_id), row.field): row for row in _rows(connection, select(OPENINGS))}
        for idx, leaf in log.leaves(connection, 0, replay.size):
            typed_ = typed(Leaf.parse(leaf).record)
            if typed_.type.name == "erasure.recorded":
                fields, rows = self._erased.setdefault(typed_.data.record, (set(), set()))
                fields.update(typed_.data.fields)
                rows.update(typed_.data.rows)
        for idx, leaf in log.leaves(connection, 0, replay.size):
            typed_ = typed(Leaf.parse(leaf).record)
            event_id = typed_.record.event_id
            for name, committed in typed_.record.body.commit.items():
                row = openings.pop((event_id, name), None)
                problem = self._opening_problem(event_id, name, committed, row)
                if problem:
                    yield Finding("missing", "openings", problem, idx, f"/commit/{name}")
            yield from self._rows_of(connection, idx, typed_, replay)
        for event_id, name in openings:
            yield Finding("missing", "openings", f"an opening of {name} belongs to no record {event_id}")

    def _opening_problem(self, event_id: str, name: str, committed: str, row: Any) -> str | None:
        if row is None:
            return None  # a submitter may keep its values
        if row.value is None and row.salt is None:
            erased = name in self._erased.get(event_id, (set(), set()))[0]
            return None if erased else f"{name} was erased without a record of it"
        try:
            opening = Opening(canonical.loads(row.value), row.salt)
            commitments.check_opening(name, opening, committed)
        except (LedgerError, TypeError) as error:
            return f"{name}: {error}"
        return (
            None if row.commitment == bytes.fromhex(committed) else f"{name} stands under another commitment"
        )

    def _rows_of(self, connection: Connection, idx: int, typed_: Typed, replay: Replay) -> Iterator[Finding]:
        event_id = typed_.record.event_id
        for part, described in manifests(typed_):
            statement = select(ROWS.c.n, ROWS.c.data, ROWS.c.leaf_hash).where(
                ROWS.c.event_id == bytes.fromhex(event_id), ROWS.c.part == part
            )
            stored = list(_rows(connection, statement.order_by(ROWS.c.n)))
            data = [row.data for row in stored]
            if [row.n for row in stored] != list(range(described.count)):
                yield Finding("missing", "rows", f"rows of manifest {part or event_id[:16]} are missing", idx)
                continue
            gone = {row.n for row in stored if row.data is None}
            if gone - self._erased.get(event_id, (set(), set()))[1]:
                yield Finding("missing", "rows", "rows were erased without a record of it", idx)
            hashes = [row.leaf_hash for row in stored]
            if not _rows_hold(data, hashes) or manifest.root_with_erased(data, hashes) != described.rows_root:
                yield Finding(
                    "missing", "rows", "rows do not give the root in the record", idx, "/data/manifest"
                )
                continue
            if isinstance(typed_.data, LotInspected):
                yield from self._grades(idx, typed_.data, data)

    def _grades(self, idx: int, data: LotInspected, rows: list[bytes | None]) -> Iterator[Finding]:
        try:
            told = check_grades(data, rows)
        except InvalidRecord as error:
            yield Finding("wrong", "grades", str(error), idx, error.pointer)
            return
        self._grades_checked += told
        self._rows_missing += not told

    def _opening(self, event_id: str, field: str) -> JsonValue | None:
        """An opened value for the rules, only where it opens its commitment."""
        with self._reading() as connection:
            try:
                opening = log.opening(connection, event_id, field)
                if opening is None:
                    return None
                committed = commitments.commitment(field, opening)
                row = connection.execute(
                    select(OPENINGS.c.event_id).where(OPENINGS.c.commitment == bytes.fromhex(committed))
                ).one_or_none()
            except InvalidRecord:
                return None
        return opening.value if row is not None and row.event_id.hex() == event_id else None

    def _reading(self) -> Any:
        return self._database.reading()


def _damage(connection: Connection) -> str:
    if connection.dialect.name != "sqlite":
        return ""
    try:
        found: list[str] = list(connection.execute(text("PRAGMA quick_check(1)")).scalars())
    except DBAPIError as error:
        return str(error.orig)
    return "" if found == ["ok"] else found[0]


def _rows(connection: Connection, statement: Any) -> Iterator[Any]:
    result = connection.execution_options(yield_per=500).execute(statement)
    yield from result


def _nodes(connection: Connection) -> Iterable[heads.Node]:
    for row in _rows(connection, select(HEADS)):
        yield heads.Node(
            row.bits,
            row.prefix,
            heads.Child(row.left_place, row.left_prefix, row.left_hash, row.left_value),
            heads.Child(row.right_place, row.right_prefix, row.right_hash, row.right_value),
        )


def _rows_hold(data: list[bytes | None], hashes: list[bytes]) -> bool:
    return all(
        isinstance(hash_, bytes) and len(hash_) == 32 and (row is None or isinstance(row, bytes))
        and (row is None or merkle.leaf_hash(row) == hash_)
        for row, hash_ in zip(data, hashes, strict=True)
    )  # fmt: skip


def _same_subject(name: str, row: Any, subject: Any) -> bool:
    head = (subject.head.seq, subject.head.index, subject.head.event_id)
    if (row.seq, row.idx, _hex(row.event_id)) != head:
        return False
    try:
        stored = MODELS[name.partition(":")[0]].model_validate_json(row.state)
    except ValueError:
        return False
    return stored == subject.state


def _hex(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _sized(value: Any, size: int) -> bool:
    return isinstance(value, bytes) and len(value) == size


def _stale(message: str) -> Finding:
    return Finding("missing", "working copies", f"{message}; lotproof rebuild makes it again")
