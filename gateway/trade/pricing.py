"""Grade and channel → band → price, from a reference that names its kind, source and date."""

import tomllib
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.trade.quantities import BY_PIECE, Basis, Pack, half_up

ReferenceKind = Literal["official_site", "list_price", "marketplace", "local_new"]
REFERENCE_KINDS: Final[tuple[ReferenceKind, ...]] = get_args(ReferenceKind)
STATED_KINDS: Final[frozenset[str]] = frozenset({"marketplace", "local_new"})  # that no sheet ever carries
ANY = "any"


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Band(_Closed):
    """Which share of its reference a grade may cost. ratio: what we ask where nobody says otherwise.

    group: of categories, ``any`` for all. reference_kinds: the references that the shares are of.
    bases: by what the goods may be priced.
    """

    group: str
    grade: str
    channels: tuple[str, ...] = Field(min_length=1)
    reference_kinds: tuple[ReferenceKind, ...] = Field(min_length=1)
    bases: tuple[Basis, ...] = Field(min_length=1)
    min_ratio: Decimal = Field(gt=0)
    max_ratio: Decimal
    ratio: Decimal

    @model_validator(mode="after")
    def _ordered(self) -> "Band":
        if not self.min_ratio <= self.ratio <= self.max_ratio:
            raise ValueError("ratio lies outside min_ratio and max_ratio")
        return self


class Rates(_Closed):
    """USD: what one unit of the reference currency buys."""

    USD: Decimal = Field(gt=0)
    rate_source: str
    rate_on: date


class PricePolicy(_Closed):
    id: str
    version: str
    effective: date
    source: str
    reference_kind: ReferenceKind
    reference_source: str
    reference_currency: str
    reference_checked_on: date
    reference: dict[str, int]
    groups: dict[str, tuple[str, ...]]
    bands: tuple[Band, ...]
    condition_factor: dict[str, Decimal]
    rates: Rates

    def band(
        self, *, category: str, grade: str, channel: str, kind: ReferenceKind, basis: Basis
    ) -> Band | None:
        """The row for these goods, their own group's before one of any; None: they are not sold there."""
        own = {name for name, categories in self.groups.items() if category in categories}
        rows = [
            band
            for band in self.bands
            if band.grade == grade
            and channel in band.channels
            and kind in band.reference_kinds
            and basis in band.bases
        ]
        special = (band for band in rows if band.group in own)
        return next(special, next((band for band in rows if band.group == ANY), None))

    def rate(self, currency: str, of: str | None = None) -> Decimal | None:
        """What one unit of ``of`` buys of ``currency``; None where nobody said.

        of: a currency, the policy's reference currency where None.
        """
        if currency == (of or self.reference_currency):
            return Decimal(1)
        if of not in (None, self.reference_currency):
            return None
        return self.rates.USD if currency == "USD" else None


def parse_prices(data: bytes) -> PricePolicy:
    """Read the policy file; raises ValueError naming the member."""
    return PricePolicy.model_validate(tomllib.loads(data.decode()))


@dataclass(frozen=True, slots=True)
class Reference:
    """What goods cost elsewhere: of which kind, who said so, when.

    total_minor: of all ``pieces`` together, in minor units of ``currency``. Both at least 1.
    """

    kind: ReferenceKind
    source: str
    on: date
    currency: str
    total_minor: int
    pieces: int

    def __post_init__(self) -> None:
        assert self.source
        assert self.total_minor > 0
        assert self.pieces > 0

    @property
    def piece_minor(self) -> int:
        """Of one piece on average, rounded half up: to be shown, never to be counted with."""
        return half_up(Fraction(self.total_minor, self.pieces))


@dataclass(frozen=True, slots=True)
class Quote:
    """A price per unit of ``pack``, against the reference and the band that it stands under.

    rate: of the reference currency into ``currency``.
    """

    unit_price_minor: int
    currency: str
    pack: Pack
    reference: Reference
    band: Band
    rate: Decimal

    @property
    def ratio(self) -> Fraction:
        """To the reference, exact."""
        return self.unit_price_minor / unit_reference(self.reference, self.rate, self.pack)

    @property
    def in_band(self) -> bool:
        return Fraction(self.band.min_ratio) <= self.ratio <= Fraction(self.band.max_ratio)

    @property
    def limits_minor(self) -> tuple[int, int]:
        """The least and the most that the band lets a unit cost, in whole minor units."""
        whole = unit_reference(self.reference, self.rate, self.pack)
        return ceil(Fraction(self.band.min_ratio) * whole), floor(Fraction(self.band.max_ratio) * whole)


@dataclass(frozen=True, slots=True)
class Asked:
    """A price to be judged. price_minor: of one unit of ``pack``, None for what the band proposes.

    is_overridden: whether somebody said why it may lie outside its band. against: the kind of reference
    to hold it against, None for the one that the goods came with.
    """

    pack: Pack = BY_PIECE
    price_minor: int | None = None
    is_overridden: bool = False
    against: ReferenceKind | None = None


PROPOSED = Asked()


def quote(  # the goods, where they go, and what is asked
    policy: PricePolicy,
    *,
    category: str,
    grade: str,
    channel: str,
    condition: str | None,
    currency: str,
    reference: Reference,
    pack: Pack,
    asked_minor: int | None = None,
) -> Quote | None:
    """The price of a unit: as asked, else what the band proposes. None where no band or rate stands.

    asked_minor may lie outside the band: ``Quote.in_band`` says so.
    """
    band = policy.band(category=category, grade=grade, channel=channel, kind=reference.kind, basis=pack.basis)
    rate = policy.rate(currency, reference.currency)
    if band is None or rate is None:
        return None
    if asked_minor is not None:
        return Quote(asked_minor, currency, pack, reference, band, rate)
    factor = policy.condition_factor.get(condition or "", Decimal(1))
    share = Fraction(max(band.ratio * factor, band.min_ratio))
    if pack.basis in ("carton", "lot"):  # so that one piece of it has a whole price, where the band has one
        piece = _proposed(Quote(0, currency, BY_PIECE, reference, band, rate), share)
        whole = replace(piece, unit_price_minor=piece.unit_price_minor * pack.size, pack=pack)
        if whole.in_band:
            return whole
    return _proposed(Quote(0, currency, pack, reference, band, rate), share)


def _proposed(blank: Quote, share: Fraction) -> Quote:
    """The nearest price to ``share`` of the reference that the band of ``blank`` lets through."""
    least, most = blank.limits_minor
    wanted = half_up(share * unit_reference(blank.reference, blank.rate, blank.pack))
    return replace(blank, unit_price_minor=max(least, min(wanted, most)))


def unit_reference(reference: Reference, rate: Decimal, pack: Pack) -> Fraction:
    """What a unit of ``pack`` costs elsewhere, in minor units of the currency that ``rate`` leads to."""
    return Fraction(reference.total_minor, reference.pieces) * Fraction(rate) * pack.pieces
