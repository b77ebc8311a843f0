"""Private rows that are proved against the roots in signed records: an article's own facts.

A row names its source row in the lot it came from, so an article is followed from where it lies now
to its supplier's declaration; what was measured or mended names one of those rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, select

from gateway.pages.building.erased import Erased, Erasure, about
from gateway.store.goods import Item
from ledger.core import manifest
from ledger.core.leaf import Leaf
from ledger.errors import MissingEvidence, ProofError
from ledger.lots.rows import manifests, row_offsets
from ledger.records.registry import typed
from ledger.store.log import ROWS
from ledger.verify import History

Place = tuple[str, int]  # event id of the record with the manifest, number of the row

# What an article's facts beside the ledger must share with the row that its supplier declared.
DECLARED = (
    "gtin",
    "brand",
    "model",
    "produced_on",
    "label_state",
    "origin_channel",
    "origin_country",
    "hs_code",
)


@dataclass(frozen=True)
class ProvedRows:
    """The rows behind one manifest, whose root is what the record states."""

    leaf: Leaf
    rows: Sequence[bytes | None]
    erased: Mapping[int, Erasure]  # number of an erased row -> the record of it

    def lost(self) -> Iterator[MissingEvidence]:
        """One error for each row that is not there."""
        for n, data in enumerate(self.rows):
            if data is None:
                erasure = self.erased.get(n)
                yield Erased(erasure) if erasure else self._missing(n)

    def facts(self, n: int) -> dict[str, Any]:
        """Raises MissingEvidence for an erased row, ProofError for one that is not there."""
        if not 0 <= n < len(self.rows):
            raise ProofError(f"entry {self.leaf.index} has no row {n}")
        data = self.rows[n]
        if data is None:
            raise Erased(self.erased[n]) if n in self.erased else self._missing(n)
        return manifest.parse_row(data, n)

    def _missing(self, n: int) -> MissingEvidence:
        return MissingEvidence(f"row {n} of entry {self.leaf.index} is missing, and no record says why")

    @cached_property
    def by_source(self) -> dict[Place, int]:
        """Number of each row by the row it names as its source."""
        found: dict[Place, int] = {}
        for n, data in enumerate(self.rows):
            source = None if data is None else manifest.parse_row(data, n).get("src")
            if isinstance(source, dict):
                found[str(source.get("event_id")), int(source.get("n", -1))] = n
        return found


@dataclass(frozen=True)
class Traced:
    """One article as signed records have it. declared: the supplier's row; inspected, repaired: the last.

    Of a style whose pieces were not all found alike, the last row in its record, which is of the worst.
    """

    declared: dict[str, Any]
    inspected: dict[str, Any] | None
    inspected_by: Leaf | None
    repaired: dict[str, Any] | None
    repaired_by: Leaf | None

    @property
    def inspected_after_repair(self) -> bool:
        """False while what was measured is older than what was mended."""
        if self.inspected_by is None or self.repaired_by is None:
            return True
        return self.inspected_by.index > self.repaired_by.index

    @property
    def label_state(self) -> str | None:
        """As the last inspection found it, else as it was declared."""
        found: str | None = (self.inspected or {}).get("label_state")
        return found or self.declared.get("label_state")

    @property
    def condition(self) -> str | None:
        return "refurbished" if self.repaired else self.declared.get("condition")


class RowBook:
    """Every manifest of one verified history, read and checked when first asked for.

    erasures: those in the chains of the lot and its ancestors; any other gap is a loss.
    """

    def __init__(self, connection: Connection, history: History, erasures: Sequence[Erasure] = ()) -> None:
        self._connection = connection
        self._erasures = erasures
        self._leaves: dict[str, Leaf] = {}
        for record in history.records:
            if record.leaf is not None and record.trouble != "changed":
                self._leaves.setdefault(record.event_id, record.leaf)
        self._lots = [record.subject for record in history.records]
        self._lots.append(history.lot)
        self._read: dict[tuple[str, str], ProvedRows] = {}

    def trace(self, item: Item) -> Traced:
        """Follow an article to its declaration. Raises ProofError, MissingEvidence or, of it, Erased."""
        places, declared = self._lineage((item.source_event, item.source_n))
        inspected = self._last("lot.inspected", places)
        repaired = self._last("lot.refurbished", places)
        return Traced(
            declared,
            *(inspected or (None, None)),
            *(repaired or (None, None)),
        )

    def _lineage(self, place: Place) -> tuple[list[Place], dict[str, Any]]:
        places: list[Place] = []
        while place not in places:
            places.append(place)
            rows = self._rows(place[0])
            facts = rows.facts(place[1])
            source = facts.get("src")
            if source is None:
                return places, facts
            place = (source["event_id"], source["n"])
        raise ProofError("rows name each other as their source")

    def _last(self, type_: str, places: Sequence[Place]) -> tuple[dict[str, Any], Leaf] | None:
        leaves = sorted(self._leaves.values(), key=lambda leaf: leaf.index, reverse=True)
        for leaf in leaves:
            if leaf.record.body.type != type_:
                continue
            rows = self._rows(leaf.record.event_id)
            for place in places:
                n = rows.by_source.get(place)
                if n is not None:
                    return rows.facts(n), leaf
            self._check_not_hidden(rows, places)
        return None

    def _check_not_hidden(self, rows: ProvedRows, places: Sequence[Place]) -> None:
        """Raise when a missing row may be the one looked for: an older one must not stand in for it.

        Who erases an article erases it in the lot's own rows, too; a row that is gone here alone could
        be anybody's.
        """
        lost = list(rows.lost())
        if not lost:
            return
        gone = max(len(list(self._rows(event_id).lost())) for event_id, _ in places)
        if len(lost) > gone:
            raise lost[-1]

    def _rows(self, event_id: str) -> ProvedRows:
        leaf = self._leaves.get(event_id)
        if leaf is None:
            raise ProofError(f"no record {event_id[:12]}… in this history")
        stated = dict(manifests(typed(leaf.record)))
        part = next((name for name in (*reversed(self._lots), "") if name in stated), None)
        if part is None:
            raise ProofError(f"entry {leaf.index} has no rows")
        found = self._read.get((event_id, part))
        if found is None:
            found = self._read[event_id, part] = self._proved(leaf, part, stated[part].rows_root)
        return found

    def _proved(self, leaf: Leaf, part: str, root: str) -> ProvedRows:
        of_manifest = (ROWS.c.event_id == bytes.fromhex(leaf.record.event_id), ROWS.c.part == part)
        statement = select(ROWS.c.data, ROWS.c.leaf_hash).where(*of_manifest).order_by(ROWS.c.n)
        stored = list(self._connection.execute(statement))
        rows = [row.data for row in stored]
        if manifest.root_with_erased(rows, [row.leaf_hash for row in stored]) != root:
            raise ProofError(f"the rows of entry {leaf.index} are not those that were signed")
        typed_ = typed(leaf.record)
        start = row_offsets(typed_)[part]
        erased = {
            n: one
            for one in about(self._erasures, leaf.record.event_id)
            for n in range(len(rows))
            if start + n in one.rows
        }
        return ProvedRows(leaf, rows, erased)


def contradiction(item: Item, traced: Traced) -> str:
    """Which fact kept beside the ledger differs from the signed rows; "" when none does."""
    facts, declared = item.facts, traced.declared
    signed = {name: declared.get(name) for name in DECLARED}
    signed["identifier"] = declared.get("imei") or declared.get("serial") or declared.get("style")
    signed["condition"] = traced.condition
    signed["repair"] = _without_source(traced.repaired)
    if traced.inspected is not None and traced.inspected_after_repair:
        signed["measurement"] = traced.inspected.get("measured")
        signed["label_state"] = traced.label_state
    return next((name for name, value in signed.items() if facts.get(name) != value), "")


def _without_source(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {name: value for name, value in row.items() if name not in ("src", "unit", "quantity", "photos")}
