"""A process that verifies signatures, started and asked: what audits and bulk intake share."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from select import POLLIN, poll
from typing import IO, Any

from ledger.errors import StorageError
from ledger.signature_worker import BAD, GOOD

PIPE_BYTES = 1 << 20  # so that whoever asks need not wait until a chunk before is verified
LEAVING_S = 10  # for a process to end once its input has


class WorkerDiedError(StorageError):
    """A verifying process ended before its time: what it had in hand is not verified."""


class SignatureProcess:
    """A process of ``ledger.signature_worker``, started fresh: nothing of this one is shared with it."""

    def __init__(self, *, of_leaves: bool = False) -> None:
        """of_leaves: it is asked about whole leaves."""
        root = str(Path(__file__).resolve().parents[1])
        known = os.environ.get("PYTHONPATH")
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([root, known] if known else [root]),
            "PYDANTIC_DISABLE_PLUGINS": "1",  # looking for them is a good part of its start
        }
        self._process: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-P", "-m", "ledger.signature_worker", *(["leaves"] if of_leaves else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pipesize=PIPE_BYTES,
            env=environment,
        )
        self._to: IO[Any] = self._process.stdin  # type: ignore[assignment]
        self._from: IO[Any] = self._process.stdout  # type: ignore[assignment]
        self._answers = poll()
        self._answers.register(self._from.fileno(), POLLIN)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, chunk: bytes) -> None:
        try:
            self._to.write(len(chunk).to_bytes(4, "big") + chunk)
            self._to.flush()
        except OSError as error:
            raise self._died() from error

    def has_answered(self) -> bool:
        """Whether ``answer`` would return at once."""
        return bool(self._answers.poll(0))

    def answer(self) -> bytes:
        said = os.read(self._from.fileno(), 1)  # unbuffered: what has not been read can be waited for
        if said not in (GOOD, BAD):
            raise self._died()
        return said

    def close(self) -> None:
        """Its answers end when it does: waiting for them costs less than asking again and again."""
        with suppress(OSError):
            self._to.close()
        while self._answers.poll(LEAVING_S * 1000) and os.read(self._from.fileno(), PIPE_BYTES):
            pass  # answers that nobody waits for
        self._from.close()
        try:
            self._process.wait(LEAVING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _died(self) -> WorkerDiedError:
        code = self._process.wait()
        return WorkerDiedError(f"the process that verified signatures ended with {code}: start again")
