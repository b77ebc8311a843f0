"""Where a shipment is on its way, and how late: each leg against its plan, the whole against the promise.

What is not known yet is expected: a leg takes as long as planned from when the one before it ends, and
what should have happened by now happens now at the earliest (G14).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

Mode = Literal["sea", "land", "air", "rail"]
Progress = Literal["done", "now", "next"]
NONE: Final = timedelta(0)
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Leg:
    """number: from 1 on. etd, eta: as planned; atd, ata: as it was, None before."""

    number: int
    mode: Mode
    carrier: str
    origin: str
    destination: str
    etd: datetime
    eta: datetime
    atd: datetime | None = None
    ata: datetime | None = None


@dataclass(frozen=True, slots=True)
class LegLateness:
    """departs_at, arrives_at: as it was, else as expected. late: behind its plan on arrival, at least 0.

    own: what this very leg added to what came before it; negative where it made up for it.
    behind_promise: how far this leg, seen alone, puts the end behind the promise; negative: time left.
    """

    leg: Leg
    progress: Progress
    departs_at: datetime
    arrives_at: datetime
    late: timedelta
    own: timedelta
    behind_promise: timedelta


@dataclass(frozen=True, slots=True)
class Way:
    """expected_at: when the last leg ends. late: behind the promise, at least 0."""

    legs: tuple[LegLateness, ...]
    promised_at: datetime
    expected_at: datetime
    late: timedelta

    @property
    def is_done(self) -> bool:
        return all(one.progress == "done" for one in self.legs)


def way(legs: Sequence[Leg], *, promised_at: datetime, now: datetime) -> Way:
    """legs: at least one, in their order, plans that fit together (``problems``)."""
    found: list[LegLateness] = []
    before: LegLateness | None = None
    end_planned = legs[-1].eta
    for leg in legs:
        departs, arrives = _times(leg, before.arrives_at if before else None, now)
        deviation = arrives - leg.eta
        inherited = before.arrives_at - before.leg.eta if before else NONE
        before = LegLateness(
            leg,
            _progress(leg),
            departs,
            arrives,
            max(NONE, deviation),
            deviation - inherited,
            arrives + (end_planned - leg.eta) - promised_at,
        )
        found.append(before)
    assert before is not None  # there is a leg
    return Way(tuple(found), promised_at, before.arrives_at, max(NONE, before.arrives_at - promised_at))


def _times(leg: Leg, free_at: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    departs = leg.atd if leg.atd is not None else max(leg.etd, now, free_at or leg.etd)
    if leg.ata is not None:
        return departs, leg.ata
    expected = departs + (leg.eta - leg.etd)
    return departs, max(expected, now) if leg.atd is not None else expected


def _progress(leg: Leg) -> Progress:
    if leg.ata is not None:
        return "done"
    return "next" if leg.atd is None else "now"


def days(late: timedelta) -> int:
    """Whole days, begun ones counted; 0 for none.

    Plans are made to the hour: what is less than one is no delay.
    """
    return 0 if late < HOUR else -(-late // timedelta(days=1))


def problems(legs: Sequence[Leg], now: datetime) -> list[tuple[str, str]]:
    """(field, slug of words.LEG_FAULTS) of what cannot be so, e.g. ``legs.2.eta``."""
    if not legs:
        return [("legs", "legs-missing")]
    found: list[tuple[str, str]] = []
    for before, leg in zip((None, *legs), legs, strict=False):
        field = f"legs.{leg.number}"
        if leg.eta <= leg.etd:
            found.append((f"{field}.eta", "arrives-before-it-leaves"))
        if before is not None and leg.etd < before.eta:
            found.append((f"{field}.etd", "leaves-before-it-is-there"))
        found += [(f"{field}.{name}", slug) for name, slug in _actual(before, leg, now)]
    return found


def _actual(before: Leg | None, leg: Leg, now: datetime) -> list[tuple[str, str]]:
    found = []
    for name, at in (("atd", leg.atd), ("ata", leg.ata)):
        if at is not None and at > now:
            found.append((name, "not-happened-yet"))
    if leg.ata is not None and leg.atd is None:
        found.append(("atd", "never-left"))
    if leg.atd is not None and leg.ata is not None and leg.ata < leg.atd:
        found.append(("ata", "arrives-before-it-leaves"))
    if leg.atd is not None and before is not None and (before.ata is None or leg.atd < before.ata):
        found.append(("atd", "leaves-before-it-is-there"))
    return found
