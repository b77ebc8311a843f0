"""A supplier's file as a job: read, its parties registered, its lots recorded, made visible.

Reading is pure and repeated; parties are registered once; the lots of a file are recorded together or not
at all. So an attempt that died is simply begun again, and the mark only saves what was visible already.
"""

from typing import Final

from gateway.errors import Refused
from gateway.store import files
from gateway.tasks.attempt import Attempt
from gateway.tasks.kinds import SupplierFile
from gateway.tasks.runner import Result
from gateway.workflows.import_consignment import report_of
from gateway.workflows.keep_file import content_of
from gateway.workflows.read_upload import read_upload, spec_named
from gateway.workflows.story import record_consignment

STEPS: Final = 4  # read, recorded, visible, told


def import_file(attempt: Attempt, told: SupplierFile) -> Result:
    """Raises FileRefused or Refused for a file that can never be imported as it is."""
    report = attempt.job.resume_at
    if report is None:
        attempt.progress(0, STEPS, "steps")
        report = _record(attempt, told)
        attempt.mark(report)
    attempt.progress(2, STEPS, "steps")
    attempt.installation.publisher.publish()
    attempt.progress(STEPS, STEPS, "steps")
    return dict(report)


def _record(attempt: Attempt, told: SupplierFile) -> dict[str, int]:
    installation = attempt.installation
    spec = spec_named(told.spec)
    with installation.database.reading() as connection:
        file = files.find(connection, told.file, owner=None)
    if file is None or file.erased_at is not None:
        raise Refused("file-gone", "the file is not kept any more")
    consignment = read_upload(installation, spec, content_of(installation, file.sha256))
    attempt.progress(1, STEPS, "steps")
    report = report_of(consignment, record_consignment(installation, spec, consignment))
    counts = {name: int(report[name]) for name in ("rows", "accepted", "rejected_rows")}
    return {**counts, "lots": len(report["lots"])}
