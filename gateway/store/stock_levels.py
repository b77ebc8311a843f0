"""What suppliers say about goods that lie with them: their statements, and the last word about each lot."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete

from gateway.store import catalogue_copies, profile_tables, trade
from gateway.store.hot import Found
from gateway.store.trade import Stock
from ledger.store.tables import table

FEEDS, LEVELS = table(profile_tables.StockFeedRow), table(profile_tables.StockLevelRow)


@dataclass(frozen=True, slots=True)
class StoredFeed:
    """report: see ``workflows.stock_feed.report_of``."""

    id: str
    supplier: str
    as_of: datetime
    received_at: datetime
    added_by: str
    sha256: str
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Level:
    """``quantity`` pieces of ``lot`` lay with its supplier at ``as_of``."""

    lot: str
    supplier: str
    quantity: int
    as_of: datetime
    feed: str


_LEVEL = Found(Level, LEVELS, "lot")


def add_feed(connection: Connection, feed: StoredFeed) -> None:
    connection.execute(
        FEEDS.insert(),
        [
            {
                "id": feed.id,
                "supplier": feed.supplier,
                "as_of": feed.as_of,
                "received_at": feed.received_at,
                "added_by": feed.added_by,
                "sha256": feed.sha256,
                "report": json.dumps(feed.report, ensure_ascii=False),
            }
        ],
    )


def last_feed(connection: Connection, supplier: str) -> StoredFeed | None:
    return next(iter(last_feeds(connection, supplier, 1)), None)


def last_feeds(connection: Connection, supplier: str, limit: int) -> list[StoredFeed]:
    """The latest count first."""
    statement = FEEDS.select().where(FEEDS.c.supplier == supplier).order_by(FEEDS.c.as_of.desc()).limit(limit)
    return [_feed(row) for row in connection.execute(statement)]


def same_feed(connection: Connection, supplier: str, sha256: str) -> StoredFeed | None:
    """The very same statement, if it came before."""
    statement = FEEDS.select().where(FEEDS.c.supplier == supplier, FEEDS.c.sha256 == sha256)
    row = connection.execute(statement).first()
    return None if row is None else _feed(row)


def put(connection: Connection, level: Level) -> None:
    """Replace what was said of the lot before."""
    connection.execute(delete(LEVELS).where(LEVELS.c.lot == level.lot))
    values = {name: getattr(level, name) for name in ("lot", "supplier", "quantity", "as_of", "feed")}
    connection.execute(LEVELS.insert(), [values])
    catalogue_copies.of_lot(connection, level.lot)


def level(connection: Connection, lot: str) -> Level | None:
    return _LEVEL.first(connection, lot=lot)


def sellable(connection: Connection, lot: str) -> Stock | None:
    """The lot's stock row, with no more on hand than its supplier last said to have."""
    row, said = trade.stock(connection, lot), level(connection, lot)
    return row if row is None or said is None else replace(row, on_hand=min(row.on_hand, said.quantity))


def _feed(row: Any) -> StoredFeed:
    return StoredFeed(
        id=row.id,
        supplier=row.supplier,
        as_of=_utc(row.as_of),
        received_at=_utc(row.received_at),
        added_by=row.added_by,
        sha256=row.sha256,
        report=json.loads(row.report),
    )


def _utc(moment: datetime) -> datetime:
    """SQLite forgets the zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
