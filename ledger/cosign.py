"""Ask witnesses to cosign a checkpoint, all at once, and believe only what verifies."""

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ledger.adapters.witness_http import Answer, WitnessClient
from ledger.core.checkpoint import Checkpoint
from ledger.core.cosignature import Cosignature, open_cosignature
from ledger.core.encoding import decode_decimal
from ledger.errors import LedgerError, ProofError, StorageUnavailable

AHEAD_MAX = timedelta(seconds=300)  # how far a witness's clock may run before ours
ASKING_S = 6.0  # for all the witnesses together
_WORDS: Mapping[int, str] = {
    400: "it calls the request malformed",
    403: "it does not trust our key: give it the log's vkey",
    404: "it does not know this log: give it the log's vkey",
    422: "it says that this checkpoint does not follow the one it saw",
}
Proof = Callable[[int], Sequence[bytes]]  # old size -> the consistency proof from there


@dataclass(frozen=True, slots=True)
class Asked:
    """What one witness answered: a cosignature, or why there is none.

    size: what it says it saw last, where it said so. shown: the checkpoint that it shows for this
    log, fetched when it refused; not verified yet.
    """

    witness: WitnessClient
    cosignature: Cosignature | None = None
    why: str = ""
    size: int | None = None
    shown: bytes | None = None


def collect(
    witnesses: Sequence[WitnessClient],
    checkpoint: Checkpoint,
    note: bytes,
    *,
    old: Mapping[str, int],
    proof: Proof,
    now: datetime,
) -> list[Asked]:
    """Ask every witness for its cosignature of ``note``; one answer each, within ASKING_S.

    old: by witness name, the size it cosigned last as far as we know. now: true time, not a story's.
    """
    answers: queue.Queue[Asked] = queue.Queue()
    for witness in witnesses:
        start = min(old.get(witness.name, 0), checkpoint.size)
        threading.Thread(
            target=lambda witness=witness, start=start: answers.put(
                _asked(witness, checkpoint, note, start, proof, now)
            ),
            name=f"asks witness {witness.name}",
            daemon=True,  # one that hangs in a name lookup must not keep the process
        ).start()
    return _gathered(witnesses, answers)


def _gathered(witnesses: Sequence[WitnessClient], answers: "queue.Queue[Asked]") -> list[Asked]:
    found: dict[str, Asked] = {}
    until = time.monotonic() + ASKING_S
    while len(found) < len(witnesses):
        try:
            asked = answers.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            break
        found[asked.witness.name] = asked
    return [found.get(w.name) or Asked(w, why="it did not answer in time") for w in witnesses]


def _asked(
    witness: WitnessClient, checkpoint: Checkpoint, note: bytes, old: int, proof: Proof, now: datetime
) -> Asked:
    try:
        answer = _submit(witness, checkpoint, note, old, proof)
        if answer.status == 409:
            size = _size_of(answer)
            if size > checkpoint.size:
                why = f"it saw {size} entries already"
                return Asked(witness, why=why, size=size, shown=_shown(witness, checkpoint))
            answer = _submit(witness, checkpoint, note, size, proof)  # it said what it saw: once more
        if answer.status == 200:
            cosignature = open_cosignature(checkpoint.text, answer.body, witness.key)
            _check_time(cosignature, now)
            return Asked(witness, cosignature, size=checkpoint.size)
        shown = _shown(witness, checkpoint) if answer.status in (409, 422) else None
        return Asked(witness, why=_WORDS.get(answer.status, f"it answered {answer.status}"), shown=shown)
    except LedgerError as error:
        return Asked(witness, why=str(error))
    except Exception as error:  # noqa: BLE001 - a stranger's answer must not end the thread unheard
        return Asked(witness, why=f"its answer cannot be used: {error}")


def _submit(witness: WitnessClient, checkpoint: Checkpoint, note: bytes, old: int, proof: Proof) -> Answer:
    path = proof(old) if 0 < old < checkpoint.size else ()
    return witness.add_checkpoint(old, path, note)


def _shown(witness: WitnessClient, checkpoint: Checkpoint) -> bytes | None:
    try:
        return witness.latest(checkpoint.origin)
    except StorageUnavailable:
        return None


def _size_of(answer: Answer) -> int:
    """The size in the body of a 409 (``text/x.tlog.size``)."""
    return decode_decimal(answer.body.decode("ascii", "replace").removesuffix("\n"))


def _check_time(cosignature: Cosignature, now: datetime) -> None:
    """An old time only understates how fresh we are; one to come would overstate it."""
    latest = (now + AHEAD_MAX).timestamp()
    if not 0 < cosignature.timestamp <= latest:
        told = str(cosignature.timestamp)
        if 0 < cosignature.timestamp < 253_402_300_800:  # what a datetime can say
            told = f"{datetime.fromtimestamp(cosignature.timestamp, UTC):%Y-%m-%dT%H:%M:%SZ}"
        raise ProofError(f"its clock says {told}, ours {now:%Y-%m-%dT%H:%M:%SZ}; one of them is wrong")
