"""Bytes as they come in, never more of them than are taken."""

from collections.abc import AsyncIterator
from typing import Final

from gateway.files.errors import FileRefused, FileTooLarge

FILE_BYTES_MAX: Final = 20_000_000
PHOTO_BYTES_MAX: Final = 8_000_000  # of a stranger: what a phone makes
REPORT_BYTES_MAX: Final = PHOTO_BYTES_MAX + 64 * 1024
FORM_BYTES_MAX: Final = FILE_BYTES_MAX + 64 * 1024  # a form: the file, its other fields, the boundaries


async def receive(stream: AsyncIterator[bytes], limit: int = FILE_BYTES_MAX) -> bytes:
    """A whole body. Raises FileTooLarge as soon as it is, FileRefused when there is none.

    A sender that breaks off is ``starlette.requests.ClientDisconnect``: nothing was kept.
    """
    parts = bytearray()
    async for part in stream:
        if len(parts) + len(part) > limit:
            raise FileTooLarge(limit)
        parts += part
    if not parts:
        raise FileRefused("file-empty", "the file has no bytes")
    return bytes(parts)
