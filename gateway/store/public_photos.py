"""Photos of lots that strangers may see: those that the operator marked, as long as they are kept."""

from datetime import datetime

from sqlalchemy import Connection, select

from gateway.store import report_tables
from gateway.store.files import FILES
from ledger.store.tables import table

PHOTOS = table(report_tables.PublicPhotoRow)


def show(connection: Connection, file: str, lot: str, *, by: str, at: datetime) -> None:
    """A repeat changes nothing."""
    if connection.execute(PHOTOS.select().where(PHOTOS.c.file == file)).first() is None:
        connection.execute(PHOTOS.insert(), [{"file": file, "lot": lot, "shown_by": by, "shown_at": at}])


def hide(connection: Connection, file: str) -> None:
    connection.execute(PHOTOS.delete().where(PHOTOS.c.file == file))


def of_lot(connection: Connection, lot: str) -> list[str]:
    """Ids of files that are shown, the one shown last first."""
    statement = (
        select(PHOTOS.c.file)
        .join(FILES, FILES.c.id == PHOTOS.c.file)
        .where(PHOTOS.c.lot == lot, FILES.c.erased_at.is_(None), FILES.c.thumbnail != "")
        .order_by(PHOTOS.c.shown_at.desc(), PHOTOS.c.file)
    )
    return list(connection.execute(statement).scalars())


def thumbnail(connection: Connection, file: str) -> str | None:
    """The object of a photo that may be seen; None for every other file."""
    statement = (
        select(FILES.c.thumbnail)
        .join(PHOTOS, FILES.c.id == PHOTOS.c.file)
        .where(FILES.c.id == file, FILES.c.erased_at.is_(None), FILES.c.thumbnail != "")
    )
    return connection.execute(statement).scalar()
