"""The private rows behind manifests: their roots, where each comes from, what they sum to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ledger.core import manifest
from ledger.errors import InvalidRecord
from ledger.lots.results import ABOUT_UNITS, check_audit, check_units
from ledger.lots.state import LotState, Subject
from ledger.records.devices import DeviceAudited
from ledger.records.intake import LotMerged, LotSplit
from ledger.records.labels import LabelsPrinted
from ledger.records.model import Manifest
from ledger.records.origin import LotDeclared
from ledger.records.registry import Typed
from ledger.records.trade import LotReturned

Parts = Mapping[str, Sequence[bytes]]  # part -> rows in order


def manifests(typed: Typed) -> Iterator[tuple[str, Manifest]]:
    """(part, manifest) of every manifest in a record.

    part: the id of the lot that comes into being with the rows, in a split, merge or return; else "".
    """
    data = typed.data
    if isinstance(data, LotSplit):
        for child in data.children:
            if child.manifest:
                yield child.id, child.manifest
        if data.remaining.manifest:
            yield "", data.remaining.manifest
    elif isinstance(data, LotMerged):
        if data.child.manifest:
            yield data.child.id, data.child.manifest
    elif isinstance(data, LotReturned):
        if data.child.manifest:
            yield data.child.id, data.child.manifest
        if data.remaining.manifest:
            yield "", data.remaining.manifest
    elif isinstance(data, LotDeclared | ABOUT_UNITS | DeviceAudited | LabelsPrinted) and data.manifest:
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
    A declaration's rows sum to at most its quantity. In a split, merge or return every row of a parent
    is the source of exactly one row, but for those of units that were declared and did not come; the
    rows of a part sum to its quantity. Inspected and repaired units are rows of the lot, each at most
    once.
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
    if isinstance(data, ABOUT_UNITS):
        check_units(typed, facts[""], subject)
        return
    if isinstance(data, DeviceAudited):
        check_audit(data, facts[""])
        return
    if isinstance(data, LabelsPrinted):
        return  # its rows stand for labels, not for units
    manifests_ = _manifests_found(typed, subject)
    sources = [_source(row, manifests_) for rows in facts.values() for row in rows]
    if len(set(sources)) != len(sources):
        raise InvalidRecord("rows name a source twice or one that is not there", pointer="/rows")
    quantities = _quantities(data)
    if quantities is None:
        return
    unused = sum(count for _, count in manifests_.values()) - len(sources)
    if unused > _absent(typed, subject):
        raise InvalidRecord("every row of the parent goes to exactly one part", pointer="/rows")
    for part, rows in facts.items():
        total = sum(quantity_of(row) for row in rows)
        if total != quantities[part]:
            raise InvalidRecord(f"rows sum to {total}, not {quantities[part]}", pointer=f"/rows/{part}")


def _quantities(data: Any) -> dict[str, int] | None:
    """Units of each part that a record makes; None where it moves none."""
    if isinstance(data, LotSplit):
        return {child.id: child.quantity for child in data.children} | {"": data.remaining.quantity}
    if isinstance(data, LotReturned):
        return {data.child.id: data.child.quantity, "": data.remaining.quantity}
    if isinstance(data, LotMerged):
        return {data.child.id: data.child.quantity}
    return None


def _manifests_found(typed: Typed, subject: Callable[[str], Subject | None]) -> dict[str, tuple[str, int]]:
    """Each lot that the record found: the event id of its manifest, and how many rows that has."""
    found_: dict[str, tuple[str, int]] = {}
    for link in typed.record.body.subjects:
        found = subject(link.id) if link.id.startswith("lot:") and link.seq > 0 else None
        if found is None:
            continue
        lot: LotState = found.state
        if lot.manifest is None or lot.manifest_event is None:
            raise InvalidRecord("the lot has no rows to refer to", pointer="/rows")
        found_[link.id] = (lot.manifest_event, lot.manifest.count)
    if not found_:
        raise InvalidRecord("refers to no lot", pointer="/subjects")
    return found_


def _absent(typed: Typed, subject: Callable[[str], Subject | None]) -> int:
    """Units that have a row and did not come: the rows stop standing for them at the first division."""
    absent = 0
    for link in typed.record.body.subjects:
        found = subject(link.id) if link.id.startswith("lot:") and link.seq > 0 else None
        if found is not None:
            lot: LotState = found.state
            absent += 0 if lot.children else max(0, lot.declared - lot.quantity)
    return absent


def _source(row: Mapping[str, Any], manifests_: Mapping[str, tuple[str, int]]) -> tuple[str, int]:
    """The lot and the number of the row that ``row`` comes from.

    Rows of a merged lot also say which lot: sister lots have their rows in one record.
    """
    source = row.get("src")
    if isinstance(source, dict):
        lot = source.get("lot") if len(manifests_) > 1 else next(iter(manifests_))
        event_id, count = manifests_.get(lot, ("", 0)) if isinstance(lot, str) else ("", 0)
        n = source.get("n")
        if event_id and source.get("event_id") == event_id and type(n) is int:
            if not 0 <= n < count:
                raise InvalidRecord("rows name a source twice or one that is not there", pointer="/rows")
            assert isinstance(lot, str)
            return lot, n
    raise InvalidRecord("a row names its source row in the lot's manifest", pointer="/rows")


def quantity_of(row: Mapping[str, Any]) -> int:
    """Pieces that a row stands for: 1 unless it says more."""
    quantity = row.get("quantity", 1)
    if type(quantity) is not int or quantity < 1:
        raise InvalidRecord("a row's quantity is a count", pointer="/rows")
    return quantity
