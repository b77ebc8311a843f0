"""Around the pages of codes: who opened one is noted, and a page that would be the same is given again.

A stranger's page stands in memory together with the stamp of the database and the checkpoint
(``gateway.shell.unchanged``) that was taken before it was built. It is given again only while the stamp
is still that one: whatever was committed or published since, readings among it, has it built anew.
"""

import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.policies import load
from gateway.problems import TooManyRequests
from gateway.shell.countries import country_of
from gateway.shell.readings import ReadingBook
from gateway.shell.unchanged import Stamp, Unchanged
from qrcodes.serial import is_code

PATH: Final = "/q/"
PAGES_MAX: Final = 400
BODY_MAX: Final = 64 * 1024
LASTING_S: Final = 10.0  # the page says when it was checked: that is never longer ago
_KEY_HEADERS: Final = ("accept", "accept-language", "host")

_AHEAD = re.compile("prefetch|preview|prerender", re.IGNORECASE)

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptPage:
    """verdict: for the figures. until: monotonic seconds."""

    stamp: Stamp
    until: float
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    verdict: str
    route: Any


class CodePages:
    """One ASGI layer inside the shell. book: where readings go."""

    def __init__(self, app: ASGIApp, *, book: ReadingBook, unchanged: Unchanged, country_header: str) -> None:
        self._app = app
        self._book = book
        self._unchanged = unchanged
        self._country_header = country_header
        self._kept: OrderedDict[Key, KeptPage] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not is_code(_code(scope)):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        key = _key(scope, headers)
        stamp = await self._stamp() if key else None
        kept = self._standing(scope, key, stamp)
        if kept is not None:
            scope["route"] = kept.route  # for the line in the log
            scope["app"].state.metrics.scans.labels(kept.verdict).inc()
            await send({"type": "http.response.start", "status": 200, "headers": list(kept.headers)})
            await send({"type": "http.response.body", "body": kept.body})
            self._note(scope, headers)
            return
        answer = _Answer(send)
        await self._app(scope, receive, answer.on)
        if answer.is_page and "principal" not in scope["state"]:
            self._note(scope, headers)
            if key and stamp and answer.is_the_same_for_all:
                self._keep(scope, key, stamp, answer)

    async def _stamp(self) -> Stamp | None:
        if self._unchanged.is_quick:
            return self._unchanged.stamp()
        return await run_in_threadpool(self._unchanged.stamp)

    def _standing(self, scope: Scope, key: Key | None, stamp: Stamp | None) -> KeptPage | None:
        kept = self._kept.get(key) if key and stamp else None
        if kept is None or kept.stamp != stamp or kept.until < time.monotonic():
            return None
        try:
            scope["app"].state.rates.check_guesses(_address(scope))
        except TooManyRequests:
            return None  # whoever tried too many codes is refused this one, too; the route says so
        return kept

    def _keep(self, scope: Scope, key: Key, stamp: Stamp, answer: "_Answer") -> None:
        self._kept[key] = KeptPage(
            stamp=stamp,
            until=time.monotonic() + LASTING_S,
            headers=tuple(answer.headers),
            body=answer.body,
            verdict=scope["state"].get("verdict", ""),
            route=scope.get("route"),
        )
        self._kept.move_to_end(key)
        while len(self._kept) > PAGES_MAX:
            self._kept.popitem(last=False)

    def _note(self, scope: Scope, headers: Headers) -> None:
        if scope["state"].get("asked", "GET") == "GET" and is_reading(headers):
            country = country_of(scope, headers, self._country_header)
            self._book.note(_code(scope), country, _address(scope))


class _Answer:
    """What went out, as far as it is a page that somebody reads."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.is_page = False
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    @property
    def is_the_same_for_all(self) -> bool:
        return len(self.body) <= BODY_MAX and all(name != b"set-cookie" for name, _ in self.headers)

    async def on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            found: Mapping[bytes, bytes] = dict(message["headers"])
            is_html = found.get(b"content-type", b"").startswith(b"text/html")
            self.is_page = message["status"] == 200 and is_html
            self.headers = list(message["headers"])
        elif message["type"] == "http.response.body" and self.is_page and len(self.body) <= BODY_MAX:
            self.body += message.get("body", b"")
        await self._send(message)


def is_reading(headers: Headers) -> bool:
    """Whether a person opened the page: no preview by a program, no link of ours back to it.

    Purposes as browsers send them: Sec-Purpose (Fetch), Purpose and X-Moz before it. The name of the
    program is looked at and kept nowhere.
    """
    if any(_AHEAD.search(headers.get(name, "")) for name in ("sec-purpose", "purpose", "x-moz")):
        return False
    if headers.get("sec-fetch-site") == "same-origin":  # another language of the same page, or a way back
        return False
    return _previewing().search(headers.get("user-agent", "").lower()) is None


@cache
def _previewing() -> re.Pattern[str]:
    return re.compile("|".join(re.escape(name) for name in load.scans().previews.agents))


def _code(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(PATH) if path.startswith(PATH) else ""


def _key(scope: Scope, headers: Headers) -> Key | None:
    """Under what a page may be given again; None for whoever is or may be known, or asked for more."""
    if scope["query_string"] or "cookie" in headers or "authorization" in headers or "range" in headers:
        return None
    return (scope["path"], *(headers.get(name, "") for name in _KEY_HEADERS))


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else "unknown"
