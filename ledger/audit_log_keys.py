"""The keys that signed a log's trees: from those that the auditor trusts to the one in force now.

Up front the published handovers say which further keys the policy's own ones vouch for; the replay says
which keys the records name. Both must tell the same story, or nothing is verified under a later key.
"""

from collections.abc import Sequence

from ledger.audit_report import Report
from ledger.core.checkpoint import Checkpoint, open_checkpoint
from ledger.core.keys import VerifierKey
from ledger.core.log_keys import Handover, LogKeys, check_signed, object_key
from ledger.core.note import Note
from ledger.core.policy import Policy
from ledger.errors import ProofError
from ledger.handovers import follow, published
from ledger.ports import ObjectStore
from ledger.replay import Replay

STAGE = "log key"


class LogKeyChecks:
    """The handovers of one log, as its published objects show them."""

    def __init__(self, policy: Policy, handovers: Sequence[Handover], origin: str) -> None:
        """Raises ProofError when a key in force did not sign for the one after it."""
        self._own = policy.keys_of(origin)
        self._handovers = handovers
        self._roots: dict[int, bytes] = {}
        self._saved: bytes | None = None  # a checkpoint whose signature is still to be verified
        self.policy = policy.trusting_also(follow(self._own, handovers))

    @classmethod
    def read(cls, policy: Policy, objects: ObjectStore, note: bytes) -> "LogKeyChecks":
        """note: the checkpoint, of which nothing but the origin is believed. Raises ProofError."""
        origin = Checkpoint.parse(Note.parse(note).text).origin
        return cls(policy, list(published(objects)), origin)

    @property
    def first_key(self) -> bytes | None:
        """What entry 0 must name; None where only the records can say it."""
        return None if self._handovers or len(self._own) > 1 else self._own[0].public_key

    def open(self, note: bytes) -> Checkpoint:
        """The checkpoint under the policy, signed by the key in force. Raises ProofError."""
        checkpoint = self.policy.open(note)
        for one in reversed(self._handovers):
            if one.index < checkpoint.size:
                check_signed(note, one.key)
                break
        return checkpoint

    def open_saved(self, note: bytes) -> Checkpoint:
        """The checkpoint that the auditor saw last. One of a former key is held against the records later.

        Raises ProofError.
        """
        try:
            return self.open(note)
        except ProofError:
            if not self._handovers:
                raise
        self._saved = note
        return Checkpoint.parse(Note.parse(note).text)

    def passed(self, replay: Replay) -> None:
        """The tree has another entry."""
        if any(one.checkpoint.size == replay.size for one in self._handovers):
            self._roots[replay.size] = replay.root()

    def judge(self, replay: Replay, checkpoint: Checkpoint, report: Report, *, start: int) -> None:
        """Hold what the records name against the handovers. start: what an earlier audit went through."""
        if self.first_key is not None and len(replay.point.log_keys) == 1:
            return  # the replay held the one key against the policy
        named = [(index, key) for index, key in replay.point.log_keys if index < checkpoint.size]
        keys = LogKeys(VerifierKey(checkpoint.origin, named[0][1]))
        try:
            for number, (index, public_key) in enumerate(named[1:], start=1):
                key = VerifierKey(checkpoint.origin, public_key)
                if number > len(self._handovers):
                    message = (
                        f"{object_key(number)}, in which the log's key vouches for another, is not there"
                    )
                    report.find("missing", STAGE, message, entry=index)
                    return
                keys = self._handed_over(keys, index, key, self._handovers[number - 1], start)
            for required in keys.required(checkpoint.size):
                check_signed(report.note, required)
        except ProofError as error:
            report.find("wrong", STAGE, str(error), entry=named[-1][0])
            return
        if not set(keys.every()) & set(self._own):
            message = "is not the log key of the policy, and no key that the policy lists follows it"
            report.find("wrong", STAGE, message, entry=0, place="/body/data/log_key")
            return
        self._judge_saved(keys, report)
        if len(named) > 1:
            report.checked.append("log keys")

    def _judge_saved(self, keys: LogKeys, report: Report) -> None:
        if self._saved is None:
            return
        try:
            open_checkpoint(self._saved, keys)
        except ProofError as error:
            report.find("missing", "consistency", f"the saved checkpoint is not usable: {error}")

    def _handed_over(
        self, keys: LogKeys, index: int, key: VerifierKey, handover: Handover, start: int
    ) -> LogKeys:
        if (handover.index, handover.key) != (index, key):
            raise ProofError(
                f"the handover of entry {handover.index} is not of the key that entry {index} names"
            )
        size = handover.checkpoint.size
        if size > start and self._roots.get(size) != handover.checkpoint.root:
            raise ProofError(f"the handover of entry {index} is of another tree of {size} entries")
        return keys.changed(index, key, handover.note)
