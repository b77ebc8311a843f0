"""Change the log's own key: make the next one, record it, publish with both, and let the former one go.

    successor at hand     a file of its own, or a KMS key that the settings name
    recorded              ``log.key_changed``, signed by the registrars
    handed over           the first tree with that entry is signed by both keys, and visible
    finished              the former key signs nothing any more

Each step is found again where it stands, however the one before ended.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.wiring import Installation
from gateway.workflows.keys import log_state, signed_at_hand, signing_registrars
from gateway.workflows.prepare import compose
from ledger.adapters.folder import Folder
from ledger.author import Draft
from ledger.core.checkpoint import open_checkpoint
from ledger.core.keys import VerifierKey
from ledger.core.log_keys import TYPE, LogKeys
from ledger.errors import InvalidRecord, MissingEvidence, NotVisible
from ledger.handovers import published
from ledger.pending import Pending
from ledger.ports import Signer
from ledger.record import Entry
from ledger.rollback import CHECKPOINT
from ledger.rotate import record_log_key

PATIENCE_S, AGAIN_S = 20.0, 0.5


@dataclass(frozen=True, slots=True)
class HandedOver:
    """index: of the entry that names ``key``; size: of the tree that both signed."""

    former: VerifierKey
    key: VerifierKey
    index: int
    size: int


def prepare(installation: Installation, at_hand: Sequence[Signer]) -> Pending | None:
    """The record that names the successor, signed by those at hand; None when it is recorded already.

    Makes the successor's key file where there is none. Raises InvalidRecord when that key was the log's
    before.
    """
    successor, keys = installation.log_signers.successor(), installation.vkey.now()
    if successor.public_key == keys.newest.public_key:
        return None
    if any(successor.public_key == key.public_key for key in keys.every()):
        raise InvalidRecord("was the log's key before, and does not become it again", pointer="/data/log_key")
    with installation.database.reading() as connection:
        state = log_state(connection)
        data = {"log_key": successor.public_key.hex()}
        draft = Draft(TYPE, signing_registrars(state, at_hand), data, [state.operator])
        return signed_at_hand(compose(installation, connection, draft), at_hand)


def record(installation: Installation, pending: Pending) -> Entry:
    """Record what all registrars have signed."""
    successor = installation.log_signers.successor()
    return record_log_key(installation.writer, pending.submission(), successor)


def hand_over(installation: Installation) -> HandedOver:
    """Publish until the successor's first tree is visible. Raises NotVisible where it cannot be yet.

    A witness that replays may need a moment for it; what is recorded is safe meanwhile.
    """
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            installation.publisher.publish()
            return _handed_over(installation)
        except NotVisible:
            if time.monotonic() >= until:
                raise
            time.sleep(AGAIN_S)


def finish(installation: Installation) -> tuple[HandedOver, Path | None]:
    """Retire the former key; returns where its file is now, None where it is in none.

    Raises NotVisible while the handover is not visible to everybody.
    """
    done = _handed_over(installation)
    write_policy(installation, installation.vkey.now())
    return done, installation.log_signers.retire(done.former)


def write_policy(installation: Installation, keys: LogKeys) -> None:
    """Put the key in force into the auditor's policy, in the place of the log's former ones."""
    path = installation.policy_path
    former = {f"{key}" for key in keys.every()}
    lines, put = [], False
    for line in path.read_bytes().decode("utf-8", "surrogateescape").split("\n"):
        words = line.split()
        if len(words) in (2, 3) and words[0] == "log" and words[1] in former:
            if not put:
                lines.append(" ".join(["log", str(keys.newest), *words[2:]]))
            put = True
        else:
            lines.append(line)
    text = "\n".join(lines).encode("utf-8", "surrogateescape")
    Folder(path.parent).replace(path.name, text)


def _handed_over(installation: Installation) -> HandedOver:
    keys = installation.vkey.now()
    last, former = (keys.changes[-1] if keys.changes else None), keys.former
    if last is None or former is None:
        raise MissingEvidence("the log has not changed its key")
    visible = open_checkpoint(installation.log.get(CHECKPOINT), installation.vkey)
    shown = len(list(published(installation.log)))
    if last.handover is None or visible.size < last.handover or shown < len(keys.changes):
        raise NotVisible(f"the tree with entry {last.index}, the change of the log's key, is not visible yet")
    return HandedOver(former, last.key, last.index, last.handover)
