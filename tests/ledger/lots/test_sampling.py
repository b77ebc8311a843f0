"""Sampling plans are data with a structure, and a draw can be repeated by anyone."""

from hashlib import sha256
from importlib import resources
from typing import get_args

import pytest

from ledger.errors import InvalidRecord
from ledger.lots.plans import LETTERS, Tables, known_tables, parse_tables
from ledger.lots.sampling import check_drawn, draw, lowest, nonconforming, verdict
from ledger.records.inspection import Level, Severity

(TABLES,) = known_tables().values()
# What stands in the diagonal that begins with 0/1, from left to right: Re of the next cells.
DIAGONALS = {
    "normal": ["0/1", "^", "v", "1/2", "2/3", "3/4", "5/6", "7/8", "10/11", "14/15", "21/22"],
    "tightened": ["0/1", "v", "v", "1/2", "2/3", "3/4", "5/6", "8/9", "12/13", "18/19"],
    "reduced": ["0/1", "^", "v", "0/2", "1/3", "1/4", "2/5", "3/6", "5/8", "7/10", "10/13"],
}
SEED = bytes(range(32))


@pytest.mark.parametrize(
    ("lot_size", "level", "letter"),
    [
        (2, "II", "A"), (8, "II", "A"), (9, "II", "B"), (25, "III", "D"), (90, "II", "E"), (91, "II", "F"),
        (500, "I", "F"), (501, "II", "J"), (1_200, "S-4", "F"), (3_200, "S-1", "C"), (10_000, "II", "L"),
        (35_000, "S-3", "F"), (150_000, "II", "N"), (500_000, "III", "Q"), (500_001, "S-4", "K"),
        (10_000_000, "III", "R"),
    ],
)  # fmt: skip
def test_l12_a_lot_has_the_letter_of_its_size_and_level(lot_size: int, level: Level, letter: str) -> None:
    assert TABLES.letter(lot_size, level) == letter


@pytest.mark.parametrize(
    ("lot_size", "severity", "aql", "plan"),
    [
        (50, "normal", "1.0", ("E", 13, 0, 1)),  # D: arrow down
        (280, "normal", "0.65", ("F", 20, 0, 1)),  # G: arrow up
        (280, "normal", "1.0", ("H", 50, 1, 2)),  # G: arrow down
        (500, "normal", "2.5", ("H", 50, 3, 4)),
        (1_200, "normal", "2.5", ("J", 80, 5, 6)),
        (1_200, "tightened", "2.5", ("J", 80, 3, 4)),
        (1_200, "reduced", "2.5", ("J", 32, 2, 5)),
        (1_200, "tightened", "0.40", ("L", 200, 1, 2)),  # J: two arrows down
        (3_200, "normal", "4.0", ("K", 125, 10, 11)),
        (10_000, "normal", "10", ("K", 125, 21, 22)),  # L: arrow up
        (10_000, "normal", "1.5", ("L", 200, 7, 8)),
        (3, "normal", "0.65", ("F", 3, 0, 1)),  # more than there are: all of them
    ],
)
def test_l12_known_plans(
    lot_size: int, severity: Severity, aql: str, plan: tuple[str, int, int, int]
) -> None:
    found = TABLES.plan(lot_size, level="II", severity=severity, aql=aql)
    assert (found.letter, found.sample_size, found.accept, found.reject) == plan


@pytest.mark.parametrize("severity", get_args(Severity))
def test_every_diagonal_of_a_table_is_the_same(severity: Severity) -> None:
    """One letter up is one AQL to the right, so a slip in one cell does not pass unseen."""
    table = getattr(TABLES, severity)
    expected = DIAGONALS[severity]
    zero = {letter: row.plans.index("0/1") for letter, row in table.items() if "0/1" in row.plans}
    first = next(iter(zero.values())) + list(table).index(next(iter(zero)))
    for position, (letter, row) in enumerate(table.items()):
        for column, cell in enumerate(row.plans):
            at = column - (first - position)
            wanted = "v" if at < 0 else "^" if at >= len(expected) else expected[at]
            top = letter == "A" and wanted == "^"  # nothing stands above the first row
            assert cell == ("v" if top else wanted), (letter, TABLES.aqls[column])


def test_samples_grow_by_the_preferred_numbers() -> None:
    sizes = [TABLES.normal[letter].size for letter in LETTERS]
    assert sizes == [2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000]
    assert [TABLES.tightened[letter].size for letter in LETTERS] == sizes
    assert [TABLES.reduced[letter].size for letter in LETTERS] == [2, 2, *sizes[:-2]]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('id = "iso2859_1"', "id =", "not TOML"),
        ("at_most = 15", "at_most = 8", "lot sizes ascend"),
        ('0/1   v" }', '0/1   v   v" }', "a cell for each"),
        ('A = { size = 2, plans = "v ', 'A = { size = 2, plans = "^ ', "leads nowhere|out of the table"),
        ('A = { size = 2, plans = "v ', 'A = { size = 2, plans = "2/2 ', "is no plan"),
    ],
)
def test_tables_that_are_not_whole_are_refused(old: str, new: str, complaint: str) -> None:
    text = _file().decode()
    assert old in text
    with pytest.raises(InvalidRecord, match=complaint):
        parse_tables(text.replace(old, new, 1).encode())


def test_an_aql_that_the_tables_do_not_have_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="none of the AQLs"):
        TABLES.plan(100, level="II", severity="normal", aql="3.0")


def test_l12_the_same_seed_draws_the_same_sample_for_a_stranger() -> None:
    """The algorithm in its docstring, written down a second time with nothing of ours."""
    taken: set[int] = set()
    bound = 2**64 - 2**64 % 777
    for i in range(1_000):
        number = int.from_bytes(
            sha256(b"lotproof/sample/v1\n" + SEED + i.to_bytes(8, "big")).digest()[:8], "big"
        )
        if number < bound and len(taken) < 80:
            taken.add(number % 777)
    assert draw(SEED, lot_size=777, sample_size=80) == sorted(taken)


def test_a_known_draw_never_changes() -> None:
    assert draw(bytes(32), lot_size=500, sample_size=5) == [96, 185, 296, 333, 393]
    assert draw(SEED, lot_size=5, sample_size=5) == [0, 1, 2, 3, 4]


def test_every_unit_is_drawn_as_often_as_others() -> None:
    hits = [0] * 10
    for n in range(2_000):
        for unit in draw(sha256(b"%d" % n).digest(), lot_size=10, sample_size=3):
            hits[unit] += 1
    assert sum(hits) == 6_000
    assert all(500 < count < 700 for count in hits), hits


@pytest.mark.parametrize(
    ("bend", "message"),
    [
        (lambda drawn: drawn[1:], "was drawn and has no result"),
        (lambda drawn: [*drawn, next(n for n in range(100) if n not in drawn)], "was not drawn"),
        (lambda drawn: [next(n for n in range(100) if n not in drawn), *drawn[1:]], "was not drawn; unit"),
    ],
)
def test_l12_another_sample_than_the_drawn_one_is_refused(bend, message: str) -> None:
    drawn = draw(SEED, lot_size=100, sample_size=20)
    check_drawn(reversed(drawn), SEED, lot_size=100, sample_size=20)
    with pytest.raises(InvalidRecord, match=message):
        check_drawn(bend(drawn), SEED, lot_size=100, sample_size=20)


def test_what_could_not_be_graded_does_not_conform() -> None:
    grades = {"A": 5, "B": 4, "C": 3, "X": 2, "ungraded": 1}
    assert [nonconforming(grades, letter) for letter in "ABC"] == [10, 6, 3]


def test_a_reduced_plan_has_a_middle() -> None:
    said = [verdict(found, accept=1, reject=4) for found in range(5)]
    assert said == ["accepted", "accepted", "accepted_tighten", "accepted_tighten", "rejected"]


def test_unsorted_goods_have_the_lowest_grade() -> None:
    assert lowest(["A", "C", "B"]) == "C"
    assert lowest(["ungraded", "C"]) == "ungraded"
    assert lowest(["ungraded", "X", "A"]) == "X"


def _file() -> bytes:
    return (resources.files("ledger.lots.plans") / "iso2859-1.toml").read_bytes()


def test_tables_are_known_by_the_hash_of_their_file() -> None:
    assert isinstance(TABLES, Tables)
    assert TABLES.sha256 == sha256(_file()).hexdigest()
    assert TABLES.source
