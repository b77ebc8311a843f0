"""The same measurements and the same scheme file give the same grade, to anyone, for ever."""

from hashlib import sha256
from importlib import resources

import pytest

from ledger.errors import InvalidRecord
from ledger.lots.grading import MeasuredValue, explain, grade, load_schemes, parse_scheme

SCHEMES = load_schemes()


def mm(value: str) -> MeasuredValue:
    return {"value": value, "unit": "MMT"}


def phone(**changed: MeasuredValue | None) -> dict[str, MeasuredValue]:
    perfect = {"boots": "yes", "locked": "no", "scratch": mm("0"), "battery": {"value": "100", "unit": "P1"}}
    return {name: value for name, value in {**perfect, **changed}.items() if value is not None}


def garment(stain: str = "0", wear: str = "new", label_state: str = "intact") -> dict[str, MeasuredValue]:
    return {"stain": {"value": stain, "unit": "CMK"}, "wear": wear, "label_state": label_state}


def appliance(**changed: MeasuredValue) -> dict[str, MeasuredValue]:
    return {"function": "pass", "condition": "new", "damage": "none", **changed}


def file_of(scheme_id: str) -> bytes:
    return (resources.files("ledger.lots.schemes") / f"{scheme_id}.toml").read_bytes()


def test_four_schemes_come_with_the_package() -> None:
    assert sorted(SCHEMES) == ["apparel", "appliance", "electronics", "furniture"]
    assert all(scheme.version == "1" and scheme.source for scheme in SCHEMES.values())


@pytest.mark.parametrize("scheme_id", sorted(SCHEMES))
def test_a_scheme_is_known_by_the_hash_of_its_file(scheme_id: str) -> None:
    data = file_of(scheme_id)
    assert SCHEMES[scheme_id].sha256 == sha256(data).hexdigest()
    assert parse_scheme(data) == SCHEMES[scheme_id]


@pytest.mark.parametrize("scheme_id", sorted(SCHEMES))
def test_every_score_has_one_grade(scheme_id: str) -> None:
    """The trade's scale leaves 70 to 80 and 90 to 95 open; ours says where they go."""
    boundaries = [(boundary.grade, boundary.at_least) for boundary in SCHEMES[scheme_id].grades]
    assert boundaries == [("A", 95), ("B", 80), ("C", 0)]


@pytest.mark.parametrize(
    ("scratch", "score", "letter"),
    [
        ("0", 100, "A"),
        ("0.0", 100, "A"),
        ("0.000001", 95, "A"),
        ("2", 95, "A"),
        ("2.1", 85, "B"),
        ("10", 85, "B"),
        ("10.0001", 75, "C"),
        ("25", 75, "C"),
        ("25.1", 60, "C"),
    ],
)
def test_scratches_are_bounded_from_above(scratch: str, score: int, letter: str) -> None:
    grading = grade(SCHEMES["electronics"], phone(scratch=mm(scratch)))
    assert (grading.score, grading.grade) == (score, letter)


@pytest.mark.parametrize(
    ("battery", "score"),
    [
        ("97", 100),
        ("96.9", 95),
        ("90", 95),
        ("89", 85),
        ("80", 85),
        ("79", 75),
        ("70", 75),
        ("69", 60),
        ("0", 60),
    ],
)
def test_batteries_are_bounded_from_below(battery: str, score: int) -> None:
    grading = grade(SCHEMES["electronics"], phone(battery={"value": battery, "unit": "P1"}))
    assert grading.score == score


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"boots": "no"}, "does-not-boot"),
        ({"locked": "yes"}, "locked"),
        ({"boots": "no", "locked": "yes"}, "does-not-boot, locked"),
        ({"boots": "no", "battery": None}, "does-not-boot"),
        ({"locked": "yes", "boots": None, "scratch": None}, "locked"),
    ],
)
def test_a_phone_that_is_dead_or_locked_is_parts_whatever_else_is_missing(
    changed: dict[str, MeasuredValue | None], reason: str
) -> None:
    grading = grade(SCHEMES["electronics"], phone(**changed))
    assert (grading.grade, grading.score, grading.reason) == ("X", None, reason)


@pytest.mark.parametrize("missing", ["boots", "locked", "scratch", "battery"])
def test_a_missing_measurement_is_ungraded_and_not_a_bad_grade(missing: str) -> None:
    grading = grade(SCHEMES["electronics"], phone(**{missing: None}))
    assert (grading.grade, grading.score, grading.reason) == ("ungraded", None, f"missing-{missing}")


@pytest.mark.parametrize(
    ("measurement", "score", "letter"),
    [
        (garment(), 100, "A"),
        (garment(stain="1"), 95, "A"),
        (garment(stain="4"), 85, "B"),
        (garment(stain="10"), 75, "C"),
        (garment(stain="10.1"), 60, "C"),
        (garment(wear="light"), 85, "B"),
        (garment(wear="visible"), 70, "C"),
        (garment(label_state="cut"), 95, "A"),
        (garment(label_state="missing"), 90, "B"),
        (garment(stain="0.8", wear="visible", label_state="cut"), 70, "C"),
    ],
)
def test_the_lowest_part_of_a_garment_decides(
    measurement: dict[str, MeasuredValue], score: int, letter: str
) -> None:
    grading = grade(SCHEMES["apparel"], measurement)
    assert (grading.score, grading.grade) == (score, letter)


@pytest.mark.parametrize(
    ("changed", "score", "letter"),
    [
        ({}, 100, "A"),
        ({"condition": "opened"}, 95, "A"),
        ({"condition": "refurbished"}, 90, "B"),
        ({"condition": "used"}, 80, "B"),
        ({"damage": "dent", "damage_size": mm("30")}, 85, "B"),
        ({"damage": "dent", "damage_size": mm("30.5")}, 70, "C"),
        ({"damage": "fabric_scratch"}, 85, "B"),
        ({"damage": "broken"}, 70, "C"),
        ({"function": "fail", "damage": "dent"}, None, "X"),
        ({"function": "not_tested"}, None, "ungraded"),
        ({"damage": "dent"}, None, "ungraded"),
        ({"condition": "returned"}, None, "ungraded"),
    ],
)
def test_appliances(changed: dict[str, MeasuredValue], score: int | None, letter: str) -> None:
    grading = grade(SCHEMES["appliance"], appliance(**changed))
    assert (grading.score, grading.grade) == (score, letter)


@pytest.mark.parametrize(
    ("damage", "score"), [("none", 100), ("fabric_scratch", 80), ("dent", 65), ("broken", 65)]
)
def test_a_sofa_has_no_function_to_test(damage: str, score: int) -> None:
    grading = grade(SCHEMES["furniture"], {"condition": "new", "damage": damage, "function": "not_tested"})
    assert grading.score == score


@pytest.mark.parametrize(
    ("scratch", "complaint"),
    [
        ("2.9", "a quantity in MMT is expected"),
        ({"value": "2.9", "unit": "CMT"}, "a quantity in MMT is expected"),
        ({"value": "2.9"}, "a quantity in MMT is expected"),
        ({"value": "-1", "unit": "MMT"}, "no plain non-negative decimal"),
        ({"value": "2,9", "unit": "MMT"}, "no plain non-negative decimal"),
        ({"value": "1e3", "unit": "MMT"}, "no plain non-negative decimal"),
        ({"value": "２", "unit": "MMT"}, "no plain non-negative decimal"),
        ({"value": 2.9, "unit": "MMT"}, "no plain non-negative decimal"),
    ],
)
def test_a_malformed_quantity_is_refused(scratch: MeasuredValue, complaint: str) -> None:
    with pytest.raises(InvalidRecord, match=complaint) as refusal:
        grade(SCHEMES["electronics"], phone(scratch=scratch))
    assert refusal.value.pointer == "/scratch"


def test_more_than_a_whole_battery_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="101 is more than 100 P1"):
        grade(SCHEMES["electronics"], phone(battery={"value": "101", "unit": "P1"}))


def test_a_quantity_where_a_word_belongs_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="a word is expected"):
        grade(SCHEMES["electronics"], phone(boots=mm("1")))


def test_an_explanation_can_be_followed_by_hand() -> None:
    scheme = SCHEMES["electronics"]
    grading = grade(scheme, phone(scratch=mm("2.9"), battery={"value": "93", "unit": "P1"}))
    assert explain(scheme, grading) == [
        f"scheme electronics version 1, sha256 {scheme.sha256}",
        "boots: yes [yes] -> passes",
        "lock: no [no] -> passes",
        "scratch: 2.9 MMT [<= 10] -> 85",
        "battery: 93 P1 [>= 90] -> 95",
        "A >= 95, B >= 80, C >= 0",
        "grade B: score 85, lowest-scratch",
    ]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('id = "furniture"', "id = ", "not TOML"),
        ('id = "furniture"', 'id = "furniture"\nweight = 3', "Extra inputs"),
        ("score = 65", "score = 165", "less than or equal to 100"),
        ("score = 65", 'score = 65, at_most = "3"', "bounds need a unit"),
        ("score = 65", 'grade = "X"', "a row that sets a grade has a reason"),
        ("at_least = 80", "at_least = 95", "descend to 0"),
    ],
)
def test_a_malformed_scheme_is_refused(old: str, new: str, complaint: str) -> None:
    text = file_of("furniture").decode()
    assert old in text
    with pytest.raises(InvalidRecord, match=complaint):
        parse_scheme(text.replace(old, new).encode())
