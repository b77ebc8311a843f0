"""Signed tree heads, one a size and never changed; who cosigned them, and which were made visible."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, select

from ledger.core.cosignature import Cosignature
from ledger.store import tables
from ledger.store.tables import table

CHECKPOINTS, PUBLISHED = table(tables.CheckpointRow), table(tables.PublishedRow)
COSIGNATURES, WITNESSES = table(tables.CosignatureRow), table(tables.WitnessRow)


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


def first_after(connection: Connection, size: int) -> SignedHead | None:
    """The smallest signed head beyond ``size``."""
    beyond = select(CHECKPOINTS).where(CHECKPOINTS.c.size > size).order_by(CHECKPOINTS.c.size).limit(1)
    row = connection.execute(beyond).one_or_none()
    return None if row is None else _head(row)


def cosignatures(connection: Connection, size: int) -> dict[str, Cosignature]:
    """By the witness's vkey: its newest cosignature of the tree of ``size``."""
    rows = connection.execute(select(COSIGNATURES).where(COSIGNATURES.c.size == size))
    return {row.witness: Cosignature(row.line.decode(), row.ts) for row in rows}


def keep_cosignatures(connection: Connection, size: int, given: Mapping[str, Cosignature]) -> None:
    """Store each witness's cosignature unless a newer one of this size is there. given: by vkey."""
    standing = cosignatures(connection, size)
    for witness, new in given.items():
        row = {"line": new.line.encode(), "ts": new.timestamp}
        if witness not in standing:
            connection.execute(COSIGNATURES.insert(), [{"size": size, "witness": witness, **row}])
        elif new.timestamp > standing[witness].timestamp:
            where = (COSIGNATURES.c.size == size, COSIGNATURES.c.witness == witness)
            connection.execute(COSIGNATURES.update().where(*where).values(**row))


def witnessed_sizes(connection: Connection) -> dict[str, int]:
    """By the witness's vkey: the size that it saw last, as far as we know."""
    return {row.witness: row.last_size for row in connection.execute(select(WITNESSES))}


def keep_witnessed(connection: Connection, sizes: Mapping[str, int]) -> None:
    standing = witnessed_sizes(connection)
    for witness, size in sizes.items():
        if witness not in standing:
            connection.execute(WITNESSES.insert(), [{"witness": witness, "last_size": size}])
        elif size != standing[witness]:
            where = WITNESSES.c.witness == witness
            connection.execute(WITNESSES.update().where(where).values(last_size=size))


def last_published(connection: Connection) -> int | None:
    """The largest tree size that was made visible."""
    size: int | None = connection.execute(select(func.max(PUBLISHED.c.size))).scalar_one()
    return size


def note_published(connection: Connection, sizes: Iterable[int], at: str) -> None:
    """Remember that trees of these sizes were made visible; what is remembered stays."""
    wanted = list(sizes)
    standing = set(connection.execute(select(PUBLISHED.c.size).where(PUBLISHED.c.size.in_(wanted))).scalars())
    rows = [{"size": size, "published_at": at} for size in wanted if size not in standing]
    if rows:
        connection.execute(PUBLISHED.insert(), rows)


def _head(row: Row[tuple[int, bytes, bytes, str]]) -> SignedHead:
    return SignedHead(row.size, row.root, row.note, row.signed_at)
