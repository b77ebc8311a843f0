"""Every sample page in a real browser; a server on loopback gives it the page, and the files beside it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import cast

from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

from gateway.pages import render as render_module
from gateway.pages.render import render
from gateway.pages.views import Frame
from gateway.pages.views import Page as View
from gateway.shell.headers import SECURITY

CHROMIUM = Path("/usr/bin/chromium")
STATIC = Path(render_module.__file__).parent.parent / "static"
TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript"}
BLOCKED = "Service Worker registration blocked"  # by ourselves: there is no worker to ask for
ADDRESS = "http://localhost/"  # never asked: a route of the browser answers what is opened here
KEPT = {"Cache-Control": "public, max-age=600, immutable"}  # style sheets are read once a tab


def launched(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])


class Stage(ThreadingHTTPServer):
    """Answers every address with the page that it is given, and with static files and a photo beside it.

    Requests that the browser has to hand to a test for an answer cost more than the pages themselves.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.html = ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name = Path(self.path.partition("?")[0].rsplit("/", 1)[-1])
        if "/static/" in self.path:
            self._send((STATIC / name).read_bytes(), TYPES[name.suffix], KEPT)
        elif self.path.endswith("/thumbnail") or "/photos/" in self.path or "/card.png" in self.path:
            self._send(_thumbnail(), "image/jpeg", KEPT)
        else:
            html = cast("Stage", self.server).html
            self._send(html.encode(), "text/html; charset=utf-8", dict(SECURITY))

    def _send(self, body: bytes, content_type: str, headers: dict[str, str]) -> None:
        self.send_response(HTTPStatus.OK)
        for name, value in {
            "Content-Type": content_type,
            "Content-Length": str(len(body)),
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_about: object) -> None:
        """Nobody reads it."""


class Sheet:
    """One tab of one width and language, in which pages are shown one after the other."""

    def __init__(self, page: Page, language: str, stage: Stage) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._language = language
        self._stage = stage
        page.on("console", self._note)

    def show(self, view: View, frame: Frame) -> None:
        self._stage.html = render(view, language=self._language, frame=frame)
        self.page.goto(self._stage.address)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and BLOCKED not in message.text:
            self.complaints.append(message.text)


@contextmanager
def sheet(browser: Browser, language: str, width: int, scheme: str = "light") -> Iterator[Sheet]:
    """width: CSS pixels; 320 is also a desktop at 400 % zoom (WCAG 2.2, 1.4.10)."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        service_workers="block",
    )
    with Stage() as stage:
        answering = Thread(target=stage.serve_forever, name="stage")
        answering.start()
        try:
            yield Sheet(context.new_page(), language, stage)
        finally:
            context.close()
            stage.shutdown()
            answering.join()


@cache
def _thumbnail() -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((360, 270)).save(file, "JPEG")
    return file.getvalue()
