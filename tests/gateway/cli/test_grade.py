"""A grade can be computed again: by the command, and by a program that shares nothing with ours."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib import resources
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from gateway.wiring import Installation
from gateway.workflows.export_lot import export_lot

SCRIPT = Path(__file__).with_name("regrade_pack.py")
PHONES = [
    {
        "boots": "yes",
        "locked": "no",
        "scratch": {"value": "2.9", "unit": "MMT"},
        "battery": {"value": "93", "unit": "P1"},
    },
    {"boots": "yes", "locked": "no", "scratch": {"value": "0", "unit": "MMT"}},
    {"boots": "no"},
]


def graded(measurements: object, *options: str) -> tuple[int, str]:
    text = measurements if isinstance(measurements, str) else json.dumps(measurements)
    done = CliRunner().invoke(app, ["grade", "-", *options], input=text)
    return done.exit_code, done.stdout if done.exception is None else str(done.exception)


def test_l15_the_explanation_names_the_rule_behind_each_score() -> None:
    code, told = graded(PHONES[0], "--explain")
    assert code == 0
    lines = told.splitlines()
    assert lines[1] == "Boundaries: A ≥ 95, B ≥ 80, C ≥ 0"
    assert lines[2:] == [
        "  Starts up: passed → fit to be graded",
        "  Account lock: not locked → fit to be graded",
        "  Scratches: 2.9 mm [≤ 10 mm] → 85",
        "  Battery health: 93 % [≥ 90 %] → 95",
        "  Grade B, Score 85. The lowest part decides: Scratches",
    ]


@pytest.mark.parametrize(
    ("language", "boundaries", "because"),
    [
        ("zh-CN", "分级界限: A ≥ 95, B ≥ 80, C ≥ 0", "未评级. 原因: 未测量电池"),
        (
            "vi",
            "Ranh giới xếp hạng: A ≥ 95, B ≥ 80, C ≥ 0",
            "Chưa xếp hạng. Vì: Chưa đo pin",
        ),
        ("en", "Boundaries: A ≥ 95, B ≥ 80, C ≥ 0", "Not graded. Because: The battery was not measured"),
    ],
)
def test_l17_the_boundaries_are_printed_in_every_language(
    language: str, boundaries: str, because: str
) -> None:
    _, told = graded(PHONES[1], "--explain", "--lang", language)
    assert told.splitlines()[1] == boundaries
    assert told.splitlines()[-1] == f"  {because}"


def test_several_articles_have_the_lowest_grade_together() -> None:
    code, told = graded(PHONES, "--json")
    answer = json.loads(told)
    assert code == 0
    assert [one["grade"] for one in answer["articles"]] == ["B", "ungraded", "X"]
    assert answer["articles"][0]["parts"][2] == {
        "name": "scratch", "measured": "2.9 MMT", "rule": "<= 10", "score": 85, "grade": None, "reason": "",
    }  # fmt: skip
    assert (answer["counts"], answer["lowest"]) == ({"B": 1, "X": 1, "ungraded": 1}, "X")
    assert graded(PHONES, "--explain")[1].splitlines()[-1].endswith("Sold unsorted, all together: Grade X")


def test_rows_of_a_pack_are_read_as_they_are() -> None:
    row = {"n": 0, "salt": "ab" * 32, "measured": PHONES[0]}
    assert graded([row])[1] == "B 85 lowest-scratch\n"


@pytest.mark.parametrize(
    ("text", "options", "complaint"),
    [
        ('[{"boots": "yes"}, 7]', [], "/1: is no object of measurements"),
        ('{"boots": "yes", "boots": "no"}', [], "a member stands there twice"),
        ('{"boots"', [], "are not JSON"),
        ("[]", [], "one to 100000 articles"),
        ('{"scratch": "2.9"}', [], "/0/scratch: a quantity in MMT is expected"),
        ("{}", ["--scheme", "toys"], "'toys' is no file and none of apparel"),
    ],
)
def test_what_cannot_be_graded_is_said(text: str, options: list[str], complaint: str) -> None:
    code, told = graded(text, *options)
    assert code == 1
    assert complaint in told


def test_a_scheme_of_ones_own_grades_by_its_own_boundaries(tmp_path: Path) -> None:
    shipped = (resources.files("ledger.lots.schemes") / "electronics.toml").read_text(encoding="utf-8")
    own = tmp_path / "strict.toml"
    own.write_text(shipped.replace("at_least = 80 }", "at_least = 90 }"), encoding="utf-8")
    assert graded(PHONES[0], "--scheme", str(own))[1].startswith("C 85")
    own.write_text("id = ", encoding="utf-8")
    assert "is not TOML" in graded(PHONES[0], "--scheme", str(own))[1]


# What a stranger computes from a lot pack


@pytest.fixture(scope="module")
def packs(told_home: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A pack of the largest lot of each category in the three suppliers' files, and of repaired goods."""
    from gateway import wiring
    from gateway.settings import Settings

    folder = tmp_path_factory.mktemp("packs")
    with closing(sqlite3.connect(told_home / "ledger.db")) as database:
        statement = "SELECT subject, state FROM subjects WHERE subject LIKE 'lot:%'"
        states = {name: json.loads(state) for name, state in database.execute(statement)}
    largest: dict[tuple[str, bool], str] = {}
    for name, state in sorted(states.items(), key=lambda one: one[1]["quantity"]):
        if state["inspection"] and not state["changed_since_inspection"]:
            largest[state["category"], bool(state["repairs"])] = name
    lots = list(largest.values())
    installation: Installation = wiring.open_(Settings(home=told_home))
    made = []
    for number, lot in enumerate(lots):
        path = folder / f"{number}.zip"
        path.write_bytes(export_lot(installation, lot, "operator", None).content)
        made.append(path)
    installation.close()
    return made


def regraded(pack: Path, schemes: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, pack, schemes], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def schemes() -> Path:
    return Path(str(resources.files("ledger.lots.schemes")))


def test_thirty_lines_of_somebody_else_arrive_at_the_recorded_grades(
    packs: list[Path], schemes: Path
) -> None:
    assert len(packs) > 3
    for pack in packs:
        done = regraded(pack, schemes)
        assert done.returncode == 0, done.stderr
        assert int(done.stdout) > 0, pack.name


def test_a_changed_scheme_file_is_noticed_by_a_stranger(
    packs: list[Path], schemes: Path, tmp_path: Path
) -> None:
    for file in schemes.glob("*.toml"):
        text = file.read_text(encoding="utf-8").replace("score = 85", "score = 95")
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    done = regraded(packs[0], tmp_path)
    assert done.returncode == 1
    assert "no scheme file here has the recorded hash" in done.stderr
