"""The policies in force, read once from the files beside this module."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from typing import Any

from gateway.trade.eligibility import MarketPolicy, parse_markets
from gateway.trade.permission_policy import PermissionPolicy, parse_permission
from gateway.trade.pricing import PricePolicy, parse_prices


def _data(name: str) -> bytes:
    return resources.files(__package__).joinpath(name).read_bytes()


@lru_cache(maxsize=1)
def markets() -> MarketPolicy:
    return parse_markets(_data("markets.toml"))


@lru_cache(maxsize=1)
def permission() -> PermissionPolicy:
    return parse_permission(_data("permission.toml"))


@lru_cache(maxsize=1)
def prices() -> PricePolicy:
    return parse_prices(_data("prices.toml"))


@lru_cache(maxsize=1)
def packing() -> dict[str, Any]:
    """Cartons by category, and what the exporter declares."""
    return tomllib.loads(_data("packing.toml").decode())


@lru_cache(maxsize=1)
def safety() -> Mapping[str, str]:
    """Safety class by category, for goods that nobody may offer unclassified."""
    classes: Mapping[str, str] = tomllib.loads(_data("safety.toml").decode())["classes"]
    return classes


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Policy file -> SHA-256 of its bytes: written into what was decided under it."""
    names = ("markets", "permission", "prices", "safety")
    return {name: sha256(_data(f"{name}.toml")).hexdigest() for name in names}
