"""Signatures verified beside the replay, in processes of their own.

The replay is sequential: each record is judged by what came before it. Its signatures are not, and
they are half of the work. No entry counts as verified before its signatures are: the auditor asks
``failure`` before it says anything about what came up to an entry. What waits is bounded.
"""

from collections import deque
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Self

from ledger.core import keys
from ledger.core.envelope import SignedRecord, signing_input
from ledger.errors import ProofError, StorageError
from ledger.signature_process import SignatureProcess
from ledger.signature_worker import GOOD, item

CHUNK = 64  # records handed over at once
WAITING_MAX = 4  # chunks a process

_Job = tuple[int, SignedRecord, Mapping[str, bytes]]  # index, record, its public keys by key id
Failure = tuple[int, ProofError, SignedRecord]


class SignatureChecks(AbstractContextManager["SignatureChecks"]):
    """Verifies in order; remembers the first failure. workers: processes to start, 0 for none."""

    def __init__(self, workers: int) -> None:
        self._workers = [SignatureProcess() for _ in range(workers)]
        self._next = 0
        self._chunk: list[_Job] = []
        self._waiting: deque[tuple[SignatureProcess, list[_Job]]] = deque()
        self._failure: Failure | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.close()

    def add(self, index: int, record: SignedRecord, public_keys: Mapping[str, bytes]) -> None:
        """Verify now, or hand over. Raises ProofError for this record alone; WorkerDiedError."""
        if not self._workers:
            record.verify(public_keys.__getitem__)
            return
        if any(keys.key_id(raw) != named for named, raw in public_keys.items()):
            record.verify(public_keys.__getitem__)  # refuses it, and says where
        self._chunk.append((index, record, public_keys))
        if len(self._chunk) == CHUNK:
            self._hand_over()
            if len(self._waiting) > WAITING_MAX * len(self._workers):
                self._collect()

    @property
    def failed(self) -> bool:
        """Whether a failure is known already; one may still be on its way."""
        return self._failure is not None

    def failure(self) -> Failure | None:
        """Wait for everything added; the first entry whose signatures do not verify, or None."""
        self._hand_over()
        while self._waiting:
            self._collect()
        return self._failure

    def _hand_over(self) -> None:
        if not self._chunk:
            return
        jobs, self._chunk = self._chunk, []
        items = [
            item(public_keys[signer.key], signature, message)
            for _, record, public_keys in jobs
            for message in (signing_input(record.encoded),)
            for signer, signature in zip(record.body.signers, record.signatures, strict=True)
        ]
        worker = self._workers[self._next]
        self._next = (self._next + 1) % len(self._workers)
        worker.ask(b"".join(items))
        self._waiting.append((worker, jobs))

    def _collect(self) -> None:
        worker, jobs = self._waiting.popleft()
        if worker.answer() == GOOD or self._failure is not None:
            return
        for index, record, public_keys in jobs:
            try:
                record.verify(public_keys.__getitem__)
            except ProofError as error:
                self._failure = index, error, record
                return
        raise StorageError("two processes disagree about a signature: check this machine's memory")
