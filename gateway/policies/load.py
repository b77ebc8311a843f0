"""The policies in force, read once from the files beside this module."""

import tomllib
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from typing import Any

from gateway.trade.eligibility import MarketPolicy, parse_markets
from gateway.trade.pricing import PricePolicy, parse_prices


def _data(name: str) -> bytes:
    return resources.files(__package__).joinpath(name).read_bytes()


@lru_cache(maxsize=1)
def markets() -> MarketPolicy:
    return parse_markets(_data("markets.toml"))


@lru_cache(maxsize=1)
def prices() -> PricePolicy:
    return parse_prices(_data("prices.toml"))


@lru_cache(maxsize=1)
def packing() -> dict[str, Any]:
    """Cartons by category, and what the exporter declares."""
    return tomllib.loads(_data("packing.toml").decode())


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Policy file -> SHA-256 of its bytes: written into what was decided under it."""
    return {name: sha256(_data(f"{name}.toml")).hexdigest() for name in ("markets", "prices")}
