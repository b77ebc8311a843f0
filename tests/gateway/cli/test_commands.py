"""The command line as a newcomer and a program use it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LOTPROOF = Path(sys.executable).with_name("lotproof")


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LOTPROOF, *arguments], capture_output=True, text=True, check=False)


def test_run_once_prints_one_object_and_a_second_start_repeats_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = _run("run", "--once", "--json", "--home", home)
    assert first.returncode == 0, first.stderr
    told = json.loads(first.stdout)
    again = json.loads(_run("run", "--once", "--json", "--home", home).stdout)
    for value in (told, again):
        value.pop("seconds")
    assert again == told
    audit = _run("audit", "--home", home, "--json")
    assert audit.returncode == 0
    assert json.loads(audit.stdout)["consistent_from"] == told["tree_size"]


def test_a_mirror_audits_under_the_policy_and_not_without_one(told_home: Path, tmp_path: Path) -> None:
    out = tmp_path / "mirror"
    assert _run("export", "log", "-o", out, "--home", told_home).returncode == 0
    policy = told_home / "auditor" / "policy"
    found = _run("audit", out, "--policy", policy, "--json")
    assert found.returncode == 0
    report = json.loads(found.stdout)
    assert any(text.startswith("sold: not opened") for text in report["not_checked"])
    without = _run("audit", out, "--json")
    assert without.returncode == 4
    assert json.loads(without.stdout)["findings"][0]["stage"] == "policy"


def test_a_byte_flipped_in_a_mirror_is_exit_3_and_names_the_place(told_home: Path, tmp_path: Path) -> None:
    out = tmp_path / "mirror"
    _run("export", "log", "-o", out, "--home", told_home)
    path = out / "tile" / "entries" / "000"
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(bytes(data))
    found = _run("audit", out, "--policy", told_home / "auditor" / "policy")
    assert found.returncode == 3
    assert "entry " in found.stdout


def test_a_missing_tile_is_exit_4(told_home: Path, tmp_path: Path) -> None:
    out = tmp_path / "mirror"
    _run("export", "log", "-o", out, "--home", told_home)
    (out / "tile" / "0" / "000").unlink()
    found = _run("audit", out, "--policy", told_home / "auditor" / "policy")
    assert found.returncode == 4
    assert "tile/0/000" in found.stdout


@pytest.mark.parametrize("where", ["/nowhere", "http://127.0.0.1:1/log"])
def test_a_source_that_is_not_there_is_exit_4(told_home: Path, where: str) -> None:
    assert _run("audit", where, "--policy", told_home / "auditor" / "policy").returncode == 4


def test_demo_tamper_finds_every_attack_and_leaves_the_home_alone(told_home: Path) -> None:
    before = _run("audit", "--home", told_home, "--json")
    found = _run("demo", "tamper", "--home", told_home, "--json")
    assert found.returncode == 0, found.stderr
    outcomes = json.loads(found.stdout)
    assert {outcome["exit"] for outcome in outcomes} == {3}
    assert all(outcome["holds"] for outcome in outcomes)
    after = _run("audit", "--home", told_home, "--json")
    assert json.loads(before.stdout)["root"] == json.loads(after.stdout)["root"]


def test_a_dry_run_shows_each_rejected_value_and_records_nothing(told_home: Path) -> None:
    sample = Path(__file__).parents[3] / "gateway/consignments/files/phones-cancelled-order.xlsx"
    size = json.loads(_run("audit", "--home", told_home, "--json").stdout)["entries"]
    shown = _run("import", sample, "--consignment", "phones", "--dry-run", "--home", told_home)
    assert shown.returncode == 0, shown.stderr
    assert "row 14, IMEI: '866927073136333': imei-check-digit" in shown.stdout
    assert "Nothing was recorded" in shown.stdout
    assert json.loads(_run("audit", "--home", told_home, "--json").stdout)["entries"] == size


def test_the_same_file_twice_changes_nothing(told_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(told_home, home)
    sample = Path(__file__).parents[3] / "gateway/consignments/files/appliances-returns.csv"
    size = json.loads(_run("audit", "--home", home, "--json").stdout)["entries"]
    again = _run("import", sample, "--consignment", "appliances", "--home", home)
    assert again.returncode == 0, again.stderr
    assert json.loads(_run("audit", "--home", home, "--json").stdout)["entries"] == size


def test_a_home_that_is_not_there_is_one_line_with_the_fix(tmp_path: Path) -> None:
    found = _run("serve", "--home", tmp_path / "none")
    assert found.returncode == 1
    assert "lotproof init" in found.stderr
    assert "Traceback" not in found.stderr


def test_init_makes_an_empty_installation_that_audits(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert _run("init", "--home", home).returncode == 0
    assert _run("audit", "--home", home).returncode == 0


def test_a_wrong_option_is_a_usage_error() -> None:
    assert _run("audit", "--nonsense").returncode == 2
