"""No record shows a word of our own as its raw slug: every closed choice of every type has words."""

from types import SimpleNamespace
from typing import Any, Literal, get_args, get_origin

import pytest

from gateway.pages import words
from gateway.pages.building.grade import Measured, grade_of
from gateway.pages.building.steps import facts_of
from gateway.pages.views import GradeOverride, Word
from ledger.lots.grading import grade
from ledger.lots.schemes import load_schemes
from ledger.records.registry import TYPES

# Written the same in every language: levels of ISO 2859-1.
SAME_EVERYWHERE = {"inspection_level"}
PHONE = {
    "boots": "yes",
    "locked": "no",
    "function": "pass",
    "scratch": {"value": "2.5", "unit": "MMT"},
    "battery": {"value": "97", "unit": "P1"},
}


def choices(annotation: Any) -> set[str]:
    """The words of a Literal, however it is wrapped."""
    if get_origin(annotation) is Literal:
        return {one for one in get_args(annotation) if isinstance(one, str)}
    found: set[str] = set()
    for one in get_args(annotation):
        found |= choices(one)
    return found


CHOICES = sorted(
    (type_.name, name, slug)
    for type_ in TYPES.values()
    for name, member in type_.model.model_fields.items()
    if name not in SAME_EVERYWHERE and get_origin(member.annotation) is not list
    for slug in choices(member.annotation)
)


def test_the_choices_of_kind_method_and_safety_are_found() -> None:
    assert {
        ("lot.disposed", "kind", "staff_sale"),
        ("work.assigned", "kind", "refurbishment"),
        ("lot.destroyed", "method", "shredded"),
        ("lot.classified", "safety", "children"),
    } <= set(CHOICES)


@pytest.mark.parametrize(("type_", "name", "slug"), CHOICES)
def test_a_choice_of_a_record_is_said_in_words(type_: str, name: str, slug: str) -> None:
    (fact,) = facts_of(name, slug)
    assert isinstance(fact.value, Word), f"{type_} shows {slug!r} as it is"
    assert words.message_id(fact.value.table, slug), f"{fact.value.table} has no word for {slug!r}"


def test_why_an_offer_was_withdrawn_is_said_in_the_words_of_the_gate() -> None:
    (fact,) = facts_of("reason", "authorization_revoked")
    assert isinstance(fact.value, Word)
    assert words.message_id(fact.value.table, fact.value.slug)


def test_a_grade_given_by_the_inspector_shows_what_was_found_and_why() -> None:
    scheme = load_schemes()["electronics"]
    found = grade(scheme, PHONE).grade
    data = {
        "scheme": {"id": scheme.id, "version": scheme.version, "sha256": scheme.sha256},
        "measured_at": "2026-11-20",
    }
    record = SimpleNamespace(event_id="ab" * 32, body=SimpleNamespace(data=data))
    by: Any = SimpleNamespace(record=record)
    units = [
        Measured(PHONE, by),
        Measured(PHONE, by, {"grade": "C", "reason": "smell_of_smoke"}, quantity=3),
    ]
    shown = grade_of(units)
    assert shown is not None
    assert found != "C"
    assert shown.letter == "C"
    assert shown.overrides == (GradeOverride(found=found, given="C", reason="smell of smoke", count=3),)
    unchanged = grade_of(units[:1])
    assert unchanged is not None
    assert (unchanged.letter, unchanged.overrides) == (found, ())
