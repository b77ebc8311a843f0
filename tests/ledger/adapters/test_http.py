"""A log behind a URL: what the network does to an answer is transient, never evidence against the log."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from ledger.adapters.http import HttpFolder
from ledger.errors import MissingEvidence, StorageError, StorageUnavailable

Serve = Callable[[bytes], HttpFolder]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """``serve(bytes)``: a host of our own that answers one request with these very bytes."""
    threads = []

    def start(answer: bytes) -> HttpFolder:
        listening = socket.create_server(("127.0.0.1", 0))

        def run() -> None:
            with closing(listening), listening.accept()[0] as connection:
                connection.recv(65_536)
                connection.sendall(answer)

        thread = threading.Thread(target=run)
        thread.start()
        threads.append(thread)
        return HttpFolder(f"http://127.0.0.1:{listening.getsockname()[1]}/log")

    yield start
    for thread in threads:
        thread.join(10)


def test_a_whole_answer_is_the_object(serve: Serve) -> None:
    assert serve(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnote").get("checkpoint") == b"note"


def test_an_absent_object_is_missing_evidence(serve: Serve) -> None:
    with pytest.raises(MissingEvidence, match="is not there"):
        serve(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").get("tile/0/000")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 8192\r\n\r\nhalf a tile",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf a chunk",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n",
        b"hello\r\n",
        b"",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:port/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://[::1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["short body", "short chunk", "bad chunk", "no HTTP", "closed", "bad port", "bad Location", "503"],
)
def test_an_answer_that_broke_off_or_is_none_is_unavailable(serve: Serve, answer: bytes) -> None:
    """A cut connection once made a sound log fail its audit: half a tile was taken for the tile."""
    with pytest.raises(StorageUnavailable):
        serve(answer).get("tile/0/000")


def test_a_host_that_is_not_there_is_unavailable() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with pytest.raises(StorageUnavailable):
        HttpFolder(f"http://127.0.0.1:{port}").get("checkpoint")


def test_only_http_is_an_address() -> None:
    with pytest.raises(StorageError, match="is no http address"):
        HttpFolder("file:///etc")
