"""Every sample page in a real browser, without a server: requests are answered from here."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Route

from gateway.pages import render as render_module
from gateway.pages.render import render
from gateway.pages.views import Frame
from gateway.pages.views import Page as View
from gateway.shell.headers import SECURITY

CHROMIUM = Path("/usr/bin/chromium")
STATIC = Path(render_module.__file__).parent.parent / "static"
TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript"}
ADDRESS = "http://localhost/"  # never asked: every request is answered here


def launched(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])


class Sheet:
    """One tab of one width and language, in which pages are shown one after the other."""

    def __init__(self, page: Page, language: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._language = language
        self._html = ""
        page.on("console", self._note)
        page.route("**/*", self._answer)

    def show(self, view: View, frame: Frame) -> None:
        self._html = render(view, language=self._language, frame=frame)
        self.page.goto(ADDRESS)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _answer(self, route: Route) -> None:
        url = route.request.url
        name = Path(url.rsplit("/", 1)[-1])
        if "/static/" in url:
            route.fulfill(body=(STATIC / name).read_bytes(), content_type=TYPES[name.suffix])
        elif url.endswith("/thumbnail"):
            route.fulfill(body=_thumbnail(), content_type="image/jpeg")
        else:
            route.fulfill(body=self._html, content_type="text/html; charset=utf-8", headers=dict(SECURITY))


@contextmanager
def sheet(browser: Browser, language: str, width: int, scheme: str = "light") -> Iterator[Sheet]:
    """width: CSS pixels; 320 is also a desktop at 400 % zoom (WCAG 2.2, 1.4.10)."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    try:
        yield Sheet(context.new_page(), language)
    finally:
        context.close()


def _thumbnail() -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((360, 270)).save(file, "JPEG")
    return file.getvalue()
