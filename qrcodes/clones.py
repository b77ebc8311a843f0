"""What the readings of one code say, by rules that are data. Pure.

A printed code can be photocopied, and one person can open a page as often as he likes. So no rule looks
at how often a code was opened: all of them look at from how many places, and how fast one after the
other. What they find is a reason to look, never a proof.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Notice = Literal["many-places", "too-often", "wrong-market"]
NOTICES: Final[tuple[Notice, ...]] = ("many-places", "too-often", "wrong-market")  # the gravest first
STRICTEST: Final = "article"


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Closed):
    """Of one level of codes; see the file. What is above a limit is found."""

    places_hour: int = Field(ge=1)
    countries_hour: int = Field(ge=1)
    places_week: int = Field(ge=1)
    countries: int = Field(ge=1)
    foreign_places: int = Field(ge=1)
    pieces_per_place: int = Field(ge=0)


class Previews(_Closed):
    """agents: parts of a User-Agent in lower case."""

    agents: tuple[str, ...]


class ScanPolicy(_Closed):
    """sha256: of the file, hex; it is kept with what was decided under it."""

    id: str
    version: str
    effective: date
    source: str
    kept_days: int = Field(ge=1)
    slot_minutes: int = Field(ge=1, le=60)
    salt_days: int = Field(ge=1)
    again_days: int = Field(ge=1)
    levels: Mapping[str, Limits]
    previews: Previews
    sha256: str

    def limits(self, level: str) -> Limits:
        """A level that the file does not name is judged like a single article."""
        return self.levels.get(level) or self.levels[STRICTEST]

    def period(self, day: date) -> int:
        """Which salt is used on a day, as a number that grows."""
        return day.toordinal() // self.salt_days

    def kept_from(self, today: date) -> date:
        """The oldest day of which more than the first reading and the count is kept."""
        return today - timedelta(days=self.kept_days - 1)


@dataclass(frozen=True, slots=True)
class Readings:
    """What is known of one code. pieces: that carry it.

    places_hour, countries_hour: within sixty minutes. places_week: while one salt lasts. countries: two
    letters -> places while one salt lasts; every country of the days that are kept, none of them unknown.
    """

    pieces: int
    places_hour: int
    countries_hour: int
    places_week: int
    countries: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """rule: a member of Limits. measured: what is above ``allowed``. detail: a country, where it is one."""

    notice: Notice
    rule: str
    measured: int
    allowed: int
    detail: str = ""


def parse_scans(data: bytes) -> ScanPolicy:
    """Read the policy file; raises ValueError naming the member."""
    return ScanPolicy.model_validate(tomllib.loads(data.decode()) | {"sha256": sha256(data).hexdigest()})


def judge(
    policy: ScanPolicy, level: str, readings: Readings, expected: frozenset[str]
) -> tuple[Finding, ...]:
    """Every rule that was broken, the gravest notice first.

    expected: countries in which the goods were handled, offered or sold; empty where none is known, and
    then no country is a wrong one.
    """
    limits = policy.limits(level)
    extra = readings.pieces // limits.pieces_per_place if limits.pieces_per_place else 0
    measured: tuple[tuple[Notice, str, int, int], ...] = (
        ("many-places", "places_hour", readings.places_hour, limits.places_hour + extra),
        ("many-places", "countries_hour", readings.countries_hour, limits.countries_hour),
        ("too-often", "places_week", readings.places_week, limits.places_week + extra),
        ("too-often", "countries", len(readings.countries), limits.countries),
    )
    found = [Finding(notice, rule, n, allowed) for notice, rule, n, allowed in measured if n > allowed]
    if expected:
        found += [
            Finding("wrong-market", "foreign_places", places, limits.foreign_places, country)
            for country, places in sorted(readings.countries.items())
            if country not in expected and places > limits.foreign_places
        ]
    return tuple(found)
