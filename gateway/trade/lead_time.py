"""How many days the way takes, and whether that keeps what is promised."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from gateway.trade.freight import Leg, Mode

Verdict = Literal["in-time", "late", "unknown"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the way, in days after the order. mode "": handling before the first leg.

    days_min, days_max: of this part alone; begins, ends: the latest days it is under way; None: unknown.
    """

    origin: str
    destination: str
    mode: Mode | Literal[""]
    days_min: int | None
    days_max: int | None
    begins: int | None
    ends: int | None


@dataclass(frozen=True, slots=True)
class LeadTime:
    """verdict: judged by the longest stated time. late_days: by how many that passes the promise, else 0.

    promise_days: None where nothing is promised.
    """

    stretches: tuple[Stretch, ...]
    days_min: int | None
    days_max: int | None
    promise_days: int | None
    verdict: Verdict
    late_days: int


def lead_time(legs: Sequence[Leg], *, handling: tuple[int, int], promise_days: int | None) -> LeadTime:
    """handling: least and most days until the first leg. Without legs, or with a silent one: unknown."""
    origin = legs[0].origin if legs else ""
    parts: list[Stretch] = [Stretch(origin, origin, "", *handling, 0, handling[1])]
    day: int | None = handling[1]
    for leg in legs:
        begins = day
        day = None if day is None or leg.days_max is None else day + leg.days_max
        parts.append(Stretch(leg.origin, leg.destination, leg.mode, leg.days_min, leg.days_max, begins, day))
    least = _sum(part.days_min for part in parts) if legs else None
    most = day if legs else None
    if most is None or promise_days is None:
        return LeadTime(tuple(parts), least, most, promise_days, "unknown", 0)
    late = max(0, most - promise_days)
    verdict: Verdict = "late" if late else "in-time"
    return LeadTime(tuple(parts), least, most, promise_days, verdict, late)


def _sum(days: Iterable[int | None]) -> int | None:
    total = 0
    for one in days:
        if one is None:
            return None
        total += one
    return total
