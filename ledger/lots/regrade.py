"""Take the signed measurements and arrive at the same grades.

A row of an inspection: ``measured`` (input -> word or quantity), and where they apply ``label_state``,
``quantity`` (units found alike), ``src`` and ``unit`` (which, see ``results``), ``device`` (whose result it
repeats), ``photos`` (SHA-256 of each) and ``override {grade, reason}``: the inspector's grade instead of
the scheme's, which the record counts in public.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from ledger.core import manifest
from ledger.errors import InvalidRecord
from ledger.lots.grading import Grading, grade
from ledger.lots.rows import quantity_of
from ledger.lots.schemes import Scheme, all_schemes
from ledger.records.inspection import LotInspected
from ledger.records.model import Grade, LabelState, Slug

LABEL_STATES: tuple[Any, ...] = get_args(LabelState)  # what a row holds may be anything, also a list
GRADES: tuple[Any, ...] = get_args(Grade)
FINAL = frozenset({"X", "ungraded"})  # no opinion lifts what is broken or was not measured
_SLUG: TypeAdapter[str] = TypeAdapter(Slug)


@lru_cache(maxsize=1)
def known_schemes() -> Mapping[str, Scheme]:
    """Every scheme version we ship, by the SHA-256 of its file."""
    return {scheme.sha256: scheme for scheme in all_schemes()}


def changed_scheme(data: LotInspected) -> str:
    """What is wrong with our copy of an inspection's scheme, or "".

    A version is one file for ever: another hash under the same name means that one of the two was
    changed. "" also when the scheme is not known here at all.
    """
    if data.scheme.sha256 in known_schemes():
        return ""
    for scheme in known_schemes().values():
        if (scheme.id, scheme.version) == (data.scheme.id, data.scheme.version):
            return (
                f"scheme {scheme.id} version {scheme.version} has the hash {data.scheme.sha256[:16]}… in the "
                f"record and {scheme.sha256[:16]}… here: the file was changed"
            )
    return ""


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
    overrides: Counter[tuple[str, str, str]] = Counter()
    for n, row in enumerate(rows):
        assert row is not None
        facts = manifest.parse_row(row, n)
        grading = _grading(scheme, facts, n)
        letter, reason = graded(facts, grading, n)
        counts[letter] += quantity_of(facts)
        if reason:
            overrides[grading.grade, letter, reason] += quantity_of(facts)
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
    told = {(item.found, item.given, item.reason): item.count for item in data.overrides or ()}
    if overrides != told:
        raise InvalidRecord("the rows give other grades than the scheme's", pointer="/data/overrides")
    return True


def graded(facts: Mapping[str, Any], grading: Grading, n: int) -> tuple[str, str]:
    """The grade that row ``n`` has and, where it is not the scheme's, why: (letter, reason or "")."""
    override = facts.get("override")
    if override is None:
        return grading.grade, ""
    pointer = f"/rows/{n}/override"
    if not isinstance(override, dict) or override.keys() != {"grade", "reason"}:
        raise InvalidRecord("an override has a grade and a reason", pointer=pointer)
    letter, reason = override["grade"], override["reason"]
    try:
        _SLUG.validate_python(reason, strict=True)
    except ValidationError as error:
        raise InvalidRecord("an override has a reason", pointer=f"{pointer}/reason") from error
    if letter not in GRADES or letter == grading.grade:
        raise InvalidRecord("an override gives another grade", pointer=f"{pointer}/grade")
    if grading.grade in FINAL:
        raise InvalidRecord(f"what is {grading.grade} stays so", pointer=pointer)
    return letter, reason


def _grading(scheme: Scheme, facts: Mapping[str, Any], n: int) -> Grading:
    measured = facts.get("measured")
    if not isinstance(measured, dict):
        raise InvalidRecord("has no measurements", pointer=f"/rows/{n}")
    return grade(scheme, measured)
