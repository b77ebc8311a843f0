"""What carrying goods costs, leg by leg: rates with source and day, chargeable amounts, our warehouses."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from exporters.arithmetic import exponent
from gateway.trade.quantities import half_up

Mode = Literal["road", "rail", "sea", "air"]
Stage = Literal[
    "before", "main", "after"
]  # to the port of loading, across the border, from there to the place
Region = Literal["north", "east", "south"]

GRAMS_OF_A_KG: Final = 1000
MM3_OF_A_M3: Final = 10**9


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Leg(_Closed):
    """One stretch of the way, and what a carrier asks for it.

    rate_minor: for one ``unit`` that is charged, in minor units of ``currency``; minimum_minor: the least of
    a consignment. kg_per_m3: mass that a cubic metre counts as. days_min, days_max: None where nobody says.
    """

    id: str
    origin: str
    destination: str
    mode: Mode
    stage: Stage
    currency: str
    unit: Literal["kg", "m3"]
    rate_minor: int = Field(gt=0)
    minimum_minor: int = Field(ge=0)
    kg_per_m3: int = Field(gt=0)
    days_min: int | None = Field(default=None, ge=0)
    days_max: int | None = Field(default=None, ge=0)
    source: str = Field(min_length=1)
    checked_on: date

    @model_validator(mode="after")
    def _ordered(self) -> "Leg":
        if (self.days_min is None) != (self.days_max is None):
            raise ValueError("days_min and days_max are stated together")
        if self.days_min is not None and self.days_max is not None and self.days_min > self.days_max:
            raise ValueError("days_min is above days_max")
        return self


class Way(_Closed):
    """From a warehouse to a named place of a market; legs: ids, in their order."""

    warehouse: str
    market: str
    place: str
    legs: tuple[str, ...] = Field(min_length=1)


class Insurance(_Closed):
    """cover_percent: of goods and carriage together, as Incoterms 2020 asks of CIF and CIP (110)."""

    cover_percent: int = Field(ge=100)
    rate_percent: Decimal = Field(gt=0)
    minimum_minor: int = Field(ge=0)
    currency: str
    source: str = Field(min_length=1)
    checked_on: date


class FreightPolicy(_Closed):
    """handling: days between an order and the first leg. good_percent, warn_percent: freight to price."""

    id: str
    version: str
    effective: date
    source: str
    handling_days_min: int = Field(ge=0)
    handling_days_max: int = Field(ge=0)
    good_percent: int
    warn_percent: int
    insurance: Insurance
    legs: tuple[Leg, ...]
    ways: tuple[Way, ...]

    @model_validator(mode="after")
    def _known(self) -> "FreightPolicy":
        known = {leg.id for leg in self.legs}
        unknown = sorted({name for way in self.ways for name in way.legs} - known)
        if unknown:
            raise ValueError(f"ways name legs that are not there: {', '.join(unknown)}")
        return self

    def places(self, market: str) -> tuple[str, ...]:
        """Where goods can be carried to in a market, in the order of the file."""
        return tuple(dict.fromkeys(way.place for way in self.ways if way.market == market))

    def way(self, warehouse: str, market: str, place: str) -> tuple[Leg, ...]:
        """The legs, in their order; () where nobody states a way."""
        legs = {leg.id: leg for leg in self.legs}
        for way in self.ways:
            if (way.warehouse, way.market, way.place) == (warehouse, market, place):
                return tuple(legs[name] for name in way.legs)
        return ()


class Warehouse(_Closed):
    """sites: places of custody, as records name them, whose goods leave from here."""

    id: str
    region: Region
    city: str
    sites: tuple[str, ...]


class WarehousePolicy(_Closed):
    id: str
    version: str
    effective: date
    source: str
    warehouses: tuple[Warehouse, ...]

    def of_site(self, site: str | None) -> Warehouse | None:
        wanted = (site or "").casefold()
        return next((one for one in self.warehouses if wanted in one.sites), None)


def parse_freight(data: bytes) -> FreightPolicy:
    """Read the policy file; raises ValueError naming the member."""
    return FreightPolicy.model_validate(tomllib.loads(data.decode()))


def parse_warehouses(data: bytes) -> WarehousePolicy:
    """As ``parse_freight``."""
    return WarehousePolicy.model_validate(tomllib.loads(data.decode()))


@dataclass(frozen=True, slots=True)
class Load:
    """What is carried. gross_g, volume_mm3: None where a piece's own is not stated."""

    gross_g: int | None
    volume_mm3: int | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one whole unit of ``currency`` buys of ``into``; source: who says so; on: since which day."""

    currency: str
    into: str
    rate: Decimal
    source: str
    on: date

    def minor(self, amount_minor: Fraction) -> Fraction:
        """Minor units of the one currency in minor units of the other, exact."""
        return (
            amount_minor
            * Fraction(self.rate)
            * Fraction(10) ** (exponent(self.into) - exponent(self.currency))
        )


@dataclass(frozen=True, slots=True)
class LegCharge:
    """amount_minor: in the currency that was asked for, rounded half up once; None: unknown.

    charged_milli: thousandths of the leg's unit that are charged, rounded half up, to be shown.
    """

    leg: Leg
    amount_minor: int | None
    charged_milli: int | None
    exchange: Exchange | None


def exchanges_by_currency(rates: Iterable[Exchange], into: str) -> Mapping[str, Exchange]:
    return {rate.currency: rate for rate in rates if rate.into == into}


def charges(
    legs: Sequence[Leg], load: Load, currency: str, rates: Iterable[Exchange]
) -> tuple[LegCharge, ...]:
    """What each leg costs in ``currency``; each amount is rounded once, so that their sum is the total."""
    known = exchanges_by_currency(rates, currency)
    return tuple(_charge(leg, load, currency, known) for leg in legs)


def charged_units(leg: Leg, load: Load) -> Fraction | None:
    """In the leg's unit the greater of mass and space; None where either is unknown."""
    if load.gross_g is None or load.volume_mm3 is None:
        return None
    mass, space = Fraction(load.gross_g, GRAMS_OF_A_KG), Fraction(load.volume_mm3, MM3_OF_A_M3)
    if leg.unit == "kg":
        return max(mass, space * leg.kg_per_m3)
    return max(space, mass / leg.kg_per_m3)


def _charge(leg: Leg, load: Load, currency: str, known: Mapping[str, Exchange]) -> LegCharge:
    units = charged_units(leg, load)
    milli = None if units is None else half_up(units * 1000)
    exchange = known.get(leg.currency)
    if units is None or (exchange is None and leg.currency != currency):
        return LegCharge(leg, None, milli, exchange)
    asked = max(Fraction(leg.minimum_minor), units * leg.rate_minor)
    if exchange is not None and leg.currency != currency:
        return LegCharge(leg, half_up(exchange.minor(asked)), milli, exchange)
    return LegCharge(leg, half_up(asked), milli, None)
