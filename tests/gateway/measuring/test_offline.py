"""A tablet at a bench without a network, and with a server that dies: nothing that was saved is lost."""

import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from gateway.people.printed_logins import issue_login
from gateway.wiring import Installation
from tests.gateway.files import samples
from tests.gateway.measuring.bench import Bench
from tests.gateway.measuring.conftest import assigned
from tests.gateway.pages.browsing import CHROMIUM, launched
from tests.gateway.web import ask

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium on this machine: outbox not tried")
STARTED_WITHIN_S = 60
SENT_WITHIN_MS = 30_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


@contextmanager
def serving(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The real server, killed at the end as a power cut would."""
    command = [sys.executable, "-m", "gateway.cli", "serve", "--home", str(home), "--port", str(port)]
    said = home.parent / "server.txt"
    with said.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        for _ in range(STARTED_WITHIN_S * 10):
            if _answers(port):
                break
            assert process.poll() is None, said.read_text()[-2000:]
        else:
            raise AssertionError("the server does not answer")
        yield process
    finally:
        process.kill()
        process.wait(timeout=10)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        with socket.socket() as waiting:  # a tenth of a second, without a busy loop
            waiting.settimeout(0.1)
            waiting.bind(("127.0.0.1", 0))
            waiting.listen()
            try:
                waiting.accept()
            except TimeoutError:
                return False
        return False


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def bench(house: Installation) -> Bench:
    return assigned(house, "phone")


def signed_in(browser: Browser, bench: Bench, port: int, login: str) -> Page:
    context = browser.new_context(viewport={"width": 820, "height": 1180}, locale="en-GB")
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}{login}?lang=en")
    page.locator("main form button").first.click()
    page.goto(f"http://127.0.0.1:{port}{bench.article('r0')}")
    expect(page.locator("html[data-offline=ready]")).to_be_attached(timeout=SENT_WITHIN_MS)
    return page


def measure(page: Page, answers: dict[str, str]) -> None:
    for name, value in answers.items():
        field = page.locator(f"[name={name}]")
        if field.first.get_attribute("type") == "radio":
            page.locator(f"[name={name}][value={value}]").check()
        else:
            field.fill(value)
    page.get_by_role("button", name="Save, and to the next").click()


def stored(bench: Bench) -> int:
    return int(ask(bench.installation.home, "SELECT count(*) FROM measurement_drafts"))


def test_drafts_and_photos_wait_for_the_network_and_are_sent_in_order(browser: Browser, bench: Bench) -> None:
    port, login = free_port(), issue_login(bench.installation, "inspector")
    with serving(bench.installation.home, port):
        page = signed_in(browser, bench, port, login)
        page.context.set_offline(True)
        name = page.locator("[data-name]")
        expect(name).to_contain_text(bench.items[0].facts["identifier"])
        photo = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": samples.photo_with_place()}
        page.locator("[name=photo]").set_input_files(photo)  # type: ignore[arg-type]
        measure(page, bench.answers(bench.items[0]))
        expect(name).to_contain_text(bench.items[1].facts["identifier"])
        measure(page, bench.answers(bench.items[1]))
        expect(page.locator("[data-count]")).to_have_text("2")
        assert stored(bench) == 0

        page.reload()  # from what the browser kept
        expect(page.locator("[data-count]")).to_have_text("2")
        expect(name).to_contain_text(bench.items[2].facts["identifier"])
        page.locator("#scan").fill(bench.items[7].facts["identifier"])
        page.locator("#scan").press("Enter")
        expect(name).to_contain_text(bench.items[7].facts["identifier"])

        page.context.set_offline(False)
        expect(page.locator("#outbox")).to_be_hidden(timeout=SENT_WITHIN_MS)
    assert stored(bench) == 2
    files = ask(bench.installation.home, "SELECT files FROM measurement_drafts WHERE slot = 'r0'")
    assert len(files) > 60, "the photo came with it"


def test_a_server_that_was_killed_is_sent_what_it_missed(browser: Browser, bench: Bench) -> None:
    port, login = free_port(), issue_login(bench.installation, "inspector")
    with serving(bench.installation.home, port):
        page = signed_in(browser, bench, port, login)
        measure(page, bench.answers(bench.items[0]))
        expect(page.locator("#outbox")).to_be_hidden(timeout=SENT_WITHIN_MS)
    measure(page, bench.answers(bench.items[1]))
    expect(page.locator("[data-count]")).to_have_text("1")
    with serving(bench.installation.home, port):
        expect(page.locator("#outbox")).to_be_hidden(timeout=SENT_WITHIN_MS)
    assert stored(bench) == 2


def test_what_somebody_else_measured_meanwhile_is_shown_and_nothing_is_lost(
    browser: Browser, bench: Bench
) -> None:
    port = free_port()
    logins = [issue_login(bench.installation, "inspector") for _ in range(2)]
    with serving(bench.installation.home, port):
        away, other = (signed_in(browser, bench, port, login) for login in logins)
        away.context.set_offline(True)
        measure(away, {**bench.answers(bench.items[0]), "m_scratch": "20"})
        measure(other, bench.answers(bench.items[0]))
        expect(other.locator("#outbox")).to_be_hidden(timeout=SENT_WITHIN_MS)
        away.context.set_offline(False)
        troubles = away.locator("[data-troubles] li")
        expect(troubles).to_contain_text("Somebody else measured this meanwhile.", timeout=SENT_WITHIN_MS)
        grade = "SELECT grade FROM measurement_drafts WHERE slot = 'r0'"
        assert ask(bench.installation.home, grade) == "A"
        away.get_by_role("button", name="Keep mine").click()
        expect(away.locator("#outbox")).to_be_hidden(timeout=SENT_WITHIN_MS)
        assert ask(bench.installation.home, grade) == "C"


def test_pages_kept_for_somebody_else_are_gone_once_another_person_works_here(
    browser: Browser, bench: Bench
) -> None:
    port, login = free_port(), issue_login(bench.installation, "inspector")
    kept = """async () => {
        const pages = await (await caches.open("bench-pages")).keys();
        return pages.map((one) => new URL(one.url).pathname);
    }"""
    with serving(bench.installation.home, port):
        page = signed_in(browser, bench, port, login)
        page.goto(f"http://127.0.0.1:{port}{bench.article('r1')}")
        page.reload()
        assert bench.article("r1") in page.evaluate(kept)
        page.evaluate("localStorage.setItem('bench-user', 'somebody else')")
        page.goto(f"http://127.0.0.1:{port}{bench.article('r0')}")
        page.wait_for_function("localStorage.getItem('bench-user') !== 'somebody else'")
        assert bench.article("r1") not in page.evaluate(kept)
