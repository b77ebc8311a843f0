"""Jobs that make a file for somebody: the pack of a lot, the zip of the whole log."""

from hashlib import sha256
from typing import Final

from gateway.errors import NotFound
from gateway.tasks.attempt import Attempt
from gateway.tasks.kinds import Lot, Nothing
from gateway.tasks.runner import Result
from gateway.workflows import mirror_zip
from gateway.workflows.export_lot import export_lot

MEDIA_TYPES: Final = {"zip": "application/zip", "pdf": "application/pdf", "zpl": "application/zpl"}


def object_key(sha256_: str) -> str:
    """Where an export lies in ``installation.files``: by content, whichever attempt made it."""
    return f"exports/{sha256_[:2]}/{sha256_}"


def export_lot_pack(attempt: Attempt, told: Lot) -> Result:
    installation = attempt.installation
    attempt.progress(0, 2, "steps")
    pack = export_lot(installation, told.lot, told.receiver, told.company or None)
    attempt.progress(1, 2, "steps")
    digest = sha256(pack.content).hexdigest()
    installation.files.create(object_key(digest), pack.content)
    attempt.progress(2, 2, "steps")
    return {
        "sha256": digest,
        "filename": pack.filename,
        "size": len(pack.content),
        "records": pack.records,
        "missing": len(pack.missing),
    }


def export_log(attempt: Attempt, _told: Nothing) -> Result:
    """The zip of a checkpoint is made once, however many want it; a half-made one is never seen."""
    path = mirror_zip.path_of(
        attempt.installation, lambda done, total: attempt.progress(done, total, "tiles")
    )
    return {"filename": path.name, "size": path.stat().st_size}


def media_type(filename: str) -> str:
    """Of what an export is saved as: its name is ours, and ends with one of these."""
    return MEDIA_TYPES[filename.rpartition(".")[2]]


def made(attempt_result: dict[str, str]) -> str:
    """The object of a finished export. Raises NotFound where the job made none."""
    digest = attempt_result.get("sha256")
    if not digest:
        raise NotFound("export")
    return object_key(digest)
