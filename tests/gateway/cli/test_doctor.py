"""``lotproof doctor`` says in plain words what is wrong, and takes back what an old backup lost."""

import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway import wiring
from gateway.cli import app
from gateway.settings import Settings
from gateway.workflows.audit_log import audit_source
from gateway.workflows.parties import open_log
from ledger.adapters.folder import Folder
from ledger.errors import MissingEvidence
from ledger.mirror import mirror
from tests.gateway.cli.test_publish import register_somebody, run, size_of

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An installation that was backed up, and went on to publish more."""
    made = tmp_path / "home"
    installation = wiring.create(Settings(home=made))
    open_log(installation)
    installation.publisher.publish()
    with (
        closing(sqlite3.connect(made / "ledger.db")) as own,
        closing(sqlite3.connect(tmp_path / "backup.db")) as copy,
    ):
        own.backup(copy)
    for _ in range(2):
        register_somebody(installation)
        installation.publisher.publish()
    installation.close()
    return made


def put_back(home: Path) -> None:
    """The backup in place of the database."""
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
        (home / name).unlink(missing_ok=True)
    shutil.copy(home.parent / "backup.db", home / "ledger.db")


def examined(home: Path, *options: str) -> tuple[int, dict[str, list[tuple[str, str]]]]:
    """Exit code, and by name the (level, text and fix) of each line."""
    result = CliRunner().invoke(app, ["doctor", "--home", str(home), "--json", *options])
    found: dict[str, list[tuple[str, str]]] = {}
    for check in json.loads(result.stdout)["checks"]:
        found.setdefault(check["name"], []).append((check["level"], f"{check['text']} | {check['fix']}"))
    return result.exit_code, found


def test_a_healthy_home_is_exit_0_and_told_what_it_could_do_better(home: Path) -> None:
    code, found = examined(home)
    assert code == 0
    assert {level for lines in found.values() for level, _ in lines} == {"ok", "warn"}
    assert found["history"][0][0] == "ok"
    assert "no witness remembers this log" in found["history"][1][1]
    assert "lotproof publish --watch" in found["publisher"][0][1]
    said = CliRunner().invoke(app, ["doctor", "--home", str(home)]).stdout
    assert "fix: " in said


def change(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / "ledger.db")) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute(statement)
        database.commit()


@pytest.mark.parametrize(
    ("break_it", "name", "words"),
    [
        (lambda home: (home / "keys" / "log.pem").unlink(), "keys", "log.pem is not here"),
        (lambda home: (home / "keys" / "sales.pem").chmod(0o644), "keys", "chmod 600"),
        (
            lambda home: (home / "keys" / "heads.pem").rename(home / "keys" / "log.pem"),
            "keys",
            "is another key than the log's",
        ),
        (lambda home: (home / "policy").write_text("nonsense\n"), "witnesses", "policy line 1"),
        (lambda home: shutil.rmtree(home / "log" / "tile"), "published", "tile/0/000"),
        (lambda home: (home / "log" / "checkpoint").write_text("x\n"), "published", "note"),
        (
            lambda home: (home / "signed-head").write_text("x\n"),
            "history",
            "the signed-head file is not ours",
        ),
        (lambda home: change(home, "UPDATE log_state SET last_leaf = zeroblob(32)"), "log", "lotproof fsck"),
        (
            lambda home: change(home, "UPDATE log_state SET last_rec = '2031-01-01T00:00:00Z'"),
            "clock",
            "behind",
        ),
    ],
)
def test_each_problem_is_named_with_its_fix_and_is_exit_1(
    home: Path, break_it: Callable[[Path], object], name: str, words: str
) -> None:
    break_it(home)
    code, found = examined(home)
    assert code == 1
    told = [text for level, text in found[name] if level == "fail"]
    assert any(words in text for text in told), found


def test_entries_that_wait_for_a_witness_are_told_with_their_age(home: Path) -> None:
    installation = wiring.open_(Settings(home=home))
    (home / "policy").write_text(f"log {installation.config.vkey}\nquorum none\n")
    register_somebody(installation)
    installation.close()
    _, found = examined(home)
    assert re.search(r"\d entries wait to be visible, the first since 2026", found["waiting"][0][1])


def test_a_restored_backup_is_exit_5_and_led_through_the_recovery(home: Path) -> None:
    size = size_of(home)
    put_back(home)
    start = size_of(home)
    code, found = examined(home)
    assert code == 5
    assert "history was lost" in found["history"][0][1]
    assert "lotproof doctor --recover" in found["history"][0][1]
    assert f"entries {start}..{size - 1}; the visible checkpoint" in found["missing"][0][1].replace(
        "the signed-head file", "the visible checkpoint"
    )
    code, found = examined(home, "--recover")
    assert code == 0
    assert size_of(home) == size
    said = CliRunner().invoke(app, ["doctor", "--recover", "--home", str(home)]).stdout
    assert "nothing was missing" in said
    installation = wiring.open_(Settings(home=home))
    register_somebody(installation)
    installation.publisher.publish()
    installation.close()
    report = audit_source(Settings(home=home), None, policy_file=None, vkey=None, saved_file=None)
    assert report.exit_code in (0, 4)
    assert {finding.stage for finding in report.findings} <= {"openings"}


def test_what_the_own_files_lost_too_comes_from_a_mirror(home: Path, tmp_path: Path) -> None:
    installation = wiring.open_(Settings(home=home))
    mirror(installation.log, Folder(tmp_path / "mirror"), installation.vkey)
    installation.close()
    size = size_of(home)
    put_back(home)
    shutil.rmtree(home / "log" / "tile")
    code, found = examined(home)
    assert code == 5
    assert "--from FOLDER-OR-URL" in found["history"][0][1]
    refused = CliRunner().invoke(app, ["doctor", "--recover", "--home", str(home)])
    assert isinstance(refused.exception, MissingEvidence)
    examined(home, "--recover", "--from", str(tmp_path / "mirror"))
    assert size_of(home) == size


def test_two_histories_are_never_mixed(home: Path) -> None:
    put_back(home)
    beside = home / "signed-head"
    notes = beside.read_bytes(), (home / "log" / "checkpoint").read_bytes()
    beside.unlink()
    shutil.move(home / "log", home.parent / "log")
    installation = wiring.open_(Settings(home=home))
    for _ in range(3):
        register_somebody(installation)
        installation.publisher.publish()
    installation.close()
    (home / "signed-head").write_bytes(notes[0])
    size = size_of(home)
    code, found = examined(home)
    assert code == 5
    assert "keep the copy whose tree readers and witnesses have seen" in found["history"][0][1]
    refused = CliRunner().invoke(app, ["doctor", "--recover", "--home", str(home)])
    assert refused.exit_code != 0
    assert size_of(home) == size


def test_the_recovery_page_works_word_for_word_on_a_broken_installation(home: Path) -> None:
    """Its commands, one after the other, each with the exit code that the page promises."""
    page = (REPOSITORY / "docs" / "recover.md").read_text()
    section = page.partition("## An old backup was restored")[2].partition("\n## ")[0]
    lines = re.findall(r"^ +lotproof (.*?) +# exit ([\d or]+):", section, re.MULTILINE)
    assert [arguments.split()[0] for arguments, _ in lines] == ["doctor", "doctor", "publish", "audit"]
    put_back(home)
    for arguments, promised in lines:
        done = run(*arguments.replace("HOME", str(home)).split())
        assert str(done.returncode) in promised.split(" or "), (arguments, done.stdout, done.stderr)


@pytest.mark.parametrize("name", ["recover.md", "exit-codes.md"])
def test_every_command_of_the_pages_exists(name: str) -> None:
    page = (REPOSITORY / "docs" / name).read_text()
    commands = set(re.findall(r"^\s*lotproof ([a-z]+)|`lotproof ([a-z]+)", page, re.MULTILINE))
    registered = {command.name for command in app.registered_commands}
    assert {one or other for one, other in commands} <= registered
    assert commands
