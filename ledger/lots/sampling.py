"""Which units a sample holds, and what it says of the lot: anyone can draw it again.

The draw from units 0 … lot_size−1, with a seed of 32 bytes that was recorded before any result:

    n(i)   = first 8 bytes of SHA-256("lotproof/sample/v1" || 0x0A || seed || u64be(i)), as an integer
    bound  = 2^64 − 2^64 mod lot_size
    for i = 0, 1, …: skip n(i) ≥ bound; take unit n(i) mod lot_size unless it is taken already

until sample_size units are taken; they are examined in ascending order. A sample as large as the lot
is the lot. Unit u is the u-th in the order of the lot's rows, a row standing for ``quantity`` units.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Literal

from ledger.errors import InvalidRecord

Verdict = Literal["accepted", "accepted_tighten", "rejected"]
GRADES_WORST_LAST = ("A", "B", "C", "ungraded", "X")

_DOMAIN = b"lotproof/sample/v1\n"
_SPACE = 2**64


def draw(seed: bytes, *, lot_size: int, sample_size: int) -> list[int]:
    """The units of the sample, ascending.

    seed: 32 bytes. 1 <= sample_size <= lot_size.
    """
    assert len(seed) == 32
    assert 1 <= sample_size <= lot_size
    if sample_size == lot_size:
        return list(range(lot_size))
    bound = _SPACE - _SPACE % lot_size
    taken: set[int] = set()
    i = 0
    while len(taken) < sample_size:
        number = int.from_bytes(sha256(_DOMAIN + seed + i.to_bytes(8, "big")).digest()[:8], "big")
        if number < bound:
            taken.add(number % lot_size)
        i += 1
    return sorted(taken)


def check_drawn(units: Iterable[int], seed: bytes, *, lot_size: int, sample_size: int) -> None:
    """Raise InvalidRecord unless ``units`` are exactly those that the seed draws."""
    examined, drawn = set(units), set(draw(seed, lot_size=lot_size, sample_size=sample_size))
    if examined == drawn:
        return
    other, left = sorted(examined - drawn), sorted(drawn - examined)
    said = [f"unit {other[0]} was not drawn"] if other else []
    said += [f"unit {left[0]} was drawn and has no result"] if left else []
    raise InvalidRecord("; ".join(said), pointer="/rows")


def nonconforming(grades: Mapping[str, int], minimum_grade: str) -> int:
    """Units below ``minimum_grade`` (A, B or C); what could not be graded does not conform."""
    worst = GRADES_WORST_LAST.index(minimum_grade)
    return sum(count for letter, count in grades.items() if GRADES_WORST_LAST.index(letter) > worst)


def verdict(found: int, *, accept: int, reject: int) -> Verdict:
    """What ``found`` nonconforming units say of the lot.

    Between the two numbers, which only reduced inspection has, the lot passes and the next ones are
    inspected as before the reduction.
    """
    if found >= reject:
        return "rejected"
    return "accepted" if found <= accept else "accepted_tighten"


def lowest(grades: Iterable[str]) -> str:
    """The grade of goods that are sold unsorted: the worst among theirs."""
    return max(grades, key=GRADES_WORST_LAST.index)
