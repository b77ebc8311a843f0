"""Bulk intake: many signed records, their signatures verified in processes of their own.

Three chunks are on their way at once: one is read and checked here, the signatures of the next are
verified elsewhere, and a thread hands the one before to the writer, most of whose time is the
database's. No record is recorded before its signatures are verified; each has its own answer, in order.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Self

from ledger.core import keys
from ledger.core.envelope import SignedRecord, signing_input
from ledger.errors import InvalidRecord, ProofError, StaleSubject
from ledger.garbage import few_collections
from ledger.record import Entry, Prepared, Refused, Submission
from ledger.signature_process import SignatureProcess
from ledger.signature_worker import GOOD, item
from ledger.writer import UNITS_MAX, Writer

WAITING_MAX = 2  # chunks a process, and one that is recorded, before we wait for the first

_Answer = Entry | Refused
_Signed = tuple[Prepared, Mapping[str, bytes]]  # a record and its public keys by key id


class Intake(AbstractContextManager["Intake"]):
    """Records through ``writer``. processes: that verify; by default one, where there is a core for it."""

    def __init__(self, writer: Writer, *, processes: int | None = None) -> None:
        cores = os.cpu_count() or 1
        count = min(1, cores - 1) if processes is None else processes
        self._writer = writer
        self._processes = [SignatureProcess() for _ in range(count)]
        self._next = 0
        self._chunk: list[_Signed | Refused] = []
        self._recorder = ThreadPoolExecutor(1, "intake")  # one: chunks are recorded in order
        self._waiting: deque[Future[list[_Answer]]] = deque()
        self._hindrance: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._recorder.shutdown(cancel_futures=True)
        for process in self._processes:
            process.close()

    def record_all(self, submissions: Iterable[Submission]) -> Iterator[_Answer]:
        """One answer a submission, in order: where it stands, or why it was refused.

        Raises what hinders all: what was answered until then is recorded, the others may or may not be,
        and may all be sent again.
        """
        with few_collections():
            yield from self._answers(submissions)

    def _answers(self, submissions: Iterable[Submission]) -> Iterator[_Answer]:
        for submission in submissions:
            prepared = self._prepared(submission)
            if isinstance(prepared, Refused) and (self._chunk or self._waiting):
                yield from self._drained()  # it may rely on what was not recorded yet
                prepared = self._prepared(submission)
            self._chunk.append(prepared)
            if len(self._chunk) == UNITS_MAX:
                self._hand_over()
                if len(self._waiting) > WAITING_MAX * len(self._processes) + 1:
                    yield from self._waiting.popleft().result()
        yield from self._drained()

    def _prepared(self, submission: Submission) -> _Signed | Refused:
        held: dict[str, bytes] = {}

        def later(record: SignedRecord, public_keys: Mapping[str, bytes]) -> None:
            if not self._processes or any(keys.key_id(raw) != name for name, raw in public_keys.items()):
                record.verify(public_keys.__getitem__)
            held.update(public_keys)

        try:
            return self._writer.prepare(submission, verify=later), held
        except (InvalidRecord, StaleSubject) as error:
            return error

    def _hand_over(self) -> None:
        """Send the chunk's signatures away and begin another."""
        chunk, self._chunk = self._chunk, []
        process = None
        if self._processes and chunk:
            process = self._processes[self._next]
            self._next = (self._next + 1) % len(self._processes)
            process.ask(b"".join(_items(chunk)))
        self._waiting.append(self._recorder.submit(self._recorded, process, chunk))

    def _drained(self) -> Iterator[_Answer]:
        self._hand_over()
        while self._waiting:
            yield from self._waiting.popleft().result()

    def _recorded(self, process: SignatureProcess | None, chunk: list[_Signed | Refused]) -> list[_Answer]:
        """Record a chunk as soon as its signatures are verified; nothing behind one that could not be."""
        if self._hindrance is not None:
            raise self._hindrance
        try:
            if process is not None and process.answer() != GOOD:
                chunk = [_verified(one) for one in chunk]
            good = [one[0] for one in chunk if not isinstance(one, Refused)]
            answers = iter(self._writer.record_all(good))
        except BaseException as error:
            self._hindrance = error
            raise
        return [one if isinstance(one, Refused) else next(answers) for one in chunk]


def _items(chunk: Iterable[_Signed | Refused]) -> Iterator[bytes]:
    for one in chunk:
        if isinstance(one, Refused):
            continue
        record, public_keys = one[0].typed.record, one[1]
        message = signing_input(record.encoded)
        for signer, signature in zip(record.body.signers, record.signatures, strict=True):
            yield item(public_keys[signer.key], signature, message)


def _verified(one: _Signed | Refused) -> _Signed | Refused:
    """One of a chunk in which something does not verify: each is looked at by itself."""
    if isinstance(one, Refused):
        return one
    try:
        one[0].typed.record.verify(one[1].__getitem__)
    except ProofError as error:
        return InvalidRecord(str(error), pointer="/sigs")
    return one
