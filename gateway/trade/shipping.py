"""The operator's shipping policy: promise, usual ways, documents, pallets, and numbers of packages."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from stdnum import iso6346

from gateway.trade.lateness import Leg, Mode
from qrcodes.gs1_checks import check_digit

_SSCC_DIGITS = 17  # before the check digit


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class UsualLeg(_Closed):
    """leaves_h, arrives_h: hours after the shipment's planned start."""

    mode: Mode
    origin: str
    destination: str
    leaves_h: Annotated[int, Field(ge=0)]
    arrives_h: Annotated[int, Field(ge=1)]


class Destination(_Closed):
    """documents: kinds without which nothing leaves for there."""

    promise_days: Annotated[int, Field(ge=1, le=365)]
    documents: tuple[str, ...]
    legs: tuple[UsualLeg, ...]

    def plan(self, start: datetime) -> tuple[Leg, ...]:
        """The usual way, from ``start`` on."""
        return tuple(
            Leg(
                number,
                one.mode,
                "",
                one.origin,
                one.destination,
                start + timedelta(hours=one.leaves_h),
                start + timedelta(hours=one.arrives_h),
            )
            for number, one in enumerate(self.legs, start=1)
        )


class Numbering(_Closed):
    """company_prefix: of GS1, 4 to 12 digits. extension: the SSCC's first digit."""

    company_prefix: Annotated[str, Field(pattern=r"^[0-9]{4,12}$")]
    extension: Annotated[str, Field(pattern=r"^[0-9]$")]

    def sscc(self, serial: int) -> str:
        """SSCC-18 of a package (GS1 GenSpecs §2.2.1). serial: never given twice; wraps past its digits."""
        head = f"{self.extension}{self.company_prefix}"
        room = _SSCC_DIGITS - len(head)
        digits = f"{head}{serial % 10**room:0{room}d}"
        return digits + check_digit(digits)


class PalletKind(_Closed):
    """cartons: as many as one carries. footprint_mm: length and width; base_mm: height of an empty one."""

    cartons: Annotated[int, Field(ge=1)]
    tare_g: Annotated[int, Field(ge=1)]
    footprint_mm: tuple[int, int]
    base_mm: int


class ShippingPolicy(_Closed):
    id: str
    version: str
    effective: date
    source: str
    sscc: Numbering
    pallet: PalletKind
    markets: Mapping[str, Destination]

    @model_validator(mode="after")
    def _every_way_has_legs(self) -> "ShippingPolicy":
        for market, to in self.markets.items():
            if not to.legs or not to.documents:
                raise ValueError(f"{market} has no legs or no documents")
        return self


def is_container_number(text: str) -> bool:
    """Four letters, six digits and the check digit of ISO 6346."""
    return text == text.upper() and bool(iso6346.is_valid(text))
