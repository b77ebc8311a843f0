"""What the gateway costs a program that reads: its own orders, signed in, against the bare query.

Both answer through FastAPI, in a thread, from the same tables over the same connection pool, with the same
model; ours adds sessions, permissions, rates, strict reading, sealed pages, logs, figures, headers. Neither
speaks through a socket: requests go straight into the application, so that nothing hides the difference.
"""

import asyncio
import io
import logging
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Scope

from gateway import wiring
from gateway.routes.trade import OrderOut
from gateway.settings import Settings
from gateway.shell import logs
from gateway.store import trade
from gateway.store.trade import Company, Order
from gateway.wiring import Installation
from gateway.workflows.parties import open_log
from ledger.author import new_id
from ledger.record import Ledger
from tests.gateway.web import Caller

RATIO_MIN = 0.5
RUNS = 7
REQUESTS = 150  # a run
ORDERS = 200
PAGE = 50
COMPANY = Company("cmp_bench", "Bench", "US", "1 Bench Road", "", "approved")


def http_ratio() -> float:
    """Bare seconds a request over ours, the median of alternating runs."""
    with tempfile.TemporaryDirectory() as folder:
        installation = wiring.create(Settings(home=Path(folder) / "home", rate_factor=0))
        open_log(installation)
        installation.writer.do(lambda ledger: _fill(installation, ledger))
        caller = Caller(installation).signed_in("buyer", COMPANY.id)
        cookie = "; ".join(f"{one.name}={one.value}" for one in caller.cookies.jar)
        _log_to_nowhere()
        scope = _scope(f"/v1/orders?limit={PAGE}", cookie)
        ratio = asyncio.run(_compare(_bare(installation), caller.app, scope))
        installation.close()
    return ratio


async def _compare(bare: ASGIApp, ours: ASGIApp, scope: Scope) -> float:
    times: tuple[list[float], list[float]] = ([], [])
    assert len(await _answer(bare, scope)) > 5_000
    assert len(await _answer(ours, scope)) > 5_000
    for _ in range(RUNS):
        for app, taken in zip((bare, ours), times, strict=True):
            began = time.perf_counter()
            for _ in range(REQUESTS):
                await _answer(app, scope)
            taken.append((time.perf_counter() - began) / REQUESTS)
    slow, quick = statistics.median(times[1]), statistics.median(times[0])
    ratio = statistics.median(a / b for a, b in zip(*times, strict=True))
    print(
        f"read {PAGE} own orders   bare {quick * 1e6:6.0f} us   ours {slow * 1e6:6.0f} us  {ratio:5.2f}",
        flush=True,
    )
    return ratio


def _bare(installation: Installation) -> FastAPI:
    app = FastAPI()

    @app.get("/v1/orders")
    def orders(limit: int = PAGE) -> list[OrderOut]:
        with installation.database.reading() as connection:
            return [OrderOut.of(one) for one in trade.orders_page(connection, COMPANY.id, None, limit)]

    return app


async def _answer(app: ASGIApp, scope: Scope) -> bytes:
    body = b""

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal body
        assert message.get("status", 200) == 200, message
        body += message.get("body", b"")

    await app({**scope, "state": {}}, receive, send)
    return body


def _scope(address: str, cookie: str) -> Scope:
    path, _, query = address.partition("?")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8000"), (b"cookie", cookie.encode()), (b"accept", b"*/*")],
        "client": ("127.0.0.1", 40_000),
        "server": ("127.0.0.1", 8000),
    }


def _log_to_nowhere() -> None:
    """Every line is written out in full, as in production; only the disk is spared."""
    logs.configure("json", stream=io.StringIO(), level=logging.INFO)


def _fill(installation: Installation, ledger: Ledger) -> None:
    connection, now = ledger.connection, installation.clock.now()
    trade.add_company(connection, COMPANY)
    for n in range(ORDERS):
        trade.add_order(
            connection,
            Order(
                id=new_id("order"),
                reservation=f"rsv_{n}",
                company=COMPANY.id,
                lot=new_id("lot"),
                market="US",
                quantity=10,
                unit_price_minor=1_999,
                currency="USD",
                po_number=f"PO-{n}",
                incoterm="FCA",
                place="Yantian",
                head="0" * 64,
                sold_event="0" * 64,
                placed_at=now + timedelta(seconds=n),
                state="confirmed",
                shipment=None,
            ),
        )
