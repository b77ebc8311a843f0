"""What is known of the goods of several lots once they are one: never more than of each of them."""

from collections.abc import Sequence

from ledger.lots.state import Hand, Inspection, LotState

WORST_LAST = ("A", "B", "C", "ungraded", "X")
COVERAGE_LEAST_FIRST = ("documents", "sample", "full")


def graded(states: Sequence[LotState]) -> tuple[str | None, dict[str, int], bool]:
    """Grade, units by grade, and whether the parents' inspections still speak for the whole.

    The worst grade stands for all; where one lot is a mix, nothing does until it is split again.
    """
    if any(lot.inspection is None or lot.changed_since_inspection for lot in states):
        return None, {}, False
    letters = [lot.grade for lot in states]
    if None in letters:
        unclaimed: dict[str, int] = {}
        for lot in states:
            for letter, count in lot.unclaimed.items():
                unclaimed[letter] = unclaimed.get(letter, 0) + count
        return None, dict(sorted(unclaimed.items())), True
    worst = max((letter for letter in letters if letter), key=WORST_LAST.index)
    return worst, {worst: sum(lot.quantity for lot in states)}, True


def together(states: Sequence[LotState]) -> Inspection:
    """The parents' inspections as one that claims no more than the weakest: the latest, made smaller."""
    own = [lot.inspection for lot in states if lot.inspection is not None]
    latest = max(own, key=lambda one: one.index)
    hands: list[Hand] = []
    for one in own:
        hands += [hand for hand in one.by if hand not in hands]
    grades: dict[str, int] = {}
    for lot in states:
        for letter, count in lot.unclaimed.items():
            grades[letter] = grades.get(letter, 0) + count
    batches = [batch for one in own for batch in one.batches]
    scores = [one.score_min for one in own if one.score_min is not None]
    return latest.model_copy(
        update={
            "coverage": min((one.coverage for one in own), key=_strength),
            "grades": dict(sorted(grades.items())),
            "label_states": sorted({state for one in own for state in one.label_states}),
            "score_min": min(scores) if len(scores) == len(own) else None,
            "measured_at": min(one.measured_at for one in own),
            "third_party": all(one.third_party for one in own),
            "independent": all(one.independent for one in own),
            "sample": own[0].sample if all(one == own[0] for one in own) else None,
            "batches": [batch for n, batch in enumerate(batches) if batch not in batches[:n]],
            "overridden": sum(one.overridden for one in own),
            "by": hands,
        }
    )


def _strength(coverage: str) -> int:
    """Levels above a full inspection count as one: the record names which."""
    return COVERAGE_LEAST_FIRST.index(coverage) if coverage in COVERAGE_LEAST_FIRST else 3
