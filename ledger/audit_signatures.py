"""Signatures verified beside the replay, in processes of their own.

The replay is sequential: each record is judged by what came before it. Its signatures are not, and
they are half of the work. No entry counts as verified before its signatures are: the auditor asks
``failure`` before it says anything about what came up to an entry. What waits is bounded.
"""

import os
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import IO, Any, Self

from ledger.core import keys
from ledger.core.envelope import SignedRecord, signing_input
from ledger.errors import ProofError, StorageError
from ledger.signature_worker import BAD, GOOD, item

CHUNK = 64  # records handed over at once
WAITING_MAX = 4  # chunks a process
LEAVING_S = 10  # for a process to end once its input has

_Job = tuple[int, SignedRecord, Mapping[str, bytes]]  # index, record, its public keys by key id
Failure = tuple[int, ProofError, SignedRecord]


class WorkerDiedError(StorageError):
    """A verifying process ended before its time: what it had in hand is not verified."""


class SignatureChecks(AbstractContextManager["SignatureChecks"]):
    """Verifies in order; remembers the first failure. workers: processes to start, 0 for none."""

    def __init__(self, workers: int) -> None:
        self._workers = [_Worker() for _ in range(workers)]
        self._next = 0
        self._chunk: list[_Job] = []
        self._waiting: deque[tuple[_Worker, list[_Job]]] = deque()
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


class _Worker:
    """A process of ``ledger.signature_worker``, started fresh: nothing of this one is shared with it."""

    def __init__(self) -> None:
        root = str(Path(__file__).resolve().parents[1])
        known = os.environ.get("PYTHONPATH")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, known] if known else [root])}
        self._process: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-P", "-m", "ledger.signature_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self._to: IO[Any] = self._process.stdin  # type: ignore[assignment]
        self._from: IO[Any] = self._process.stdout  # type: ignore[assignment]

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, chunk: bytes) -> None:
        try:
            self._to.write(len(chunk).to_bytes(4, "big") + chunk)
            self._to.flush()
        except OSError as error:
            raise self._died() from error

    def answer(self) -> bytes:
        said: bytes = self._from.read(1)
        if said not in (GOOD, BAD):
            raise self._died()
        return said

    def close(self) -> None:
        with suppress(OSError):
            self._to.close()
        self._from.close()
        try:
            self._process.wait(LEAVING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _died(self) -> WorkerDiedError:
        code = self._process.wait()
        return WorkerDiedError(
            f"the process that verified signatures ended with {code}: start the audit again"
        )
