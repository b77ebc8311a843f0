"""Openings and rows: each fits its commitment, none is gone without a word, grades follow from rows."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from ledger.audit import Finding
from ledger.core import canonical, manifest, merkle
from ledger.core.canonical import JsonValue
from ledger.core.commitments import Opening
from ledger.core.leaf import Leaf
from ledger.errors import InvalidRecord, StorageError
from ledger.lots.regrade import check_grades
from ledger.lots.rows import check_sources, manifests
from ledger.lots.state import Subject
from ledger.records.evidence import ErasureRecorded
from ledger.records.inspection import LotInspected
from ledger.records.model import Manifest
from ledger.records.registry import NEEDED_VALUES, Typed
from ledger.store.log import ENTRIES, OPENINGS, ROWS
from ledger.store.statements import Statement

_OPENINGS = Statement(
    select(OPENINGS.c.field, OPENINGS.c.commitment, OPENINGS.c.value, OPENINGS.c.salt).where(
        OPENINGS.c.event_id == bindparam("id")
    )
)
_AHEAD = Statement(
    select(ENTRIES.c.event_id, OPENINGS.c.field, OPENINGS.c.commitment, OPENINGS.c.value, OPENINGS.c.salt)
    .select_from(ENTRIES.outerjoin(OPENINGS, OPENINGS.c.event_id == ENTRIES.c.event_id))
    .where(ENTRIES.c.idx >= bindparam("start"), ENTRIES.c.idx < bindparam("end"))
)
_ROWS = Statement(
    select(ROWS.c.n, ROWS.c.data, ROWS.c.leaf_hash)
    .where(ROWS.c.event_id == bindparam("id"), ROWS.c.part == bindparam("in_part"))
    .order_by(ROWS.c.n)
)
_OPENINGS_COUNT = Statement(select(func.count()).select_from(OPENINGS))
_ROWS_COUNT = Statement(select(func.count()).select_from(ROWS))


class _Stored:
    """One stored opening, read without trust: a damaged file may hold anything in any column."""

    __slots__ = ("_under", "erased", "name", "opening")

    def __init__(self, name: Any, under: Any, value: Any, salt: Any) -> None:
        self.name = name
        self.erased = value is None and salt is None
        self.opening: Opening | None = None
        self._under = under
        if isinstance(value, bytes) and isinstance(salt, bytes):
            try:
                self.opening = Opening(canonical.loads(value), salt)
            except InvalidRecord:
                return

    def problem(self, committed: str | None, *, opens: bool) -> str:
        """What is wrong with it, or "". committed: what the record says; opens: it opens just that."""
        if committed is None:
            return "the record commits to no such field"
        if self._under != bytes.fromhex(committed):
            return "stands under another commitment"
        return "" if opens else "does not open the commitment"


class PrivateParts:
    """Checks the private part of each entry as it streams by. Damage here is never more than missing."""

    def __init__(self, connection: Connection) -> None:
        self.grades_checked = 0
        self.grades_untold = 0
        self._connection = connection
        self._found: list[Finding] = []
        self._gone: list[tuple[str, str | int, int]] = []  # event id, field or row, index of the entry
        self._erased: set[tuple[str, str | int]] = set()
        self._openings_met = 0
        self._rows_met = 0
        self._at_hand: tuple[str, list[_Stored]] = ("", [])
        self._ahead: dict[bytes, list[tuple[Any, ...]]] = {}  # event id -> its rows, of the entries ahead

    def read_ahead(self, start: int, end: int) -> None:
        """Read the openings of the entries in [start, end) at once: a statement an entry costs more.

        Goes by the index column; where that is not the leaf's event id the rows are read singly.
        """
        self._ahead = {}
        try:
            for event_id, *row in _AHEAD.stream(self._connection, start=start, end=end):
                rows = self._ahead.setdefault(event_id, [])
                if row[0] is not None:  # of the outer join: the entry has no opening
                    rows.append(tuple(row))
        except StorageError:
            self._ahead = {}  # damaged: the entry that it concerns will say so

    def openings(self, event_id: str) -> Mapping[str, Opening]:
        """What is stored to open a record's commitments; whether it does is for the caller to check."""
        self._read(event_id)
        return {stored.name: stored.opening for stored in self._at_hand[1] if stored.opening is not None}

    def _read(self, event_id: str) -> None:
        if self._at_hand[0] != event_id:
            raw = bytes.fromhex(event_id)
            rows = self._ahead.get(raw)
            if rows is None:
                rows = list(_OPENINGS.stream(self._connection, id=raw))
            self._at_hand = (event_id, [_Stored(*row) for row in rows])

    def saw(
        self, leaf: Leaf, typed: Typed, opened: Mapping[str, JsonValue], before: Mapping[str, Subject | None]
    ) -> None:
        """Check what belongs to one entry.

        opened: the values that opened their commitments in the replay. before: the record's subjects as
        it found them.
        """
        event_id, commit = leaf.record.event_id, leaf.record.body.commit
        if isinstance(typed.data, ErasureRecorded):
            about: list[str | int] = [*typed.data.fields, *typed.data.rows]
            self._erased.update((typed.data.record, part) for part in about)
        if commit:
            self._read(event_id)
            self._check_needed(leaf, typed)
            self._openings_met += len(self._at_hand[1])
            for stored in self._at_hand[1]:
                if stored.erased:
                    self._gone.append((event_id, stored.name, leaf.index))
                    continue
                problem = stored.problem(commit.get(stored.name), opens=stored.name in opened)
                if problem:
                    place = f"/commit/{stored.name}"
                    message = f"{stored.name}: {problem}"
                    self._found.append(Finding("missing", "openings", message, leaf.index, place))
        parts: dict[str, list[bytes | None]] = {}
        expected = list(manifests(typed))
        for part, described in expected:
            self._found += self._manifest(leaf, typed, part, described, parts)
        if len(parts) == len(expected):  # damaged rows prove nothing about the others
            self._check_sources(leaf, typed, parts, before)

    def _check_needed(self, leaf: Leaf, typed: Typed) -> None:
        """A value that a rule needed was there when the record was written: it may be erased, never lost."""
        stored = {one.name for one in self._at_hand[1]}
        for name in NEEDED_VALUES.get(typed.type.name, ()):
            if name in leaf.record.body.commit and name not in stored:
                self._gone.append((leaf.record.event_id, name, leaf.index))

    def _check_sources(
        self,
        leaf: Leaf,
        typed: Typed,
        parts: Mapping[str, list[bytes | None]],
        before: Mapping[str, Subject | None],
    ) -> None:
        rows = {part: [row for row in of_part if row is not None] for part, of_part in parts.items()}
        if not parts or any(len(rows[part]) != len(parts[part]) for part in parts):
            return  # an erased row says nothing about its source any more
        try:
            check_sources(typed, rows, before.get)
        except InvalidRecord as error:
            self._found.append(Finding("wrong", "rows", str(error), leaf.index, error.pointer))

    def findings(self) -> list[Finding]:
        """All that was found; call it after the last entry."""
        found = list(self._found)
        for event_id, part, index in self._gone:
            if (event_id, part) not in self._erased:
                stage, named = ("rows", f"row {part}") if isinstance(part, int) else ("openings", part)
                found.append(Finding("missing", stage, f"{named} was erased without a record of it", index))
        for stage, statement, met in (
            ("openings", _OPENINGS_COUNT, self._openings_met),
            ("rows", _ROWS_COUNT, self._rows_met),
        ):
            counted = statement.row(self._connection)
            if counted is not None and counted[0] != met:
                found.append(Finding("missing", stage, f"{counted[0] - met} {stage} belong to no record"))
        return found

    def _manifest(
        self,
        leaf: Leaf,
        typed: Typed,
        part: str,
        described: Manifest,
        parts: dict[str, list[bytes | None]],
    ) -> Iterator[Finding]:
        """Compare one manifest's rows; those that hold are put into ``parts``."""
        event_id, index = leaf.record.event_id, leaf.index
        stored = list(_ROWS.stream(self._connection, id=bytes.fromhex(event_id), in_part=part))
        self._rows_met += len(stored)
        if [n for n, _, _ in stored] != list(range(described.count)):
            yield Finding("missing", "rows", f"rows of manifest {part or event_id[:16]} are missing", index)
            return
        data: list[bytes | None] = [row for _, row, _ in stored]
        hashes: list[bytes] = [hash_ for _, _, hash_ in stored]
        self._gone += [(event_id, n, index) for n, row in enumerate(data) if row is None]
        if not _rows_hold(data, hashes) or manifest.root_with_erased(data, hashes) != described.rows_root:
            message = "rows do not give the root in the record"
            yield Finding("missing", "rows", message, index, "/data/manifest")
            return
        parts[part] = data
        if isinstance(typed.data, LotInspected):
            yield from self._grades(index, typed.data, data)

    def _grades(self, index: int, data: LotInspected, rows: list[bytes | None]) -> Iterator[Finding]:
        try:
            told = check_grades(data, rows)
        except InvalidRecord as error:
            yield Finding("wrong", "grades", str(error), index, error.pointer)
            return
        self.grades_checked += told
        self.grades_untold += not told


def _rows_hold(data: list[bytes | None], hashes: list[bytes]) -> bool:
    """Whether every row is bytes that hash to what is kept beside it. Damaged columns may hold anything."""
    return all(
        isinstance(hash_, bytes)
        and len(hash_) == merkle.HASH_SIZE
        and (row is None or (isinstance(row, bytes) and merkle.leaf_hash(row) == hash_))
        for row, hash_ in zip(data, hashes, strict=True)
    )
