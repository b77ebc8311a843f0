"""Signatures verified beside the replay: the cryptography releases the interpreter, the replay needs it.

No entry counts as verified before its signatures are: the auditor asks ``failure`` before it says
anything about what came up to an entry. What waits is bounded, whatever the size of the log.
"""

from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Self

from ledger.core.envelope import SignedRecord
from ledger.errors import ProofError

CHUNK = 32  # records handed over at once
WAITING_MAX = 4  # chunks

_Job = tuple[int, SignedRecord, Mapping[str, bytes]]  # index, record, its public keys by key id
_Failure = tuple[int, ProofError]


class SignatureChecks(AbstractContextManager["SignatureChecks"]):
    """Verifies in order, one step behind; remembers the first failure."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, "signatures")
        self._chunk: list[_Job] = []
        self._waiting: deque[Future[_Failure | None]] = deque()
        self._failure: _Failure | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.shutdown(cancel_futures=True)

    def add(self, index: int, record: SignedRecord, public_keys: Mapping[str, bytes]) -> None:
        self._chunk.append((index, record, public_keys))
        if len(self._chunk) == CHUNK:
            self._hand_over()
            if len(self._waiting) > WAITING_MAX:
                self._collect()

    @property
    def failed(self) -> bool:
        """Whether a failure is known already; one may still be on its way."""
        return self._failure is not None

    def failure(self) -> _Failure | None:
        """Wait for everything added; the first entry whose signatures do not verify, or None."""
        self._hand_over()
        while self._waiting:
            self._collect()
        return self._failure

    def _hand_over(self) -> None:
        if self._chunk:
            self._waiting.append(self._worker.submit(_verify, self._chunk))
            self._chunk = []

    def _collect(self) -> None:
        found = self._waiting.popleft().result()
        self._failure = self._failure or found


def _verify(chunk: list[_Job]) -> _Failure | None:
    for index, record, public_keys in chunk:
        try:
            record.verify(public_keys.__getitem__)
        except ProofError as error:
            return index, error
    return None
