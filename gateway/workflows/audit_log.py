"""Find the source an auditor names, audit it, remember the tree that was seen."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway import wiring
from gateway.settings import Settings
from ledger.adapters.archive import Archive
from ledger.adapters.folder import Folder
from ledger.adapters.http import HttpFolder
from ledger.audit import Finding, Keeping, MirrorSource, Report, Source, audit
from ledger.audit_database import DatabaseSource
from ledger.audit_keeping import MEMORY_MB
from ledger.core import policy as policies
from ledger.core.envelope import print_at
from ledger.core.policy import Policy
from ledger.errors import MissingEvidence, ProofError, StorageError
from ledger.store.database import Database

SAVED = "checkpoint"
STATE = "state"  # where an audit stood, to go on from: beside the saved checkpoint
LAST_REPORT = "report.json"  # what the auditor's page shows of the home's last audit


@dataclass(frozen=True, slots=True)
class Effort:
    """processes: 1 or more. memory_mb: of all of them together. state: a file that was named.

    full: look at everything; incremental: only at what came since the last verified audit.
    """

    processes: int = 1
    memory_mb: int = MEMORY_MB
    state: Path | None = None
    full: bool = False
    incremental: bool = False


def audit_source(
    settings: Settings,
    where: str | None,
    *,
    policy_file: Path | None,
    vkey: str | None,
    saved_file: Path | None,
    progress: Callable[[int, int], None] | None = None,
    effort: Effort | None = None,
) -> Report:
    """Audit ``where``: a home, a database, a log URL, a folder of tiles or a zip; None is the home.

    The policy is the auditor's and never read from a source that was named. The checkpoint kept from
    the last time lies beside the policy; a verified log replaces it. effort: one process, and nothing
    kept to go on from, when None.
    """
    try:
        trust, saved_path = _trust(settings, where, policy_file, vkey, saved_file)
        source, database = _open(settings, where)
    except ProofError as error:
        return _unverified(where, "policy", str(error))
    except (MissingEvidence, StorageError) as error:
        return _unverified(where, "source", str(error))
    try:
        saved = saved_path.read_bytes() if saved_path and saved_path.exists() else None
        keeping = _keeping(effort, source, saved_path)
        report = audit(source, trust, saved=saved, progress=progress, keeping=keeping)
        if report.verdict == "verified" and saved_path:  # the very bytes that were verified
            Folder(saved_path.parent).replace(saved_path.name, report.note)
        if where is None:
            found = report.to_json() | {"at": print_at(datetime.now(UTC))}
            Folder(settings.home / "auditor").replace(LAST_REPORT, json.dumps(found).encode())
        return report
    finally:
        if database:
            database.close()


def _keeping(effort: Effort | None, source: Source, saved_path: Path | None) -> Keeping:
    """A named state is gone on from where it can be; beside the policy it lies for later.

    A database is the operator's, and what was verified in it may have been altered since: it is looked
    at whole unless somebody says otherwise.
    """
    if effort is None:
        return Keeping()
    state = effort.state or (saved_path.with_name(STATE) if saved_path else None)
    named = effort.state is not None and source.kind != "database"
    return Keeping(
        processes=effort.processes,
        memory_mb=effort.memory_mb,
        state=state,
        incremental=effort.incremental or (named and not effort.full),
        may_do_without=effort.state is None and not effort.incremental,
    )


def _trust(
    settings: Settings, where: str | None, policy_file: Path | None, vkey: str | None, saved: Path | None
) -> tuple[Policy | None, Path | None]:
    if vkey is not None:
        return Policy.trusting(vkey), saved
    path = policy_file or (settings.home / "auditor" / "policy" if where is None else None)
    if path is None:
        return None, saved
    try:
        trust = policies.parse(path.read_bytes())
    except OSError as error:
        raise MissingEvidence(f"the policy cannot be read: {error}") from error
    return trust, saved or path.parent / SAVED


def _open(settings: Settings, where: str | None) -> tuple[Source, Database | None]:
    if where is None:
        return _home(settings)
    if where.startswith(("http://", "https://")):
        prefix = where.removesuffix("/").removesuffix("/checkpoint")
        return MirrorSource(where, HttpFolder(prefix)), None
    path = Path(where)
    if (path / "config.json").exists():
        return _home(settings.model_copy(update={"home": path}))
    if path.is_dir():
        return MirrorSource(where, Folder(path)), None
    if path.suffix == ".zip" and path.is_file():
        return MirrorSource(where, Archive(path)), None
    if path.is_file():
        database = Database.at(path)
        return DatabaseSource(where, database, Folder(path.parent / "log")), database
    raise MissingEvidence(f"{where} is no home, database, folder of tiles, zip file or log URL")


def _home(settings: Settings) -> tuple[Source, Database | None]:
    installation = wiring.open_(settings)
    return (
        DatabaseSource(str(settings.home), installation.database, installation.log),
        installation.database,
    )


def _unverified(where: str | None, stage: str, message: str) -> Report:
    report = Report(where or "home")
    report.findings.append(Finding("missing", stage, message))
    return report
