"""Strangers with phones: each asks from an address of his own, through a proxy of ours."""

from typing import Any

import anyio
import httpx

from gateway.wiring import Installation
from tests.gateway.web import BASE, Caller, ask

PHONE = {
    "user-agent": "Mozilla/5.0 (Linux; Android 14) Mobile",
    "accept": "text/html",
    "sec-fetch-site": "none",
}


class Phones:
    """One application, asked from many addresses. port: 0 is what a trusted proxy leaves."""

    def __init__(self, installation: Installation, *, rates: Any = None) -> None:
        self.caller = Caller(installation)
        self.app = self.caller.app
        if rates is not None:
            self.app.state.rates = rates

    def open(self, path: str, address: str = "192.0.2.1", *, port: int = 0, **options: Any) -> httpx.Response:
        method = options.pop("method", "GET")
        headers = PHONE | options.pop("headers", {})

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, client=(address, port), raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
                return await client.request(method, path, headers=headers, **options)

        return anyio.run(send)

    def write(self) -> int:
        """What a server does every two seconds."""
        written: int = self.app.state.readings.write()
        return written


def code_of(installation: Installation, level: str) -> str:
    found: str = ask(installation.home, "SELECT code FROM code_links WHERE level = ? ORDER BY code", level)
    return found
