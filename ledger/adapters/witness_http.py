"""Ask one witness over HTTP (C2SP tlog-witness): the client of add-checkpoint and of monitoring."""

import http.client
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from ledger.core.encoding import encode_base64
from ledger.core.keys import VerifierKey
from ledger.errors import StorageError, StorageUnavailable

WAIT_S = 1.0  # for a connection, and for each piece of an answer
EXCHANGE_S = 3.0  # for a whole answer: a witness that drips bytes keeps nobody
ANSWER_BYTES_MAX = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


class WitnessClient:
    """One witness of a policy. name: its name there; url: what add-checkpoint is appended to."""

    def __init__(self, name: str, key: VerifierKey, url: str) -> None:
        """Raises StorageError when ``url`` is no http address."""
        split = urlsplit(url)
        try:
            self._host, self._port = split.hostname or "", split.port
        except ValueError as error:  # a port that is none
            raise StorageError(f"witness {name}: {url!r} is no http address") from error
        if split.scheme not in ("http", "https") or not self._host:
            raise StorageError(f"witness {name}: {url!r} is no http address")
        self.name = name
        self.key = key
        self.url = url
        self._secure = split.scheme == "https"
        self._prefix = split.path.rstrip("/")

    def add_checkpoint(self, old: int, path: Sequence[bytes], note: bytes) -> Answer:
        """Submit a checkpoint. old: the size it was last asked for; path: the consistency proof from there.

        Raises StorageUnavailable when there is no whole answer in time.
        """
        proof = "".join(f"{encode_base64(hash_)}\n" for hash_ in path)
        return self._ask("POST", "/add-checkpoint", f"old {old}\n{proof}\n".encode() + note)

    def latest(self, origin: str) -> bytes | None:
        """The checkpoint that it shows for this log; None when it shows none, or has no such page.

        Raises StorageUnavailable.
        """
        answer = self._ask("GET", f"/{sha256(origin.encode()).hexdigest()}/checkpoint")
        if answer.status in (404, 405):
            return None
        if answer.status != http.client.OK:
            raise StorageUnavailable(f"witness {self.name} answered {answer.status}")
        return answer.body

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=WAIT_S)
        try:
            connection.connect()
            with _cut_off_after(EXCHANGE_S, connection.sock):
                headers = {"User-Agent": "lotproof-publish", "Connection": "close"}
                connection.request(method, self._prefix + path, body, headers)
                answer = connection.getresponse()
                data = answer.read(ANSWER_BYTES_MAX + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: a mangled header
            told = str(error) or type(error).__name__
            raise StorageUnavailable(f"witness {self.name} does not answer: {told}") from error
        finally:
            connection.close()
        if len(data) > ANSWER_BYTES_MAX:
            raise StorageUnavailable(f"witness {self.name} answers more than any witness has to say")
        return Answer(answer.status, data)


@contextmanager
def _cut_off_after(seconds: float, connected: socket.socket) -> Iterator[None]:
    timer = threading.Timer(seconds, _cut, [connected])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(connected: socket.socket) -> None:
    try:
        connected.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is closed already
