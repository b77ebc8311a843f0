"""Where things stand in a supplier's sheet: the header row, the goods rows, and the text around them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from gateway.consignments.cells import IDENTIFIERS
from gateway.consignments.consignment import Note
from gateway.consignments.spec import Column, Marks
from gateway.consignments.text import clean, fold, header_key
from gateway.sheets import MissingHeaders, Sheet, SheetRow, UnreadableSheet

RowKind = Literal["goods", "blank", "header", "total", "remark"]

HEADER_ROWS_MAX = 50  # how far down a header is looked for


@dataclass(frozen=True, slots=True)
class Place:
    """One mapped column: where it stands (0-based) and how its header is written there."""

    column: Column
    index: int
    header: str

    def text(self, row: SheetRow) -> str:
        return row.cells[self.index] if self.index < len(row.cells) else ""


@dataclass(frozen=True, slots=True)
class Layout:
    """headers: every header as written, in order; places: the mapped ones, in sheet order."""

    header_row: int
    headers: tuple[str, ...]
    places: tuple[Place, ...]
    unknown_columns: tuple[str, ...]
    goods: tuple[SheetRow, ...]
    notes: tuple[Note, ...]
    meta: Mapping[str, str]
    total_rows: tuple[SheetRow, ...]  # where the sheet may state its own sum

    def place(self, field: str) -> Place | None:
        return next((place for place in self.places if place.column.field == field), None)


def find_layout(columns: Sequence[Column], marks: Marks, sheet: Sheet) -> Layout:
    """Find the header by its names, wherever it stands, and sort every row below it.

    Raises MissingHeaders naming the columns that no row has, UnreadableSheet when one stands twice.
    """
    position, places = _find_header(columns, sheet)
    header = sheet.rows[position]
    mapped = {place.index for place in places}
    above, below = sheet.rows[:position], sheet.rows[position + 1 :]
    meta = dict(pair for row in above for pair in _meta(marks, row))
    notes = [_note_above(marks, row) for row in above if _filled(row)]
    goods, totals = [], []
    counted = any(place.column.field == "quantity" for place in places)
    for row in below:
        kind = _kind(marks, row, header, places)
        match kind:
            case "goods":
                goods.append(row)
            case "total" | "remark":
                notes.append(Note(row.number, kind, _joined(row)))
                if kind == "total" or counted:
                    totals.append(row)
    return Layout(
        header_row=header.number,
        headers=header.cells,
        places=places,
        unknown_columns=tuple(
            clean(text) for index, text in enumerate(header.cells) if clean(text) and index not in mapped
        ),
        goods=tuple(goods),
        notes=tuple(notes),
        meta=meta,
        total_rows=tuple(totals),
    )


def _find_header(columns: Sequence[Column], sheet: Sheet) -> tuple[int, tuple[Place, ...]]:
    """The row with the most mapped headers, the first of several; its position in ``sheet.rows``."""
    candidates = [_places(columns, row) for row in sheet.rows[:HEADER_ROWS_MAX]]
    if not candidates:
        raise UnreadableSheet("the sheet is empty")
    position = max(range(len(candidates)), key=lambda index: len(candidates[index]))
    row, places = sheet.rows[position], candidates[position]
    found = {(place.column.header, place.column.nth) for place in places}
    missing = [
        column.header
        for column in columns
        if (column.header, column.nth) not in found and not column.optional
    ]
    if missing:
        raise MissingHeaders(
            missing, row=row.number, found=[clean(cell) for cell in row.cells if clean(cell)]
        )
    for first, second in pairwise(sorted(places, key=lambda place: (place.column.header, place.index))):
        if first.column is second.column:
            raise UnreadableSheet(f"row {row.number}: column “{second.header}” stands twice")
    return position, places


def _places(columns: Sequence[Column], row: SheetRow) -> tuple[Place, ...]:
    by_key = {
        (header_key(name), column.nth): column for column in columns for name in (column.header, *column.also)
    }
    places, seen = [], Counter[str]()
    for index, text in enumerate(row.cells):
        key = header_key(text)
        seen[key] += 1
        column = by_key.get((key, None)) or by_key.get((key, seen[key]))
        if column is not None:
            places.append(Place(column, index, text))
    return tuple(places)


def _kind(marks: Marks, row: SheetRow, header: SheetRow, places: Sequence[Place]) -> RowKind:
    filled = _filled(row)
    if not filled:
        return "blank"
    if all(fold(place.text(row)) == fold(place.text(header)) for place in places):
        return "header"  # printed again at a page break
    first, sparse = fold(filled[0][1]), len(filled) * 2 <= len(places)  # goods fill their row
    if sparse and first.startswith(marks.totals):
        return "total"
    if sparse and first.startswith(marks.remarks):
        return "remark"
    if len(filled) == 1 and not _identifies(places, *filled[0]):
        return "remark"
    return "goods"


def _identifies(places: Sequence[Place], index: int, text: str) -> bool:
    """Whether a lone cell may be goods with everything else lost: then it is rejected, not overlooked."""
    kinds = {place.column.kind for place in places if place.index == index}
    return bool(kinds & IDENTIFIERS) and clean(text).isascii()


def _meta(marks: Marks, row: SheetRow) -> Iterator[tuple[str, str]]:
    """Labels with the value to their right: ``合同总价(元) | 640000``."""
    for (_, label), (_, value) in pairwise(_filled(row)):
        field = marks.meta.get(fold(label).rstrip(":"))
        if field is not None:
            yield field, clean(value)


def _note_above(marks: Marks, row: SheetRow) -> Note:
    return Note(row.number, "meta" if dict(_meta(marks, row)) else "title", _joined(row))


def _filled(row: SheetRow) -> list[tuple[int, str]]:
    return [(index, text) for index, text in enumerate(row.cells) if clean(text)]


def _joined(row: SheetRow) -> str:
    return " ".join(text.strip() for _, text in _filled(row))
