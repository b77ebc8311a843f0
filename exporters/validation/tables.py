"""A spreadsheet, read back with another program: every cell is there, is text or a number, and no formula."""

import csv
import io
import json
import zipfile

from python_calamine import CalamineError, CalamineWorkbook

from exporters.document import Document
from exporters.dossier import ShipmentDossier, dossier_hash
from exporters.spreadsheet import FORMULA_STARTS, MEDIA_TYPES, neutral
from exporters.tables import Cell, Grid
from exporters.validation.manifest import Check, Finding, passed_or_failed

NAME = "read back"
VERSION = "1"


def check(document: Document, dossier: ShipmentDossier, kind: str) -> Check:
    """Compare a finished spreadsheet with the cells the dossier gives."""
    from exporters.catalogue import SPREADSHEETS

    format_ = next(name for name, media_type in MEDIA_TYPES.items() if media_type == document.media_type)
    grid = SPREADSHEETS[f"{kind}.{format_}"].grid(dossier)
    reading = {"xlsx": _xlsx, "csv": _csv, "json": _json}[format_]
    return passed_or_failed(f"{NAME} ({format_})", VERSION, reading(document.content, grid, dossier))


def _compare(found: list[list[str]], written: list[list[str]]) -> list[Finding]:
    if len(found) != len(written):
        return [Finding("TABLE-ROWS", "/", f"{len(found)} rows, {len(written)} written")]
    return [
        Finding("TABLE-CELL", f"row {n}, column {m + 1}", f"{cell!r} is not {want!r}")
        for n, (row, wanted) in enumerate(zip(found, written, strict=True))
        for m, (cell, want) in enumerate(zip(row, wanted, strict=True))
        if cell != want
    ]


def _csv(content: bytes, grid: Grid, _dossier: ShipmentDossier) -> list[Finding]:
    try:
        found = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        return [Finding("TABLE-OPEN", "/", str(error))]
    numbers = [[isinstance(cell, str) for cell in row] for row in grid.written()]
    formulas = [
        Finding("TABLE-FORMULA", f"row {n}, column {m + 1}", f"{cell!r} would be read as a formula")
        for n, row in enumerate(found)
        for m, cell in enumerate(row)
        if cell.startswith(FORMULA_STARTS) and (n >= len(numbers) or m >= len(numbers[n]) or numbers[n][m])
    ]
    return formulas + _compare(found, [[neutral(cell) for cell in row] for row in grid.written()])


def _xlsx(content: bytes, grid: Grid, _dossier: ShipmentDossier) -> list[Finding]:
    try:
        page = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        found = [[_plain(cell) for cell in row] for row in page.to_python(skip_empty_area=False)]
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = packed.namelist()
            formulas = sum(b"<f" in packed.read(name) for name in names if name.startswith("xl/worksheets/"))
    except (CalamineError, zipfile.BadZipFile, KeyError) as error:
        return [Finding("TABLE-OPEN", "/", str(error))]
    strange = [Finding("TABLE-FORMULA", "worksheet", "holds a formula")] if formulas else []
    if any("vba" in name.lower() or "externalLink" in name for name in names):
        strange.append(Finding("TABLE-ACTIVE", "package", "holds a macro or a link to another file"))
    written = [[_plain(_number(cell)) for cell in row] for row in grid.written()]
    return strange + _compare(found, written)


def _json(content: bytes, grid: Grid, dossier: ShipmentDossier) -> list[Finding]:
    try:
        facts = json.loads(content)
        rows = [*facts["rows"], *([facts["sums"]] if facts["sums"] else [])]
        hash_ = facts["dossier_sha256"]
    except (ValueError, KeyError) as error:
        return [Finding("TABLE-OPEN", "/", str(error))]
    keys = [key for key, _ in grid.columns]
    found = [[str(row.get(key, "")) for key in keys] for row in rows]
    wrong = [] if hash_ == dossier_hash(dossier).hex() else [Finding("TABLE-DOSSIER", "/", "another dossier")]
    head = {key: f"{value}" for key, _, value in grid.head if value is not None}
    if facts.get("head") != head:
        wrong.append(Finding("TABLE-HEAD", "head", "not the fields above the table"))
    body = grid.written()[grid.title_row + 1 :]
    return wrong + _compare(found, [["" if cell is None else f"{cell}" for cell in row] for row in body])


def _number(cell: Cell) -> object:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) or len(f"{cell}".replace(".", "")) > 15 else float(cell)


def _plain(cell: object) -> str:
    return f"{cell:.15g}" if isinstance(cell, float | int) and not isinstance(cell, bool) else str(cell)
