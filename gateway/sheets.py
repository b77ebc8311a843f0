"""Suppliers' sheets (XLSX, CSV) as rows of text, exactly as far as the file can be trusted.

SheetError
├── UnreadableSheet  neither XLSX nor CSV in a known encoding, damaged, or beyond the limits
├── MissingHeaders   no row carries the headers that the consignment's mapping names
└── InvalidSpec      the mapping itself is malformed (gateway/consignments/spec.py)
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from python_calamine import CalamineError, CalamineWorkbook, ZipError

FILE_BYTES_MAX = 20_000_000
UNPACKED_BYTES_MAX = 200_000_000  # an XLSX is a zip: small on disk may be large in memory
CELLS_MAX = 5_000_000
CELL_CHARS_MAX = 4_000

Encoding = Literal["detect", "utf-8", "gb18030"]

_ZIP_MAGIC = b"PK\x03\x04"
_UTF8_BOM = b"\xef\xbb\xbf"
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Z]{0,7})([0-9]{1,9})["']""")


class SheetError(Exception):
    """Root of what reading a supplier's file may raise; correct the file or its mapping."""

    code = "sheet-error"


class UnreadableSheet(SheetError):
    code = "sheet-unreadable"


class MissingHeaders(SheetError):
    """headers: those not found, as the mapping names them; found: the row that came closest."""

    code = "sheet-headers-missing"

    def __init__(self, headers: Sequence[str], *, row: int, found: Sequence[str]) -> None:
        names = ", ".join(f"“{header}”" for header in headers)
        seen = ", ".join(f"“{header}”" for header in found) or "nothing"
        super().__init__(f"column {names} is missing; row {row} has {seen}")
        self.headers = tuple(headers)
        self.row = row
        self.found = tuple(found)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """number: 1-based, as a spreadsheet program shows it; cells: text as in the sheet, "" when empty."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """encoding: "xlsx", "utf-8-sig", "utf-8" or "gb18030", whichever the bytes turned out to be."""

    name: str
    encoding: str
    rows: tuple[SheetRow, ...]


def read_sheet(data: bytes, *, sheet: str | None = None, encoding: Encoding = "detect") -> Sheet:
    """Read one sheet. Numbers keep the 15 digits that a spreadsheet shows; dates are ISO 8601.

    sheet: name of the worksheet; an XLSX with one worksheet needs none. encoding: of a CSV.

    Raises UnreadableSheet.
    """
    if len(data) > FILE_BYTES_MAX:
        raise UnreadableSheet(f"the file has {len(data)} bytes, more than {FILE_BYTES_MAX}")
    if data.startswith(_ZIP_MAGIC):
        return _read_xlsx(data, sheet)
    return _read_csv(data, encoding)


def _read_xlsx(data: bytes, name: str | None) -> Sheet:
    _refuse_bombs(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        chosen = _choose(book.sheet_names, name)
        rows = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except (CalamineError, ZipError, OSError) as error:
        raise UnreadableSheet(f"the workbook cannot be read: {error}") from error
    return Sheet(chosen, "xlsx", _rows([_text(cell) for cell in row] for row in rows))


def _choose(names: Sequence[str], wanted: str | None) -> str:
    if wanted in names:
        return str(wanted)
    if len(names) == 1:  # renamed, but there is nothing to confuse it with: headers decide
        return names[0]
    raise UnreadableSheet(f"no sheet is named {wanted!r}; there are {', '.join(names) or 'none'}")


def _refuse_bombs(data: bytes) -> None:
    """Refuse an archive or a cell address that would not fit in memory: readers allocate densely."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > UNPACKED_BYTES_MAX:
                raise UnreadableSheet(f"the workbook unpacks to more than {UNPACKED_BYTES_MAX} bytes")
            names = [name for name in archive.namelist() if name.lower().startswith("xl/worksheets/")]
            for name in names:
                _refuse_far_cells(archive.read(name))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise UnreadableSheet(f"the workbook is damaged: {error}") from error


def _refuse_far_cells(xml: bytes) -> None:
    width, height = 1, 1
    for letters, digits in _REFERENCE.findall(xml):
        height = max(height, int(digits))
        column = 0
        for letter in letters:
            column = column * 26 + letter - 64
        width = max(width, column)
    if width * height > CELLS_MAX:
        raise UnreadableSheet(f"{height} rows of {width} columns are more than {CELLS_MAX} cells")


def _read_csv(data: bytes, encoding: Encoding) -> Sheet:
    text, found = _decode(data, encoding)
    if "\0" in text:
        raise UnreadableSheet("the file has zero bytes; it is neither XLSX nor CSV")
    # Strict: a quote that is never closed would otherwise swallow the rest of the file into one cell.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        return Sheet("", found, _rows(reader))
    except csv.Error as error:
        raise UnreadableSheet(f"line {reader.line_num}: {error}") from error


def _decode(data: bytes, encoding: Encoding) -> tuple[str, str]:
    if data.startswith(_UTF8_BOM):
        candidates = ["utf-8-sig"]
    else:  # UTF-8 first: hardly any GB18030 text is valid UTF-8 by accident, the reverse is common
        candidates = ["utf-8", "gb18030"] if encoding == "detect" else [encoding]
    for candidate in candidates:
        try:
            return data.decode(candidate), candidate
        except UnicodeDecodeError:
            continue
    raise UnreadableSheet(f"the file is not text in {' or '.join(candidates)}")


def _delimiter(text: str) -> str:
    head = "\n".join(text.split("\n", 20)[:20])
    return max(",\t;", key=head.count)


def _rows(source: Iterable[Sequence[str]]) -> tuple[SheetRow, ...]:
    rows: list[SheetRow] = []
    cells = 0
    for number, row in enumerate(source, start=1):
        cells += len(row)
        if cells > CELLS_MAX:
            raise UnreadableSheet(f"the sheet has more than {CELLS_MAX} cells")
        if any(len(cell) > CELL_CHARS_MAX for cell in row):
            raise UnreadableSheet(f"row {number}: a cell is longer than {CELL_CHARS_MAX} characters")
        rows.append(SheetRow(number, tuple(row)))
    return tuple(rows)


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ").removesuffix(" 00:00:00")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def _number(value: float) -> str:
    """Print a float as the sheet shows it: 15 significant digits, never an exponent."""
    if abs(value) < 1e15 and value == int(value):
        return str(int(value))
    return f"{Decimal(f'{value:.15g}'):f}"
