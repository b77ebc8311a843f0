"""A grade that is computed again from signed measurements, part by part."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from gateway.pages import words
from gateway.pages.views import Grade, GradeOverride, Measurement, ScorePart
from ledger.core.leaf import Leaf
from ledger.lots.grading import Grading, PartScore, grade
from ledger.lots.regrade import known_schemes
from ledger.lots.schemes import Scheme
from ledger.verify import History

_ORDER = ("A", "B", "C", "ungraded", "X")  # the worst comes last


@dataclass(frozen=True, slots=True)
class Measured:
    """Units found alike. by: the inspection that measured them. override: grade, reason."""

    measurement: Mapping[str, Any]
    by: Leaf
    override: Mapping[str, Any] | None = None
    quantity: int = 1


def distrusted_events(history: History) -> frozenset[str]:
    """Event ids of the records that were signed with a compromised key."""
    return frozenset(record.event_id for record in history.records if record.trouble == "distrusted")


def grade_of(units: Sequence[Measured], distrusted: Collection[str] = ()) -> Grade | None:
    """The grade of one article, or the lowest of a lot's; None where nothing was measured.

    distrusted: event ids of records whose measurements nobody may rely on; the grade says so.
    """
    if not units:
        return None
    by = units[0].by
    is_distrusted = any(unit.by.record.event_id in distrusted for unit in units)
    data = by.record.body.data
    scheme = known_schemes().get(data["scheme"]["sha256"])
    inspected_on = date.fromisoformat(data["measured_at"])
    if scheme is None:
        return Grade(
            letter="ungraded",
            score=None,
            scheme=data["scheme"]["id"],
            scheme_version=data["scheme"]["version"],
            inspected_on=inspected_on,
            distrusted=is_distrusted,
        )
    gradings = [grade(scheme, unit.measurement) for unit in units]
    given = [unit.override["grade"] if unit.override else None for unit in units]
    scores = [grading.score for grading in gradings if grading.score is not None]
    return Grade(
        letter=max(
            (to or grading.grade for to, grading in zip(given, gradings, strict=True)), key=_ORDER.index
        ),
        score=min(scores) if len(scores) == len(gradings) else None,
        scheme=scheme.id,
        scheme_version=scheme.version,
        inspected_on=inspected_on,
        parts=_parts(scheme, gradings, units),
        distrusted=is_distrusted,
        overrides=_overrides(gradings, units),
    )


def _overrides(gradings: Sequence[Grading], units: Sequence[Measured]) -> tuple[GradeOverride, ...]:
    """Each (found, given, reason) once, with its units, in the order in which it was met."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for grading, unit in zip(gradings, units, strict=True):
        if unit.override:
            counts[grading.grade, unit.override["grade"], unit.override["reason"]] += unit.quantity
    return tuple(
        GradeOverride(found=found, given=given, reason=in_words(reason), count=count)
        for (found, given, reason), count in counts.items()
    )


def in_words(reason: str) -> str:
    """An inspector's own slug, as it is read."""
    return reason.replace("_", " ").replace("-", " ")


def recorded_grade(history: History) -> Grade | None:
    """The grade that the lot bears by its records, where its measurements are not to be had any more."""
    inspected = [
        record.leaf
        for record in history.records
        if record.leaf is not None and record.leaf.record.body.type == "lot.inspected"
    ]
    if not inspected or history.state.grade is None:
        return None
    data = inspected[-1].record.body.data
    return Grade(
        letter=history.state.grade,
        score=None,
        scheme=data["scheme"]["id"],
        scheme_version=data["scheme"]["version"],
        inspected_on=date.fromisoformat(data["measured_at"]),
        distrusted=inspected[-1].record.event_id in distrusted_events(history),
        recomputed=False,
    )


def _parts(scheme: Scheme, gradings: Sequence[Grading], units: Sequence[Measured]) -> tuple[ScorePart, ...]:
    """Of one article with what was measured, of several the lowest score of each part."""
    parts = []
    for position, part in enumerate(scheme.parts):
        scores = [grading.parts[position] for grading in gradings]
        if len(scores) == 1:
            measured = units[0].measurement.get(part.input)
            parts.append(part_line(scores[0], measured, is_quantity=part.measured))
        else:
            parts.append(_lowest(part.name, scores))
    return tuple(parts)


def part_line(score: PartScore, measured: Any, *, is_quantity: bool) -> ScorePart:
    if measured is None:
        return ScorePart(name=score.name, score=None, found="not-measured")
    if is_quantity:
        quantity = Measurement(value=measured["value"], unit=measured["unit"])
        return ScorePart(name=score.name, score=score.score, measured=quantity)
    exact = f"{score.name}-{measured}"  # "no" is good news of a lock and bad news of starting up
    return ScorePart(
        name=score.name, score=score.score, found=exact if exact in words.FINDINGS else str(measured)
    )


def _lowest(name: str, scores: Sequence[PartScore]) -> ScorePart:
    if all(score.score is None and score.grade is None for score in scores):
        return ScorePart(name=name, score=None, found="all-passed")
    known = [score.score for score in scores if score.score is not None]
    return ScorePart(name=name, score=min(known) if known else None, found="" if known else "not-passed")
