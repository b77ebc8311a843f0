"""Files about a lot, as lines of its page."""

from sqlalchemy import Connection

from gateway.files.media import BY_TYPE
from gateway.pages.views import EraseFileView, FileLine, Form
from gateway.store import files, public_photos
from gateway.store.files import StoredFile


def lines(connection: Connection, lot: str) -> tuple[FileLine, ...]:
    shown = set(public_photos.of_lot(connection, lot))
    return tuple(line(file, is_public=file.id in shown) for file in files.of_lot(connection, lot))


def line(file: StoredFile, *, is_public: bool = False) -> FileLine:
    kind = BY_TYPE[file.media_type].kind
    if file.erased_at is not None:
        return FileLine(kind=kind, href="", size=0, added_at=file.added_at, erased_for=file.erased_for)
    return FileLine(
        kind=kind,
        href=f"/files/{file.id}",
        size=file.size,
        added_at=file.added_at,
        thumbnail_href=f"/files/{file.id}/thumbnail" if file.thumbnail else "",
        erase_href=f"/operator/files/{file.id}/erase",
        public_action=f"/operator/files/{file.id}/public" if file.thumbnail else "",
        is_public=is_public,
    )


def erase_view(file: StoredFile, form: Form) -> EraseFileView:
    return EraseFileView(
        action=f"/operator/files/{file.id}/erase", back_href=back_href(file), line=line(file), form=form
    )


def back_href(file: StoredFile) -> str:
    """The page on which the file is shown."""
    return f"/operator/lots/{file.lot.partition(':')[2]}" if file.lot else "/operator"
