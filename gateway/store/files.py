"""Whose file is what, and which object holds its bytes."""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, or_, select

from gateway.store import file_tables
from ledger.store.tables import table

FILES, UNNAMED = table(file_tables.FileRow), table(file_tables.UnnamedObjectRow)
OBJECTS = (FILES.c.sha256, FILES.c.thumbnail)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """See ``FileRow``. erased_at: None while it is kept."""

    id: str
    owner: str
    lot: str
    added_by: str
    added_at: datetime
    media_type: str
    size: int
    width: int
    height: int
    sha256: str
    thumbnail: str
    commitment: str
    salt: str
    erased_at: datetime | None = None
    erased_for: str = ""


def add(connection: Connection, file: StoredFile) -> None:
    connection.execute(FILES.insert(), [asdict(file)])


def find(connection: Connection, file_id: str, *, owner: str | None) -> StoredFile | None:
    """A file of this owner; owner None: of anybody. Erased ones are found, too."""
    statement = FILES.select().where(FILES.c.id == file_id)
    if owner is not None:
        statement = statement.where(FILES.c.owner == owner)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _file(row)


def of_lot(connection: Connection, lot: str) -> list[StoredFile]:
    """Oldest first."""
    statement = FILES.select().where(FILES.c.lot == lot).order_by(FILES.c.added_at, FILES.c.id)
    return [_file(row) for row in connection.execute(statement)]


def erase(connection: Connection, file: StoredFile, *, at: datetime, reason: str) -> None:
    """Forget everything but that there was a file, and its commitment."""
    emptied = {"sha256": "", "thumbnail": "", "salt": "", "size": 0, "width": 0, "height": 0}
    values = {**emptied, "erased_at": at, "erased_for": reason}
    connection.execute(FILES.update().where(FILES.c.id == file.id).values(values))


def unused(connection: Connection, objects: Collection[str]) -> list[str]:
    """Those of ``objects`` that no row names any more."""
    used: set[str] = set()
    for column in OBJECTS:
        used.update(connection.execute(select(column).where(column.in_(objects))).scalars())
    return sorted(set(objects) - used - {""})


def owned(connection: Connection, digest: str, *, owner: str) -> bool:
    """Whether the owner has a file of these bytes that was not erased."""
    wanted = select(FILES.c.id).where(FILES.c.sha256 == digest, FILES.c.owner == owner).limit(1)
    return connection.execute(wanted).first() is not None


def names_any(connection: Connection, digest: str) -> bool:
    """Whether a row still names this object."""
    named = or_(*(column == digest for column in OBJECTS))
    return connection.execute(select(FILES.c.id).where(named).limit(1)).first() is not None


def mark_unnamed(
    connection: Connection, objects: AbstractSet[str], now: datetime, *, before: datetime
) -> list[str]:
    """Write down which objects have no row now; those that had none at ``before``, either, are returned.

    objects: all that have none. Marks of others go, for they are named again, or are not there any more;
    so do those of what is returned, which is going to be deleted.
    """
    marked = {row.sha256: row.seen_at for row in connection.execute(select(UNNAMED))}
    due = {digest for digest in marked.keys() & objects if _utc(marked[digest]) <= before}
    gone = [{"one": digest} for digest in (marked.keys() - objects) | due]
    if gone:
        connection.execute(delete(UNNAMED).where(UNNAMED.c.sha256 == bindparam("one")), gone)
    new = [{"sha256": digest, "seen_at": now} for digest in sorted(objects - marked.keys())]
    if new:
        connection.execute(UNNAMED.insert(), new)
    return sorted(due)


def _utc(moment: datetime) -> datetime:
    """SQLite forgets the zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _file(row: Any) -> StoredFile:
    values = row._asdict()
    values["added_at"] = _utc(values["added_at"])
    if values["erased_at"] is not None:
        values["erased_at"] = _utc(values["erased_at"])
    return StoredFile(**values)
