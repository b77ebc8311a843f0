"""Check and repair an installation: find the second copies, keep a journal, keep what is replaced.

HOME/repairs.log             a line of JSON for every repair, written before it is made
HOME/damaged/<time>/<name>   bytes that a repair replaced
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway import wiring
from gateway.settings import Settings
from gateway.wiring import Installation
from gateway.workflows.index_offer import refresh
from ledger.adapters.archive import Archive
from ledger.adapters.folder import Folder
from ledger.adapters.http import HttpFolder
from ledger.copies import Copy, DatabaseCopy, ObjectsCopy
from ledger.core.envelope import print_at
from ledger.errors import MissingEvidence, StorageUnavailable
from ledger.fsck import Repair, fsck
from ledger.fsck_report import Report
from ledger.rebuild import Rebuilt, rebuild
from ledger.replay_file import StoredState
from ledger.store import turns
from ledger.store.database import Database

JOURNAL, DAMAGED = "repairs.log", "damaged"
REPLAY_ROOM_BYTES = 100_000_000
Progress = Callable[[str, int, int], None]  # what is done, how far, of how many


def check_home(settings: Settings, *, repair: bool, repair_from: str | None, progress: Progress) -> Report:
    """Fsck a home; with ``repair`` alone on it, publishers wait meanwhile.

    repair_from: a folder, zip or URL of tiles, a home or another database. Raises MissingEvidence
    when it is none of these.
    """
    with ExitStack() as stack:
        installation = stack.enter_context(_opened(settings))
        copies: list[Copy] = [ObjectsCopy("the published objects", installation.log)]
        if repair_from:
            copies += _copies(settings, repair_from, stack)
        repairing = None
        if repair:
            stack.enter_context(turns.held(installation.home / "publishing.lock"))
            stack.enter_context(turns.locked(installation.database))
            repairing = _traces(installation.home)
        return fsck(
            installation.database,
            installation.log,
            installation.vkey.first,
            copies=copies,
            repairing=repairing,
            progress=progress,
        )


def rebuild_home(settings: Settings, *, progress: Progress) -> Rebuilt:
    """Make the working tables of a home again."""
    with _opened(settings) as installation, tempfile.TemporaryDirectory(prefix="lotproof-") as folder:
        bound_to = {"origin": installation.config.origin}
        state = StoredState(Path(folder) / "replay", bound_to=bound_to, room_bytes=REPLAY_ROOM_BYTES)
        try:
            done = rebuild(installation.database, installation.vkey.first, state=state, progress=progress)
        finally:
            state.close()
        refresh(installation, everything=True)  # the catalogue, from what was made again
        return done


@contextmanager
def _opened(settings: Settings) -> Iterator[Installation]:
    installation = wiring.open_(settings, whole=False)
    try:
        yield installation
    finally:
        installation.close()


def _copies(settings: Settings, where: str, stack: ExitStack) -> list[Copy]:
    if where.startswith(("http://", "https://")):
        return [ObjectsCopy(where, HttpFolder(where.removesuffix("/").removesuffix("/checkpoint")))]
    if where.startswith(("postgresql://", "postgres://", "sqlite:///")):
        return [_database(Database(where), "the other database", stack)]
    if where.startswith("s3://"):
        from ledger.adapters import s3  # boto3 takes its time, and few need it

        bucket = s3.connect(where, endpoint_url=settings.objects_endpoint_url, region=settings.objects_region)
        return [ObjectsCopy(where, bucket)]
    path = Path(where)
    if (path / "config.json").exists():
        found: list[Copy] = [ObjectsCopy(f"{where}/log", Folder(path / "log"))]
        if (path / "ledger.db").exists():
            found.append(_database(Database.at(path / "ledger.db"), f"{where}/ledger.db", stack))
        return found
    if path.is_dir():
        return [ObjectsCopy(where, Folder(path))]
    if path.suffix == ".zip" and path.is_file():
        return [ObjectsCopy(where, Archive(path))]
    if path.is_file():
        return [_database(Database.at(path), where, stack)]
    raise MissingEvidence(f"{where} is no home, database, folder of tiles, zip file, bucket or log URL")


def _database(database: Database, name: str, stack: ExitStack) -> Copy:
    stack.callback(database.close)
    return DatabaseCopy(name, database)


def _traces(home: Path) -> Repair:
    at = datetime.now(UTC)
    damaged = Folder(home / DAMAGED / at.strftime("%Y%m%dT%H%M%SZ"))

    def journal(what: dict[str, Any]) -> None:
        line = json.dumps({"at": print_at(at), "by": os.getuid(), **what}, ensure_ascii=False)
        try:
            with (home / JOURNAL).open("ab") as file:
                file.write(f"{line}\n".encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StorageUnavailable(f"{home / JOURNAL}: {error}; nothing was repaired") from error

    return Repair(journal, damaged.create)
