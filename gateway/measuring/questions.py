"""The form of one article, made from its grading scheme, and what was typed into it.

A scheme's parts name the inputs; each is a question. Nothing is asked that no rule reads.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from ledger.errors import InvalidRecord
from ledger.lots.grading import grade
from ledger.lots.regrade import LABEL_STATES
from ledger.lots.schemes import NUMBER, Part, Scheme

OTHER: Final = "other"  # what a rule without words takes: "anything else"
LABEL_STATE: Final = "label_state"
PREFIX: Final = "m_"  # of a question's field in a form
OVERRIDES: Final = (
    "colour_faded",
    "packaging_damaged",
    "parts_missing",
    "repair_visible",
    "smell",
    "worse_than_measured",
    "better_than_measured",
)
GRADES_TO_GIVE: Final = ("A", "B", "C", "X", "ungraded")

_NUMBER = re.compile(NUMBER)
_COMMA = re.compile(r"[0-9]+,[0-9]{1,6}")  # as Vietnamese and European sheets write 2.9
_SIGNS: Final = {"MMT": ("mm", "毫米"), "CMK": ("cm²", "cm2", "平方厘米"), "P1": ("%", "％")}
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Question:
    """One input of a scheme.

    words: what may be said, in the scheme's order; empty for a quantity in ``unit``. is_open: other
    words count, too. beside: the said input that this size belongs to, "" elsewhere. part: whose rules.
    """

    input: str
    part: str
    words: tuple[str, ...] = ()
    unit: str = ""
    maximum: str = ""
    beside: str = ""
    is_open: bool = False

    @property
    def field(self) -> str:
        return PREFIX + self.input


def questions(scheme: Scheme) -> tuple[Question, ...]:
    """In the order of the scheme's parts, a size after what it is the size of."""
    asked: list[Question] = []
    for part in scheme.parts:
        if part.measured:
            asked.append(Question(part.input, part.name, unit=part.unit or "", maximum=part.maximum or ""))
            continue
        asked.append(_said(part))
        if part.size:
            size = Question(part.size, part.name, unit=part.unit or "", beside=part.input)
            asked.append(size)
    return tuple(asked)


def _said(part: Part) -> Question:
    words = dict.fromkeys(word for row in part.rows for word in row.is_)
    is_open = any(not row.is_ for row in part.rows)
    return Question(part.input, part.name, (*words, OTHER) if is_open else tuple(words), is_open=is_open)


def read_answers(
    asked: Sequence[Question], answers: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """(measurements, what is wrong: input -> slug of words.FORM_ERRORS). answers: by input, as typed.

    An empty answer was not measured: it is absent, and no mistake.
    """
    measured: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for question in asked:
        text = answers.get(question.input, "").strip()
        if not text:
            continue
        if question.unit:
            number = plain_number(text, question.unit)
            slug = _number_trouble(question, number)
            if not slug:
                measured[question.input] = {"value": number, "unit": question.unit}
        else:
            slug = _word_trouble(question, text)
            if not slug:
                measured[question.input] = text
        if slug:
            wrong[question.input] = slug
    return measured, wrong


def plain_number(text: str, unit: str) -> str:
    """``2,5 mm`` as ``2.5`` where mm is what is asked for; whatever else was typed stays as it is."""
    number = text.strip()
    for sign in _SIGNS.get(unit, ()):
        number = number.removesuffix(sign)
    number = number.rstrip()
    return number.replace(",", ".") if _COMMA.fullmatch(number) else number


def measured_trouble(
    scheme: Scheme, asked: Sequence[Question], measured: Mapping[str, Any]
) -> tuple[str, str] | None:
    """(input, slug) of what a program's measurements have wrong; None when they can be graded."""
    known = {question.input: question for question in asked}
    for name, value in measured.items():
        question = known.get(name)
        if question is None:
            return name, "input-unknown"
        if isinstance(value, str) and not question.unit:
            slug = _word_trouble(question, value)
            if slug:
                return name, slug
    try:
        grade(scheme, measured)
    except InvalidRecord as error:
        return error.pointer.lstrip("/"), "not-a-measure"
    return None


def label_state_of(measured: Mapping[str, Any]) -> str | None:
    """The label's own axis beside the grade, where it was looked at."""
    found = measured.get(LABEL_STATE)
    return found if found in LABEL_STATES else None


def typed(asked: Sequence[Question], measured: Mapping[str, Any]) -> dict[str, str]:
    """Measurements as they would be typed, by field of the form."""
    texts: dict[str, str] = {}
    for question in asked:
        value = measured.get(question.input)
        if value is not None:
            texts[question.field] = value if isinstance(value, str) else str(value["value"])
    return texts


def _number_trouble(question: Question, number: str) -> str:
    if not _NUMBER.fullmatch(number):
        return "not-a-measure"
    return "over-maximum" if question.maximum and Decimal(number) > Decimal(question.maximum) else ""


def _word_trouble(question: Question, word: str) -> str:
    if word in question.words or (question.is_open and _WORD.fullmatch(word)):
        return ""
    return "not-a-choice"
