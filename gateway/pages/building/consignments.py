"""Supplier files: what became of their rows, and which rows go back to the supplier."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from sqlalchemy import Connection

from gateway.pages.building.reading import checking, short
from gateway.pages.views import Consignment, Reason, RejectedRow, RejectedRowsView
from gateway.store import tables
from ledger.core.leaf import Leaf
from ledger.store import log
from ledger.store.tables import table

CONSIGNMENTS = table(tables.ConsignmentRow)
ROWS_PER_PAGE = 100
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝")  # what spreadsheets would compute


def consignments(connection: Connection) -> list[Consignment]:
    rows = connection.execute(CONSIGNMENTS.select().order_by(CONSIGNMENTS.c.imported_at))
    return [_consignment(connection, row) for row in rows]


def _consignment(connection: Connection, row: Any) -> Consignment:
    report = json.loads(row.report)
    return Consignment(
        file=row.file,
        supplier_short=_supplier(connection, report["lots"]),
        imported_at=row.imported_at.replace(tzinfo=row.imported_at.tzinfo or UTC),
        rows_accepted=report["accepted"],
        rows_rejected=report["rejected_rows"],
        rows_overage=report["over_age"],
        declared=report["declared"],
        counted=report["declared"],
        rejected_href=f"/operator/rejected?file={row.sha256}",
    )


def _supplier(connection: Connection, lots: Sequence[str]) -> str:
    """Who declared the first of the lots."""
    chain = log.chain(connection, lots[0]) if lots else []
    encoded = log.leaf(connection, chain[0][0]) if chain else None
    return "" if encoded is None else short(Leaf.parse(encoded).record.body.author.party)


def _rejected(connection: Connection, file: str) -> list[RejectedRow]:
    statement = CONSIGNMENTS.select().order_by(CONSIGNMENTS.c.imported_at)
    if file:
        statement = statement.where(CONSIGNMENTS.c.sha256 == file)
    return [
        RejectedRow(
            file=rejection["file"],
            row=rejection["row"],
            column=rejection["column"],
            value=rejection["value"],
            reason=Reason(
                slug=rejection["reason"], detail=", ".join(str(row) for row in rejection["related_rows"])
            ),
        )
        for row in connection.execute(statement)
        for rejection in json.loads(row.report)["rejections"]
    ]


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def rejected_view(connection: Connection, file: str, page: int) -> RejectedRowsView:
    """file: SHA-256 of one supplier file, or "" for all. page: from 0."""
    with checking("rejected rows"):
        rows = list(_rejected(connection, file))
    start = page * ROWS_PER_PAGE
    more = len(rows) > start + ROWS_PER_PAGE
    chosen = f"file={file}&" if file else ""
    return RejectedRowsView(
        rows=tuple(rows[start : start + ROWS_PER_PAGE]),
        total=len(rows),
        download_href=f"/operator/rejected.csv?file={file}" if file else "/operator/rejected.csv",
        next_href=f"/operator/rejected?{chosen}page={page + 1}" if more else "",
    )


def rejected_csv(connection: Connection, file: str) -> bytes:
    """For the supplier: a BOM, so that spreadsheets read UTF-8, and no cell that they would compute."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    writer.writerow(("file", "row", "column", "value", "reason", "other rows"))
    with checking("rejected rows"):
        for row in _rejected(connection, file):
            cells = (row.file, str(row.row), row.column, row.value, row.reason.slug, row.reason.detail)
            writer.writerow([_inert(cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")
