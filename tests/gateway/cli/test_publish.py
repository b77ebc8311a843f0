"""``lotproof publish`` and the publisher beside the server: who holds the keys, and what if nobody does."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from gateway import wiring
from gateway.consignments.spec import PartySpec
from gateway.settings import Settings
from gateway.tasks.publisher_process import PublisherProcess
from gateway.tasks.publishing import is_watched
from gateway.wiring import Installation
from gateway.workflows.parties import open_log, register
from ledger.core.keys import VerifierKey
from ledger.errors import NotVisible, StorageError
from tests.gateway.web import Caller
from tests.ledger.fakes import MemoryClock
from tests.ledger.loopback_witness import LoopbackWitness

LOTPROOF = Path(sys.executable).with_name("lotproof")
PATIENCE_S = 60  # for another process to get to work on a busy machine


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LOTPROOF, *arguments], capture_output=True, text=True, check=False, env=os.environ | environment
    )


def until(holds: Callable[[], object], what: str) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < give_up, f"{what} did not come about"
        time.sleep(0.05)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An installation with an opened log and nothing else."""
    made = tmp_path / "home"
    installation = wiring.create(Settings(home=made))
    open_log(installation)
    installation.publisher.publish()
    installation.close()
    return made


@pytest.fixture
def witness(home: Path, tmp_path: Path) -> Iterator[LoopbackWitness]:
    """A witness of that log, which its policy demands."""
    config = json.loads((home / "config.json").read_text())
    clock = MemoryClock(wiring.WallClock().now())
    made = LoopbackWitness(tmp_path / "witness", "w1", clock=clock, log=VerifierKey.parse(config["vkey"]))
    (home / "policy").write_text(f"log {config['vkey']}\n{made.line}quorum w1\n")
    yield made
    made.close()


def register_somebody(installation: Installation) -> int:
    """A company more in the log; returns the size of the log after it."""
    number = f"91310115MA0FAKE{size_of(installation.home):03d}"
    facts = {
        "key": "somebody",
        "role": "inspector",
        "name_zh": "某某检测有限公司",
        "name_en": "Somebody Testing Ltd.",
        "country": "CN",
        "registration_number": number,
        "address": "1 Harbour Road",
    }
    register(installation, PartySpec.model_validate(facts), "Shanghai")
    return size_of(installation.home)


def size_of(home: Path) -> int:
    with closing(sqlite3.connect(home / "ledger.db")) as database:
        size: int = database.execute("SELECT size FROM log_state").fetchone()[0]
    return size


def visible_size(home: Path) -> int:
    return int((home / "log" / "checkpoint").read_text().split("\n")[1])


@pytest.fixture
def watcher(home: Path) -> Iterator[subprocess.Popen[str]]:
    command = [LOTPROOF, "publish", "--watch", "--home", home]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as made:
        yield made
        made.kill()


def test_the_quorum_of_home_policy_is_demanded_and_its_absence_is_exit_1(
    home: Path, witness: LoopbackWitness
) -> None:
    before = (home / "log" / "checkpoint").read_bytes()
    witness.stop()
    installation = wiring.open_(Settings(home=home))
    register_somebody(installation)
    installation.close()
    refused = run("publish", "--home", home)
    assert refused.returncode == 1
    assert "unwitnessed since " in refused.stderr
    assert "witness w1 does not answer" in refused.stderr
    assert (home / "log" / "checkpoint").read_bytes() == before
    witness.start()
    done = run("publish", "--home", home, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["size"] == size_of(home) == visible_size(home)
    assert "w1.example" in (home / "log" / "checkpoint").read_text()
    assert run("audit", "--home", home).returncode == 0


def test_another_policy_may_be_named(home: Path, witness: LoopbackWitness, tmp_path: Path) -> None:
    policy = tmp_path / "policy"
    policy.write_text((home / "policy").read_text().replace("quorum w1", "quorum none"))
    witness.stop()
    installation = wiring.open_(Settings(home=home))
    register_somebody(installation)
    installation.close()
    done = run("publish", "--home", home, "--policy", policy)
    assert done.returncode == 0
    assert "witness w1 did not cosign" in done.stderr
    witness.start()


def test_a_policy_that_cannot_be_read_publishes_nothing(home: Path) -> None:
    (home / "policy").write_text("quorum everybody\n")
    refused = run("publish", "--home", home)
    assert refused.returncode == 1
    assert "policy line 1" in refused.stderr


def test_a_watcher_publishes_what_comes_and_ends_cleanly(home: Path, watcher: subprocess.Popen[str]) -> None:
    installation = wiring.open_(Settings(home=home), publishes=False)
    assert watcher.stdout is not None
    assert watcher.stdout.readline().startswith("publishing ")
    register_somebody(installation)
    shown = installation.publisher.publish()
    assert shown.size == size_of(home)
    installation.close()
    watcher.send_signal(signal.SIGTERM)
    assert watcher.wait(PATIENCE_S) == 0
    assert watcher.stderr is not None
    assert watcher.stderr.read() == ""


def test_a_watcher_outlives_an_outage_of_its_witness_and_says_each_reason_once(
    home: Path, witness: LoopbackWitness, watcher: subprocess.Popen[str]
) -> None:
    assert watcher.stdout is not None
    assert watcher.stderr is not None
    watcher.stdout.readline()
    until(lambda: "w1.example" in (home / "log" / "checkpoint").read_text(), "the first cosignature")
    witness.stop()
    installation = wiring.open_(Settings(home=home), publishes=False)
    size = register_somebody(installation)
    assert "unwitnessed since" in watcher.stderr.readline()
    assert visible_size(home) < size
    witness.start()
    assert watcher.stderr.readline() == "lotproof: it works again\n"
    assert installation.publisher.publish().size == size_of(home)
    installation.close()


def test_a_server_never_opens_the_keys_of_the_log(copied: Installation) -> None:
    """The files are gone from its view; pages answer, records are taken, and another process publishes."""
    copied.close()
    keys = copied.home / "keys"
    for name in ("log", "heads"):
        (keys / f"{name}.pem").rename(copied.home / f"{name}.away")
    serving = wiring.open_(Settings(home=copied.home), publishes=False)
    assert Caller(serving).get("/auditor").status_code == 200
    register_somebody(serving)
    for name in ("log", "heads"):
        with pytest.raises(StorageError, match="does not open"):
            serving.signer(name)
    serving.stopping.set()
    with pytest.raises(NotVisible, match="if nobody publishes, start: lotproof publish --watch --home"):
        serving.publisher.publish()
    serving.close()


def test_a_publisher_without_its_key_says_so_and_signs_nothing(home: Path) -> None:
    """F29: missing, readable by others, wrong passphrase. No log.heads is recorded either."""
    installation = wiring.open_(Settings(home=home))
    size = register_somebody(installation)
    installation.close()
    key = home / "keys" / "log.pem"
    key.chmod(0o644)
    assert "chmod 600" in run("publish", "--home", home).stderr
    key.chmod(0o600)
    key.rename(home / "away.pem")
    refused = run("publish", "--home", home)
    assert refused.returncode == 1
    assert "log.pem: no usable key" in refused.stderr
    assert size_of(home) == size
    (home / "away.pem").rename(key)
    assert run("publish", "--home", home).returncode == 0


def test_a_wrong_passphrase_is_a_clear_refusal(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert run("init", "--home", home, LOTPROOF_KEY_PASSPHRASE="right").returncode == 0
    for wrong in ("wrong", ""):
        refused = run("publish", "--home", home, LOTPROOF_KEY_PASSPHRASE=wrong)
        assert refused.returncode == 1
        assert "log.pem: no usable key" in refused.stderr
        assert "Traceback" not in refused.stderr
    assert run("publish", "--home", home, LOTPROOF_KEY_PASSPHRASE="right").returncode == 0


def child(code: str) -> list[str]:
    """A child in the publisher's place."""
    return [sys.executable, "-c", code]


def test_a_publisher_that_cannot_start_makes_the_server_read_only_until_it_can(home: Path) -> None:
    installation = wiring.open_(Settings(home=home), publishes=False)
    fixed = home / "fixed"
    code = (
        f"import pathlib, sys\nif not pathlib.Path({str(fixed)!r}).exists(): sys.exit(1)\n"
        "print('publishing', flush=True); sys.stdin.read()"
    )
    process = PublisherProcess(installation, pytest.fail, command=child(code), pause_min_s=0.05)
    process.start()
    until(lambda: installation.writer._refusal, "the refusal")
    with pytest.raises(NotVisible, match=r"nothing can be signed, so nothing is recorded.*lotproof doctor"):
        register_somebody(installation)
    fixed.touch()
    until(lambda: installation.writer._refusal is None, "the publisher")
    register_somebody(installation)
    process.stop()
    installation.close()


def test_a_killed_publisher_is_started_again_and_nothing_is_refused_meanwhile(home: Path) -> None:
    installation = wiring.open_(Settings(home=home), publishes=False)
    process = PublisherProcess(installation, pytest.fail, pause_min_s=0.05)
    process.start()
    until((home / "watching.lock").exists, "the first publisher")
    first = process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    size = register_somebody(installation)
    until(lambda: process.pid not in (None, first), "the second publisher")
    until(lambda: visible_size(home) > size - 1, "the checkpoint")
    last = process.pid
    process.stop()
    assert last is not None
    with pytest.raises(ProcessLookupError):
        os.kill(last, 0)
    installation.close()


def test_a_publisher_that_finds_history_missing_is_not_started_again(home: Path) -> None:
    installation = wiring.open_(Settings(home=home), publishes=False)
    told = threading.Event()
    lives = home / "lives"
    code = f"open({str(lives)!r}, 'a').write('x'); raise SystemExit(5)"
    process = PublisherProcess(installation, told.set, command=child(code), pause_min_s=0.01)
    process.start()
    assert told.wait(PATIENCE_S)
    process._thread.join(PATIENCE_S)
    assert lives.read_text() == "x"
    process.stop()
    installation.close()


@pytest.fixture
def port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        number: int = found.getsockname()[1]
    return number


def serve(home: Path, port: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [LOTPROOF, "serve", "--home", home, "--port", str(port)], stderr=subprocess.PIPE, text=True
    )

    def answers() -> bool:
        assert process.poll() is None, process.communicate()[1]
        try:
            return httpx.get(f"http://127.0.0.1:{port}/livez").status_code == 200
        except httpx.TransportError:
            return False

    until(answers, "the server")
    return process


def test_serving_starts_a_publisher_and_takes_it_along(home: Path, port: int) -> None:
    process = serve(home, port)
    installation = wiring.open_(Settings(home=home), publishes=False)
    register_somebody(installation)
    assert installation.publisher.publish().size == size_of(home)
    installation.close()
    process.terminate()
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert "Fatal" not in said
    assert not is_watched(home)


def test_a_killed_server_leaves_no_publisher_behind(home: Path, port: int) -> None:
    process = serve(home, port)
    until(lambda: is_watched(home), "the publisher")
    process.kill()
    process.communicate(timeout=PATIENCE_S)
    until(lambda: not is_watched(home), "the end of the publisher")


def test_a_database_that_lost_history_is_served_read_only_with_exit_5(
    home: Path, port: int, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(home / "ledger.db")) as own, closing(sqlite3.connect(backup)) as copy:
        own.backup(copy)
    installation = wiring.open_(Settings(home=home))
    register_somebody(installation)
    installation.publisher.publish()
    installation.close()
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
        (home / name).unlink(missing_ok=True)
    shutil.copy(backup, home / "ledger.db")
    size = size_of(home)
    process = serve(home, port)
    address = f"http://127.0.0.1:{port}"
    assert httpx.get(f"{address}/").status_code == 200
    assert httpx.get(f"{address}/log/checkpoint").status_code == 200
    assert httpx.get(f"{address}/readyz").status_code == 503
    with closing(sqlite3.connect(home / "ledger.db")) as database:
        leaf = json.loads(database.execute("SELECT leaf FROM entries WHERE idx = 0").fetchone()[0])
    refused = httpx.post(f"{address}/v1/records", json={"body": "e30=", "sigs": [leaf["sigs"][0]]})
    assert refused.status_code == 503
    assert "history was lost" in refused.json()["reason"]
    process.terminate()
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 5
    assert "READ ONLY" in said
    assert size_of(home) == size
    assert run("publish", "--home", home).returncode == 5
    assert run("run", "--once", "--home", home).returncode == 5
    assert size_of(home) == size
