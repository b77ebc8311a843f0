"""From a scan to a check in the reader's own browser, with somebody on the line who changes one thing."""

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from exporters import audit_pack
from gateway.app import create_app
from gateway.i18n import LANGUAGES
from gateway.shell.rates import Rates
from gateway.wiring import Installation
from ledger import pack as packs
from ledger.core import pack
from ledger.core.keys import VerifierKey
from ledger.core.pack import Pack
from ledger.core.policy import Policy
from qrcodes import signed_link
from qrcodes.signed_link import Answer, LabelFacts
from tests.exporters.packs import rezipped
from tests.gateway.pages.browsing import CHROMIUM, launched
from tests.gateway.web import ask, lot_of, repaired_code
from tests.ledger.fakes import MemorySigner

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium on this machine: nothing checked")

DONE = "#result.passed, #result.failed, #result.open"
Change = Callable[[Pack], bytes]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


@contextmanager
def serving(installation: Installation) -> Iterator[str]:
    app = create_app(installation)
    app.state.rates = Rates(0)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    try:
        yield f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def served(told: Installation) -> Iterator[str]:
    with serving(told) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(service_workers="block", viewport={"width": 360, "height": 800})
    yield context.new_page()
    context.close()


def checked(page: Page, address: str, code: str) -> tuple[str, dict[str, tuple[str, str]]]:
    """(class of the result, step -> its class and what it says)."""
    page.goto(f"{address}/check?code={code}&lang=en")
    page.wait_for_selector(DONE)
    lines = page.locator(".steps li").evaluate_all(
        "all => all.map(e => [e.dataset.step, e.className, e.querySelector('.said').textContent])"
    )
    return page.locator("#result").get_attribute("class") or "", {
        name: (kind, said) for name, kind, said in lines
    }


def test_a_scan_leads_to_a_page_whose_check_passes(served: str, told: Installation, page: Page) -> None:
    code = repaired_code(told.home)
    complaints: list[str] = []
    page.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
    page.goto(f"{served}/q/{code}")
    assert not page.locator("#signed").is_visible()
    page.click("#check-here")
    page.wait_for_selector(DONE)
    assert "Everything fits: unaltered and whole" in page.inner_text("#result")
    assert "No independent witness has cosigned this" in page.inner_text("#alone")
    kinds = page.locator(".steps li").evaluate_all("all => all.map(e => e.className)")
    assert kinds == ["passed"] * 7
    assert (page.locator("#keep").get_attribute("href") or "").startswith("blob:")
    assert complaints == []


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _a_record(read: Pack) -> bytes:
    """One letter of a signed fact, the listing and the readable page made to fit."""
    name = next(
        n for n in read.members if n.startswith(pack.RECORDS) and b'"lot.inspected"' in read.members[n]
    )
    data = read.members[name]
    return rezipped(read, dict(read.members) | {name: _flip(data, data.index(b'"count":') + 8)})


def _a_record_in_transit(read: Pack) -> bytes:
    data = pack.build(read)
    return _flip(data, data.index(b'"type":"lot.inspected"') + 20)


def _a_key_in_a_record(read: Pack) -> bytes:
    name = f"{pack.RECORDS}0.json"
    data = read.members[name]
    at = data.index(b'"log_key":"') + 11
    other = b"0" if data[at : at + 1] != b"0" else b"1"
    return rezipped(read, dict(read.members) | {name: data[:at] + other + data[at + 1 :]})


def _a_proof(read: Pack) -> bytes:
    name = next(n for n in read.members if n.endswith(".tlog-proof"))
    first, index, path, rest = read.members[name].split(b"\n", 3)
    other = base64.b64encode(_flip(base64.b64decode(path), 7))
    return rezipped(read, dict(read.members) | {name: b"\n".join([first, index, other, rest])})


def _a_proof_of_wholeness(read: Pack) -> bytes:
    data = read.members[pack.WHOLE]
    at = data.index(b'"steps":[[') + 14
    other = b"0" if data[at : at + 1] != b"0" else b"1"
    return rezipped(read, dict(read.members) | {pack.WHOLE: data[:at] + other + data[at + 1 :]})


def _the_checkpoint(read: Pack) -> bytes:
    old = read.members[pack.CHECKPOINT]
    origin, size, root, rest = old.split(b"\n", 3)
    changed = _flip(base64.b64decode(root), 3)
    new = b"\n".join([origin, size, base64.b64encode(changed), rest])
    members = {name: data.replace(old, new) for name, data in read.members.items()}
    return rezipped(replace(read, root=changed), members)


CHANGES: dict[str, tuple[Change, str]] = {
    "a byte on the line": (_a_record_in_transit, "file"),
    "the checkpoint": (_the_checkpoint, "checkpoint"),
    "a record": (_a_record, "records"),
    "a key in a record": (_a_key_in_a_record, "records"),
    "a proof": (_a_proof, "records"),
    "a proof of wholeness": (_a_proof_of_wholeness, "whole"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_one_changed_byte_of_the_pack_is_found_in_its_step(
    served: str, told: Installation, page: Page, what: str
) -> None:
    change, step = CHANGES[what]

    def on_the_line(route: Route) -> None:
        route.fulfill(body=change(pack.read(route.fetch().body())), content_type="application/zip")

    page.route("**/pack.zip", on_the_line)
    result, steps = checked(page, served, repaired_code(told.home))
    assert result == "failed"
    assert {name: kind for name, (kind, _) in steps.items() if kind != "passed"}[step] == "failed"
    assert [name for name, (kind, _) in steps.items() if kind == "failed"] == [step]


def test_another_key_on_the_page_is_found_in_the_step_of_the_checkpoint(
    served: str, told: Installation, page: Page
) -> None:
    ours = told.config.vkey
    theirs = str(VerifierKey(told.config.origin, MemorySigner("on the line").public_key))

    def on_the_line(route: Route) -> None:
        answer = route.fetch()
        assert ours in answer.text()
        route.fulfill(response=answer, body=answer.text().replace(ours, theirs))

    page.route("**/check?*", on_the_line)
    _, steps = checked(page, served, repaired_code(told.home))
    assert steps["checkpoint"] == ("failed", f"No trusted key signed the checkpoint ({told.config.origin})")


def test_a_row_of_the_article_changed_on_the_line_is_found(
    served: str, told: Installation, page: Page
) -> None:
    def on_the_line(route: Route) -> None:
        proof = route.fetch().json()
        proof["rows"][0]["row"]["measured"]["battery_cycles"]["value"] += "0"
        route.fulfill(json=proof)

    page.route("**/v1/codes/*/proof", on_the_line)
    result, steps = checked(page, served, repaired_code(told.home))
    assert (result, steps["code"][0]) == ("failed", "failed")
    assert "A row differs from what was signed" in steps["code"][1]


def test_the_pack_of_another_lot_does_not_pass_for_this_code(
    served: str, told: Installation, page: Page
) -> None:
    code = repaired_code(told.home)
    other = ask(told.home, "SELECT lot FROM code_links WHERE lot <> ?", lot_of(told.home, code))
    page.route("**/pack.zip", lambda route: route.continue_(url=f"{served}/lots/{other[4:]}/pack.zip"))
    result, steps = checked(page, served, code)
    assert (result, steps["code"]) == ("failed", ("failed", "No record of this lot issued this code"))


def test_a_browser_without_ed25519_says_so_and_checks_the_rest(
    served: str, told: Installation, page: Page
) -> None:
    page.add_init_script(
        "const known = crypto.subtle.importKey.bind(crypto.subtle);"
        "crypto.subtle.importKey = (f, k, a, ...r) => "
        "(a.name ?? a) === 'Ed25519' ? Promise.reject(new Error('unknown')) : known(f, k, a, ...r);"
    )
    result, steps = checked(page, served, repaired_code(told.home))
    assert result == "open"
    open_ = {name for name, (kind, _) in steps.items() if kind == "open"}
    assert open_ == {"checkpoint", "signatures"}
    assert "Ed25519" in steps["signatures"][1]


def test_a_kept_pack_is_checked_from_a_file(served: str, told: Installation, page: Page) -> None:
    code = repaired_code(told.home)
    lot = lot_of(told.home, code).partition(":")[2]
    content = page.request.get(f"{served}/lots/{lot}/pack.zip").body()
    trusted = Policy.trusting(told.config.vkey)
    assert packs.verify(content, trusted, audit_pack.check_words).shown.pack.lot == f"lot:{lot}"
    page.goto(f"{served}/check?lang=en")
    for data, kind in (
        (content, "passed"),
        (_flip(content, len(content) // 2), "failed"),
        (content[:-1], "open"),
    ):
        page.set_input_files("#kept", {"name": "lot.zip", "mimeType": "application/zip", "buffer": data})
        expect(page.locator("#result")).to_have_class(kind)


def label_of(installation: Installation, code: str) -> str:
    """The fragment of a signed label, as the warehouse prints it."""
    facts = LabelFacts(
        "article", "B", Answer.YES, Answer.YES, Answer.NO_RECORD, date(2026, 11, 21), 300, bytes(14)
    )
    return signed_link.sign(code, facts, installation.signer("warehouse"))


def test_with_the_network_cut_a_signed_label_answers_and_says_what_it_cannot_know(
    told: Installation, browser: Browser
) -> None:
    code = repaired_code(told.home)
    context = browser.new_context()
    page = context.new_page()
    with serving(told) as address:
        page.goto(f"{address}/q/{code}?lang=en")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.wait_for_function("caches.open('check-1').then(c => c.keys()).then(k => k.length > 10)")
        assert context.request.get(f"{address}/livez").ok
    # Here the server is gone.
    fragment = label_of(told, code)
    page.goto(f"{address}/q/{code}#{fragment}")
    page.reload()
    expect(page.locator("#label-result")).to_have_class("passed")
    text = page.inner_text("main")
    for said in ("There is no network", "A label cannot know what came later", "2026-11-21", "Grade B",
                 "no record (that is not a no)", "The keys on this page are as of",
                 "-".join(code[at : at + 4] for at in range(0, 20, 4))):  # fmt: skip
        assert said in text, said
    key = page.inner_text('[data-fact="signedBy"]').partition(" · ")[2]
    assert page.locator(f'[data-key^="{key}"]').count() == 1, "who signed stands on the page of keys"
    page.goto("about:blank")
    page.goto(f"{address}/q/{'0' * 20}#{fragment}")
    expect(page.locator("#label-result")).to_have_class("failed")
    assert "The signature does not hold" in page.inner_text("#label-result")
    assert "Do not rely on this label" in page.inner_text("#label-result")
    context.close()


def test_with_a_network_a_signed_label_is_led_to_the_check(
    served: str, told: Installation, page: Page
) -> None:
    code = repaired_code(told.home)
    page.goto(f"{served}/q/{code}#{label_of(told, code)}")
    page.click("#signed-link")
    expect(page.locator("#label-result")).to_have_class("passed")
    page.wait_for_selector(DONE)
    assert page.locator("#result.passed").count() == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_small_phone_at_200_percent_still_reads_the_verdict(
    served: str, told: Installation, page: Page, language: str
) -> None:
    """360 px at 200 % are 180 CSS pixels; the headline stood there one letter a line."""
    page.set_viewport_size({"width": 180, "height": 370})
    page.goto(f"{served}/q/{repaired_code(told.home)}?lang={language}")
    assert page.locator("h1").evaluate("e => e.clientWidth") > 90
    assert page.evaluate("document.documentElement.scrollWidth") <= 180


def test_without_scripts_the_pages_are_complete(served: str, told: Installation, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    code = repaired_code(told.home)
    page.goto(f"{served}/q/{code}?lang=en")
    text = page.inner_text("main")
    parts = (
        "This record is unaltered", "What people ask", "Its history", "Who certifies what",
        "Who holds the keys", "Check it yourself", "If something is wrong", "What this page does not prove",
    )  # fmt: skip
    for part in parts:
        assert part in text, part
    assert not page.locator("#signed").is_visible()
    page.goto(f"{served}/check?code={code}&lang=en")
    assert "Scripts are off" in page.inner_text("main")
    assert page.locator("#kept").is_hidden()
    context.close()
