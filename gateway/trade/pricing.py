"""Grade → band → price, from a reference that names its kind, source and date."""

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from pydantic import BaseModel, ConfigDict


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Band(_Closed):
    """Ratios to the reference price, as decimals."""

    grade: str
    min_ratio: Decimal
    max_ratio: Decimal
    ratio: Decimal


class Rates(_Closed):
    """USD: what one unit of the reference currency buys."""

    USD: Decimal
    rate_source: str
    rate_on: date


class PricePolicy(_Closed):
    id: str
    version: str
    effective: date
    source: str
    reference_kind: str
    reference_currency: str
    reference_checked_on: date
    reference: dict[str, int]
    bands: tuple[Band, ...]
    condition_factor: dict[str, Decimal]
    rates: Rates

    def band(self, grade: str) -> Band | None:
        return next((band for band in self.bands if band.grade == grade), None)


def parse_prices(data: bytes) -> PricePolicy:
    """Read the policy file; raises ValueError naming the member."""
    return PricePolicy.model_validate(tomllib.loads(data.decode()))


@dataclass(frozen=True, slots=True)
class Quote:
    """A price per piece. ratio: to the reference; in_band: within what the grade may cost."""

    unit_price_minor: int
    currency: str
    reference_minor: int
    ratio: Decimal
    in_band: bool


def unit_price(
    policy: PricePolicy, *, grade: str, condition: str | None, reference_total_minor: int, pieces: int
) -> Quote | None:
    """The price of one piece of a lot; None where grade or reference is missing.

    reference_total_minor: sum of the reference prices of all ``pieces``, in the reference currency.
    """
    band = policy.band(grade)
    if band is None or reference_total_minor <= 0 or pieces <= 0:
        return None
    wanted = band.ratio * policy.condition_factor.get(condition or "", Decimal(1))
    ratio = max(wanted, band.min_ratio)
    reference = Decimal(reference_total_minor) / pieces
    price = (reference * ratio * policy.rates.USD).quantize(Decimal(1), ROUND_HALF_UP)
    return Quote(
        int(price),
        "USD",
        int(reference.quantize(Decimal(1), ROUND_HALF_UP)),
        ratio,
        band.min_ratio <= ratio <= band.max_ratio,
    )
