"""One shop for a module: a copy of the told story that its tests may change, and who calls there."""

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway import wiring
from gateway.settings import Settings
from gateway.wiring import Installation
from tests.gateway.web import Caller

MARKET_COMPANY = "cmp_us"
OTHER_COMPANY = "cmp_vn"


@pytest.fixture(scope="module")
def shop(told_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    home = tmp_path_factory.mktemp("shop") / "home"
    shutil.copytree(told_home, home)
    installation = wiring.open_(Settings(home=home))
    yield installation
    installation.close()


class Program(Caller):
    """A buyer's program in a signed-in session: it sends the session's token as a header."""

    def __init__(self, installation: Installation, company: str) -> None:
        super().__init__(installation)
        self.signed_in("buyer", company)
        self.headers = {"x-csrf-token": self.token}

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        options = {} if body is None else {"json": body}
        return self.request(method, path, headers=self.headers | named, **options)

    def once(self, path: str, body: Any, key: str | None = None) -> httpx.Response:
        return self.call("POST", path, body, idempotency_key=key or f'"{secrets.token_hex(8)}"')

    def offer(self) -> dict[str, Any]:
        """The one that can be bought most often."""
        offers: list[dict[str, Any]] = self.get("/v1/listings?limit=100").json()["data"]
        return max(offers, key=lambda one: one["available"] // one["moq"])


@pytest.fixture(scope="module")
def buyer(shop: Installation) -> Program:
    return Program(shop, MARKET_COMPANY)


@pytest.fixture(scope="module")
def other(shop: Installation) -> Program:
    return Program(shop, OTHER_COMPANY)


@pytest.fixture(scope="module")
def stranger(shop: Installation) -> Caller:
    return Caller(shop)
