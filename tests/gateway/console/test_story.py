"""From a supplier's file to goods that may be offered, at a tablet's width, by people who press buttons.

Each kind of goods in one language; all nine with ``LOTPROOF_EVERY_LANGUAGE=1``.
"""

import csv
import io
import json
import os
import re
import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import closing
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from gateway import policies, wiring
from gateway.consignments import load_spec
from gateway.people.printed_logins import issue_login
from gateway.settings import Settings
from gateway.wiring import Installation
from gateway.workflows.parties import open_log, register_operator
from tests.gateway.measuring.test_offline import free_port, serving
from tests.gateway.pages.browsing import CHROMIUM, launched

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="no Chromium on this machine: no story at the bench"
)
FILES = resources.files("gateway.consignments.files")
KINDS = {"phones": "zh-CN", "apparel": "en", "appliances": "vi"}
LANGUAGES = ("zh-CN", "en", "vi")
TOLD = (
    [(kind, language) for kind in KINDS for language in LANGUAGES]
    if os.environ.get("LOTPROOF_EVERY_LANGUAGE")
    else list(KINDS.items())
)
WIDTH = 820  # CSS pixels
WORK_DONE_WITHIN_MS = 60_000
ROUNDS_MAX = 12  # pages of a queue


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    """A house on its first day: the log is opened, the operator registered, and nothing has come."""
    installation = wiring.create(Settings(home=tmp_path / "home"))
    open_log(installation)
    story = tomllib.loads(resources.files(policies).joinpath("story.toml").read_text())
    register_operator(installation, dict(story["operator"]))
    installation.publisher.publish()
    yield installation
    installation.close()


@pytest.mark.parametrize(("kind", "language"), TOLD)
def test_goods_come_in_as_a_file_and_may_be_offered_in_the_end(
    house: Installation, browser: Browser, kind: str, language: str
) -> None:
    port = free_port()
    with serving(house.home, port):
        address = f"http://127.0.0.1:{port}"
        staff = _signed_in(house, browser, address, "operator", language)
        _import(staff, address, kind)
        _all(staff, address, "assign", "/do/assign-inspection", _inspector)
        inspector = _signed_in(house, browser, address, "inspector", language)
        _measure_everything(house, inspector, address)
        _all(staff, address, "split", "/do/split-found")
        _all(staff, address, "label", "/console/codes")
        _offer_one(staff, address)


def _signed_in(house: Installation, browser: Browser, address: str, role: Any, language: str) -> Page:
    context = browser.new_context(viewport={"width": WIDTH, "height": 1100})
    page = context.new_page()
    page.goto(f"{address}{issue_login(house, role)}?lang={language}")
    page.locator("main form button").first.click()
    assert page.locator("html").get_attribute("lang") == language
    return page


def _import(page: Page, address: str, kind: str) -> None:
    page.goto(f"{address}/console")
    page.locator('a.button[href="/operator/import"]').click()
    page.locator('select[name="spec"]').select_option(kind)
    name = load_spec(kind).file.name
    content = FILES.joinpath(name).read_bytes()
    page.locator('input[type="file"]').set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )
    page.locator('form[action="/operator/import"] button').click()
    page.locator('main form[method="post"] button').last.click()
    expect(page).to_have_url(re.compile("/operator/jobs/"))
    for _ in range(WORK_DONE_WITHIN_MS // 1_000):
        page.goto(f"{address}/console/queues/assign")
        if page.locator(".line").count():
            return
        page.wait_for_timeout(1_000)
    raise AssertionError("the file was not imported")


def _all(page: Page, address: str, queue: str, action: str, answer: Any = None) -> None:
    """Do the same with every lot of a queue, a page at a time."""
    for _ in range(ROUNDS_MAX):
        page.goto(f"{address}/console/queues/{queue}")
        assert page.locator(".tiles").count(), page.locator("main").inner_text()
        boxes = page.locator('.line input[name="on"]')
        if not boxes.count():
            return
        for position in range(boxes.count()):
            boxes.nth(position).check()
        _press(page, page.locator(f'.together button[formaction="{action}"]'))
        if answer is not None:
            answer(page)
        _state(page)
    raise AssertionError(f"{queue} never ends")


def _press(page: Page, button: Locator) -> None:
    """Wait for the answer: whoever goes on before it would look at what was there before."""
    with page.expect_navigation(timeout=WORK_DONE_WITHIN_MS):
        button.click()


def _state(page: Page) -> None:
    """Press on, and once more where the form asks again; nothing may be refused."""
    for _ in range(2):
        button = page.locator('main form[method="post"] .actions button').first
        if page.url.partition("?")[0].rpartition("/")[2] in ("codes", *_ACTIONS) and button.count():
            _press(page, button)
            assert page.locator(".error-summary").count() == 0, page.locator("main").inner_text()


_ACTIONS = ("assign-inspection", "split-found", "offer")


def _inspector(page: Page) -> None:
    _choose(page, "worker_party")


def _choose(page: Page, name: str) -> None:
    """The last of what is offered: the first may be the one that chooses nothing."""
    box = page.locator(f'select[name="{name}"]')
    assert box.count(), page.locator("main").inner_text()
    value = box.locator("option").last.get_attribute("value")
    assert value, f"{name} offers nothing"
    box.select_option(value)


def _measure_everything(house: Installation, page: Page, address: str) -> None:
    """Each work order by one sheet, filled in as the goods are; then stated and signed."""
    page.goto(f"{address}/measure")
    links = page.locator('main a[href^="/measure/"]').evaluate_all(
        "all => all.map(one => one.getAttribute('href'))"
    )
    works = sorted({link for link in links if re.fullmatch(r"/measure/[0-9a-z]{20}", link)})
    assert works
    facts = _facts(house)
    for work in works:
        template = page.request.get(f"{address}{work}/template.csv").text()
        page.goto(f"{address}{work}/sheet")
        sheet = {"name": "results.csv", "mimeType": "text/csv", "buffer": _filled(template, facts)}
        page.locator(f'form[action="{work}/sheet"] input[type="file"]').set_input_files(sheet)
        _press(page, page.locator(f'form[action="{work}/sheet"] button'))
        assert page.locator(".error-summary, .notice.bad").count() == 0, page.locator("main").inner_text()
        page.goto(f"{address}{work}/result")
        _press(page, page.locator(f'form[action="{work}/result"] button'))
        assert page.locator(".error-summary").count() == 0, page.locator("main").inner_text()


def _facts(house: Installation) -> dict[str, dict[str, Any]]:
    """What lies on the bench: the supplier's own measurements, which the samples carry."""
    with closing(sqlite3.connect(house.home / "ledger.db")) as database:
        rows = database.execute("SELECT identifier, facts FROM articles").fetchall()
    return {identifier: json.loads(facts) for identifier, facts in rows}


def _filled(template: str, facts: dict[str, dict[str, Any]]) -> bytes:
    rows = list(csv.DictReader(io.StringIO(template.removeprefix("\ufeff"))))
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    for row in rows:
        found = facts[row["identifier"]]
        for column in row:
            name = column.partition(" [")[0]
            value = found["label_state"] if name == "label_state" else found["measurement"].get(name)
            if value is not None:
                row[column] = value["value"] if isinstance(value, dict) else str(value)
        writer.writerow(row)
    return text.getvalue().encode()


def _offer_one(page: Page, address: str) -> None:
    """The queue says it may be offered, the gate agrees, and a stranger's phone finds it unaltered."""
    page.goto(f"{address}/console/queues/offer")
    assert page.locator(".line").count() > 0
    page.locator(".line .do a").first.click()
    _choose(page, "market")
    _state(page)
    expect(page).to_have_url(re.compile("/operator/lots/"))
    expect(page.locator(".markets .pass").first).to_be_visible()
    code = page.locator('.codes a[href^="/q/"]').first.get_attribute("href")
    page.goto(f"{address}{code}")
    assert page.locator("main").inner_text()
    assert page.locator(".verdict.bad, .seal.bad").count() == 0
