"""A log mirror packed into one zip file, read only."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from ledger.errors import MissingEvidence, StorageError

MEMBER_BYTES_MAX = 256 * 65_537  # the largest entry bundle
# What zipfile and the decompressors behind it make of bytes that are not what they claim to be.
# RuntimeError: an encrypted member, and as NotImplementedError an unknown method or version.
_DAMAGED = (
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    ValueError,
    struct.error,
    RuntimeError,
)


class Archive:
    """An ObjectStore over the members of a zip, never unpacked to disk."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except _DAMAGED as error:
            raise MissingEvidence(f"{path} cannot be read as a zip: {error}") from error

    def get(self, key: str) -> bytes:
        try:
            info = self._zip.getinfo(key)
            if info.file_size > MEMBER_BYTES_MAX:
                raise StorageError(f"{key} is larger than any tile")
            return self._zip.read(info)
        except KeyError as error:
            raise MissingEvidence(f"{key} is not in the archive") from error
        except _DAMAGED as error:
            raise MissingEvidence(f"{key} cannot be unpacked: {error}") from error

    def create(self, key: str, data: bytes) -> None:
        del data
        raise StorageError(f"{key}: an archive is read only")

    def replace(self, key: str, data: bytes) -> None:
        del data
        raise StorageError(f"{key}: an archive is read only")

    def keys(self, prefix: str = "") -> Iterator[str]:
        return iter(sorted(name for name in self._zip.namelist() if name.startswith(prefix)))
