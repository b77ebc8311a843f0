"""The page signs with a key file that never leaves the browser."""

import base64
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from playwright.sync_api import Page, expect, sync_playwright

from gateway.app import create_app
from gateway.people.printed_logins import issue_login
from gateway.store import statements as store
from gateway.store.statements import Statement
from gateway.wiring import Installation
from gateway.workflows.statements import state
from tests.gateway.outsiders import Outsider, declaration, outsider

CHROMIUM = Path("/usr/bin/chromium")

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium on this machine: nothing signed")


@pytest.fixture
def supplier(house: Installation) -> Outsider:
    return outsider(house, "Coatworks", "supplier")


@pytest.fixture
def waiting(house: Installation, supplier: Outsider) -> Statement:
    return state(house, declaration(supplier), by=supplier.identity, action="declare")


@pytest.fixture
def address(house: Installation) -> Iterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(create_app(house), log_level="error", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join(timeout=30)


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 820, "height": 1100})
        browser.close()


def _pem(supplier: Outsider, passphrase: bytes = b"") -> bytes:
    kind = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    key = supplier.signer._key
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, kind)


def _choose(page: Page, name: str, data: bytes) -> None:
    page.set_input_files("#f-key", {"name": name, "mimeType": "application/x-pem-file", "buffer": data})


def test_a_key_file_signs_what_the_page_shows_and_is_never_sent(
    house: Installation, supplier: Outsider, waiting: Statement, address: str, page: Page
) -> None:
    bodies: list[bytes] = []
    complaints: list[str] = []
    page.on("request", lambda request: bodies.append(request.post_data_buffer or b""))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(address + issue_login(house, "supplier", party=supplier.party))
    page.click("main button")
    page.goto(f"{address}/statements/{waiting.id}")

    _choose(page, "locked.pem", _pem(supplier, b"a passphrase"))
    page.click(".by-file button")
    page.wait_for_selector(".by-file .error:not([hidden])")
    assert "passphrase" in page.inner_text(".by-file .error")
    _choose(page, "holiday.jpg", b"no key at all")
    page.click(".by-file button")
    expect(page.locator(".by-file .error")).to_contain_text("PEM")

    pem = _pem(supplier)
    _choose(page, "key.pem", pem)
    with page.expect_navigation():
        page.click(".by-file button")
    assert "It is recorded." in page.inner_text("main")
    with house.database.reading() as connection:
        found = store.find(connection, waiting.id, party=None)
    assert found is not None
    assert found.state == "recorded"

    der = base64.b64decode(b"".join(pem.splitlines()[1:-1]))
    sent = b"".join(bodies)
    assert b"signature" in sent
    for secret in (pem.splitlines()[1], der, der[-32:], der[-32:].hex().encode()):
        assert secret not in sent
    assert complaints == []


def test_another_companys_key_signs_nothing(
    house: Installation, supplier: Outsider, waiting: Statement, address: str, page: Page
) -> None:
    other = outsider(house, "Stranger", "supplier")
    page.goto(address + issue_login(house, "supplier", party=supplier.party))
    page.click("main button")
    page.goto(f"{address}/statements/{waiting.id}")
    _choose(page, "key.pem", _pem(other))
    with page.expect_navigation():
        page.click(".by-file button")
    assert "not by your key" in page.inner_text("main")
    with house.database.reading() as connection:
        found = store.find(connection, waiting.id, party=None)
    assert found == waiting
