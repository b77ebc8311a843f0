"""A grid as XLSX, CSV or JSON: the same bytes for the same dossier, and no cell that a program would run.

CSV has no types, so a text that a spreadsheet would read as a formula gets an apostrophe before it. In
XLSX every text is a string cell and stays as it is. Control and direction characters never come so far:
a dossier with one is refused (scalars.py).
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Literal

import xlsxwriter

from exporters.document import Document
from exporters.dossier import ShipmentDossier, dossier_hash
from exporters.errors import IncompleteDossier
from exporters.fields import absent
from exporters.frame import filename
from exporters.parts import DocumentEntry
from exporters.tables import Cell, Grid
from ledger.core import canonical

Format = Literal["xlsx", "csv", "json"]
MEDIA_TYPES: dict[Format, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
FORMULA_STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "＝",
    "＋",
    "－",
    "＠",
)  # the wide ones too: Excel takes them
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"  # without it Excel reads Chinese in the machine's own code page
_DIGITS_MAX = 15  # of a number that a spreadsheet keeps exactly


@dataclass(frozen=True)
class Spreadsheet:
    """One document as a table in one format."""

    kind: str
    title: str
    version: int
    required_facts: tuple[str, ...]
    grid: Callable[[ShipmentDossier], Grid]
    format: Format
    gaps: Callable[[ShipmentDossier], list[str]] | None = None  # of the paper it is the table of

    def missing(self, dossier: ShipmentDossier) -> list[str]:
        return self.gaps(dossier) if self.gaps else absent(dossier, self.required_facts)

    def render(self, dossier: ShipmentDossier, *, draft: bool = False) -> Document:
        """Render it. Pure. Raises IncompleteDossier with every missing fact, unless it is a draft.

        A draft of a table is the same table: its empty cells are its gaps, and its name says draft.
        """
        lacking = self.missing(dossier)
        entry = dossier.document(self.kind)
        if entry is None or (lacking and not draft):
            raise IncompleteDossier(self.title.lower(), missing=lacking or [f"documents.{self.kind}"])
        grid = self.grid(dossier)
        content = _RENDERERS[self.format](grid, dossier, entry)
        name = filename(entry, f"{'-DRAFT' if draft else ''}.{self.format}")
        return Document(name, MEDIA_TYPES[self.format], content, pages=1)


def neutral(cell: Cell) -> str:
    """A cell of CSV. Our own numbers are printed as they are; a text never starts a formula."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
    return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


def _csv(grid: Grid, _dossier: ShipmentDossier, _entry: DocumentEntry) -> bytes:
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    for row in grid.written():
        table.writerow([neutral(cell) for cell in row])
    return (_BOM + text.getvalue()).encode()


def _json(grid: Grid, dossier: ShipmentDossier, entry: DocumentEntry) -> bytes:
    keys = [key for key, _ in grid.columns]
    rows = [_members(keys, row) for row in grid.rows]
    return canonical.dumps(
        {
            "v": 1,
            "kind": grid.name,
            "number": entry.number,
            "issue_date": dossier.issue_date.isoformat(),
            "dossier_sha256": dossier_hash(dossier).hex(),
            "rows": rows,
            "sums": _members(keys, grid.sums) if grid.sums else {},
            "head": {key: f"{value}" for key, _, value in grid.head if value is not None},
        }
    )


def _members(keys: list[str], row: tuple[Cell, ...]) -> dict[str, str | int]:
    """Decimals as strings: no float enters a document."""
    return {
        key: f"{cell:f}" if isinstance(cell, Decimal) else cell
        for key, cell in zip(keys, row, strict=True)
        if cell is not None
    }


def _xlsx(grid: Grid, dossier: ShipmentDossier, entry: DocumentEntry) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        },
    )
    issued = datetime.combine(dossier.issue_date, time(), UTC).replace(tzinfo=None)
    book.set_properties({"title": entry.number, "created": issued})  # without a time the bytes would change
    heading = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"})
    total = book.add_format({"bold": True, "top": 1})
    page = book.add_worksheet("Document")
    page.freeze_panes(grid.title_row + 1, 0)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(grid.title_row)
    page.set_footer(f"&L{entry.number.replace('&', '&&')}&C{dossier_hash(dossier).hex()}&R&P / &N")
    rows = grid.written()
    for column in range(len(grid.columns)):
        page.set_column(column, column, _width([row[column] for row in rows]))
    for number, row in enumerate(rows):
        last = grid.sums is not None and number == len(rows) - 1
        style = heading if number == grid.title_row else total if last else None
        for column, cell in enumerate(row):
            _write(page, number, column, cell, style)
    book.close()
    return target.getvalue()


def _write(page: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Cell, style: object) -> None:
    if cell is None:
        page.write_blank(row, column, None, style)
    elif isinstance(cell, str) or len(f"{cell}".replace(".", "")) > _DIGITS_MAX:
        page.write_string(row, column, str(cell), style)
    else:
        page.write_number(row, column, cell, style)


def _width(cells: list[Cell]) -> float:
    """In characters; a wide one counts twice."""
    longest = max(sum(2 if ord(character) > 0x2E80 else 1 for character in neutral(cell)) for cell in cells)
    return min(max(longest, 6), 44) + 1


_RENDERERS: dict[Format, Callable[[Grid, ShipmentDossier, DocumentEntry], bytes]] = {
    "xlsx": _xlsx,
    "csv": _csv,
    "json": _json,
}
