"""The HTTP side of a witness: exact answers, and no request that breaks it."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from gateway import witness_service
from gateway.witness_service import create_app
from ledger.core.note import LogVerifier, Note
from ledger.errors import StorageUnavailable
from ledger.witness import BODY_BYTES_MAX, Answer, Witness
from tests.conftest import REPOSITORY
from tests.ledger.core.signers import LOG
from tests.ledger.witnessing import HISTORY, request, witness_in

MONITORED = f"/{sha256(LOG.name.encode()).hexdigest()}/checkpoint"


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    made, file = witness_in(tmp_path)
    yield made
    file.close()


def _ask(witness: Any, method: str, path: str, **options: Any) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=create_app(witness))
        async with httpx.AsyncClient(transport=transport, base_url="http://witness.test") as client:
            return await client.request(method, path, **options)

    return anyio.run(send)


def _submit(witness: Any, body: Any) -> httpx.Response:
    return _ask(witness, "POST", "/add-checkpoint", content=body)


def test_a_checkpoint_is_cosigned_and_shown(witness: Witness) -> None:
    answer = _submit(witness, request(HISTORY, 0, 7))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.startswith(f"— {witness.key.name} ")
    shown = _ask(witness, "GET", MONITORED)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    note = Note.parse(shown.content)
    note.verified_by([LogVerifier(LOG.key)])
    assert note.signatures[-1].line == answer.text
    assert _ask(witness, "HEAD", MONITORED).headers["content-length"] == str(len(shown.content))


def test_the_size_we_are_at_comes_with_its_own_media_type_and_nothing_else(witness: Witness) -> None:
    _submit(witness, request(HISTORY, 0, 7))
    answer = _submit(witness, request(HISTORY, 0, 9))
    assert (answer.status_code, answer.content) == (409, b"7\n")
    assert answer.headers["content-type"] == "text/x.tlog.size"


def test_what_is_not_there_is_404_and_another_method_405(witness: Witness) -> None:
    for path in (MONITORED, "/0/checkpoint", "/x/y/checkpoint", "/add-checkpoint/", "/checkpoint"):
        assert _ask(witness, "GET", path).status_code == 404, path
    assert _ask(witness, "POST", "/add-checkpoint/").status_code == 404
    for method in ("GET", "PUT", "DELETE", "HEAD"):
        assert _ask(witness, method, "/add-checkpoint").status_code == 405


async def _pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield bytes(1024)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (bytes(BODY_BYTES_MAX), 400),
        (bytes(BODY_BYTES_MAX + 1), 413),
        (_pieces(BODY_BYTES_MAX // 1024 + 1), 413),
    ],
    ids=["empty", "longest", "longer", "in pieces"],
)
def test_a_body_has_an_end(witness: Witness, body: Any, status: int) -> None:
    assert _submit(witness, body).status_code == status


def test_a_body_that_does_not_come_is_given_up(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness_service, "BODY_WITHIN_S", 0)

    async def never() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    async def receive() -> Any:
        await asyncio.Event().wait()

    assert _raw(witness, receive) == 408
    assert _submit(witness, never()).status_code == 408


def test_a_client_that_leaves_is_no_error(witness: Witness) -> None:
    async def receive() -> Any:
        return {"type": "http.disconnect"}

    assert _raw(witness, receive) == 400


def _raw(witness: Witness, receive: Any) -> int:
    """The status of a submission whose body comes from ``receive``."""
    scope = {"type": "http", "method": "POST", "path": "/add-checkpoint", "headers": [], "query_string": b""}
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def call() -> None:
        await create_app(witness)(scope, receive, send)

    asyncio.run(call())
    return int(sent[0]["status"])


class Broken:
    """A witness whose disk is full."""

    def __init__(self, witness: Witness) -> None:
        self.key = witness.key

    def add_checkpoint(self, body: bytes) -> Answer:
        raise StorageUnavailable("database or disk is full")

    def checkpoint(self, origin_hash: str) -> bytes | None:
        raise StorageUnavailable("database or disk is full")

    def cosigned(self) -> Any:
        raise StorageUnavailable("database or disk is full")


def test_a_memory_that_fails_is_503_everywhere(witness: Witness) -> None:
    broken = Broken(witness)
    answers = [_submit(broken, b"x"), _ask(broken, "GET", MONITORED), _ask(broken, "GET", "/")]
    for answer in answers:
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "disk" not in answer.text


def test_the_first_page_says_who_this_is(witness: Witness) -> None:
    assert f"{LOG.name}: nothing cosigned yet" in _ask(witness, "GET", "/").text
    _submit(witness, request(HISTORY, 0, 7))
    text = _ask(witness, "GET", "/").text
    assert str(witness.key) in text
    assert f"{LOG.name}: a tree of 7, cosigned 2026-11-20T01:00:00Z" in text


def test_it_opens_nothing_of_a_ledger() -> None:
    """The whole program of a witness, without the ledger's database, writers or the gateway's wiring."""
    code = (
        "import sys, gateway.cli.witness, gateway.witness_folder, gateway.witness_service\n"
        "print(*sorted(name for name in sys.modules if name.startswith(('ledger', 'gateway', 'sqlalchemy'))))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "ledger.witness" in found
    refused = ("gateway.wiring", "ledger.publish", "ledger.writer", "ledger.record", "ledger.store.database")
    assert set(refused).isdisjoint(found)
    assert not [name for name in found if name.startswith("sqlalchemy")]
