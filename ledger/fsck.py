"""Derive the tree, its tiles and bundles again from the database; compare with what is stored and signed.

    1  the entries: bytes, leaf hashes, index columns, links, against the roots that the log signed
    2  the checkpoints: each note signed by the log's key; the guards that keep history from changing
    3  the objects: every tile and bundle, the visible checkpoint, the archived ones

With ``repair`` what is provable is put right: an entry by bytes from a second copy that hash to what
a signed root demands (one flipped bit in an entry once cost a log its life, another in a leaf hash),
an object by what the entries give. Journal first, bytes that are replaced are kept, and a second
look decides what counts as repaired.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ledger import fsck_database, fsck_objects
from ledger.copies import Copy
from ledger.core.keys import VerifierKey
from ledger.errors import StorageError
from ledger.fsck_entries import Progress
from ledger.fsck_examined import Examined
from ledger.fsck_listed import Listed
from ledger.fsck_objects import Mending
from ledger.fsck_repair import Journal, Keep, repair
from ledger.fsck_report import Finding, Report
from ledger.ports import ObjectStore
from ledger.store.database import Database


@dataclass(frozen=True, slots=True)
class Repair:
    """How to repair. journal: notes durably what is about to be done; keep: what is about to be replaced."""

    journal: Journal
    keep: Keep


def fsck(
    database: Database,
    objects: ObjectStore,
    key: VerifierKey,
    *,
    copies: Sequence[Copy] = (),
    repairing: Repair | None = None,
    progress: Progress = lambda _what, _done, _of: None,
) -> Report:
    """Check one installation, and repair it where ``repairing`` says how.

    key: the log's as the operator keeps it, not as the database says. copies: where bytes of damaged
    entries are looked for, in this order.
    """
    report = Report(key.name)
    listed = Listed.of(objects)

    def look(connection: Connection, into: Report) -> Examined:
        return fsck_database.examine(
            connection,
            into,
            key=key,
            shown=listed.notes,
            sizes=listed.archived,
            copies=copies,
            progress=progress,
        )

    try:
        if repairing is not None:
            _repair_database(database, report, look, repairing)
        with database.reading() as connection:
            again = Report(key.name)
            seen = look(connection, again)
            _merge(report, again, after_repair=repairing is not None)
            if report.rollback or not seen.sound:
                report.not_checked.append("objects: it is not known what the entries are")
            elif listed.problem:
                report.find(Finding("missing", "objects", f"they cannot be read: {listed.problem}"))
            else:
                mending = Mending(repairing.journal, repairing.keep) if repairing else None
                fsck_objects.compare(
                    connection, objects, seen, report, listed=listed, mending=mending, progress=progress
                )
                report.repaired += mending.done if mending else []
    except StorageError as error:
        report.find(Finding("missing", "database", str(error)))
    return report


def _repair_database(database: Database, report: Report, look: Any, repairing: Repair) -> None:
    """The first look finds what to do; whether it was done right, the second look says."""
    first = Report(report.origin)
    with database.reading() as connection:
        seen: Examined = look(connection, first)
    report.findings += first.findings
    if first.rollback or not seen.fixes:
        return
    try:
        repair(database, seen, journal=repairing.journal, keep=repairing.keep)
    except StorageError as error:
        report.notes.append(f"the database was not repaired: {error}")
        return
    report.notes += [f"entry {fix.index}: put right from {fix.source}" for fix in seen.entries[:100]]
    report.notes += [f"checkpoint of {fix.size}: put right from {fix.source}" for fix in seen.checkpoints]
    report.notes += [f"guard {name}: put back" for name in seen.guards]


def _merge(report: Report, again: Report, *, after_repair: bool) -> None:
    """Take the last look for what is so; what only the first one found is repaired."""
    if after_repair:
        still = set(again.findings)
        report.repaired += [finding for finding in report.findings if finding not in still]
    known = set(report.findings)
    for finding in again.findings:
        if finding not in known:
            report.find(finding)
    report.untold += again.untold
    report.size, report.signed_size, report.root = again.size, again.signed_size, again.root
    report.rollback = again.rollback
    report.checked += again.checked
    report.not_checked += again.not_checked
