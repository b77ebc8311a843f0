"""Put right in one transaction what fsck found provable; guards are lifted for that transaction alone."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, or_, select
from sqlalchemy.exc import DBAPIError

from ledger.core import merkle
from ledger.core.leaf import Leaf
from ledger.errors import StorageError
from ledger.fsck_examined import CheckpointFix, EntryFix, Examined
from ledger.store import unguarded
from ledger.store.checkpoints import CHECKPOINTS
from ledger.store.database import Database
from ledger.store.log import ENTRIES

Journal = Callable[[dict[str, Any]], None]  # durable on return: what is about to be done
Keep = Callable[[str, bytes], None]  # durable on return: bytes that are about to be replaced
AT_ONCE = 256  # entries written together


def repair(database: Database, seen: Examined, *, journal: Journal, keep: Keep) -> None:
    """Apply every fix of ``seen``, all or nothing.

    Raises StorageError when the role may not, or when a row is no longer what was examined.
    """
    try:
        with database.writer.begin() as connection:
            if seen.guards:
                journal({"what": "guards", "restored": seen.guards})
                unguarded.restore(connection)
            with unguarded.unguarded(connection, "entries", "checkpoints"):
                for start in range(0, len(seen.entries), AT_ONCE):
                    _put_entries(connection, seen.entries[start : start + AT_ONCE], journal, keep)
                for fix in seen.checkpoints:
                    _put_checkpoint(connection, fix, journal, keep)
        # Durable here. Before this line a crash leaves everything as it was, the guards included.
    except DBAPIError as error:
        raise StorageError(f"database: {error.orig}") from error


def _put_entries(connection: Connection, fixes: Sequence[EntryFix], journal: Journal, keep: Keep) -> None:
    columns = [_columns(connection, fix, journal, keep) for fix in fixes]
    # Deleted first and together: rows that changed places would stand in each other's way.
    indexes = [row["idx"] for row in columns]
    event_ids = [row["event_id"] for row in columns]
    connection.execute(
        delete(ENTRIES).where(or_(ENTRIES.c.idx.in_(indexes), ENTRIES.c.event_id.in_(event_ids)))
    )
    connection.execute(ENTRIES.insert(), columns)


def _columns(connection: Connection, fix: EntryFix, journal: Journal, keep: Keep) -> dict[str, Any]:
    """The whole row of an entry, from bytes whose hash is checked here once more."""
    there = connection.execute(select(ENTRIES).where(ENTRIES.c.idx == fix.index)).one_or_none()
    data = fix.leaf if fix.leaf is not None else there and there.leaf
    right = fix.hash or (there and there.leaf_hash)
    if not isinstance(data, bytes) or merkle.leaf_hash(data) != right:
        raise StorageError(f"entry {fix.index} changed while it was examined; run lotproof fsck again")
    old = there.leaf if there is not None else None
    journal(
        {
            "what": "entry",
            "index": fix.index,
            "leaf_hash": merkle.leaf_hash(data).hex(),
            "from": fix.source,
            "had": merkle.leaf_hash(old).hex() if isinstance(old, bytes) else None,
        }
    )
    if isinstance(old, bytes) and old != data:
        keep(f"entries/{fix.index}", old)
    leaf = Leaf.parse(data)
    return {
        "idx": fix.index,
        "leaf": data,
        "leaf_hash": leaf.hash,
        "event_id": bytes.fromhex(leaf.record.event_id),
        "type": leaf.record.body.type,
    }


def _put_checkpoint(connection: Connection, fix: CheckpointFix, journal: Journal, keep: Keep) -> None:
    which = CHECKPOINTS.c.size == fix.size
    old = connection.execute(select(CHECKPOINTS.c.note).where(which)).scalar_one_or_none()
    journal({"what": "checkpoint", "size": fix.size, "root": fix.root.hex(), "from": fix.source})
    if isinstance(old, bytes) and old != fix.note:
        keep(f"checkpoints/{fix.size}", old)
    connection.execute(delete(CHECKPOINTS).where(which))
    row = {"size": fix.size, "root": fix.root, "note": fix.note, "signed_at": fix.signed_at}
    connection.execute(CHECKPOINTS.insert(), [row])
