"""The page of a code against ready bytes: what a scan costs beyond sending as many bytes as its page has.

Both are answered by the same application through the same shell; the other route has nothing to do but
hand out bytes. Readings are noted, and written every two seconds by the server's own thread, so that the
page is built anew as often as it would be. Neither speaks through a socket.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Scope

from gateway import wiring
from gateway.app import create_app
from gateway.settings import Settings
from gateway.store import goods
from gateway.wiring import Installation
from gateway.workflows.story import tell
from tests.bench.http import _log_to_nowhere

RATIO_MIN: Final = 0.5
SPREAD_MAX: Final = 3.0  # p99 over p50 of the page's own times
RUNS: Final = 7
REQUESTS: Final = 400  # a run
OTHERS: Final = 60  # codes opened for the first time
PHONE: Final = ((b"accept", b"text/html"), (b"accept-language", b"vi"), (b"user-agent", b"Mozilla/5.0"))


def codes_ratio() -> tuple[float, float]:
    """(ready seconds over the page's, p99 over p50 of the page): medians of alternating runs."""
    with tempfile.TemporaryDirectory() as folder:
        installation = wiring.create(Settings(home=Path(folder) / "home", rate_factor=0))
        tell(installation, lambda _what, _share: None)
        _log_to_nowhere()
        app = create_app(installation)
        app.state.readings.start()
        try:
            return asyncio.run(_compare(app, _codes(installation)))
        finally:
            app.state.readings.stop()
            app.state.unchanged.close()
            installation.close()


async def _compare(app: ASGIApp, codes: Sequence[str]) -> tuple[float, float]:
    path = f"/q/{codes[0]}"
    page = await _answer(app, path)
    sheet = await _answer(app, "/static/site.css")
    app.router.routes.insert(0, Route("/ready", _ready(page)))  # type: ignore[attr-defined]
    times: tuple[list[float], list[float]] = ([], [])
    own: tuple[list[float], list[float]] = ([], [])
    for _ in range(RUNS):
        for asked, taken, all_ in zip(("/ready", path), times, own, strict=True):
            each = [await _timed(app, asked) for _ in range(REQUESTS)]
            taken.append(statistics.median(each))
            all_.extend(each)
    first = [await _timed(app, f"/q/{code}") for code in codes[1 : OTHERS + 1]]
    ratio = statistics.median(a / b for a, b in zip(*times, strict=True))
    bare, cuts = (statistics.quantiles(all_, n=100) for all_ in own)
    spread = cuts[98] / cuts[49]
    print(
        f"page of a code        ready {bare[49] * 1e6:5.0f} us, p99 {bare[98] * 1e6:5.0f}   "
        f"again {cuts[49] * 1e6:5.0f} us  {ratio:5.2f}   "
        f"p99 {cuts[98] * 1e6:5.0f} us = {spread:4.2f} x p50   "
        f"first of an article {statistics.median(first) * 1e3:5.1f} ms",
        flush=True,
    )
    print(f"page weight           html {len(page):,} + css {len(sheet):,} bytes", flush=True)
    return ratio, spread


def _ready(content: bytes):  # type: ignore[no-untyped-def]  # a route of Starlette
    async def ready(_request: Request) -> Response:
        return HTMLResponse(content)

    return ready


async def _timed(app: ASGIApp, path: str) -> float:
    began = time.perf_counter()
    await _answer(app, path)
    return time.perf_counter() - began


async def _answer(app: ASGIApp, path: str) -> bytes:
    body, asked = b"", False

    async def receive() -> Message:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()  # nobody hangs up
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal body
        assert message.get("status", 200) == 200, message
        body += message.get("body", b"")

    await app(_scope(path), receive, send)
    return body


def _scope(path: str) -> Scope:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8000"), *PHONE],
        "client": ("127.0.0.1", 40_000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


def _codes(installation: Installation) -> list[str]:
    """Of articles, from all over the house."""
    with installation.database.reading() as connection:
        statement = goods.CODES.select().where(goods.CODES.c.level == "article").order_by(goods.CODES.c.code)
        return [row.code for row in connection.execute(statement.limit(OTHERS + 1))]


if __name__ == "__main__":
    codes_ratio()
