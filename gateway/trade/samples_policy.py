"""Samples: a few pieces of a lot below its smallest order, once a company and lot."""

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from pydantic import BaseModel, ConfigDict, Field

from gateway.trade.quantities import Pack, Steps, half_up


class SamplePolicy(BaseModel):
    """pieces_max: of one sample. share_max: of what is left; at least one piece where there is any.

    price_factor: how many times the price of a piece a sample costs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    version: str
    effective: date
    source: str
    pieces_max: int = Field(ge=1)
    share_max: Decimal = Field(gt=0, le=1)
    price_factor: Decimal = Field(ge=1)


def parse_samples(data: bytes) -> SamplePolicy:
    """Read the policy file; raises ValueError naming the member."""
    return SamplePolicy.model_validate(tomllib.loads(data.decode()))


@dataclass(frozen=True, slots=True)
class SampleTerms:
    """What a sample of this offer would be. pieces: the most. unit_price_minor: of one unit of the pack."""

    pieces: int
    unit_price_minor: int


def sample_terms(
    policy: SamplePolicy, steps: Steps, pack: Pack, *, unit_price_minor: int, left: int, taken: bool
) -> SampleTerms | None:
    """The sample that a company may still order; None where none is due.

    left: pieces that may be promised now. taken: whether the company had its sample of this lot. None
    also where the smallest order is itself no more than a sample, and of goods that are priced otherwise
    than by the piece: an invoice could not write out the price of one.
    """
    if taken or left < 1 or pack.basis != "piece":
        return None
    most = min(policy.pieces_max, max(1, int(Fraction(policy.share_max) * left)))
    if steps.smallest(left) <= most:
        return None
    factor = Fraction(policy.price_factor)
    return SampleTerms(most, half_up(factor * unit_price_minor))
