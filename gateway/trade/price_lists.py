"""What a buyer agreed to pay: price lists for a company, a tier or a market, and the step that is reached."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final, Literal

HolderKind = Literal["company", "tier", "market"]
HOLDER_KINDS: Final[tuple[HolderKind, ...]] = ("company", "tier", "market")  # the nearest agreement first


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whom prices are looked up for. tier: 1 or more. market: ISO 3166 code of the offer's market."""

    company: str
    tier: int
    market: str


@dataclass(frozen=True, slots=True)
class PriceList:
    """An agreement with whoever it is for.

    holder: id of a company, a number of a tier ("2": of tier 2 and above), or the code of a market.
    market: the one market it holds in, "" for any. valid_from, valid_to: days in UTC, both included;
    None: until further notice. priority: the higher goes first among agreements that are equally near.
    """

    id: str
    holder_kind: HolderKind
    holder: str
    market: str
    currency: str
    valid_from: date
    valid_to: date | None
    priority: int
    is_open: bool = True

    def holds_for(self, buyer: Buyer, currency: str, day: date) -> bool:
        """Whether it says what this buyer pays in this currency on this day."""
        if not self.is_open or self.currency != currency or self.market not in ("", buyer.market):
            return False
        if day < self.valid_from or (self.valid_to is not None and day > self.valid_to):
            return False
        match self.holder_kind:
            case "company":
                return self.holder == buyer.company
            case "tier":
                return buyer.tier >= int(self.holder)
            case "market":
                return self.holder == buyer.market

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """The nearest sorts first: company, tier from the highest down, market; then priority, then id."""
        tier = int(self.holder) if self.holder_kind == "tier" else 0
        return HOLDER_KINDS.index(self.holder_kind), -tier, -self.priority, self.id


@dataclass(frozen=True, slots=True)
class Step:
    """From ``min_qty`` pieces on, one unit of the offer's pack costs this. Both at least 1.

    is_overridden: somebody said why it may lie outside its band. against: kind of the reference it was
    held against. reference: the whole of it, as ``workflows.references.kept`` wrote it.
    """

    min_qty: int
    unit_price_minor: int
    is_overridden: bool = False
    against: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """One list's steps for one offer."""

    list: PriceList
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """A row of the ladder that a buyer sees. price_list: id, "" where the offer's own price stands."""

    min_qty: int
    unit_price_minor: int
    price_list: str


def dearer_for_more(steps: Iterable[Step]) -> tuple[Step, Step] | None:
    """Two neighbouring steps of which the deeper is dearer a unit; None where more never costs more."""
    ordered = sorted(steps, key=lambda step: step.min_qty)
    dearer = (two for two in pairwise(ordered) if two[1].unit_price_minor > two[0].unit_price_minor)
    return next(dearer, None)


def resolve(
    offered: Iterable[Offered], buyer: Buyer, currency: str, day: date, pieces: int
) -> tuple[PriceList, Step] | None:
    """The list that speaks and its deepest step reached by ``pieces``; None: the offer's own price stands.

    The nearest agreement that has a step for so many pieces speaks, even where another is cheaper: it was
    agreed. The order of ``offered`` and of steps changes nothing.
    """
    for one in _in_order(offered, buyer, currency, day):
        reached = [step for step in one.steps if step.min_qty <= pieces]
        if reached:
            return one.list, max(reached, key=lambda step: step.min_qty)
    return None


def ladder(
    offered: Sequence[Offered],
    buyer: Buyer,
    currency: str,
    day: date,
    *,
    own_minor: int,
    smallest: int,
    most: int,
) -> tuple[Rung, ...]:
    """Where the price of a unit changes between ``smallest`` and ``most`` pieces, ascending.

    own_minor: the offer's own price, which stands below the first step of every agreement.
    """
    standing = _in_order(offered, buyer, currency, day)
    starts = {step.min_qty for one in standing for step in one.steps if smallest < step.min_qty <= most}
    rungs: list[Rung] = []
    for pieces in sorted({smallest} | starts):
        found = resolve(standing, buyer, currency, day, pieces)
        price = (own_minor, "") if found is None else (found[1].unit_price_minor, found[0].id)
        if not rungs or (rungs[-1].unit_price_minor, rungs[-1].price_list) != price:
            rungs.append(Rung(pieces, *price))
    return tuple(rungs)


def _in_order(offered: Iterable[Offered], buyer: Buyer, currency: str, day: date) -> list[Offered]:
    standing = [one for one in offered if one.list.holds_for(buyer, currency, day)]
    return sorted(standing, key=lambda one: one.list.rank)
