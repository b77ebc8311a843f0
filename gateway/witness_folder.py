"""A witness as a program of its own: the folder with its key and its memory.

It opens no database and no home of a ledger; all it is told is a policy.

    DIR/witness.key     the private key, mode 0600
    DIR/witness.db      what it cosigned last and what it refused; never to be put back from a copy
    DIR/replay-*.db     with --replay: how far each log was replayed; may be removed while it is stopped
"""

import logging
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from ledger.adapters.http import HttpFolder
from ledger.adapters.key_file import KeyFile
from ledger.core.checkpoint import Checkpoint
from ledger.core.keys import check_name
from ledger.core.log_keys import Handover
from ledger.core.policy import Policy
from ledger.errors import MissingEvidence, Rollback, StorageError
from ledger.follow import Follower
from ledger.handovers import published
from ledger.ports import Clock
from ledger.replay_file import StoredState, rules_version
from ledger.store.witnessed import MEMORY, WitnessFile
from ledger.witness import Witness
from ledger.witness_keys import Handovers

KEY = "witness.key"
ANSWER_WITHIN_S = 0.6  # of a replay: who asks for a cosignature waits about a second
REPLAY_ROOM_BYTES = 64 * 1024 * 1024  # of memory, for each log
CALLED_AT_ONCE = 8  # logs, at start
NEVER_AGAIN = "Never cosign with this key again; make a new witness in a new folder (docs/run-a-witness.md)"
logger = logging.getLogger("lotproof.witness")


@dataclass(frozen=True, slots=True)
class Running:
    """An opened witness. followers: by origin, of the logs it replays. is_new: it was made just now."""

    witness: Witness
    policy: Policy
    file: WitnessFile
    followers: Mapping[str, Follower]
    is_new: bool

    def close(self) -> None:
        for follower in self.followers.values():
            follower.close()
        self.file.close()


def open_witness(
    folder: Path,
    policy: Policy,
    *,
    clock: Clock,
    name: str | None = None,
    replay: bool = False,
    passphrase: bytes | None = None,
) -> Running:
    """Open the witness in ``folder``, or make it there. name: of its key, chosen once; None for its own.

    Raises Rollback when its memory is gone or another key's: then it must not cosign. Raises
    StorageError when a file cannot be used, MissingEvidence when a log to replay has no URL.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (folder / KEY).exists() and not (folder / MEMORY).exists():
        raise Rollback(f"{folder / MEMORY} is gone, and with it what this key has cosigned. {NEVER_AGAIN}")
    followers = _followers(folder, policy) if replay else {}
    file = WitnessFile(folder / MEMORY)  # before the key: a key without a memory is never made
    try:
        is_new = file.identity() is None
        signer, name = _identified(file, folder / KEY, name, passphrase)
        _sync(folder)
        witness = Witness(
            file,
            policy,
            name=name,
            signer=signer,
            clock=clock,
            followers=followers,
            handovers=_handovers(policy),
        )
    except BaseException:
        file.close()
        raise
    return Running(witness, policy, file, followers, is_new)


def check_published(running: Running) -> None:
    """Compare with what each log shows of us, as far as it can be read now. Raises Rollback."""

    def note_of(origin: str) -> bytes | None:
        try:
            return HttpFolder(running.policy.log_urls[origin]).get("checkpoint")
        except (MissingEvidence, StorageError) as error:
            logger.warning("%s: its published checkpoint cannot be read, going on: %s", origin, error)
            return None

    with ThreadPoolExecutor(CALLED_AT_ONCE) as pool:
        notes = list(pool.map(note_of, running.policy.log_urls))
        list(pool.map(running.witness.keys.learn, running.policy.log_urls))
    for note in notes:
        if note is not None:
            running.witness.check_published(note)


def start_replays(running: Running) -> None:
    """Begin to replay up to what was cosigned last, so that the next request need not wait for it."""
    for origin, head in running.witness.cosigned().items():
        if head is not None and origin in running.followers:
            running.followers[origin].reach_later(Checkpoint(origin, head.size, head.root))


def _identified(
    file: WitnessFile, key_path: Path, name: str | None, passphrase: bytes | None
) -> tuple[KeyFile, str]:
    """The key and its name; both are made together, once."""
    known = file.identity()
    if known is None:
        if name is not None:
            check_name(name)
        exists = key_path.exists()  # a first start may have died in between
        make = KeyFile.load if exists else KeyFile.generate
        signer = make(key_path, passphrase=passphrase)
        name = name or f"witness-{sha256(signer.public_key).hexdigest()[:8]}"
        file.set_identity(name, signer.public_key)
        return signer, name
    if not key_path.exists():
        raise StorageError(f"{key_path} is gone; without it this witness is at its end: make a new one")
    signer = KeyFile.load(key_path, passphrase=passphrase)
    if signer.public_key != known[1]:
        raise Rollback(f"{file.path} is the memory of another key than {key_path}. {NEVER_AGAIN}")
    if name not in (None, known[0]):
        raise StorageError(f"this witness is named {known[0]}; a name is chosen once, with the key")
    return signer, known[0]


def _followers(folder: Path, policy: Policy) -> dict[str, Follower]:
    made = {}
    for origin, key in policy.logs.items():
        url = policy.log_urls.get(origin)
        if url is None:
            raise MissingEvidence(f"--replay reads the log: give its URL on the line `log {key} URL`")
        path = folder / f"replay-{sha256(origin.encode()).hexdigest()[:16]}.db"
        bound_to = {
            "log": origin,
            "log key": key.public_key.hex(),
            "version of this program": rules_version(),
        }
        state = partial(_state, path, bound_to)
        made[origin] = Follower(origin, key.public_key, HttpFolder(url), state=state, wait_s=ANSWER_WITHIN_S)
    return made


def _handovers(policy: Policy) -> dict[str, Handovers]:
    """Where each log that has an address publishes its changes of key."""

    def read(url: str) -> list[Handover]:
        return list(published(HttpFolder(url)))

    return {origin: partial(read, url) for origin, url in policy.log_urls.items()}


def _state(path: Path, bound_to: Mapping[str, str]) -> StoredState:
    state = StoredState(path, bound_to=bound_to, room_bytes=REPLAY_ROOM_BYTES)
    if state.fresh:
        logger.info("%s: replaying from entry 0 again: %s", bound_to["log"], state.fresh)
    return state


def _sync(folder: Path) -> None:
    """The new names in the folder survive a power cut together with what they name."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
