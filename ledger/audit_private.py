"""Openings and rows: each fits its commitment, none is gone without a word, grades follow from rows."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from ledger.audit import Finding
from ledger.core import canonical, manifest, merkle
from ledger.core.canonical import JsonValue
from ledger.core.commitments import Opening
from ledger.core.leaf import Leaf
from ledger.errors import InvalidRecord
from ledger.lots.regrade import check_grades
from ledger.lots.rows import manifests
from ledger.records.evidence import ErasureRecorded
from ledger.records.inspection import LotInspected
from ledger.records.model import Manifest
from ledger.records.registry import Typed
from ledger.store.log import OPENINGS, ROWS
from ledger.store.statements import Statement

_OPENINGS = Statement(
    select(OPENINGS.c.field, OPENINGS.c.commitment, OPENINGS.c.value, OPENINGS.c.salt).where(
        OPENINGS.c.event_id == bindparam("id")
    )
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

    def openings(self, event_id: str) -> Mapping[str, Opening]:
        """What is stored to open a record's commitments; whether it does is for the caller to check."""
        if self._at_hand[0] != event_id:
            rows = _OPENINGS.stream(self._connection, id=bytes.fromhex(event_id))
            self._at_hand = (event_id, [_Stored(*row) for row in rows])
        return {stored.name: stored.opening for stored in self._at_hand[1] if stored.opening is not None}

    def saw(self, leaf: Leaf, typed: Typed, opened: Mapping[str, JsonValue]) -> None:
        """Check what belongs to one entry. opened: the values that opened their commitments in the replay."""
        event_id, commit = leaf.record.event_id, leaf.record.body.commit
        if isinstance(typed.data, ErasureRecorded):
            about: list[str | int] = [*typed.data.fields, *typed.data.rows]
            self._erased.update((typed.data.record, part) for part in about)
        if commit:
            self.openings(event_id)
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
        for part, described in manifests(typed):
            self._found += self._manifest(leaf, typed, part, described)

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

    def _manifest(self, leaf: Leaf, typed: Typed, part: str, described: Manifest) -> Iterator[Finding]:
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
        elif isinstance(typed.data, LotInspected):
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
