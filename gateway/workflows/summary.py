"""What an installation holds, as one JSON object (``schemas/run.schema.json``)."""

import json
from typing import Any

from sqlalchemy import Connection, select

from gateway.policies import load
from gateway.store import goods, tables, trade
from gateway.wiring import Installation
from gateway.workflows.gate import judge_lot, today, verdict_on
from gateway.workflows.story import current_lots
from ledger.audit import Report
from ledger.store import log
from ledger.store.tables import table

CONSIGNMENTS = table(tables.ConsignmentRow)


def summarise(installation: Installation, report: Report, seconds: float) -> dict[str, Any]:
    """Counts and lists for people and programs. seconds: of wall time that the run took."""
    lots = current_lots(installation)
    refused, listed = refusals(installation, [name for name, _ in lots])
    checkpoint = installation.verifier().checkpoint
    with installation.database.reading() as connection:
        head = log.read_head(connection)
        assert head is not None
        articles, units = goods.counts(connection)
        return {
            "origin": installation.config.origin,
            "vkey": str(installation.vkey),
            "policy": str(installation.policy_path),
            "tree_size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "seconds": round(seconds, 3),
            "entries": head.size,
            "lots": len(lots),
            "articles": articles,
            "units": units,
            "codes": goods.code_count(connection),
            "listed": listed,
            "orders": len(trade.orders(connection)),
            "sold_units": trade.sold_units(connection),
            "graded": goods.graded(connection),
            "rejected": rejections(connection),
            "refused": refused,
            "documents": [
                {"kind": d.kind, "number": d.number, "sha256": d.sha256} for d in trade.documents(connection)
            ],
            "audit": {"verdict": report.verdict, "entries": report.entries, "exit": report.exit_code},
        }


def rejections(connection: Connection) -> list[dict[str, Any]]:
    """Every rejected value of every file, in file and row order."""
    found = []
    for row in connection.execute(select(CONSIGNMENTS).order_by(CONSIGNMENTS.c.file)):
        found += [
            {
                "file": item["file"],
                "row": item["row"],
                "column": item["column"],
                "value": item["value"],
                "reason": item["reason"],
                "related_rows": list(item["related_rows"]),
            }
            for item in json.loads(row.report)["rejections"]
        ]
    return found


def refusals(installation: Installation, lots: list[str]) -> tuple[list[dict[str, Any]], int]:
    """(every lot × market that is not offered, with all its reasons; how many are offered)."""
    refused, listed, day = [], 0, today(installation)
    for lot in lots:
        with installation.database.reading() as connection:
            judged = judge_lot(installation, connection, lot, verdict_on(installation, connection, lot))
            offered = {listing.market for listing in trade.listings(connection, lot=lot)}
        assert judged is not None
        for market in load.markets().markets:
            reasons = judged.reasons(market, day)
            if market.code in offered and not reasons:
                listed += 1
                continue
            refused.append(
                {
                    "lot": lot,
                    "market": market.code,
                    "reasons": [{"slug": r.slug, "detail": r.detail} for r in reasons],
                }
            )
    return refused, listed
