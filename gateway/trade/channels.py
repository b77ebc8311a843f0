"""The register of channels, and how little an order over them may be."""

import tomllib
from collections.abc import Sequence
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Channel(_Closed):
    """A way into trade. code: as grants name it; its words: table ``sales_channels``."""

    code: str
    kind: Literal["discount", "platform", "trader", "own_use"]


class OrderMinimum(_Closed):
    """What one order reaches, over all its lots: the pieces, or the amount in its currency.

    amounts: currency -> minor units; a currency that is not named has the rule of the pieces alone.
    """

    pieces: int = Field(ge=1)
    amounts: dict[str, int]

    def is_reached(self, lines: Sequence[tuple[int, int]], currency: str) -> bool:
        """lines: (pieces, amount in minor units of ``currency``), one a lot."""
        if sum(pieces for pieces, _ in lines) >= self.pieces:
            return True
        least = self.amounts.get(currency)
        return least is not None and sum(amount for _, amount in lines) >= least


class ChannelPolicy(_Closed):
    """moq: pieces of a lot that an order begins at where its listing says nothing else."""

    id: str
    version: str
    effective: date
    source: str
    moq: int = Field(ge=1)
    order_minimum: OrderMinimum
    channels: tuple[Channel, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(channel.code for channel in self.channels)


def parse_channels(data: bytes) -> ChannelPolicy:
    """Read the policy file; raises ValueError naming the member."""
    policy = ChannelPolicy.model_validate(tomllib.loads(data.decode()))
    if len(set(policy.codes)) != len(policy.codes):
        raise ValueError("a channel stands there twice")
    return policy
