"""Form, text and signatures of entries, looked at beside the replay in processes of their own.

The replay is sequential: each record is judged by what came before it. What an entry is by itself is
not, and it is more than half of the work. No entry counts as verified before that is: the auditor asks
``failure`` before it says anything about what came up to an entry. What waits is bounded.
"""

from collections import deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Self

import orjson

from ledger.core.envelope import SIGNERS_MAX, SignedRecord
from ledger.core.leaf import Leaf
from ledger.core.subjects import is_subject_id
from ledger.errors import InvalidRecord, LedgerError, ProofError, StorageError
from ledger.signature_process import SignatureProcess
from ledger.signature_worker import GOOD, check_leaf, leaf_item, read_strictly

CHUNK = 64  # records handed over at once
WAITING_MAX = 4  # chunks a process, before this one looks at entries itself

_Job = tuple[int, bytes, list[bytes]]  # index, leaf, the public keys as they sign
Failure = tuple[int, LedgerError, tuple[str, ...]]  # index, what is wrong, the subjects of the record


class SignatureChecks(AbstractContextManager["SignatureChecks"]):
    """Verifies in order; remembers the first failure. workers: processes to start, 0 for none."""

    def __init__(self, workers: int) -> None:
        self._workers = [SignatureProcess(of_leaves=True) for _ in range(workers)]
        self._next = 0
        self._at_hand = b""  # the leaf that was read last
        self._is_ours = not workers  # whether this process looks at it
        self._chunk: list[_Job] = []
        self._waiting: deque[tuple[SignatureProcess, list[_Job]]] = deque()
        self._failure: Failure | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.close()

    @property
    def read(self) -> Callable[[bytes], Leaf] | None:
        """Reads an entry whose form a worker looks at; None where there is none."""
        return self._trusting if self._workers else None

    def add(self, index: int, record: SignedRecord, public_keys: Mapping[str, bytes]) -> None:
        """Verify now, or hand over. Raises ProofError for this record alone; WorkerDiedError."""
        if self._is_ours:
            record.verify(public_keys.__getitem__)
            return
        if len(public_keys) > SIGNERS_MAX:
            Leaf.parse(self._at_hand)  # refuses it
        self._chunk.append((index, self._at_hand, list(public_keys.values())))
        if len(self._chunk) == CHUNK:
            self._hand_over()

    @property
    def failed(self) -> bool:
        """Whether a failure is known already; one may still be on its way."""
        return self._failure is not None

    def failure(self) -> Failure | None:
        """Wait for everything added; the first entry that is not good by itself, or None."""
        self._hand_over()
        while self._waiting:
            self._collect()
        return self._failure

    def fault(self, encoded: bytes) -> LedgerError | None:
        """What is wrong with the form or text of an entry that was read here without a look at them."""
        if not self._workers or not encoded:
            return None
        try:
            read_strictly(encoded)
        except InvalidRecord as error:
            return error
        return None

    def _trusting(self, encoded: bytes) -> Leaf:
        self._at_hand = encoded
        self._is_ours = self._are_busy()
        if self._is_ours:
            return read_strictly(encoded)
        try:
            return Leaf.trusting(encoded)
        except Exception:
            read_strictly(encoded)  # refuses it, and says why
            raise

    def _are_busy(self) -> bool:
        """Whether the others have as much as may wait: rather than wait for them, we work ourselves."""
        if len(self._waiting) < WAITING_MAX * len(self._workers):
            return False
        if not self._waiting[0][0].has_answered():
            return True
        self._collect()
        return False

    def _hand_over(self) -> None:
        if not self._chunk:
            return
        jobs, self._chunk = self._chunk, []
        worker = self._workers[self._next]
        self._next = (self._next + 1) % len(self._workers)
        worker.ask(b"".join([leaf_item(encoded, public_keys) for _, encoded, public_keys in jobs]))
        self._waiting.append((worker, jobs))

    def _collect(self) -> None:
        worker, jobs = self._waiting.popleft()
        if worker.answer() == GOOD or self._failure is not None:
            return
        for index, encoded, public_keys in jobs:
            try:
                check_leaf(encoded, public_keys)
            except (InvalidRecord, ProofError) as error:
                self._failure = index, error, subjects_named(encoded)
                return
        raise StorageError("two processes disagree about a signature: check this machine's memory")


def subjects_named(encoded: bytes) -> tuple[str, ...]:
    """The subjects that an entry names, however bad it is: they tell whose history is in doubt."""
    try:
        named = [link["id"] for link in orjson.loads(encoded)["body"]["subjects"]]
    except (ValueError, TypeError, KeyError):
        return ()
    return tuple(name for name in named if isinstance(name, str) and is_subject_id(name))
