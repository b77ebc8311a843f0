"""From bytes that somebody sent to what we keep."""

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

from gateway.files import archives, pictures
from gateway.files.errors import FileRefused
from gateway.files.media import CSV, XLSX, ZIP, Media, media_of


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file that may be kept.

    content: what is kept, remade for pictures. original_sha256: of what was sent, hex.
    thumbnail: JPEG, empty for all but pictures; width, height: pixels, 0 for all but pictures.
    """

    media: Media
    content: bytes
    original_sha256: str
    thumbnail: bytes = b""
    width: int = 0
    height: int = 0


def accept(data: bytes, wanted: Collection[Media]) -> Accepted:
    """Take a file by its bytes. Raises FileRefused; then nothing of it is kept."""
    media = media_of(data)
    if media not in wanted:
        raise FileRefused("file-kind-not-here", f"{media.media_type} is not taken here")
    original = sha256(data).hexdigest()
    if media.kind == "picture":
        made = pictures.remake(data)
        return Accepted(made.media, made.content, original, made.thumbnail, made.width, made.height)
    if media is XLSX or media.kind == "archive":
        archives.check(data)
    return Accepted(media, data, original)


def sheet_in(data: bytes) -> bytes:
    """The supplier's sheet: the file itself, or the only member of an archive. Raises FileRefused."""
    if media_of(data) is ZIP:
        members = archives.check(data, may_hold_archives=True)
        if len(members) != 1:
            raise FileRefused("archive-not-one", f"the archive holds {len(members)} files, not one sheet")
        data = archives.unpack(data, members[0])
    return accept(data, {CSV, XLSX}).content
