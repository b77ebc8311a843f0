"""Which companies are likely to sell a small lot: a score in parts that anybody can follow.

Pure: the same facts give the same plan, whatever the order in which they come.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.trade.quantities import half_up
from ledger.core import canonical

FULL: Final = 1000
PartName = Literal["category", "brand", "grade", "price", "freight", "ageing"]
GRADES: Final = "ABC"


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Weights(_Closed):
    """Of a thousand."""

    category: int = Field(ge=0)
    brand: int = Field(ge=0)
    grade: int = Field(ge=0)
    price: int = Field(ge=0)
    freight: int = Field(ge=0)
    ageing: int = Field(ge=0)

    @model_validator(mode="after")
    def _whole(self) -> "Weights":
        if sum(self.model_dump().values()) != FULL:
            raise ValueError("the weights are shares of 1000")
        return self


class MatchPolicy(_Closed):
    """target: expected demand over the pieces there are. widen_daily: companies more, each day unsold.

    usual_pieces: what a company without a history of its own is expected to take. ageing_days: after so
    many the goods count as old. freight_good_percent, freight_bad_percent: share of the price.
    """

    id: str
    version: str
    effective: date
    source: str
    target: Decimal = Field(gt=0)
    widen_daily: int = Field(ge=1)
    usual_pieces: int = Field(ge=1)
    ageing_days: int = Field(ge=1)
    freight_good_percent: int
    freight_bad_percent: int
    weights: Weights


def parse_matching(data: bytes) -> MatchPolicy:
    """Read the policy file; raises ValueError naming the member."""
    return MatchPolicy.model_validate(tomllib.loads(data.decode()))


@dataclass(frozen=True, slots=True)
class Goods:
    """What is to be sold. piece_minor: price of one piece, half up, in ``currency``.

    freight_percent: of the price, None where nobody knows. age_days: since it came in.
    """

    listing: str
    category: str
    brand: str
    grade: str
    pieces: int
    piece_minor: int
    currency: str
    age_days: int
    freight_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Bought:
    """One order of a company, as it was."""

    category: str
    brand: str
    grade: str
    pieces: int
    piece_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A company that may see the offer at all. orders: its own, in any order."""

    company: str
    orders: tuple[Bought, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """share: 0 to 1000. points: what it adds to the score. detail: the fact behind it, a number or ""."""

    name: PartName
    share: int
    points: int
    detail: str


@dataclass(frozen=True, slots=True)
class Scored:
    """score: 0 to 1000, the sum of its parts' points. expected: pieces it is expected to take."""

    company: str
    score: int
    expected: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """chosen: by score, the best first, then by id. wanted: pieces of demand that were looked for.

    hash: SHA-256 over the goods, the policy and the choice.
    """

    chosen: tuple[Scored, ...]
    wanted: int
    expected: int
    hash: str


def scored(goods: Goods, candidate: Candidate, policy: MatchPolicy) -> Scored:
    """One company's score for one offer, with every part that it is made of."""
    shares = {
        "category": _category(goods, candidate),
        "brand": _brand(goods, candidate),
        "grade": _grade(goods, candidate),
        "price": _price(goods, candidate),
        "freight": _freight(goods, policy),
        "ageing": (min(FULL, goods.age_days * FULL // policy.ageing_days), str(goods.age_days)),
    }
    weights: Mapping[str, int] = policy.weights.model_dump()
    parts = tuple(
        Part(name, share, half_up(Fraction(share * weights[name], FULL)), detail)  # type: ignore[arg-type]
        for name, (share, detail) in shares.items()
    )
    score = min(FULL, sum(part.points for part in parts))
    return Scored(candidate.company, score, _expected(goods, candidate, policy, score), parts)


def plan(goods: Goods, candidates: Sequence[Candidate], policy: MatchPolicy, *, days_open: int) -> Plan:
    """The best companies until they are expected to take enough, and some more for each day it stays.

    days_open: whole days since the offer was first pushed.
    """
    ranked = sorted(
        (scored(goods, one, policy) for one in candidates), key=lambda one: (-one.score, one.company)
    )
    wanted = -(-int(policy.target * 100) * goods.pieces // 100)
    expected, count = 0, 0
    while count < len(ranked) and expected < wanted:
        expected += ranked[count].expected
        count += 1
    chosen = tuple(ranked[: count + policy.widen_daily * max(0, days_open)])
    facts: canonical.JsonValue = {
        "goods": {**asdict(goods)},
        "policy": f"{policy.id}/{policy.version}",
        "chosen": [[one.company, one.score, one.expected] for one in chosen],
        "days_open": days_open,
    }
    digest = sha256(canonical.dumps(facts)).hexdigest()
    return Plan(chosen, wanted, sum(one.expected for one in chosen), digest)


def _category(goods: Goods, candidate: Candidate) -> tuple[int, str]:
    """Share of all pieces it bought that were of this category."""
    every = sum(order.pieces for order in candidate.orders)
    same = sum(order.pieces for order in candidate.orders if order.category == goods.category)
    return (same * FULL // every if every else 0), str(same)


def _brand(goods: Goods, candidate: Candidate) -> tuple[int, str]:
    same = sum(order.pieces for order in candidate.orders if goods.brand and order.brand == goods.brand)
    return (FULL if same else 0), str(same)


def _grade(goods: Goods, candidate: Candidate) -> tuple[int, str]:
    """The nearest grade that it ever bought: the same counts whole, the one beside it half."""
    steps = [
        abs(GRADES.index(order.grade) - GRADES.index(goods.grade))
        for order in candidate.orders
        if order.grade in GRADES and order.grade and goods.grade in GRADES and goods.grade
    ]
    if not steps:
        return 0, ""
    return max(0, FULL - min(steps) * FULL // 2), str(sum(step == 0 for step in steps))


def _price(goods: Goods, candidate: Candidate) -> tuple[int, str]:
    """How near its usual price of a piece is to this one; of orders of the same category and currency."""
    same = [
        order
        for order in candidate.orders
        if order.currency == goods.currency and order.category == goods.category
    ]
    pieces = sum(order.pieces for order in same)
    if not pieces or not goods.piece_minor:
        return 0, ""
    usual = max(1, sum(order.piece_minor * order.pieces for order in same) // pieces)
    low, high = sorted((usual, goods.piece_minor))
    return low * FULL // high, str(usual)


def _freight(goods: Goods, policy: MatchPolicy) -> tuple[int, str]:
    """Whole where freight is cheap, none where it eats the price; half where nobody knows."""
    share = goods.freight_percent
    if share is None:
        return FULL // 2, ""
    span = policy.freight_bad_percent - policy.freight_good_percent
    over = min(max(share - policy.freight_good_percent, 0), span)
    return FULL - over * FULL // span, str(share)


def _expected(goods: Goods, candidate: Candidate, policy: MatchPolicy, score: int) -> int:
    """Its usual order of such goods, in proportion to the score; never more than there is."""
    same = [order.pieces for order in candidate.orders if order.category == goods.category]
    usual = sum(same) // len(same) if same else policy.usual_pieces
    return min(goods.pieces, usual * score // FULL)
