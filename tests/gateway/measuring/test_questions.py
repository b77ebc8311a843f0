"""Forms made from schemes: what may be typed is what the scheme reads; rows tell pieces apart (L15-L17)."""

import pytest

from gateway.measuring.findings import Article, best_first, override_trouble, rows_of, tally
from gateway.measuring.questions import OVERRIDES, questions, read_answers, typed
from ledger.lots.grading import grade
from ledger.lots.schemes import all_schemes, load_schemes

APPAREL = load_schemes()["apparel"]
GOOD = {"measured": {"stain": {"value": "0", "unit": "CMK"}, "wear": "new", "label_state": "intact"}}
WORN = {"measured": {**GOOD["measured"], "wear": "visible", "label_state": "cut"}}


@pytest.mark.parametrize("scheme", all_schemes(), ids=lambda scheme: f"{scheme.id}/{scheme.version}")
def test_every_word_of_a_scheme_can_be_answered_and_graded(scheme) -> None:
    asked = questions(scheme)
    for number in ("0", "12.5", "100"):
        for turn in range(max(len(one.words) for one in asked)):
            answers = {one.input: one.words[turn % len(one.words)] if one.words else number for one in asked}
            measured, wrong = read_answers(asked, answers)
            assert wrong == {}
            assert not grade(scheme, measured).reason.startswith(("missing-", "no-row-"))
            back = {name.removeprefix("m_"): text for name, text in typed(asked, measured).items()}
            assert back == answers


@pytest.mark.parametrize(
    "text", ["1e9", "NaN", "-1", "1,234.5", "007", "1_000", "٣", "1.1234567", "9999999999", "2,5 cm", "mm"]
)
def test_a_number_that_two_people_could_read_differently_is_refused(text: str) -> None:
    measured, wrong = read_answers(questions(APPAREL), {"stain": text})
    assert (measured, wrong) == ({}, {"stain": "not-a-measure"})


@pytest.mark.parametrize("text", ["2,5", "2.5", "2,5 mm", "2.5mm", "2.5 毫米"])
def test_a_measure_is_taken_with_a_comma_and_with_its_own_unit(text: str) -> None:
    measured, wrong = read_answers(questions(load_schemes()["electronics"]), {"scratch": text})
    assert (measured, wrong) == ({"scratch": {"value": "2.5", "unit": "MMT"}}, {})


@pytest.mark.parametrize("reason", OVERRIDES)
def test_every_reason_that_is_offered_may_stand_beside_another_grade(reason: str) -> None:
    assert not override_trouble(APPAREL, {**GOOD, "override": {"grade": "C", "reason": reason}})


def test_pieces_of_a_style_have_units_of_their_own_and_the_worst_stands_last() -> None:
    style = Article("r3", 3, first=40, quantity=10, item=1, source=("ab" * 32, 3))
    found = best_first(APPAREL, [{**WORN, "quantity": 2}, {**GOOD, "quantity": 8}])
    rows = list(rows_of(style, found))
    assert [(row["unit"], row["quantity"], row["label_state"]) for row in rows] == [
        (40, 8, "intact"),
        (48, 2, "cut"),
    ]
    (alike,) = rows_of(style, [{**GOOD, "quantity": 10}])
    assert "unit" not in alike, "one finding of the whole row needs no numbers"
    counted = tally(APPAREL, found)
    assert (counted.grades, counted.lowest, counted.units) == ({"A": 8, "C": 2}, "C", 10)
