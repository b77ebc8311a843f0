"""How long whoever guesses has to wait: a delay that doubles, for an account and for an address.

The attempt is counted before it is judged, so that guesses at once are not cheaper than guesses in turn.
Nobody is locked out for good: the longest delay is a quarter of an hour, and a day of quiet forgets all.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

FIRST_DELAY: Final = timedelta(seconds=10)
LONGEST_DELAY: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(days=1)
FREE: Final = {"account": 5, "factor": 5, "address": 30, "join": 10}  # an office shares one address


@dataclass(frozen=True, slots=True)
class Subject:
    """What failures are counted against. kind: of ``FREE``; name: unguarded text, never stored as such."""

    kind: str
    name: str


def delay(kind: str, failures: int) -> timedelta:
    """How long to wait after that many failures in a row.

    failures: 1 or more, this one included. No delay for the first ``FREE[kind] - 1``.
    """
    beyond = failures - FREE[kind]
    if beyond < 0:
        return timedelta(0)
    doubled: timedelta = FIRST_DELAY * 2 ** min(beyond, 20)
    return min(doubled, LONGEST_DELAY)
