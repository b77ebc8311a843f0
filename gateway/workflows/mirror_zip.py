"""The published log as one zip, made once a checkpoint: what ``lotproof audit`` reads without a network."""

import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from gateway.wiring import Installation
from ledger.adapters.folder import Folder
from ledger.core import tiles
from ledger.mirror import mirror

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold: the same log, the same bytes
Progress = Callable[[int, int], None]  # (files copied so far, all of them)
_lock = Lock()


class _Counted(Folder):
    """A folder that tells how many files were put into it."""

    def __init__(self, root: Path, total: int, progress: Progress) -> None:
        super().__init__(root)
        self._total = total
        self._progress = progress
        self._count = 0

    def create(self, key: str, data: bytes) -> None:
        super().create(key, data)
        self._count += 1
        self._progress(min(self._count, self._total), self._total)


def path_of(installation: Installation, progress: Progress = lambda _done, _total: None) -> Path:
    """Where the zip of the visible checkpoint lies. What goes into it is checked while it is copied.

    progress may raise to give it up: then nothing is left of it. Raises ProofError, MissingEvidence or
    StorageUnavailable where the published log does not hold.
    """
    size = installation.verifier().checkpoint.size
    folder = installation.home / "auditor"
    path = folder / f"log-{size}.zip"
    with _lock:
        if path.exists():
            return path
        with tempfile.TemporaryDirectory(dir=folder, prefix="log-") as scratch:
            copied = Path(scratch) / "log"
            target = _Counted(copied, sum(1 for _ in tiles.tiles_of(size)), progress)
            checkpoint = mirror(installation.log, target, installation.vkey)
            made = Path(scratch) / "log.zip"
            _zip(copied, made)
            path = folder / f"log-{checkpoint.size}.zip"
            made.replace(path)
        for older in folder.glob("log-*.zip"):
            if older != path:
                older.unlink(missing_ok=True)
    return path


def _zip(folder: Path, out: Path) -> None:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            member = zipfile.ZipInfo(file.relative_to(folder).as_posix(), EPOCH)
            archive.writestr(member, file.read_bytes())
