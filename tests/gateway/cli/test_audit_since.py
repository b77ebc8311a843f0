"""``lotproof audit --since`` writes a letter about what came since a checkpoint, and keeps that one."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import app
from gateway.wiring import Installation
from gateway.workflows import erase
from tests.gateway.workflows.test_erase import repaired_phone


@pytest.fixture
def grown(copied: Installation, tmp_path: Path) -> tuple[Installation, Path]:
    """A log with seven entries more than the checkpoint that somebody kept."""
    kept = tmp_path / "kept"
    kept.write_bytes(copied.log.get("checkpoint"))
    erase.erase_article(copied, repaired_phone(copied).id, "personal_data")
    copied.publisher.publish()
    return copied, kept


def audit(installation: Installation, *arguments: object) -> Result:
    policy = ("--policy", installation.policy_path, "--home", installation.home)
    return CliRunner().invoke(app, ["audit", *map(str, (*arguments, *policy))])


def test_the_letter_says_what_was_added_and_leaves_the_checkpoint(grown: tuple[Installation, Path]) -> None:
    installation, kept = grown
    before = kept.read_bytes()
    size = int(before.split(b"\n")[1])
    now = installation.verifier().checkpoint
    told = audit(installation, installation.home / "log", "--since", kept)
    assert told.exit_code == 0, told.output
    for words in ("VERIFIED", f"extends that tree by {now.size - size} entries", now.root.hex()):
        assert words in told.stdout
    assert installation.log.get("checkpoint").decode().strip() in told.stdout
    assert kept.read_bytes() == before


def test_a_letter_about_another_history_says_failed(grown: tuple[Installation, Path]) -> None:
    installation, kept = grown
    lines = installation.log.get("checkpoint").split(b"\n")
    other = installation.log.get("checkpoint").replace(lines[2], b"A" * 43 + b"=")
    kept.write_bytes(other)
    told = audit(installation, installation.home / "log", "--since", kept)
    assert told.exit_code != 0
    assert "NOT SHOWN" in told.stdout
    assert "VERIFIED:" not in told.stdout


def test_a_letter_as_a_page_holds_no_markup_of_others(
    grown: tuple[Installation, Path], tmp_path: Path
) -> None:
    installation, kept = grown
    page = tmp_path / "letter.html"
    source = tmp_path / "<img src=x>"
    source.symlink_to(installation.home / "log")
    told = audit(installation, source, "--since", kept, "--letter", page)
    assert told.exit_code == 0, told.output
    text = page.read_text(encoding="utf-8")
    assert "<img" not in text
    assert "VERIFIED" in text


@pytest.mark.parametrize("broken", [None, b"no checkpoint"])
def test_what_is_no_checkpoint_is_named(grown: tuple[Installation, Path], broken: bytes | None) -> None:
    installation, kept = grown
    kept.unlink()
    if broken is not None:
        kept.write_bytes(broken)
    assert audit(installation, installation.home / "log", "--since", kept).exit_code == 2
    assert audit(installation, "--letter", kept).exit_code == 2
