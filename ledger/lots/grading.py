"""Grades that anyone can recompute: rules are data, measurements are signed, the engine is small.

Each part of a scheme reads one input and takes the first of its rows that fits; the score is the
lowest of the parts, and the scheme's own boundaries turn it into A, B or C.

Precedence: a disqualified article is X whatever else is missing, then a missing or untested
input is ``ungraded``, and only then is there a score. Absence never counts as a bad mark.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ledger.errors import InvalidRecord
from ledger.lots.schemes import NUMBER, Part, Row, Scheme, load_schemes, parse_scheme

__all__ = ["Grading", "MeasuredValue", "PartScore", "explain", "grade", "load_schemes", "parse_scheme"]

# "pass" for what is said, {"value": "2.9", "unit": "MMT"} for what is measured (UN/ECE Rec 20:
# MMT mm, CMK square centimetre, P1 percent).
MeasuredValue = str | Mapping[str, str]
Letter = Literal["A", "B", "C", "X", "ungraded"]

_NUMBER = re.compile(NUMBER)


@dataclass(frozen=True, slots=True)
class PartScore:
    """What one part found: the input as measured, the row that fitted, and what follows from it."""

    name: str
    input: str  # "2.9 MMT", "dent 45 MMT", "pass", "" when missing
    rule: str  # "<= 10", "pass", "otherwise", "" when no row fitted
    score: int | None
    grade: Literal["X", "ungraded"] | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Grading:
    """A grade and everything it followed from; reason is slugs joined by ", "."""

    grade: Literal["A", "B", "C", "X", "ungraded"]
    score: int | None  # 0..100; none for X and ungraded
    parts: tuple[PartScore, ...]
    reason: str


def grade(scheme: Scheme, measurement: Mapping[str, MeasuredValue]) -> Grading:
    """Grade one article. Inputs the scheme does not name are ignored; an absent one is missing.

    Raises InvalidRecord for a value of the wrong form: another unit, a number that is no plain
    non-negative decimal, a word where a quantity belongs. A word without a row is ``ungraded``.
    """
    parts = tuple(_judge(part, measurement) for part in scheme.parts)
    disqualified = [part.reason for part in parts if part.grade == "X"]
    if disqualified:
        return Grading("X", None, parts, ", ".join(disqualified))
    unknown = [part.reason for part in parts if part.grade == "ungraded"]
    if unknown:
        return Grading("ungraded", None, parts, ", ".join(unknown))

    score = min(part.score for part in parts if part.score is not None)
    letter = next(boundary.grade for boundary in scheme.grades if score >= boundary.at_least)
    lowest = [f"lowest-{part.name}" for part in parts if part.score == score]
    return Grading(letter, score, parts, ", ".join(lowest))


def explain(scheme: Scheme, grading: Grading) -> list[str]:
    """Lines that let a reader recompute the grade by hand: the scheme, each part, the boundaries."""
    lines = [f"scheme {scheme.id} version {scheme.version}, sha256 {scheme.sha256}"]
    lines += [_explain_part(part) for part in grading.parts]
    lines.append(", ".join(f"{boundary.grade} >= {boundary.at_least}" for boundary in scheme.grades))
    score = "no score" if grading.score is None else f"score {grading.score}"
    lines.append(f"grade {grading.grade}: {score}, {grading.reason}")
    return lines


def _explain_part(part: PartScore) -> str:
    outcome = part.grade or ("passes" if part.score is None else str(part.score))
    rule = f" [{part.rule}]" if part.rule else ""
    reason = f" ({part.reason})" if part.reason else ""
    return f"{part.name}: {part.input or 'missing'}{rule} -> {outcome}{reason}"


def _judge(part: Part, measurement: Mapping[str, MeasuredValue]) -> PartScore:
    if part.input not in measurement:
        return PartScore(part.name, "", "", None, "ungraded", f"missing-{part.input}")
    word, quantity = _read(part, measurement)
    shown = " ".join(filter(None, (word, "" if quantity is None else f"{quantity} {part.unit}")))
    for row in part.rows:
        if row.is_ and word not in row.is_:
            continue
        if row.bounded and quantity is None:
            return PartScore(part.name, shown, "", None, "ungraded", f"missing-{part.size}")
        if quantity is None or _within(row, Decimal(quantity)):
            return PartScore(part.name, shown, _printed(row), row.score, row.grade, row.reason or "")
    return PartScore(part.name, shown, "", None, "ungraded", f"no-row-for-{part.input}")


def _read(part: Part, measurement: Mapping[str, MeasuredValue]) -> tuple[str, str | None]:
    """The word and the quantity that the rows of a part look at; a measured input has no word."""
    if part.measured:
        return "", _quantity(part, part.input, measurement)
    word = measurement[part.input]
    if not isinstance(word, str):
        raise InvalidRecord("a word is expected, not a quantity", pointer=f"/{part.input}")
    return word, _quantity(part, part.size, measurement) if part.size in measurement else None


def _quantity(part: Part, name: str | None, measurement: Mapping[str, MeasuredValue]) -> str:
    found = measurement[name or part.input]
    pointer = f"/{name}"
    if not isinstance(found, Mapping) or set(found) != {"value", "unit"} or found["unit"] != part.unit:
        raise InvalidRecord(f"a quantity in {part.unit} is expected", pointer=pointer)
    if not isinstance(found["value"], str) or not _NUMBER.fullmatch(found["value"]):
        raise InvalidRecord(f"{found['value']!r} is no plain non-negative decimal", pointer=pointer)
    if part.maximum is not None and Decimal(found["value"]) > Decimal(part.maximum):
        raise InvalidRecord(f"{found['value']} is more than {part.maximum} {part.unit}", pointer=pointer)
    return found["value"]


def _within(row: Row, quantity: Decimal) -> bool:
    below = row.at_most is None or quantity <= Decimal(row.at_most)
    return below and (row.at_least is None or quantity >= Decimal(row.at_least))


def _printed(row: Row) -> str:
    bounds = (
        " or ".join(row.is_),
        row.at_least and f">= {row.at_least}",
        row.at_most and f"<= {row.at_most}",
    )
    return " ".join(filter(None, bounds)) or "otherwise"
