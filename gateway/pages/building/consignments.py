"""Supplier files: what became of their rows, and which rows go back to the supplier."""

import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from sqlalchemy import Connection

from gateway.consignments.written import as_csv
from gateway.pages.building.reading import checking, short
from gateway.pages.views import Consignment, Reason, RejectedRow, RejectedRowsView
from gateway.store import tables
from ledger.core.leaf import Leaf
from ledger.store import log
from ledger.store.tables import table

CONSIGNMENTS = table(tables.ConsignmentRow)
ROWS_PER_PAGE = 100


def consignments(connection: Connection) -> list[Consignment]:
    rows = connection.execute(CONSIGNMENTS.select().order_by(CONSIGNMENTS.c.imported_at))
    return [_consignment(connection, row) for row in rows]


def _consignment(connection: Connection, row: Any) -> Consignment:
    report = json.loads(row.report)
    return Consignment(
        file=row.file,
        supplier_short=_supplier(connection, report),
        imported_at=row.imported_at.replace(tzinfo=row.imported_at.tzinfo or UTC),
        rows_accepted=report["accepted"],
        rows_rejected=report["rejected_rows"],
        rows_overage=report["over_age"],
        declared=report["declared"],
        counted=report["declared"],
        rejected_href=f"/operator/rejected?file={row.sha256}",
    )


def _supplier(connection: Connection, report: Mapping[str, Any]) -> str:
    """Who declared the first of the lots, or has to sign that it does."""
    chain = log.chain(connection, report["lots"][0]) if report["lots"] else []
    encoded = log.leaf(connection, chain[0][0]) if chain else None
    if encoded is None:
        return short(report["supplier"]) if "supplier" in report else ""
    return short(Leaf.parse(encoded).record.body.author.party)


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
        sheet_href=f"/operator/rejected/{file}" if file and rows else "",
        mends=file if rows else "",
    )


def rejected_csv(connection: Connection, file: str) -> bytes:
    """For the supplier: one line a problem, of one file or of all."""
    rows: list[tuple[str, ...]] = [("file", "row", "column", "value", "reason", "other rows")]
    with checking("rejected rows"):
        rows += [
            (row.file, str(row.row), row.column, row.value, row.reason.slug, row.reason.detail)
            for row in _rejected(connection, file)
        ]
    return as_csv(rows)
