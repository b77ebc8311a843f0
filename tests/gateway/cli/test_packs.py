"""Handing out a pack and checking one, as people and programs do it."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

LOTPROOF = Path(sys.executable).with_name("lotproof")


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LOTPROOF, *arguments], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def lot(told_home: Path) -> str:
    with closing(sqlite3.connect(told_home / "ledger.db")) as database:
        return str(database.execute("SELECT lot FROM orders ORDER BY placed_at").fetchone()[0])


@pytest.fixture(scope="module")
def exported(told_home: Path, lot: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("packs") / "lot.zip"
    found = _run("export", "lot", lot, "-o", out, "--as", "operator", "--home", told_home)
    assert found.returncode == 0, found.stderr
    assert "records in" in found.stdout
    assert "lotproof verify" in found.stderr
    return out


def test_a_pack_verifies_under_the_policy_and_not_without_one(told_home: Path, exported: Path) -> None:
    policy = told_home / "auditor" / "policy"
    found = _run("verify", exported, "--policy", policy, "--json")
    assert found.returncode == 0, found.stdout
    told = json.loads(found.stdout)
    assert (told["verdict"], told["distrusted"]) == ("valid", [])
    assert told["regraded"] > 0
    assert {"commercial_invoice", "packing_list"} <= {n.partition("-")[2][:-4] for n in told["documents"]}
    words = _run("verify", exported, "--policy", policy)
    assert words.stdout.startswith("VALID")
    assert "lot.inspected" in words.stdout
    without = _run("verify", exported)
    assert without.returncode == 4
    assert "no policy" in without.stdout


def test_a_vkey_is_a_short_policy(told_home: Path, exported: Path) -> None:
    vkey = json.loads((told_home / "config.json").read_text())["vkey"]
    assert _run("verify", exported, "--vkey", vkey).returncode == 0
    assert _run("verify", exported, "--vkey", "nonsense").returncode == 4


def test_a_changed_pack_is_exit_3_and_a_cut_one_exit_4(
    told_home: Path, exported: Path, tmp_path: Path
) -> None:
    policy, copy = told_home / "auditor" / "policy", tmp_path / "copy.zip"
    data = bytearray(exported.read_bytes())
    data[len(data) // 2] ^= 1
    copy.write_bytes(data)
    wrong = _run("verify", copy, "--policy", policy, "--json")
    assert (wrong.returncode, json.loads(wrong.stdout)["verdict"]) == (3, "wrong")
    copy.write_bytes(exported.read_bytes()[:5000])
    cut = _run("verify", copy, "--policy", policy)
    assert cut.returncode == 4
    assert cut.stdout.startswith("COULD NOT VERIFY")
    assert _run("verify", tmp_path / "none.zip", "--policy", policy).returncode == 4
    for found in (wrong, cut):
        assert "Traceback" not in found.stderr


def test_the_program_in_the_pack_says_the_same(told_home: Path, exported: Path, tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(exported) as archive:
        program = archive.extract("verify_lot.py", tmp_path)
    command = [sys.executable, "-I", program, exported, "--policy", told_home / "auditor" / "policy"]
    found = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert found.returncode == 0, found.stdout + found.stderr


def test_an_unknown_receiver_is_a_usage_error(told_home: Path, lot: str, tmp_path: Path) -> None:
    found = _run("export", "lot", lot, "-o", tmp_path / "x.zip", "--as", "king", "--home", told_home)
    assert found.returncode == 2


def test_a_lot_that_is_not_there_is_one_line(told_home: Path, tmp_path: Path) -> None:
    found = _run("export", "lot", "0" * 20, "-o", tmp_path / "x.zip", "--home", told_home)
    assert found.returncode == 1
    assert "Traceback" not in found.stderr
    assert not (tmp_path / "x.zip").exists()
