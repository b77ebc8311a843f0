"""The papers of a shipment as a job: begun with one dossier, made file by file, recorded at once.

The mark names the dossier that was begun with. It and every file lie in the object store under their hash,
so an attempt that died loses nothing but time: the next makes the same bytes, and records them at once.
"""

from exporters.errors import ExportersError, FailedValidation, IncompleteDossier
from gateway.errors import Refused
from gateway.people.identity import Identity
from gateway.store import dossiers
from gateway.tasks.attempt import Attempt
from gateway.tasks.kinds import ShipmentId
from gateway.tasks.runner import Result
from gateway.workflows import issue_papers as papers


def issue_papers(attempt: Attempt, told: ShipmentId) -> Result:
    """Raises Refused where facts are missing or wrong: once more would change neither."""
    installation = attempt.installation
    by = Identity(
        principal=attempt.job.started_by,
        name="",
        role="operator",
        organisation=installation.config.operator,
    )
    try:
        papers.issue(
            installation,
            told.shipment,
            by=by,
            progress=lambda done, total: attempt.progress(done, total, "papers"),
            begun=attempt.mark,
            begun_with=attempt.job.resume_at or "",
        )
    except ExportersError as error:
        raise Refused(slug_of(error), str(error)) from error
    with installation.database.reading() as connection:
        newest = dossiers.of_shipment(connection, told.shipment)[-1]
        files = dossiers.files(connection, told.shipment, newest.version)
    count = sum(1 for one in files if one.renderer)
    return {"shipment": told.shipment, ("drafts" if newest.is_draft else "papers"): count}


def slug_of(error: ExportersError) -> str:
    """What is wrong with the papers, as of the problems' catalogue."""
    if isinstance(error, FailedValidation):
        return "documents-failed"
    return "documents-incomplete" if isinstance(error, IncompleteDossier) else "documents-contradict"
