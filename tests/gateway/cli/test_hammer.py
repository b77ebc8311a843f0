"""``lotproof hammer`` passes on a sound log, and fails, with the reason, when anything is not."""

import functools
import http.server
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.core.keys import VerifierKey
from tests.ledger.world import LOG_KEY

LOTPROOF = Path(sys.executable).with_name("lotproof")
LIGHT = ("--seconds", "1.5", "--writes-per-second", "15", "--readers", "1")
TREE_APPEARS_WITHIN_S = 120


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **environment}
    command = [LOTPROOF, "hammer", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing: the test's output is the command's."""

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def hammered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that a run has written to. Look at it only."""
    home = tmp_path_factory.mktemp("hammered") / "home"
    found = run(*LIGHT, "--home", home, "--json")
    assert found.returncode == 0, found.stdout + found.stderr
    report = json.loads(found.stdout)
    assert (report["passed"], report["reasons"]) == (True, [])
    assert report["writes"] == report["checked"] == 22
    assert report["reads"] > 0
    assert report["tree_size"] > report["writes"]
    return home


def test_what_it_wrote_audits(hammered: Path) -> None:
    command = [LOTPROOF, "audit", "--home", hammered]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_it_tells_how_it_goes_and_how_it_went_and_leaves_nothing_behind(tmp_path: Path) -> None:
    found = run(*LIGHT, TMPDIR=str(tmp_path))
    assert not list(tmp_path.iterdir())
    assert found.returncode == 0, found.stdout + found.stderr
    assert "waiting to be visible" in found.stderr
    assert found.stdout.startswith("PASSED\n")
    assert "22 acknowledged ones found in it" in found.stdout


def test_a_goal_that_nobody_reaches_is_exit_1_and_leaves_its_home_to_be_looked_at(tmp_path: Path) -> None:
    options = ("--seconds", "1", "--writes-per-second", "1000000", "--readers", "0", "--json")
    found = run(*options, TMPDIR=str(tmp_path))
    assert found.returncode == 1
    (kept,) = tmp_path.glob("lotproof-hammer-*")
    assert (kept / "home" / "config.json").exists()
    assert str(kept) in found.stderr
    (reason,) = json.loads(found.stdout)["reasons"]
    assert reason.startswith("the goal was missed")


@pytest.mark.parametrize("key", ["tile/entries/000", "tile/0/000"])
def test_an_object_damaged_while_it_runs_is_exit_1(tmp_path: Path, key: str) -> None:
    home = tmp_path / "home"
    options = ["--seconds", "600", "--writes-per-second", "0", "--readers", "2", "--json", "--home", home]
    with subprocess.Popen(
        [LOTPROOF, "hammer", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        path = home / "log" / key
        end = time.monotonic() + TREE_APPEARS_WITHIN_S
        while not path.exists() and running.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        assert path.exists(), "the tree never grew to a full tile"
        data = bytearray(path.read_bytes())
        data[50] ^= 1
        path.write_bytes(bytes(data))
        output, _ = running.communicate(timeout=TREE_APPEARS_WITHIN_S)
    assert running.returncode == 1
    report = json.loads(output)
    assert not report["passed"]
    assert report["reasons"]
    assert report["seconds"] < 600, "it stops at the first thing that does not hold"


def test_a_log_is_read_over_http_under_a_policy_of_ones_own(hammered: Path) -> None:
    policy = hammered / "auditor" / "policy"
    with served(hammered / "log") as url:
        found = run("--url", url, "--policy", policy, "--seconds", "1", "--readers", "1", "--json")
        assert found.returncode == 0, found.stdout + found.stderr
        assert json.loads(found.stdout)["reads"] > 0


def test_another_key_than_the_logs_is_exit_1(hammered: Path, tmp_path: Path) -> None:
    """What the server says about its own key is never asked (A16)."""
    stranger = tmp_path / "policy"
    stranger.write_text(f"log {VerifierKey('log.example/lots', LOG_KEY.public_key)}\nquorum none\n")
    with served(hammered / "log") as url:
        found = run("--url", url, "--policy", stranger, "--seconds", "1", "--readers", "1")
    assert found.returncode == 1
    assert "the policy lists no log" in found.stdout


def test_a_server_that_is_not_there_is_exit_1(hammered: Path) -> None:
    policy = hammered / "auditor" / "policy"
    found = run("--url", "http://127.0.0.1:1", "--policy", policy, "--seconds", "1", "--readers", "1")
    assert found.returncode == 1
    assert "could not prove" in found.stdout


def test_a_server_cannot_give_the_policy() -> None:
    found = run("--url", "http://127.0.0.1:1", "--seconds", "1")
    assert found.returncode == 2
    assert "--policy" in found.stderr


def test_an_installation_that_exists_is_written_to_only_when_asked_twice(
    hammered: Path, tmp_path: Path
) -> None:
    checkpoint = (hammered / "log" / "checkpoint").read_bytes()
    found = run(*LIGHT, "--home", hammered)
    assert found.returncode == 2
    assert "--yes" in found.stderr
    assert (hammered / "log" / "checkpoint").read_bytes() == checkpoint


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("LOTPROOF_DATABASE_URL", "postgresql://somebody@127.0.0.1:1/production"),
        ("DATABASE_URL", "postgresql://somebody@127.0.0.1:1/production"),
        ("LOTPROOF_OBJECTS", "s3://production/log"),
        ("LOTPROOF_LOG_KEY", "kms:alias/production"),
    ],
)
def test_a_setting_of_another_installation_is_not_used_unasked(
    tmp_path: Path, setting: str, value: str
) -> None:
    found = run(*LIGHT, **{setting: value, "TMPDIR": str(tmp_path)})
    assert not list(tmp_path.iterdir())
    assert found.returncode == 2
    assert "reaches beyond" in found.stderr
