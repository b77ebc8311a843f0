"""The published log as one zip, made once a checkpoint: what ``lotproof audit`` reads without a network."""

import tempfile
import zipfile
from pathlib import Path
from threading import Lock

from gateway.wiring import Installation
from ledger.adapters.folder import Folder
from ledger.mirror import mirror

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold: the same log, the same bytes
_lock = Lock()


def path_of(installation: Installation) -> Path:
    """Where the zip of the visible checkpoint lies. What goes into it is checked while it is copied.

    Raises ProofError, MissingEvidence or StorageUnavailable where the published log does not hold.
    """
    size = installation.verifier().checkpoint.size
    folder = installation.home / "auditor"
    path = folder / f"log-{size}.zip"
    with _lock:
        if path.exists():
            return path
        with tempfile.TemporaryDirectory(dir=folder, prefix="log-") as scratch:
            copied = Path(scratch) / "log"
            checkpoint = mirror(installation.log, Folder(copied), installation.vkey)
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
