"""Why offers are shown to whom: pools, companies that people added or removed, every choice of companies."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from gateway.store import price_tables
from gateway.store.people import as_utc
from ledger.store.tables import table

MOVES, POOL = table(price_tables.AudienceMoveRow), table(price_tables.PoolMoveRow)
RUNS = table(price_tables.MatchRunRow)


@dataclass(frozen=True, slots=True)
class AudienceMove:
    """kind: added, removed; by a person."""

    id: str
    listing: str
    company: str
    kind: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PoolMove:
    id: str
    listing: str
    from_visibility: str
    from_tier: int
    visibility: str
    tier_min: int
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MatchRun:
    """plan: company, score, expected and parts of each chosen one, the best first."""

    id: str
    listing: str
    plan_hash: str
    policy: str
    days_open: int
    wanted: int
    expected: int
    plan: tuple[dict[str, Any], ...]
    at: datetime


def add_audience_move(connection: Connection, value: AudienceMove) -> None:
    connection.execute(MOVES.insert(), [{name: getattr(value, name) for name in value.__slots__}])


def audience_moves(connection: Connection, listing: str) -> list[AudienceMove]:
    """Oldest first."""
    statement = select(MOVES).where(MOVES.c.listing == listing).order_by(MOVES.c.at, MOVES.c.id)
    return [
        AudienceMove(**{**{n: getattr(row, n) for n in AudienceMove.__slots__}, "at": as_utc(row.at)})
        for row in connection.execute(statement)
    ]


def add_pool_move(connection: Connection, value: PoolMove) -> None:
    connection.execute(POOL.insert(), [{name: getattr(value, name) for name in value.__slots__}])


def pool_moves(connection: Connection, listing: str) -> list[PoolMove]:
    """Oldest first."""
    statement = select(POOL).where(POOL.c.listing == listing).order_by(POOL.c.at, POOL.c.id)
    return [
        PoolMove(**{**{n: getattr(row, n) for n in PoolMove.__slots__}, "at": as_utc(row.at)})
        for row in connection.execute(statement)
    ]


def add_run(connection: Connection, value: MatchRun) -> None:
    row = {name: getattr(value, name) for name in value.__slots__}
    connection.execute(RUNS.insert(), [{**row, "plan": json.dumps(value.plan)}])


def runs(connection: Connection, listing: str) -> list[MatchRun]:
    """Oldest first."""
    statement = select(RUNS).where(RUNS.c.listing == listing).order_by(RUNS.c.at, RUNS.c.id)
    found = []
    for row in connection.execute(statement):
        members = {name: getattr(row, name) for name in MatchRun.__slots__}
        found.append(MatchRun(**{**members, "plan": tuple(json.loads(row.plan)), "at": as_utc(row.at)}))
    return found
