"""Signed tree heads: one a size, never changed."""

from dataclasses import dataclass

from sqlalchemy import Connection, Row, select

from ledger.store import tables
from ledger.store.tables import table

CHECKPOINTS = table(tables.CheckpointRow)


@dataclass(frozen=True, slots=True)
class SignedHead:
    """note: the checkpoint as signed; signed_at: the log's own time, for people only."""

    size: int
    root: bytes
    note: bytes
    signed_at: str


def latest(connection: Connection) -> SignedHead | None:
    row = connection.execute(select(CHECKPOINTS).order_by(CHECKPOINTS.c.size.desc()).limit(1)).one_or_none()
    return None if row is None else _head(row)


def of_size(connection: Connection, size: int) -> SignedHead | None:
    row = connection.execute(select(CHECKPOINTS).where(CHECKPOINTS.c.size == size)).one_or_none()
    return None if row is None else _head(row)


def all_of(connection: Connection) -> list[SignedHead]:
    """Ascending by size."""
    return [_head(row) for row in connection.execute(select(CHECKPOINTS).order_by(CHECKPOINTS.c.size))]


def add(connection: Connection, head: SignedHead) -> None:
    row = {"size": head.size, "root": head.root, "note": head.note, "signed_at": head.signed_at}
    connection.execute(CHECKPOINTS.insert(), [row])


def _head(row: Row[tuple[int, bytes, bytes, str]]) -> SignedHead:
    return SignedHead(row.size, row.root, row.note, row.signed_at)
