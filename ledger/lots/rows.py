"""The private rows behind manifests: their roots, where each comes from, what they sum to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ledger.core import manifest
from ledger.errors import InvalidRecord
from ledger.lots.state import LotState, Subject
from ledger.records.inspection import LotInspected
from ledger.records.intake import LotSplit
from ledger.records.model import Manifest
from ledger.records.origin import LotDeclared
from ledger.records.refurbishment import LotRefurbished
from ledger.records.registry import Typed

Parts = Mapping[str, Sequence[bytes]]  # part -> rows in order


def manifests(typed: Typed) -> Iterator[tuple[str, Manifest]]:
    """(part, manifest) of every manifest in a record; part is the child's id in a split, else ""."""
    data = typed.data
    if isinstance(data, LotSplit):
        for child in data.children:
            if child.manifest:
                yield child.id, child.manifest
        if data.remaining.manifest:
            yield "", data.remaining.manifest
    elif isinstance(data, LotDeclared | LotInspected | LotRefurbished) and data.manifest:
        yield "", data.manifest


def row_offsets(typed: Typed) -> dict[str, int]:
    """The number of each part's first row, where the rows of all manifests are counted through.

    An ``erasure.recorded`` names rows by these numbers: a split has a row 0 in every part.
    """
    offsets, start = {}, 0
    for part, manifest_ in manifests(typed):
        offsets[part] = start
        start += manifest_.count
    return offsets


def check_roots(typed: Typed, parts: Parts) -> None:
    """Raise InvalidRecord unless the rows given are exactly those behind the record's manifests."""
    expected = dict(manifests(typed))
    if expected.keys() != parts.keys():
        raise InvalidRecord("rows come with every manifest, and only with one", pointer="/rows")
    for part, described in expected.items():
        rows = parts[part]
        if len(rows) != described.count:
            raise InvalidRecord(f"{len(rows)} rows, {described.count} announced", pointer=f"/rows/{part}")
        if manifest.root(rows) != described.rows_root:
            raise InvalidRecord("rows do not give rows_root", pointer=f"/rows/{part}")


def check_sources(typed: Typed, parts: Parts, subject: Callable[[str], Subject | None]) -> None:
    """Raise InvalidRecord unless rows stand for the units that the record speaks of.

    subject: a subject as the record found it.
    A declaration's rows sum to at most its quantity. In a split every row of the parent is the
    source of exactly one row, and the rows of a part sum to its quantity. Inspected and repaired
    units are rows of the lot, each at most once.
    """
    data = typed.data
    if not parts:
        return
    facts = {part: [manifest.parse_row(row, n) for n, row in enumerate(rows)] for part, rows in parts.items()}
    if isinstance(data, LotDeclared):
        total = sum(quantity_of(row) for row in facts[""])
        if total > data.quantity:
            raise InvalidRecord(f"rows sum to {total}, {data.quantity} declared", pointer="/data/quantity")
        return
    lot = _lot(typed, subject)
    if lot.manifest is None or lot.manifest_event is None:
        raise InvalidRecord("the lot has no rows to refer to", pointer="/rows")
    sources = [_source(row, lot.manifest_event) for rows in facts.values() for row in rows]
    if len(set(sources)) != len(sources) or any(not 0 <= n < lot.manifest.count for n in sources):
        raise InvalidRecord("rows name a source twice or one that is not there", pointer="/rows")
    if isinstance(data, LotSplit):
        if len(sources) != lot.manifest.count:
            raise InvalidRecord("every row of the parent goes to exactly one part", pointer="/rows")
        quantities = {child.id: child.quantity for child in data.children} | {"": data.remaining.quantity}
        for part, rows in facts.items():
            total = sum(quantity_of(row) for row in rows)
            if total != quantities[part]:
                raise InvalidRecord(f"rows sum to {total}, not {quantities[part]}", pointer=f"/rows/{part}")


def _lot(typed: Typed, subject: Callable[[str], Subject | None]) -> LotState:
    """The lot whose rows the record refers to: the one of its subjects that is not new."""
    for link in typed.record.body.subjects:
        if link.id.startswith("lot:") and link.seq > 0:
            found = subject(link.id)
            if found is not None:
                state: LotState = found.state
                return state
    raise InvalidRecord("refers to no lot", pointer="/subjects")


def _source(row: Mapping[str, Any], event_id: str) -> int:
    source = row.get("src")
    if not isinstance(source, dict) or source.get("event_id") != event_id or type(source.get("n")) is not int:
        raise InvalidRecord("a row names its source row in the lot's manifest", pointer="/rows")
    n: int = source["n"]
    return n


def quantity_of(row: Mapping[str, Any]) -> int:
    """Pieces that a row stands for: 1 unless it says more."""
    quantity = row.get("quantity", 1)
    if type(quantity) is not int or quantity < 1:
        raise InvalidRecord("a row's quantity is a count", pointer="/rows")
    return quantity
