"""Duty and import tax at the destination: rates that somebody stated, with source and day; else unknown."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.trade.quantities import half_up
from ledger.lots.cost import allocate

Kind = Literal["duty", "import_tax"]
Value = Literal["cif", "fob"]  # what a market takes as the value: with or without carriage across the border


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rate(_Closed):
    """hs_prefix: 2 digits chapter, 4 heading, 6 subheading; the longest that fits stands.

    Of a tax, the value is that of the duty and the duty itself. effective_to: the last day, None: open.
    """

    market: str
    kind: Kind
    hs_prefix: str
    percent: Decimal = Field(ge=0)
    value: Value = "cif"
    effective_from: date
    effective_to: date | None = None
    source: str = Field(min_length=1)
    checked_on: date
    status: Literal["verified", "secondary"]


class DutyPolicy(_Closed):
    id: str
    version: str
    effective: date
    source: str
    rates: tuple[Rate, ...]

    def rate(self, market: str, kind: Kind, hs_code: str, day: date) -> Rate | None:
        """The rate in force for a code; None where nobody stated one."""
        found = [
            one
            for one in self.rates
            if (one.market, one.kind) == (market, kind)
            and hs_code.startswith(one.hs_prefix)
            and one.effective_from <= day
            and (one.effective_to is None or day <= one.effective_to)
        ]
        return max(found, key=lambda one: (len(one.hs_prefix), one.effective_from), default=None)


def parse_duties(data: bytes) -> DutyPolicy:
    """Read the policy file; raises ValueError naming the member."""
    return DutyPolicy.model_validate(tomllib.loads(data.decode()))


@dataclass(frozen=True, slots=True)
class Charge:
    """amount_minor: the sum of a rounded share for each code. rates: that it rests on."""

    amount_minor: int
    rates: tuple[Rate, ...]


def charge(  # a charge has no fewer facts
    policy: DutyPolicy,
    kind: Kind,
    *,
    market: str,
    day: date,
    pieces_by_hs: Mapping[str, int],
    values_minor: Mapping[Value, int],
    duty: Charge | None = None,
) -> Charge | None:
    """A charge on goods of one price a piece; None where a code's rate is not stated.

    values_minor: of all goods, by what a market takes as the value. duty: what a tax is charged on, too.
    """
    codes = sorted(pieces_by_hs)
    rates = [policy.rate(market, kind, code, day) for code in codes]
    found = [rate for rate in rates if rate is not None]
    if not codes or len(found) < len(codes) or (kind == "import_tax" and duty is None):
        return None
    pieces = [pieces_by_hs[code] for code in codes]
    more = 0 if duty is None else duty.amount_minor
    total = sum(
        half_up(Fraction(rate.percent) / 100 * share)
        for rate, share in zip(found, _shares(found, pieces, values_minor, more), strict=True)
    )
    return Charge(total, tuple(found))


def _shares(
    rates: Sequence[Rate], pieces: Sequence[int], values_minor: Mapping[Value, int], more: int
) -> list[int]:
    """The value of each code's goods in whole minor units; they sum to the whole value exactly."""
    divided = {name: allocate(value + more, pieces) for name, value in values_minor.items()}
    return [divided[rate.value][number] for number, rate in enumerate(rates)]
