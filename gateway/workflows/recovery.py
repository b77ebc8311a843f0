"""When history is missing here: what is missing, where it can be had, and how it is taken back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.wiring import Installation
from gateway.workflows.compare import remembered
from ledger import recover, rollback
from ledger.adapters.archive import Archive
from ledger.adapters.folder import Folder
from ledger.adapters.http import HttpFolder
from ledger.errors import LedgerError, MissingEvidence, ProofError, Rollback, StorageError
from ledger.log_keys import LedgerKeys
from ledger.ports import ObjectStore
from ledger.recover import Recovered
from ledger.rollback import Known
from ledger.store import log

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a rollback is about. fork: another root at a size that is here; missing: entries that are not.

    found_in: which signed head the published files still hold whole; None when none does.
    """

    message: str
    fork: bool
    missing: range
    found_in: Known | None

    @property
    def advice(self) -> str:
        if self.fork:
            return (
                "nothing can be recovered automatically: keep the copy whose tree readers and witnesses "
                "have seen, put this one aside and never publish it (docs/recover.md, two histories)"
            )
        if self.found_in is None:
            return (
                "the published files here do not hold them; name a mirror: "
                "lotproof doctor --recover --from FOLDER-OR-URL"
            )
        return "stop every lotproof process, then: lotproof doctor --recover"


def diagnose(installation: Installation, source: ObjectStore | None = None) -> Diagnosis | None:
    """What is wrong; None when this database holds every head that is remembered."""
    known, _ = remembered(installation, ask=True)
    try:
        with installation.database.reading() as connection:
            rollback.check(connection, known)
            return None
    except Rollback as error:
        message = str(error)
    with installation.database.reading() as connection:
        head = log.read_head(connection)
        size = head.size if head else 0
        fork = any(
            one.checkpoint.size <= size
            and rollback.root_at(connection, one.checkpoint.size) != one.checkpoint.root
            for one in known
        )
    if fork:
        return Diagnosis(message, True, range(0), None)
    larger = _largest_first(known)
    end = larger[0].checkpoint.size if larger else size
    found = None
    for one in larger:
        try:
            place = source or installation.log
            recover.missing(installation.database, place, one.note, _keys(installation, place))
        except (MissingEvidence, ProofError, StorageError):
            continue
        except Rollback as error:
            return Diagnosis(str(error), True, range(0), None)
        found = one
        break
    return Diagnosis(message, False, range(size, max(size, end)), found)


def take_back(installation: Installation, where: str | None, progress: Progress) -> Recovered:
    """Re-import the missing published entries. where: a mirror; None for this installation's own files.

    Raises Rollback when there are two histories, MissingEvidence when no source holds the entries.
    """
    source = installation.log if where is None else source_at(where)
    known, _ = remembered(installation, ask=True)
    failure: LedgerError | None = None
    for one in _largest_first(known):
        try:
            return recover.recover(
                installation.database,
                installation.writer,
                source,
                one.note,
                _keys(installation, source),
                clock=installation.clock,
                progress=progress,
            )
        except (MissingEvidence, ProofError) as error:
            failure = failure or error
    raise MissingEvidence(
        f"the missing entries are not there: {failure}" if failure else "nothing is missing"
    )


def source_at(where: str) -> ObjectStore:
    """A mirror of the published log: a URL, a folder or a zip file."""
    if where.startswith(("http://", "https://")):
        return HttpFolder(where.removesuffix("/").removesuffix("/checkpoint"))
    path = Path(where)
    if path.is_dir():
        return Folder(path)
    if path.is_file():
        return Archive(path)
    raise MissingEvidence(f"{where} is no folder of tiles, zip file or log URL")


def _keys(installation: Installation, source: ObjectStore) -> LedgerKeys:
    """The log's keys; handovers that the database lost are believed as far as the keys before signed them."""
    return LedgerKeys(installation.database, installation.vkey.first, source)


def _largest_first(known: Sequence[Known]) -> list[Known]:
    return sorted(known, key=lambda one: one.checkpoint.size, reverse=True)
