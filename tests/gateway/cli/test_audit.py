"""`lotproof audit` as an auditor uses it: processes, memory, a state to go on from."""

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.cli.test_commands import _run


def audited(*arguments: object) -> dict[str, Any]:
    done = _run("audit", *map(str, arguments), "--json")
    assert done.stdout, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["exit"] == done.returncode
    return report


@pytest.fixture
def home(told_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(told_home, tmp_path / "home"))


def test_processes_and_memory_change_nothing_of_the_report(home: Path) -> None:
    one = audited("--home", home, "--processes", 1)
    two = audited("--home", home, "--processes", 2, "--memory", 160)
    for report in (one, two):
        del report["seconds"]
    assert one == two
    assert one["verdict"] == "verified"


def test_a_home_is_looked_at_whole_unless_somebody_says_otherwise(home: Path) -> None:
    first = audited("--home", home)
    assert (home / "auditor" / "state").exists()
    new = audited("--home", home, "--incremental")
    assert (new["verdict"], new["resumed_from"]) == ("verified", first["tree_size"])
    assert any("not looked at again" in line for line in new["not_checked"])
    with sqlite3.connect(home / "ledger.db") as database:
        database.execute("DROP TRIGGER entries_never_update")
        database.execute("UPDATE entries SET type = 'lot.sold' WHERE idx = 50")
    database.close()
    for arguments in ([], ["--full"], ["--state", home / "auditor" / "state"]):
        report = audited("--home", home, *arguments)
        assert (report["exit"], report["resumed_from"]) == (3, 0)


def test_a_named_state_of_a_mirror_is_gone_on_from(home: Path, tmp_path: Path) -> None:
    mirror, state = tmp_path / "mirror", tmp_path / "mine"
    assert _run("export", "log", "-o", mirror, "--home", home).returncode == 0
    given = (mirror, "--policy", home / "auditor" / "policy", "--state", state)
    first, second, whole = audited(*given), audited(*given), audited(*given, "--full")
    assert [report["resumed_from"] for report in (first, second, whole)] == [0, first["tree_size"], 0]
    assert {report["verdict"] for report in (first, second, whole)} == {"verified"}


def test_what_excludes_each_other_is_a_usage_error(home: Path) -> None:
    assert _run("audit", "--home", home, "--full", "--incremental").returncode == 2
    assert _run("audit", "--home", home, "--processes", "0").returncode == 2
    assert _run("audit", "--home", home, "--memory", "20").returncode == 2


def test_a_finding_names_its_subjects(home: Path) -> None:
    with sqlite3.connect(home / "ledger.db") as database:
        database.execute("DROP TRIGGER entries_never_update")
        (index,) = database.execute("SELECT min(idx) FROM entries WHERE type = 'lot.received'").fetchone()
        (subject,) = database.execute("SELECT subject FROM chain WHERE idx = ?", (index,)).fetchone()
        database.execute("UPDATE entries SET type = 'lot.sold' WHERE idx = ?", (index,))
    database.close()
    (finding,) = audited("--home", home)["findings"]
    assert (finding["entry"], finding["field"], finding["subjects"]) == (index, "type", [subject])
