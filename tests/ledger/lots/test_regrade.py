"""Take the signed measurements and arrive at the same grades."""

from collections.abc import Callable, Sequence
from importlib import resources
from typing import Any

import pytest

from ledger.author import described, salted_rows
from ledger.errors import InvalidRecord
from ledger.lots.regrade import changed_scheme, check_grades
from ledger.lots.schemes import Scheme, parse_scheme
from ledger.records.inspection import LotInspected
from tests.ledger.world import World, measured, scheme_used

WorldAt = Callable[[str], World]


def inspection(facts: Sequence[dict[str, Any]], **changes: Any) -> tuple[LotInspected, list[bytes | None]]:
    rows = salted_rows(facts)
    data = {
        "coverage": "full",
        "scheme": scheme_used(),
        "grades": [{"grade": "A", "count": 2}, {"grade": "C", "count": 1}],
        "label_states": ["cut", "intact"],
        "score_min": 75,
        "measured_at": "2026-11-20",
        "manifest": described(rows, "phone-inspected/1"),
        **changes,
    }
    return LotInspected.model_validate(data), list(rows.rows)


FACTS = [
    {"measured": measured("0"), "label_state": "intact"},
    {"measured": measured("2"), "label_state": "cut"},
    {"measured": measured("24"), "label_state": "intact"},
]


def test_the_rows_give_the_grades() -> None:
    assert check_grades(*inspection(FACTS))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"grades": [{"grade": "A", "count": 3}]}, "/data/grades: the rows give {'A': 2, 'C': 1}"),
        ({"score_min": 80}, "/data/score_min: is not the lowest score"),
        ({"label_states": ["intact"]}, "/data/label_states: the rows give"),
        ({"scheme": {**scheme_used(), "version": "2"}}, "/data/scheme: is not the scheme of this hash"),
        ({"scheme": {**scheme_used(), "id": "apparel"}}, "/data/scheme: is not the scheme of this hash"),
    ],
)
def test_what_the_rows_do_not_give_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRecord, match=message):
        check_grades(*inspection(FACTS, **changes))


def test_a_unit_without_measurements_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="/rows/1: has no measurements"):
        check_grades(*inspection([FACTS[0], {"label_state": "intact"}]))


def test_a_row_may_stand_for_several_units() -> None:
    facts = [{**FACTS[0], "quantity": 2}, {**FACTS[2], "label_state": "cut"}]
    assert check_grades(*inspection(facts))


def test_an_unknown_scheme_or_an_erased_row_cannot_be_told() -> None:
    data, rows = inspection(FACTS, scheme={**scheme_used(), "sha256": "ab" * 32})
    assert not check_grades(data, rows)
    data, rows = inspection(FACTS)
    assert not check_grades(data, [None, *rows[1:]])


def test_a_false_grade_is_refused_when_it_is_written(world_at: WorldAt) -> None:
    world = world_at("assigned")
    submission = world.submission(world.inspected(grades={"A": 5}))
    with pytest.raises(InvalidRecord, match="/data/grades: the rows give"):
        world.writer.record(submission)


def test_the_auditor_recomputes_the_grades(world: World) -> None:
    world.play()
    world.publisher.publish()
    assert "grades" in world.audit().checked


def test_an_ungraded_unit_has_no_score() -> None:
    facts = [{"measured": {**measured("0"), "boots": "no"}, "label_state": "intact"}]
    changes = {"grades": [{"grade": "X", "count": 1}], "label_states": ["intact"], "score_min": None}
    data, rows = inspection(facts, **changes)
    assert check_grades(data, rows)


def edited(scheme_id: str, old: str, new: str) -> Scheme:
    """A shipped scheme after somebody edited its file without giving it a new version."""
    text = (resources.files("ledger.lots.schemes") / f"{scheme_id}.toml").read_text(encoding="utf-8")
    assert old in text
    return parse_scheme(text.replace(old, new).encode())


def test_a_changed_scheme_file_is_named_and_another_version_is_not() -> None:
    data, _ = inspection(FACTS, scheme={**scheme_used(), "sha256": "ab" * 32})
    assert "the file was changed" in changed_scheme(data)
    data, _ = inspection(FACTS, scheme={**scheme_used(), "version": "2", "sha256": "ab" * 32})
    assert changed_scheme(data) == ""
    data, _ = inspection(FACTS)
    assert changed_scheme(data) == ""


def test_an_audit_notices_a_changed_scheme_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.play("inspected")
    world.publisher.publish()
    changed = edited("electronics", 'at_most = "10", score = 85', 'at_most = "10", score = 95')
    monkeypatch.setattr("ledger.lots.regrade.known_schemes", lambda: {changed.sha256: changed})
    report = world.audit()
    assert report.verdict == "unverified"
    assert "scheme electronics version 1 has the hash" in str(report.findings[0])


def test_rows_with_other_grades_say_so_in_public() -> None:
    facts = [*FACTS[:2], {**FACTS[2], "override": {"grade": "B", "reason": "polished"}}]
    grades = [{"grade": "A", "count": 2}, {"grade": "B", "count": 1}]
    told = [{"found": "C", "given": "B", "reason": "polished", "count": 1}]
    assert check_grades(*inspection(facts, grades=grades, overrides=told))
    with pytest.raises(InvalidRecord, match="/data/overrides"):
        check_grades(*inspection(facts, grades=grades))
    with pytest.raises(InvalidRecord, match="/data/overrides"):
        check_grades(*inspection(FACTS, overrides=told))


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("B", "has a grade and a reason"),
        ({"grade": "B"}, "has a grade and a reason"),
        ({"grade": "B", "reason": "Very clean!"}, "has a reason"),
        ({"grade": "C", "reason": "clean"}, "gives another grade"),
        ({"grade": "D", "reason": "clean"}, "gives another grade"),
        ({"grade": ["B"], "reason": "clean"}, "gives another grade"),
    ],
)
def test_an_override_without_form_is_refused(override: Any, complaint: str) -> None:
    facts = [*FACTS[:2], {**FACTS[2], "override": override}]
    with pytest.raises(InvalidRecord, match=f"/rows/2/override.*{complaint}"):
        check_grades(*inspection(facts))
