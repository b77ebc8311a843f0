"""Refuse to go on behind a head that was shown: what every long-lived process asks before it works."""

from gateway.wiring import Installation
from ledger import rollback
from ledger.adapters.folder import Folder
from ledger.rollback import CHECKPOINT, SIGNED_HEAD, Known


def compare(installation: Installation, *, ask: bool) -> dict[str, str]:
    """Compare the database with everything that remembers its log; ask: the witnesses, too.

    Returns by name why a witness did not show anything. Raises Rollback when history was lost or is
    another one, StorageConflict when a remembered checkpoint is not signed by the log's key.
    """
    known, silent = remembered(installation, ask=ask)
    with installation.database.reading() as connection:  # afterwards: what was shown by then is in it
        rollback.check(connection, known)
    return silent


def remembered(installation: Installation, *, ask: bool) -> tuple[list[Known], dict[str, str]]:
    """The heads of this log that are remembered outside the database, and the witnesses that are silent."""
    key, beside = installation.vkey, Folder(installation.home)
    found = [
        rollback.remembered(beside, SIGNED_HEAD, "the signed-head file", key),
        rollback.remembered(installation.log, CHECKPOINT, "the visible checkpoint", key),
    ]
    known = [one for one in found if one is not None]
    silent: dict[str, str] = {}
    if ask and installation.quorum is not None:
        shown, silent = rollback.witnessed(installation.quorum.witnesses, key)
        known += shown
    return known, silent
