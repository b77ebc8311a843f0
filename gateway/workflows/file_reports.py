"""The report of a supplier's file as its lots come, go, and come again."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, select

from gateway.consignments.consignment import Consignment, DeclaredLot
from gateway.store import profiles, tables, waiting
from ledger.store.tables import table

CONSIGNMENTS: Final = table(tables.ConsignmentRow)
_COUNTED: Final = ("declared", "unidentified", "over_age")  # lot by lot


def remaining(connection: Connection, consignment: Consignment) -> Consignment:
    """What of a file is neither declared nor waits for its supplier: all of one that nobody imported.

    Its lots stay in their places, empty where all of one stands.
    """
    report = report_of_file(connection, consignment.sha256)
    if report is None:
        return consignment
    declared = waiting.of_consignment(connection, consignment.sha256)
    if not {one.lot for one in declared}.issuperset(report["lots"]):  # the last of it by keys at hand
        return replace(
            consignment, articles=(), lots=tuple(replace(x, articles=()) for x in consignment.lots)
        )
    standing = {row for one in declared if one.state in waiting.STANDING for row in one.share.rows}
    lots = tuple(_without(lot, standing) for lot in consignment.lots)
    kept = tuple(article for article in consignment.articles if article.row not in standing)
    return replace(consignment, articles=kept, lots=lots)


def _without(lot: DeclaredLot, rows: set[int]) -> DeclaredLot:
    """Pieces that nobody identified were counted with the part of the lot that stands."""
    kept = tuple(article for article in lot.articles if article.row not in rows)
    return lot if len(kept) == len(lot.articles) else DeclaredLot(lot.key, 0, kept)


def forget_lot(connection: Connection, consignment: str, lot: str, share: waiting.Share) -> None:
    """A lot of a file will not be declared: its rows are free, and the file with its last lot."""
    report = report_of_file(connection, consignment)
    if report is None or lot not in report["lots"]:
        return
    report["lots"].remove(lot)
    if not report["lots"]:
        profiles.drop_rejected(connection, consignment)
        connection.execute(CONSIGNMENTS.delete().where(CONSIGNMENTS.c.sha256 == consignment))
        return
    report["accepted"] -= len(share.rows)
    for name in _COUNTED:
        report[name] -= getattr(share, name)
    if "mended_rows" in report:
        report["mended_rows"] = sorted(set(report["mended_rows"]) - set(share.mended))
    save_report(connection, consignment, report)


def extended(known: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """The report of a file of which a further part is declared."""
    report = known | {name: more[name] for name in ("profile", "supplier") if name in more}
    for name in ("lots", "accepted", *_COUNTED):
        report[name] = known[name] + more[name]
    if "mended_rows" in known:
        report["mended_rows"] = sorted({*known["mended_rows"], *more.get("mended_rows", ())})
    return report


def report_of_file(connection: Connection, sha256: str) -> dict[str, Any] | None:
    statement = select(CONSIGNMENTS.c.report).where(CONSIGNMENTS.c.sha256 == sha256)
    text = connection.execute(statement).scalar_one_or_none()
    if text is None:
        return None
    report: dict[str, Any] = json.loads(text)
    return report


def save_report(connection: Connection, sha256: str, report: Mapping[str, Any]) -> None:
    text = json.dumps(report, ensure_ascii=False)
    connection.execute(CONSIGNMENTS.update().where(CONSIGNMENTS.c.sha256 == sha256).values(report=text))
