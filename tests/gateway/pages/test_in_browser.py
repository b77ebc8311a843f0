"""What only a browser can tell: nothing hangs over the edge, targets can be hit, the policy is obeyed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Route, sync_playwright

from gateway.pages import render as render_module
from gateway.pages.render import render
from tests.gateway.pages.samples import PAGES

CHROMIUM = Path("/usr/bin/chromium")
STATIC = Path(render_module.__file__).parent.parent / "static"
TYPES = {".css": "text/css", ".svg": "image/svg+xml"}
TARGET_SIZE_MIN_PX = 24  # WCAG 2.2, 2.5.8; links inside a sentence are exempt

SMALL_TARGETS = """size => [...document.querySelectorAll(
    'button, summary, input:not([type=hidden]), select, .top a, .actions a, .pager a, .doors a, .offers a')]
    .filter(e => e.getClientRects().length && e.getBoundingClientRect().height < size)
    .map(e => e.outerHTML.slice(0, 80))"""

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="no Chromium on this machine: pages not measured"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.parametrize(("language", "width"), [("zh-CN", 390), ("vi", 320)])
def test_every_page_fits_a_cheap_handset(browser: Browser, language: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 700})
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        complaints.append(message.text)

    page.on("console", note)
    html = ""

    def answer(route: Route) -> None:
        name = route.request.url.rsplit("/", 1)[-1]
        if "/static/" in route.request.url:
            route.fulfill(body=(STATIC / name).read_bytes(), content_type=TYPES[Path(name).suffix])
            return
        headers = {"Content-Security-Policy": "default-src 'self'"}
        route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)

    page.route("**/*", answer)
    for name, (view, frame) in PAGES.items():
        html = render(view, language=language, frame=frame)
        page.goto("http://pages.test/")
        overhang = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overhang <= 0, name
        assert page.evaluate(SMALL_TARGETS, TARGET_SIZE_MIN_PX) == [], name
    assert complaints == []
    page.close()
