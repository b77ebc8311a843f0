"""Objects as files below one folder."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.errors import MissingEvidence, StorageConflict, StorageUnavailable
from ledger.ports import OBJECT_KEY


class Folder:
    """An ObjectStore on a POSIX file system: temporary file, fsync, link, fsync of the directory."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def get(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise MissingEvidence(f"{key} is not there") from error
        except OSError as error:
            raise StorageUnavailable(f"{key}: {error}") from error

    def create(self, key: str, data: bytes) -> None:
        path = self._path(key)
        with _failing_as_ours(key):
            temporary = _write_temporary(path, data)
            try:
                os.link(temporary, path)  # fails when the name exists: that is create-if-absent
            except FileExistsError:
                if self.get(key) != data:
                    raise StorageConflict(f"{key} exists with other bytes") from None
            finally:
                temporary.unlink(missing_ok=True)
            _sync_folder(path.parent)

    def replace(self, key: str, data: bytes) -> None:
        path = self._path(key)
        with _failing_as_ours(key):
            _write_temporary(path, data).replace(path)
            _sync_folder(path.parent)

    def delete(self, key: str) -> None:
        path = self._path(key)
        with _failing_as_ours(key):
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                _sync_folder(path.parent)

    def keys(self, prefix: str = "") -> Iterator[str]:
        start = self._root / prefix if prefix else self._root
        with _failing_as_ours(prefix):
            files = [path for path in start.rglob("*") if path.is_file() and not path.name.startswith(".")]
        yield from sorted(path.relative_to(self._root).as_posix() for path in files)

    def _path(self, key: str) -> Path:
        if OBJECT_KEY.fullmatch(key) is None:
            raise MissingEvidence(f"{key!r} names no object")
        return self._root / key


@contextmanager
def _failing_as_ours(key: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(f"{key}: {error}") from error


def _write_temporary(path: Path, data: bytes) -> Path:
    """A durable file beside ``path``; nothing of it is left when writing fails."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
