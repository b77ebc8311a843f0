"""Kept answers and server keys, inside the caller's transaction."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, select

from gateway.store.request_tables import KeptAnswerRow, ServerKeyRow
from ledger.store.tables import table

KEPT, KEYS = table(KeptAnswerRow), table(ServerKeyRow)
CURSORS = "cursors"
INVITATIONS = "invitations"
FORGOTTEN_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """id, asked: 64 hex digits each; see the table. headers: lower-case names."""

    id: str
    asked: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    expires_at: datetime


def find(connection: Connection, id_: str, now: datetime) -> KeptAnswer | None:
    """The answer that was kept; one that has run out was not."""
    row = connection.execute(select(KEPT).where(KEPT.c.id == id_)).one_or_none()
    if row is None:
        return None
    expires_at = row.expires_at if row.expires_at.tzinfo else row.expires_at.replace(tzinfo=UTC)
    if expires_at <= now:
        return None
    return KeptAnswer(row.id, row.asked, row.status, json.loads(row.headers), row.body, expires_at)


def keep(connection: Connection, answer: KeptAnswer) -> None:
    """Keep the answer in place of one that has run out."""
    connection.execute(delete(KEPT).where(KEPT.c.id == answer.id))
    row = {
        "id": answer.id,
        "asked": answer.asked,
        "status": answer.status,
        "headers": json.dumps(dict(answer.headers)),
        "body": answer.body,
        "expires_at": answer.expires_at,
    }
    connection.execute(KEPT.insert(), [row])


def forget(connection: Connection, now: datetime, limit: int = FORGOTTEN_AT_ONCE) -> int:
    """Delete up to ``limit`` answers that have run out, oldest first; returns how many there were."""
    due = select(KEPT.c.id).where(KEPT.c.expires_at <= now).order_by(KEPT.c.expires_at).limit(limit)
    return connection.execute(delete(KEPT).where(KEPT.c.id.in_(due))).rowcount


def forget_saying(connection: Connection, texts: Collection[str]) -> int:
    """Delete every answer that holds one of ``texts``; returns how many there were."""
    told = [text.encode() for text in texts]
    kept = connection.execute(select(KEPT.c.id, KEPT.c.body)).all()
    gone = [row.id for row in kept if any(text in bytes(row.body) for text in told)]
    for id_ in gone:
        connection.execute(delete(KEPT).where(KEPT.c.id == id_))
    return len(gone)


def server_key(connection: Connection, name: str) -> bytes:
    """32 random bytes, made with the table."""
    value: bytes = connection.execute(select(KEYS.c.value).where(KEYS.c.name == name)).scalar_one()
    return bytes(value)
