"""Rejected rows as the supplier's own sheet: its columns and values, and what is wrong with each row."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from gateway.consignments.consignment import Consignment
from gateway.consignments.written import Form, written
from gateway.i18n import LANGUAGES, translations
from gateway.pages import words
from gateway.pages.building.consignments import CONSIGNMENTS
from gateway.pages.import_words import SHEET_HEADERS
from gateway.sheets import SheetRow
from gateway.store import profiles
from gateway.workflows.mend import row_header


def of_rehearsal(read: Consignment, sha256: str, form: Form, language: str) -> bytes:
    """sha256: of the file that it mends, where it mends one: whoever mends it again mends that one."""
    found = [(one.row, one.column, one.reason, one.related_rows) for one in read.rejections]
    return _sheet(read.columns, read.rejected_cells, found, sha256, form, language)


def of_import(connection: Connection, sha256: str, form: Form, language: str) -> bytes | None:
    """None where there is no such import, or its rows were not kept."""
    row = connection.execute(CONSIGNMENTS.select().where(CONSIGNMENTS.c.sha256 == sha256)).one_or_none()
    headers, rows = profiles.rejected(connection, sha256)
    if row is None or not headers:
        return None
    report: Mapping[str, Any] = json.loads(row.report)
    found = [
        (one["row"], one["column"], one["reason"], tuple(one["related_rows"])) for one in report["rejections"]
    ]
    return _sheet(headers, rows, found, report.get("mends") or sha256, form, language)


Found = tuple[int, str, str, tuple[int, ...]]  # row, column, reason, other rows


def _sheet(
    headers: Sequence[str],
    rows: Iterable[SheetRow],
    found: Iterable[Found],
    sha256: str,
    form: Form,
    language: str,
) -> bytes:
    """A sheet that was mended before has our two columns already: they are made anew."""
    say = translations(language).gettext
    row_label, wrong_label = (say(SHEET_HEADERS[name]) for name in ("row", "wrong"))
    wrongs = {translations(tag).gettext(SHEET_HEADERS["wrong"]) for tag in LANGUAGES}
    marked = row_header("", sha256).strip()
    old = next((n for n, header in enumerate(headers) if marked in header), None)
    kept = [n for n in range(len(headers)) if n != old and headers[n] not in wrongs]
    reasons: dict[int, list[str]] = defaultdict(list)
    for row, column, slug, others in found:
        text = say(words.message_id("rejections", slug) or slug)
        also = f" ({', '.join(map(str, others))})" if others else ""
        reasons[row].append(f"{column}: {text}{also}")
    table = [
        [row_header(row_label, sha256), *(headers[n] for n in kept), wrong_label],
        *(
            [
                _cell(row, old) if old is not None else str(row.number),
                *(_cell(row, n) for n in kept),
                "; ".join(reasons[row.number]),
            ]
            for row in rows
        ),
    ]
    return written(table, form)


def _cell(row: SheetRow, n: int) -> str:
    return row.cells[n] if n < len(row.cells) else ""
