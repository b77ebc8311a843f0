"""Openings and rows: each fits its commitment, none is gone without a word, grades follow from rows."""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from ledger.audit_report import FINDINGS_MAX, Finding, Kind
from ledger.core import manifest, merkle
from ledger.core.canonical import JsonValue
from ledger.core.leaf import Leaf
from ledger.errors import InvalidRecord, StorageError
from ledger.lots.regrade import changed_scheme, check_grades
from ledger.lots.results import check_as_measured, device_place
from ledger.lots.rowforms import check_forms
from ledger.lots.rows import check_sources, manifests, row_offsets
from ledger.lots.state import Subject
from ledger.records.evidence import ErasureRecorded
from ledger.records.inspection import LotInspected
from ledger.records.model import Manifest
from ledger.records.registry import NEEDED_VALUES, Typed
from ledger.replay import Sealed
from ledger.replay_state import Gone
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


# One stored opening, read without trust: a damaged file may hold anything in any column.
_Stored = tuple[Any, Any, Any, Any]  # field, commitment, value, salt


class PrivateParts:
    """Checks the private part of each entry as it streams by. Damage here is never more than missing."""

    def __init__(
        self, connection: Connection, gone: MutableMapping[Gone, int], tallies: Mapping[str, int]
    ) -> None:
        """Both belong to the replay's state.

        gone: what is erased and no record says so yet. tallies: counts of the entries before.
        """
        self.found: list[Finding] = []
        self.grades_checked = tallies.get("grades_checked", 0)
        self.grades_untold = tallies.get("grades_untold", 0)
        self._openings_met = tallies.get("openings", 0)
        self._rows_met = tallies.get("rows", 0)
        self._connection = connection
        self._gone = gone
        self._at_hand: tuple[str, Sequence[_Stored]] = ("", [])
        self._ahead: dict[bytes, list[tuple[Any, ...]]] = {}  # event id -> its rows, of the entries ahead

    def tallies(self) -> Mapping[str, int]:
        return {
            "grades_checked": self.grades_checked,
            "grades_untold": self.grades_untold,
            "openings": self._openings_met,
            "rows": self._rows_met,
        }

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

    def openings(self, event_id: str) -> Mapping[str, Sealed]:
        """What is stored to open a record's commitments; whether it does is for the caller to check."""
        return {
            name: Sealed(value, salt)
            for name, _, value, salt in self._read(event_id)
            if type(value) is bytes and type(salt) is bytes
        }

    def _read(self, event_id: str) -> Sequence[_Stored]:
        if self._at_hand[0] != event_id:
            raw = bytes.fromhex(event_id)
            rows: Any = self._ahead.get(raw)
            if rows is None:
                rows = list(_OPENINGS.stream(self._connection, id=raw))
            self._at_hand = (event_id, rows)
        return self._at_hand[1]

    def saw(
        self, leaf: Leaf, typed: Typed, opened: Mapping[str, JsonValue], before: Mapping[str, Subject | None]
    ) -> None:
        """Check what belongs to one entry.

        opened: the values that opened their commitments in the replay. before: the record's subjects as
        it found them.
        """
        commit = leaf.record.body.commit
        if isinstance(typed.data, ErasureRecorded):
            about: list[str | int] = [*typed.data.fields, *typed.data.rows]
            for part in about:
                self._gone.pop(_gone(typed.data.record, part), None)
        if commit:
            self._check_openings(leaf, typed, opened)
        expected = list(manifests(typed))
        if not expected:
            return
        parts: dict[str, list[bytes | None]] = {}
        for part, described in expected:
            for finding in self._manifest(leaf, typed, part, described, parts):
                self._find(finding)
        if len(parts) == len(expected):  # damaged rows prove nothing about the others
            self._check_sources(leaf, typed, parts, before)

    def _check_openings(self, leaf: Leaf, typed: Typed, opened: Mapping[str, JsonValue]) -> None:
        event_id, commit = leaf.record.event_id, leaf.record.body.commit
        rows = self._read(event_id)
        self._check_needed(leaf, typed)
        self._openings_met += len(rows)
        for name, under, value, salt in rows:
            if value is None and salt is None:
                self._gone[_gone(event_id, str(name))] = leaf.index
                continue
            problem = _problem(under, commit.get(name), opens=name in opened)
            if problem:
                self._find(_finding("missing", "openings", f"{name}: {problem}", leaf, f"/commit/{name}"))

    def _find(self, finding: Finding) -> None:
        if len(self.found) < FINDINGS_MAX:
            self.found.append(finding)

    def _check_needed(self, leaf: Leaf, typed: Typed) -> None:
        """A value that a rule needed was there when the record was written: it may be erased, never lost."""
        for name in NEEDED_VALUES.get(typed.type.name, ()):
            if name in leaf.record.body.commit and all(name != row[0] for row in self._at_hand[1]):
                self._gone[_gone(leaf.record.event_id, name)] = leaf.index

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
            self._find(_finding("wrong", "rows", str(error), leaf, error.pointer))

    def findings(self, *, whole: bool) -> list[Finding]:
        """All that was found; call it after the last entry. whole: every entry was seen here."""
        found = list(self.found)
        for (_, part), index in islice(self._gone.items(), FINDINGS_MAX):
            stage, named = ("rows", f"row {part[1:]}") if part.startswith("#") else ("openings", part)
            found.append(Finding("missing", stage, f"{named} was erased without a record of it", index))
        if not whole:
            return found
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
        event_id = leaf.record.event_id
        stored = list(_ROWS.stream(self._connection, id=bytes.fromhex(event_id), in_part=part))
        self._rows_met += len(stored)
        if [n for n, _, _ in stored] != list(range(described.count)):
            message = f"rows of manifest {part or event_id[:16]} are missing"
            yield _finding("missing", "rows", message, leaf)
            return
        data: list[bytes | None] = [row for _, row, _ in stored]
        hashes: list[bytes] = [hash_ for _, _, hash_ in stored]
        start = row_offsets(typed)[part]  # an erasure counts through the manifests of a record
        self._gone.update(
            {_gone(event_id, start + n): leaf.index for n, row in enumerate(data) if row is None}
        )
        if not _rows_hold(data, hashes) or manifest.root_with_erased(data, hashes) != described.rows_root:
            message = "rows do not give the root in the record"
            yield _finding("missing", "rows", message, leaf, "/data/manifest")
            return
        parts[part] = data
        try:
            check_forms(typed.data, data)
        except InvalidRecord as error:
            yield _finding("wrong", "rows", str(error), leaf, error.pointer)
        if isinstance(typed.data, LotInspected):
            yield from self._grades(leaf, typed.data, data)
            yield from self._as_measured(leaf, data)

    def _grades(self, leaf: Leaf, data: LotInspected, rows: list[bytes | None]) -> Iterator[Finding]:
        try:
            told = check_grades(data, rows)
        except InvalidRecord as error:
            yield _finding("wrong", "grades", str(error), leaf, error.pointer)
            return
        self.grades_checked += told
        self.grades_untold += not told
        changed = "" if told else changed_scheme(data)
        if changed:
            yield _finding("missing", "grades", changed, leaf, "/data/scheme")

    def _as_measured(self, leaf: Leaf, rows: list[bytes | None]) -> Iterator[Finding]:
        """What is said to be a device's result is what the device signed, as far as both are there."""
        batches: dict[str, list[bytes | None]] = {}
        for n, row in enumerate(rows):
            if row is None or b'"device"' not in row:
                continue
            try:
                facts = manifest.parse_row(row, n)
                if "device" not in facts:
                    continue
                event_id, number = device_place(facts, n)
                if event_id not in batches:
                    stored = _ROWS.stream(self._connection, id=bytes.fromhex(event_id), in_part="")
                    batches[event_id] = [data for _, data, _ in stored]
                measured = batches[event_id][number] if number < len(batches[event_id]) else None
                if measured is not None:
                    check_as_measured(facts, n, manifest.parse_row(measured, number))
            except (InvalidRecord, ValueError) as error:
                yield _finding("wrong", "rows", str(error), leaf, f"/rows/{n}")
                return


def _problem(under: Any, committed: str | None, *, opens: bool) -> str:
    """What is wrong with a stored opening, or "".

    under: the commitment it stands under. committed: what the record says; opens: it opens just that.
    """
    if committed is None:
        return "the record commits to no such field"
    if under != bytes.fromhex(committed):
        return "stands under another commitment"
    return "" if opens else "does not open the commitment"


def _gone(event_id: str, part: str | int) -> Gone:
    return event_id, f"#{part}" if isinstance(part, int) else part


def _finding(kind: Kind, stage: str, message: str, leaf: Leaf, place: str = "") -> Finding:
    subjects = tuple(link.id for link in leaf.record.body.subjects)
    return Finding(kind, stage, message, leaf.index, place, subjects)


def _rows_hold(data: list[bytes | None], hashes: list[bytes]) -> bool:
    """Whether every row is bytes that hash to what is kept beside it. Damaged columns may hold anything."""
    return all(
        isinstance(hash_, bytes)
        and len(hash_) == merkle.HASH_SIZE
        and (row is None or (isinstance(row, bytes) and merkle.leaf_hash(row) == hash_))
        for row, hash_ in zip(data, hashes, strict=True)
    )
