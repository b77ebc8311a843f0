"""The policies in force, read once from the files beside this module."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from typing import Any

from gateway.trade.channels import ChannelPolicy, parse_channels
from gateway.trade.claims import ClaimPolicy, parse_claims
from gateway.trade.eligibility import MarketPolicy, parse_markets
from gateway.trade.freight import FreightPolicy, WarehousePolicy, parse_freight, parse_warehouses
from gateway.trade.import_charges import DutyPolicy, parse_duties
from gateway.trade.matching import MatchPolicy, parse_matching
from gateway.trade.papers import PapersPolicy
from gateway.trade.permission_policy import PermissionPolicy, parse_permission
from gateway.trade.pricing import PricePolicy, parse_prices
from gateway.trade.samples_policy import SamplePolicy, parse_samples
from gateway.trade.search import DepthPolicy
from gateway.trade.shipping import ShippingPolicy
from gateway.trade.spending import PurchasePolicy, parse_purchases
from gateway.trade.stock_feed import StockPolicy
from qrcodes.clones import ScanPolicy, parse_scans


def _data(name: str) -> bytes:
    return resources.files(__package__).joinpath(name).read_bytes()


@lru_cache(maxsize=1)
def markets() -> MarketPolicy:
    return parse_markets(_data("markets.toml"))


@lru_cache(maxsize=1)
def channels() -> ChannelPolicy:
    return parse_channels(_data("channels.toml"))


@lru_cache(maxsize=1)
def claims() -> ClaimPolicy:
    return parse_claims(_data("claims.toml"))


@lru_cache(maxsize=1)
def samples() -> SamplePolicy:
    return parse_samples(_data("samples.toml"))


@lru_cache(maxsize=1)
def permission() -> PermissionPolicy:
    return parse_permission(_data("permission.toml"))


@lru_cache(maxsize=1)
def prices() -> PricePolicy:
    return parse_prices(_data("prices.toml"))


@lru_cache(maxsize=1)
def matching() -> MatchPolicy:
    return parse_matching(_data("matching.toml"))


@lru_cache(maxsize=1)
def depth() -> DepthPolicy:
    return DepthPolicy.model_validate(tomllib.loads(_data("catalogue.toml").decode()))


@lru_cache(maxsize=1)
def packing() -> dict[str, Any]:
    """Cartons by category, and what the exporter declares."""
    return tomllib.loads(_data("packing.toml").decode())


@lru_cache(maxsize=1)
def papers() -> PapersPolicy:
    return PapersPolicy.model_validate(tomllib.loads(_data("papers.toml").decode()))


@lru_cache(maxsize=1)
def safety() -> Mapping[str, str]:
    """Safety class by category, for goods that nobody may offer unclassified."""
    classes: Mapping[str, str] = tomllib.loads(_data("safety.toml").decode())["classes"]
    return classes


@lru_cache(maxsize=1)
def schemes() -> Mapping[str, str]:
    """Id of the grading scheme by category."""
    categories: Mapping[str, str] = tomllib.loads(_data("schemes.toml").decode())["categories"]
    return categories


@lru_cache(maxsize=1)
def sample() -> Mapping[str, str]:
    """The sampling plan that is offered first: inspection_level, severity, aql, minimum_grade."""
    plan: Mapping[str, str] = tomllib.loads(_data("schemes.toml").decode())["sample"]
    return plan


@lru_cache(maxsize=1)
def scans() -> ScanPolicy:
    return parse_scans(_data("scans.toml"))


@lru_cache(maxsize=1)
def shipping() -> ShippingPolicy:
    return ShippingPolicy.model_validate(tomllib.loads(_data("shipping.toml").decode()))


@lru_cache(maxsize=1)
def stock() -> StockPolicy:
    return StockPolicy.model_validate(tomllib.loads(_data("stock.toml").decode()))


@lru_cache(maxsize=1)
def purchases() -> PurchasePolicy:
    return parse_purchases(_data("purchases.toml"))


@lru_cache(maxsize=1)
def freight() -> FreightPolicy:
    return parse_freight(_data("freight.toml"))


@lru_cache(maxsize=1)
def warehouses() -> WarehousePolicy:
    return parse_warehouses(_data("warehouses.toml"))


@lru_cache(maxsize=1)
def duties() -> DutyPolicy:
    return parse_duties(_data("duties.toml"))


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Policy file -> SHA-256 of its bytes: written into what was decided under it."""
    names = ("channels", "markets", "permission", "prices", "safety")
    return {name: sha256(_data(f"{name}.toml")).hexdigest() for name in names}
