"""Which keys sign for the logs that a witness watches: those of its policy, and those that followed them."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from ledger.core.checkpoint import Checkpoint
from ledger.core.keys import VerifierKey
from ledger.core.log_keys import Handover, check_signed
from ledger.core.note import LogVerifier, Note, NoteVerifier
from ledger.core.policy import Policy
from ledger.errors import LedgerError, ProofError
from ledger.handovers import follow

ASKED_EVERY_S = 10.0  # at most: a stranger's request must not make us ask the log without end
Handovers = Callable[[], Sequence[Handover]]  # those that a log publishes now
logger = logging.getLogger("lotproof.witness")


class WatchedKeys:
    """handovers: by origin, where the policy says at which address a log is to be read."""

    def __init__(
        self,
        policy: Policy,
        handovers: Mapping[str, Handovers] | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.origins = tuple(policy.logs)
        self._listed = {origin: policy.keys_of(origin) for origin in self.origins}
        self._handovers = handovers or {}
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._asked_at: dict[str, float] = {}
        self._known: dict[str, tuple[Handover, ...]] = {}

    def held(self, note: Note, checkpoint: Checkpoint) -> Sequence[NoteVerifier]:
        """The log's verifiers whose signature holds, the key in force among them.

        A signature of a key that we do not know makes us look for a handover to it, now and then.
        Raises ProofError.
        """
        try:
            return self._held(note, checkpoint)
        except ProofError:
            if not self.learn(checkpoint.origin):
                raise
        return self._held(note, checkpoint)

    def learn(self, origin: str) -> bool:
        """Read the handovers of a log; True when there is one more than we knew."""
        read = self._handovers.get(origin)
        with self._lock:
            now = self._monotonic()
            if read is None or now - self._asked_at.get(origin, float("-inf")) < ASKED_EVERY_S:
                return False
            self._asked_at[origin] = now
        try:
            found = tuple(read())
            keys = follow(self._listed[origin], found)
        except LedgerError as error:
            logger.warning("%s: its handovers cannot be used, going on: %s", origin, error)
            return False
        with self._lock:
            known = self._known.get(origin, ())
            if len(found) <= len(known) or found[: len(known)] != known:
                return False  # what was followed once is followed for ever
            self._known[origin] = found
        logger.info("%s: %s", origin, f"its key handed over to {keys[-1]}" if keys else "knows its handovers")
        return True

    def _held(self, note: Note, checkpoint: Checkpoint) -> Sequence[NoteVerifier]:
        known = self._known.get(checkpoint.origin, ())
        listed = self._listed[checkpoint.origin]
        keys = dict.fromkeys((*listed, *follow(listed, known)))
        held = note.verified_by([LogVerifier(key) for key in keys])
        for one in reversed(known):
            if one.index < checkpoint.size:
                check_signed(str(note).encode(), one.key)
                break
        return held


def check_in_force(note: Note, checkpoint: Checkpoint, named: Sequence[tuple[int, bytes]]) -> None:
    """Raise ProofError unless the key that the log's own entries name for this tree has signed it.

    named: (index of the entry, public key), ascending.
    """
    keys = [public_key for index, public_key in named if index < checkpoint.size]
    if keys:
        check_signed(str(note).encode(), VerifierKey(checkpoint.origin, keys[-1]))
