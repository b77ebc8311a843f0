"""The house rules, executable: arrows between rooms, names, what may not stand in a file."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

ROOMS = ("ledger", "qrcodes", "exporters", "gateway")
BESIDE = {
    "README.md", "CHANGELOG.md", "LICENSE", "Makefile", "alembic.ini", "docs", "pyproject.toml",
    "requirements.txt", "requirements-dev.txt", "tests", ".ci", ".gitignore",
}  # fmt: skip
EMPTY_WORDS = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}


def _tracked() -> list[Path]:
    found = subprocess.run(
        ["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    ).stdout.split("\n")
    if not any(found):
        pytest.skip("not a git checkout: the tracked files cannot be listed")
    return [REPOSITORY / name for name in found if name and (REPOSITORY / name).is_file()]


def test_the_arrows_between_rooms_and_layers_hold() -> None:
    command = [
        sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())",
    ]  # fmt: skip
    result = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_nothing_stands_at_the_top_that_the_design_does_not_name() -> None:
    top = {path.relative_to(REPOSITORY).parts[0] for path in _tracked()}
    assert top <= BESIDE | set(ROOMS)


def test_no_module_has_a_name_that_says_nothing() -> None:
    for room in ROOMS:
        for path in (REPOSITORY / room).rglob("*.py"):
            assert path.stem not in EMPTY_WORDS, path


def test_no_file_names_a_registry_or_a_machine() -> None:
    hosts = re.compile(r"py" r"pi\.org|pythonh" r"osted|registry\.n" r"pmjs|deb\.de" r"bian", re.IGNORECASE)
    machine = re.compile(r"(^|[^A-Za-z0-9._-])/(wo" r"rk|ro" r"ot|ho" r"me)/")
    for path in _tracked():
        if path.suffix in {".xlsx", ".png", ".pdf"}:
            continue
        text = path.read_text(errors="replace")
        assert not hosts.search(text), path
        assert not machine.search(text), path


def test_the_locks_carry_hashes_and_no_index() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (REPOSITORY / name).read_text()
        assert "--hash=sha256:" in text
        assert "index" not in text
        pins = re.findall(r"^[a-z0-9][a-z0-9._-]*==", text, re.MULTILINE)
        assert text.count(" \\\n    --hash") >= len(pins)


def test_every_dependency_gives_its_reason() -> None:
    lines = (REPOSITORY / "pyproject.toml").read_text().split("\n")
    pins = [line for line in lines if re.match(r'^  "[a-z0-9-]+>=', line)]
    assert len(pins) > 20
    for line in pins:
        assert re.search(r'",\s+# \w', line), line
