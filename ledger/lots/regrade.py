"""Take the signed measurements and arrive at the same grades."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, get_args

from ledger.core import manifest
from ledger.errors import InvalidRecord
from ledger.lots.grading import Grading, grade
from ledger.lots.rows import quantity_of
from ledger.lots.schemes import Scheme, load_schemes
from ledger.records.inspection import LotInspected
from ledger.records.model import LabelState

LABEL_STATES: tuple[Any, ...] = get_args(LabelState)  # what a row holds may be anything, also a list


@lru_cache(maxsize=1)
def known_schemes() -> Mapping[str, Scheme]:
    """Every scheme version we ship, by the SHA-256 of its file."""
    return {scheme.sha256: scheme for scheme in load_schemes().values()}


def check_grades(data: LotInspected, rows: Sequence[bytes | None]) -> bool:
    """Recompute the grades of an inspection from its rows.

    False when it cannot be told: the scheme is not known here, or a row is erased. Raises
    InvalidRecord with a pointer when the rows give something else.
    """
    scheme = known_schemes().get(data.scheme.sha256)
    if scheme is None or any(row is None for row in rows):
        return False
    if (scheme.id, str(scheme.version)) != (data.scheme.id, data.scheme.version):
        raise InvalidRecord("is not the scheme of this hash", pointer="/data/scheme")
    counts: Counter[str] = Counter()
    scores: list[int] = []
    label_states: set[str] = set()
    for n, row in enumerate(rows):
        assert row is not None
        facts = manifest.parse_row(row, n)
        grading = _grading(scheme, facts, n)
        counts[grading.grade] += quantity_of(facts)
        if grading.score is not None:
            scores.append(grading.score)
        if "label_state" in facts:
            if facts["label_state"] not in LABEL_STATES:
                raise InvalidRecord("is no label state", pointer=f"/rows/{n}/label_state")
            label_states.add(facts["label_state"])
    if counts != {item.grade: item.count for item in data.grades}:
        raise InvalidRecord(f"the rows give {dict(sorted(counts.items()))}", pointer="/data/grades")
    if data.score_min != (min(scores) if scores else None):
        raise InvalidRecord("is not the lowest score of the rows", pointer="/data/score_min")
    if sorted(label_states) != list(data.label_states):
        raise InvalidRecord(f"the rows give {sorted(label_states)}", pointer="/data/label_states")
    return True


def _grading(scheme: Scheme, facts: Mapping[str, Any], n: int) -> Grading:
    measured = facts.get("measured")
    if not isinstance(measured, dict):
        raise InvalidRecord("has no measurements", pointer=f"/rows/{n}")
    return grade(scheme, measured)
