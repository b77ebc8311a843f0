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

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum, ZipError

FILE_BYTES_MAX = 20_000_000
UNPACKED_BYTES_MAX = 200_000_000  # an XLSX is a zip: small on disk may be large in memory
CELLS_MAX = 5_000_000
CELL_CHARS_MAX = 4_000

COLUMNS_MAX = 300  # of a header: goods are described by dozens
WORKSHEETS_MAX = 50

Encoding = Literal["detect", "utf-8", "gb18030"]

_ZIP_MAGIC = b"PK\x03\x04"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_HIDDEN_ROW = re.compile(rb"""<row\b[^>]*\bhidden\s*=\s*["'](?:1|true)["']""")
_BARE_FORMULA = re.compile(rb"<c\b[^>]*>\s*<f\b(?:[^>]*/>|[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Z]{0,7})([0-9]{1,9})["']""")


class SheetError(Exception):
    """Root of what reading a supplier's file may raise; correct the file or its mapping."""

    code = "sheet-error"


class UnreadableSheet(SheetError):
    """code: ``sheet-unreadable``, or what it is in particular (a slug of words.FORM_ERRORS)."""

    def __init__(self, message: str, *, code: str = "sheet-unreadable") -> None:
        super().__init__(message)
        self.code = code


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
    """encoding: "xlsx", "utf-8-sig", "utf-16", "utf-8" or "gb18030", whichever the bytes turned out to be.

    hidden_rows: how many rows of the workbook do not show in a spreadsheet program; they are read, too.
    """

    name: str
    encoding: str
    rows: tuple[SheetRow, ...]
    hidden_rows: int = 0


@dataclass(frozen=True, slots=True)
class Worksheet:
    name: str
    is_hidden: bool


def worksheets(data: bytes) -> tuple[Worksheet, ...]:
    """The worksheets of a workbook, in its order; () for a CSV. Raises UnreadableSheet."""
    if not data.startswith(_ZIP_MAGIC):
        return ()
    _look_inside(data)
    try:
        metadata = CalamineWorkbook.from_filelike(io.BytesIO(data)).sheets_metadata
    except (CalamineError, ZipError, OSError) as error:
        raise UnreadableSheet(f"the workbook cannot be read: {error}") from error
    sheets = [one for one in metadata if one.typ == SheetTypeEnum.WorkSheet]
    if len(sheets) > WORKSHEETS_MAX:
        raise UnreadableSheet(f"the workbook has more than {WORKSHEETS_MAX} sheets")
    return tuple(Worksheet(one.name, one.visible != SheetVisibleEnum.Visible) for one in sheets)


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
    hidden_rows = _look_inside(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        chosen = _choose(book.sheet_names, name)
        rows = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except (CalamineError, ZipError, OSError) as error:
        raise UnreadableSheet(f"the workbook cannot be read: {error}") from error
    return Sheet(chosen, "xlsx", _rows([_text(cell) for cell in row] for row in rows), hidden_rows)


def _choose(names: Sequence[str], wanted: str | None) -> str:
    if wanted in names:
        return str(wanted)
    if len(names) == 1:  # renamed, but there is nothing to confuse it with: headers decide
        return names[0]
    raise UnreadableSheet(
        f"no sheet is named {wanted!r}; there are {', '.join(names) or 'none'}", code="sheet-choose"
    )


def _look_inside(data: bytes) -> int:
    """Refuse what would not fit in memory (readers allocate densely), and formulas without their results.

    Returns how many rows are hidden.
    """
    hidden = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > UNPACKED_BYTES_MAX:
                raise UnreadableSheet(f"the workbook unpacks to more than {UNPACKED_BYTES_MAX} bytes")
            names = [name for name in archive.namelist() if name.lower().startswith("xl/worksheets/")]
            for name in names:
                xml = archive.read(name)
                _refuse_far_cells(xml)
                if _BARE_FORMULA.search(xml):
                    raise UnreadableSheet(
                        "a formula of the workbook has no stored result: open it in a spreadsheet program, "
                        "save it, and send that",
                        code="sheet-formulas",
                    )
                hidden += len(_HIDDEN_ROW.findall(xml))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise UnreadableSheet(f"the workbook is damaged: {error}") from error
    return hidden


def _refuse_far_cells(xml: bytes) -> None:
    width, height = 1, 1
    for letters, digits in _REFERENCE.findall(xml):
        height = max(height, int(digits))
        column = 0
        for letter in letters:
            column = column * 26 + letter - 64
        width = max(width, column)
    if width * height > CELLS_MAX:
        message = f"{height} rows of {width} columns are more than {CELLS_MAX} cells"
        raise UnreadableSheet(message, code="sheet-too-large")


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
    elif data.startswith(_UTF16_BOMS):  # what spreadsheet programs call Unicode text
        candidates = ["utf-16"]
    else:  # UTF-8 first: hardly any GB18030 text is valid UTF-8 by accident, the reverse is common
        candidates = ["utf-8", "gb18030"] if encoding == "detect" else [encoding]
    for candidate in candidates:
        try:
            return data.decode(candidate), candidate
        except UnicodeDecodeError:
            continue
    raise UnreadableSheet(f"the file is not text in {' or '.join(candidates)}", code="sheet-encoding")


def _delimiter(text: str) -> str:
    head = "\n".join(text.split("\n", 20)[:20])
    return max(",\t;", key=head.count)


def _rows(source: Iterable[Sequence[str]]) -> tuple[SheetRow, ...]:
    rows: list[SheetRow] = []
    cells = 0
    for number, row in enumerate(source, start=1):
        cells += len(row)
        if cells > CELLS_MAX:
            raise UnreadableSheet(f"the sheet has more than {CELLS_MAX} cells", code="sheet-too-large")
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
