"""How fast stock turns, and how old it is: figures from cost and dates, as the trade states them.

turns = cost of goods sold / average inventory, days = 360 / turns (a year of 360 days, not 365).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

DAYS_OF_YEAR: Final = 360
MONTHS: Final = (6, 12, 24, 36)  # where a bucket ends; the last one has no end
ALERT_MONTHS: Final[Mapping[str, int]] = {"apparel": 24}  # sellable for two to three years


class Bucket(NamedTuple):
    """Units of an age. from_months included, until_months not; None: no end."""

    from_months: int
    until_months: int | None
    units: int


def turns(cost_of_goods_sold: int, average_inventory: Fraction | int) -> Fraction:
    """How often the stock was sold in the period; both in minor units of one currency.

    Raises ValueError where there was no stock.
    """
    if average_inventory <= 0:
        raise ValueError("turnover needs an average inventory above zero")
    return Fraction(cost_of_goods_sold) / Fraction(average_inventory)


def days(turns_: Fraction) -> Fraction:
    """How long a unit stays: 360 / turns. Raises ValueError where nothing was sold."""
    if turns_ <= 0:
        raise ValueError("days of stock need turns above zero")
    return DAYS_OF_YEAR / turns_


def average(levels: Sequence[tuple[date, int]], start: date, end: date) -> Fraction:
    """The mean of a level over the days from ``start`` up to and without ``end``.

    levels: (day, level from that day on), ascending; before the first one the level is zero.
    """
    if start >= end:
        raise ValueError("a period has at least one day")
    total, level, since = 0, 0, start
    for day, next_level in levels:
        if day >= end:
            break
        if day > since:
            total += level * (day - since).days
            since = day
        level = next_level
    return Fraction(total + level * (end - since).days, (end - start).days)


def printed(value: Fraction, places: int = 2) -> str:
    """A figure as a decimal string, rounded half-even."""
    return f"{Decimal(round(value * 10**places)).scaleb(-places):.{places}f}"


def months_old(made: date, today: date) -> int:
    """Whole months from ``made`` to ``today``; 0 for what is made later."""
    months = 12 * (today.year - made.year) + today.month - made.month - (today.day < made.day)
    return max(0, months)


def ageing(stock: Sequence[tuple[date, int]], today: date, ends: Sequence[int] = MONTHS) -> list[Bucket]:
    """Units by age. stock: (made on, units). ends: months at which buckets end, ascending."""
    starts = [0, *ends]
    units = [0] * len(starts)
    for made, count in stock:
        months = months_old(made, today)
        units[sum(1 for end in ends if months >= end)] += count
    return [Bucket(*span) for span in zip(starts, [*ends, None], units, strict=True)]


def needs_clearing(kind: str, made: date, today: date) -> bool:
    """Whether goods of a kind (the grading scheme's) are so old that somebody has to decide."""
    limit = ALERT_MONTHS.get(kind)
    return limit is not None and months_old(made, today) >= limit
