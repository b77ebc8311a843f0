"""What tests of the witness share: logs of plain entries, requests, and a witness in a folder."""

from collections.abc import Sequence
from pathlib import Path

from ledger.core import merkle
from ledger.core.checkpoint import Checkpoint
from ledger.core.encoding import encode_base64
from ledger.core.note import Signature
from ledger.core.policy import Policy, parse
from ledger.ports import Clock
from ledger.store.witnessed import WitnessFile
from ledger.witness import Answer, Witness
from tests.interop.static_log import StaticLog
from tests.ledger.core.signers import LOG, signed_note
from tests.ledger.fakes import MemoryClock, MemorySigner

NAME = "witness.example/w9"
SIGNER = MemorySigner("witness")
LENGTH = 40
HISTORY = StaticLog([f"entry {n}".encode() for n in range(LENGTH)])
FORK = StaticLog([f"entry {n}".encode() if n < 5 else f"other {n}".encode() for n in range(LENGTH)])
SIZE = "text/x.tlog.size"


def policy_of(*vkeys: str) -> Policy:
    return parse("".join(f"log {vkey}\n" for vkey in vkeys).encode() + b"quorum none\n")


def note_of(log: StaticLog, size: int, *others: Signature) -> bytes:
    """A checkpoint with the log's signature."""
    return signed_note(Checkpoint(LOG.name, size, log.root(size)).text, *others)


def body_of(old: int, path: Sequence[bytes], note: bytes) -> bytes:
    lines = [f"old {old}", *map(encode_base64, path), ""]
    return "".join(f"{line}\n" for line in lines).encode() + note


def request(log: StaticLog, old: int, size: int) -> bytes:
    """What an honest client of ``log`` sends: the proof from ``old`` and the checkpoint of ``size``."""
    path = merkle.consistency_path(old, size, log.hashes(size)) if 0 < old <= size else []
    return body_of(old, path, note_of(log, size))


def witness_in(
    folder: Path, *, policy: Policy | None = None, clock: Clock | None = None
) -> tuple[Witness, WitnessFile]:
    """A witness of LOG whose memory is in ``folder``."""
    folder.mkdir(exist_ok=True)
    file = WitnessFile(folder / "witness.db")
    watched = policy or policy_of(LOG.vkey)
    return Witness(file, watched, name=NAME, signer=SIGNER, clock=clock or MemoryClock()), file


def conflict(size: int) -> Answer:
    return Answer(409, f"{size}\n", SIZE)
