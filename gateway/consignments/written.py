"""Sheets that go back to suppliers: CSV and XLSX of text alone, without a cell that anything computes."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import Final, Literal
from xml.sax.saxutils import escape

from gateway.consignments.propose import letters

Form = Literal["csv", "xlsx"]
MEDIA: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝")  # what spreadsheets would compute

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS: Final = {
    "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship '
    f'Id="rId1" Type="{_LINKS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
_SHEET: Final = "xl/worksheets/sheet1.xml"
_MADE_AT: Final = (1980, 1, 1, 0, 0, 0)  # the same rows give the same bytes
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def written(rows: Iterable[Sequence[str]], form: Form) -> bytes:
    return as_xlsx(rows) if form == "xlsx" else as_csv(rows)


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """With a BOM, so that spreadsheets read UTF-8; a cell that they would compute is marked as text."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(
        [inert(cell) for cell in row] for row in rows
    )  # RFC 4180
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Iterable[Sequence[str]]) -> bytes:
    """One sheet (ECMA-376) whose cells are all strings: nothing in it is a formula, nor loses a digit."""
    body = "".join(_row(number, row) for number, row in enumerate(rows, start=1))
    parts = {**_PARTS, _SHEET: f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>'}
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, xml in parts.items():
            member = zipfile.ZipInfo(name, _MADE_AT)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, xml)
    return data.getvalue()


def inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _row(number: int, row: Sequence[str]) -> str:
    cells = "".join(
        f'<c r="{letters(index)}{number}" t="inlineStr"><is><t xml:space="preserve">'
        f"{escape(_UNPRINTABLE.sub('', text))}</t></is></c>"
        for index, text in enumerate(row)
        if text
    )
    return f'<row r="{number}">{cells}</row>'
