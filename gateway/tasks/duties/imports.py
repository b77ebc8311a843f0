"""A supplier's file as a job: read, its parties registered, its lots recorded or stated, made visible.

Reading is pure and repeated; parties are registered once; the lots of a file are recorded together or not
at all. So an attempt that died is simply begun again, and the mark only saves what was visible already.
"""

from typing import Final

from gateway.consignments.spec import InvalidSpec
from gateway.errors import Refused
from gateway.store import files
from gateway.store.waiting import of_consignment
from gateway.tasks.attempt import Attempt
from gateway.tasks.kinds import SupplierFile
from gateway.tasks.runner import Result
from gateway.workflows.import_consignment import report_of
from gateway.workflows.keep_file import content_of
from gateway.workflows.read_upload import record, rehearse

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
    with installation.database.reading() as connection:
        file = files.find(connection, told.file, owner=None)
        if file is None or file.erased_at is not None:
            raise Refused("file-gone", "the file is not kept any more")
        content = content_of(installation, file.sha256)
        try:
            read = rehearse(installation, connection, told.file, told.spec, content)
        except InvalidSpec as error:
            raise Refused("not-described", "what the columns mean was not said to the end") from error
    attempt.progress(1, STEPS, "steps")
    report = report_of(read.consignment, record(installation, read, by=attempt.job.started_by))
    counts = {name: int(report[name]) for name in ("rows", "accepted", "rejected_rows")}
    with installation.database.reading() as connection:
        declared = of_consignment(connection, read.consignment.sha256)
    unsigned = sum(one.state == "waiting" for one in declared)
    waits = {"waiting": unsigned} if unsigned else {}
    return {**counts, "lots": len(report["lots"]), **waits}
