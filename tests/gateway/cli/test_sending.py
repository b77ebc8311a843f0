"""A signed record is sent to a gateway over HTTP, and what the gateway says comes back in its words."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import uvicorn

from gateway.app import create_app
from gateway.cli.sending import send
from gateway.errors import Refused
from gateway.wiring import Installation
from gateway.workflows import keys
from ledger.errors import StorageUnavailable
from ledger.record import Submission


@pytest.fixture
def served(copied: Installation) -> Iterator[str]:
    """The gateway itself on a free port of loopback."""
    server = uvicorn.Server(uvicorn.Config(create_app(copied), host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join()


def _revocation(installation: Installation, reason: keys.Reason = "left") -> Submission:
    with installation.database.reading() as connection:
        key = next(known.key for known in keys.keys_of(connection) if known.role == "party")
    return keys.revoke(installation, key, reason, None, [installation.signer("registrar")]).submission()


def test_it_is_recorded_once_and_found_again(copied: Installation, served: str) -> None:
    sent = _revocation(copied)
    first, again = send(served, sent), send(served, sent)
    assert (first["created"], again["created"]) == (True, False)
    assert first["index"] == again["index"]
    with copied.database.reading() as connection:
        assert any(known.ended_at == first["index"] for known in keys.keys_of(connection))


def test_a_refusal_comes_back_with_its_reason(copied: Installation, served: str) -> None:
    sent = _revocation(copied)
    forged = Submission(sent.body, (bytes(64),))
    with pytest.raises(Refused, match="answered 422 invalid-record: /sigs") as refused:
        send(served, forged)
    assert refused.value.code == "invalid-record"
    late = _revocation(copied, "lost")
    send(served, sent)
    with pytest.raises(Refused, match=r"answered 409 stale-subject: .* has moved on") as stale:
        send(served, late)
    assert stale.value.code == "stale-subject"


class Canned(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        server: Any = self.server
        self.send_response(server.status)
        self.send_header("Content-Length", str(len(server.body)))
        self.end_headers()
        self.wfile.write(server.body)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@pytest.fixture
def canned() -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), Canned)
    server.status, server.body = 200, b""
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "kind", "match"),
    [
        (503, b'{"slug": "storage-unavailable", "title": "later"}', StorageUnavailable, "503 storage-unav"),
        (502, b"<html>", StorageUnavailable, "502 bad-answer"),
        (404, b"", Refused, "404 bad-answer: it gave no reason"),
        (200, b"not json", StorageUnavailable, "may be sent again"),
        (403, b'{"slug": "not-your-lot", "title": "t", "detail": "d", "pointer": "/p"}', Refused, "/p: d"),
    ],
)
def test_what_is_no_answer_of_a_gateway_is_told(
    canned: Any, status: int, body: bytes, kind: type[Exception], match: str
) -> None:
    canned.status, canned.body = status, body
    with pytest.raises(kind, match=match):
        send(f"http://127.0.0.1:{canned.server_port}", Submission(b"{}", ()))


def test_nobody_there_and_no_address() -> None:
    with pytest.raises(StorageUnavailable, match="the same file may be sent again"):
        send("http://127.0.0.1:1", Submission(b"{}", ()))
    with pytest.raises(Refused, match="is no http address"):
        send("file:///etc/hostname", Submission(b"{}", ()))
