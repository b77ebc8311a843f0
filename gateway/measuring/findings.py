"""What was found on units that were found alike, and what it makes of them.

A finding is the row of a record without its place in the lot: ``{measured, override?, photos?,
device?, quantity?}`` of an inspection, ``{steps, photos?, quantity?}`` of a repair.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.measuring.questions import label_state_of
from ledger.errors import InvalidRecord
from ledger.lots import sampling
from ledger.lots.grading import Grading, grade
from ledger.lots.regrade import graded
from ledger.lots.schemes import Scheme

Finding = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Article:
    """A row of the lot at the bench: one article, pieces of a style, or a drawn unit.

    slot: its name within the work order, ``r12`` the row, ``u40`` the unit, ``all`` a lot without rows.
    item: of ``goods``, None for a lot without rows. source: (event id, n) of its row. first: number of
    its first unit in the lot. is_drawn: of a planned sample.
    """

    slot: str
    position: int
    first: int
    quantity: int
    item: int | None = None
    source: tuple[str, int] | None = None
    is_drawn: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """Units by grade, and what else an inspection states of all its rows."""

    grades: Mapping[str, int]
    score_min: int | None
    label_states: tuple[str, ...]
    overrides: Mapping[tuple[str, str, str], int]  # (found, given, reason) -> units

    @property
    def units(self) -> int:
        return sum(self.grades.values())

    @property
    def lowest(self) -> str:
        """Of unsorted goods. At least one unit was found."""
        return sampling.lowest(self.grades)


def units_of(findings: Iterable[Finding]) -> int:
    return sum(int(finding.get("quantity", 1)) for finding in findings)


def letter_of(scheme: Scheme, finding: Finding) -> tuple[str, Grading]:
    """The grade that stands, an override included, and how the scheme graded it."""
    grading = grade(scheme, finding["measured"])
    return graded(finding, grading, 0)[0], grading


def override_trouble(scheme: Scheme, finding: Finding) -> bool:
    """Whether the grade that a person gave cannot be given: to the same, or away from X or ungraded."""
    try:
        letter_of(scheme, finding)
    except InvalidRecord as error:
        if "/override" not in error.pointer:
            raise
        return True
    return False


def lowest_of(scheme: Scheme, findings: Sequence[Finding]) -> str:
    """The worst grade among findings of one article, "" without any."""
    letters = [letter_of(scheme, finding)[0] for finding in findings]
    return sampling.lowest(letters) if letters else ""


def best_first(scheme: Scheme, findings: Sequence[Finding]) -> list[Finding]:
    """The worst comes last: whoever looks a style up finds it (``pages.building.rows``)."""
    order = sampling.GRADES_WORST_LAST
    return sorted(findings, key=lambda finding: order.index(letter_of(scheme, finding)[0]))


def tally(scheme: Scheme, findings: Iterable[Finding]) -> Tally:
    """What ``regrade.check_grades`` will find in the rows."""
    counts: Counter[str] = Counter()
    overrides: Counter[tuple[str, str, str]] = Counter()
    scores: list[int] = []
    labels: set[str] = set()
    for finding in findings:
        letter, grading = letter_of(scheme, finding)
        units = int(finding.get("quantity", 1))
        counts[letter] += units
        if "override" in finding:
            overrides[grading.grade, letter, finding["override"]["reason"]] += units
        if grading.score is not None:
            scores.append(grading.score)
        label = label_state_of(finding["measured"])
        if label:
            labels.add(label)
    return Tally(dict(sorted(counts.items())), min(scores, default=None), tuple(sorted(labels)), overrides)


def rows_of(article: Article, findings: Sequence[Finding]) -> Iterator[dict[str, Any]]:
    """The rows of a record about one article, its findings in their order.

    Pieces of a style that were not all found alike are told apart by the numbers of their units.
    """
    source = article.source and {"event_id": article.source[0], "n": article.source[1]}
    numbered = (
        article.is_drawn or source is None or len(findings) > 1 or units_of(findings) < article.quantity
    )
    unit = article.first
    for finding in findings:
        row: dict[str, Any] = {"src": source} if source else {}
        if numbered:
            row["unit"] = unit
        row |= {name: value for name, value in finding.items() if name != "quantity" or value > 1}
        label = label_state_of(finding.get("measured", {}))
        if label:
            row["label_state"] = label
        yield row
        unit += int(finding.get("quantity", 1))
