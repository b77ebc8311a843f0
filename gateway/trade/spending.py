"""What a company asks of its purchases: how long goods are held, what is paid first, who has to agree."""

import tomllib
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

CompanyRole = Literal["admin", "buyer", "approver", "viewer"]
Period = Literal["purchase", "month"]
COMPANY_ROLES: Final[tuple[CompanyRole, ...]] = get_args(CompanyRole)
PERIODS: Final[tuple[Period, ...]] = get_args(Period)
MAY_BUY: Final[frozenset[CompanyRole]] = frozenset({"admin", "buyer"})
MAY_APPROVE: Final[frozenset[CompanyRole]] = frozenset({"admin", "approver"})


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Tier(_Closed):
    """What a company of this tier is granted.

    share_percent: of a large lot, at most held at a time. deposit_from: currency -> minor units from
    which on the deposit is asked; a currency that is not named is asked it always.
    """

    tier: int = Field(ge=1)
    extension_minutes: int = Field(ge=1)
    waiting_hours: int = Field(ge=1)
    share_percent: int = Field(ge=1, le=100)
    deposit_percent: int = Field(ge=0, le=100)
    deposit_from: dict[str, int]
    balance_days: int = Field(ge=0)

    @property
    def extension(self) -> timedelta:
        return timedelta(minutes=self.extension_minutes)

    @property
    def waiting(self) -> timedelta:
        return timedelta(hours=self.waiting_hours)

    def deposit_minor(self, total_minor: int, currency: str) -> int:
        """What is paid before the goods are sold, in minor units, rounded half up; 0 for nothing."""
        if total_minor < self.deposit_from.get(currency, 0):
            return 0
        return (total_minor * self.deposit_percent + 50) // 100


class PurchasePolicy(_Closed):
    id: str
    version: str
    effective: date
    source: str
    hold_minutes: int = Field(ge=1)
    waiting_hours_max: int = Field(ge=1, le=72)
    invitations_a_week: int = Field(ge=1)
    share_applies_from_pieces: int = Field(ge=0)
    tiers: tuple[Tier, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> "PurchasePolicy":
        if [one.tier for one in self.tiers] != list(range(1, len(self.tiers) + 1)):
            raise ValueError("tiers are numbered from 1 on, without a gap")
        if any(one.waiting_hours > self.waiting_hours_max for one in self.tiers):
            raise ValueError("a tier waits longer than the policy allows")
        return self

    @property
    def hold(self) -> timedelta:
        return timedelta(minutes=self.hold_minutes)

    def of_tier(self, tier: int) -> Tier:
        """The terms of a tier; of one beyond the last, the last one's."""
        return self.tiers[min(max(tier, 1), len(self.tiers)) - 1]

    def share_max(self, tier: int, pieces: int) -> int:
        """Pieces of a lot of ``pieces`` that one company may hold at a time."""
        if pieces < self.share_applies_from_pieces:
            return pieces
        return max(1, pieces * self.of_tier(tier).share_percent // 100)


def parse_purchases(data: bytes) -> PurchasePolicy:
    """Read the policy file; raises ValueError naming the member."""
    return PurchasePolicy.model_validate(tomllib.loads(data.decode()))


class Limit(_Closed):
    """What a member may spend without being asked. amount_minor: None for no limit."""

    amount_minor: int | None = Field(default=None, ge=0)
    currency: str = ""
    period: Period = "month"

    def begins(self, now: datetime) -> datetime:
        """From when on purchases count: the first of the month (UTC), or this very one alone."""
        if self.period == "purchase":
            return now
        return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)

    def is_kept(self, spent_minor: int, total_minor: int, currency: str) -> bool:
        """A purchase in another currency cannot be compared: it is asked about."""
        if self.amount_minor is None:
            return True
        return currency == self.currency and spent_minor + total_minor <= self.amount_minor


def needs_approval(
    *, limit: Limit, spent_minor: int, threshold_minor: int | None, threshold_currency: str,
    total_minor: int, currency: str,
) -> bool:  # fmt: skip
    """Whether somebody else of the company has to agree.

    spent_minor: of the same member in the limit's period and currency. threshold_minor: of the company,
    None for none; the amount itself still needs nobody.
    """
    above = threshold_minor is not None and (currency != threshold_currency or total_minor > threshold_minor)
    return above or not limit.is_kept(spent_minor, total_minor, currency)
