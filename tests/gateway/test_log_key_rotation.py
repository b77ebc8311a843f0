"""The log's own key is changed from the command line, while records come in and a stranger reads."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import wiring
from gateway.consignments.spec import PartySpec
from gateway.publication import PublishedElsewhere
from gateway.settings import Settings
from gateway.tasks.publishing import Watch
from gateway.wiring import Installation
from gateway.workflows import rotate_log
from gateway.workflows.audit_log import audit_source
from gateway.workflows.doctor import examine
from gateway.workflows.keys import keys_of
from gateway.workflows.parties import open_log, register, register_operator
from ledger.core.keys import VerifierKey
from ledger.core.note import Note
from ledger.core.policy import parse
from ledger.errors import MissingEvidence, NotVisible
from ledger.handovers import published
from ledger.store import log
from tests.interop.conftest import go_verifier

__all__ = ["go_verifier"]
REPOSITORY = Path(__file__).resolve().parents[2]
FACTS = {
    "name_zh": "运营", "name_en": "Operator", "country": "CN", "address": "1 Road", "city": "Shenzhen",
    "registration_number": "OP-1",
}  # fmt: skip


@pytest.fixture(scope="module")
def opened_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an operator and nothing else, published once. Read it; write to a copy."""
    home = tmp_path_factory.mktemp("log") / "home"
    installation = wiring.create(Settings(home=home))
    open_log(installation)
    register_operator(installation, FACTS)
    installation.publisher.publish()
    installation.close()
    return home


@pytest.fixture
def home(opened_home: Path, tmp_path: Path) -> Path:
    shutil.copytree(opened_home, tmp_path / "home")
    return tmp_path / "home"


class Nursery:
    """Commands that run, and die where they are told to."""

    def __init__(self) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.rotation_child"], cwd=REPOSITORY, text=True, **pipes
        )

    def run(self, *command: str | Path, die_before: int = 0) -> tuple[int, int]:
        """(exit code, steps taken); the code is 9 for one that died."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(die_before, *command, sep="\t", file=self._process.stdin, flush=True)
        steps = 0
        for line in self._process.stdout:
            words = line.split()
            if words[:1] == ["steps"]:
                steps = int(words[1])
            if words[:1] == ["ended"]:
                return int(words[1]), steps
        raise AssertionError("the nursery died")

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    made.close()


def rotate(nursery: Nursery, home: Path) -> None:
    assert nursery.run("keys", "rotate-log", "--home", home)[0] == 0


def finish(nursery: Nursery, home: Path) -> None:
    assert nursery.run("keys", "rotate-log", "--finish", "--home", home)[0] == 0


def reopened(home: Path) -> Installation:
    return wiring.open_(Settings(home=home))


def grown(installation: Installation, number: int) -> None:
    spec = PartySpec(
        key="supplier", role="supplier", name_zh="供应", name_en=f"Supplier {number}", country="CN",
        address="2 Road", registration_number=f"SU-{number}",
    )  # fmt: skip
    register(installation, spec, "Ningbo")


def check_changed(home: Path, first: VerifierKey) -> VerifierKey:
    """One change, finished: what stands in every place that knows the log's key. Returns the new one."""
    installation = reopened(home)
    keys = installation.vkey.now()
    assert [key == first for key in keys.every()] == [True, False]
    assert len(list(published(installation.log))) == 1
    files = sorted(path.name for path in (home / "keys").glob("log*"))
    assert files == [f"log-retired-{first.id.hex()}.pem", "log.pem"]
    assert installation.signer("log").public_key == keys.newest.public_key
    assert parse(installation.policy_path.read_bytes()).log_keys == (keys.newest,)
    grown(installation, 99)
    shown = installation.publisher.publish()
    lines = Note.parse(installation.log.get("checkpoint")).signatures
    assert [line.key_id for line in lines] == [keys.newest.id]
    assert not [check for check in examine(installation) if check.level == "fail"]
    installation.close()
    for policy in (f"log {first}\nquorum none\n", f"log {keys.newest}\nquorum none\n"):
        trusted = home.parent / "policy"
        trusted.write_text(policy)
        report = audit_source(
            Settings(home=home), str(home / "log"), policy_file=trusted, vkey=None, saved_file=home / "none"
        )
        assert (report.verdict, report.tree_size) == ("verified", shown.size), report.findings
    report = audit_source(Settings(home=home), None, policy_file=None, vkey=None, saved_file=None)
    assert report.verdict == "verified", report.findings
    return keys.newest


@pytest.mark.parametrize("dies", ["rotate", "finish"])
def test_a_change_that_dies_at_any_step_comes_to_the_same_end(
    opened_home: Path, tmp_path: Path, nursery: Nursery, dies: str
) -> None:
    first = VerifierKey.parse(reopened(opened_home).config.vkey)
    start = tmp_path / "start"
    shutil.copytree(opened_home, start)
    if dies == "finish":
        rotate(nursery, start)
    command = ["keys", "rotate-log", *(["--finish"] if dies == "finish" else [])]
    step, steps = 1, 2
    while step <= steps:
        home = tmp_path / f"{step}" / "home"
        shutil.copytree(start, home)
        assert nursery.run(*command, "--home", home, die_before=step)[0] == 9, step
        code, _ = nursery.run(*command, "--home", home)
        assert code == 0, step
        if dies == "rotate":
            finish(nursery, home)
        check_changed(home, first)
        if step == 1:
            whole = tmp_path / "whole"
            shutil.copytree(start, whole)
            steps = nursery.run(*command, "--home", whole)[1]
            assert steps > 2
        step += 1


def test_nothing_is_finished_before_the_handover_is_visible(home: Path) -> None:
    installation = reopened(home)
    with pytest.raises(MissingEvidence, match="has not changed its key"):
        rotate_log.finish(installation)
    pending = rotate_log.prepare(installation, [installation.signer("registrar")])
    assert pending is not None
    entry = rotate_log.record(installation, pending)
    with pytest.raises(NotVisible, match=f"the tree with entry {entry.index}, .* is not visible yet"):
        rotate_log.finish(installation)
    assert installation.log_signers.next_file.exists()
    assert rotate_log.prepare(installation, []) is None, "it is recorded, and only publishing is left"
    installation.close()


class TestWhileEverythingRuns:
    """Records come in, a publisher watches, a server waits for it, and Go's own code reads."""

    def test_no_record_is_lost_and_both_ranges_verify(
        self, home: Path, nursery: Nursery, go_verifier: Path
    ) -> None:
        installation = reopened(home)
        first = VerifierKey.parse(installation.config.vkey)
        stopping, complaints = threading.Event(), list[str]()
        watch = Watch(installation, told=lambda _line: None, complained=complaints.append)
        serving = wiring.open_(Settings(home=home), publishes=False)
        recorded: list[int] = []

        def record() -> None:
            number = 0
            while not stopping.is_set():
                number += 1
                grown(serving, number)
                recorded.append(number)
                stopping.wait(0.02)

        threads = [threading.Thread(target=record), threading.Thread(target=watch.run, args=(stopping,))]
        for thread in threads:
            thread.start()
        try:
            self._reads(go_verifier, home, first)
            rotate(nursery, home)
            second = reopened(home).vkey.now().newest
            waited = serving.publisher
            assert isinstance(waited, PublishedElsewhere)
            until_published(waited)
            self._reads(go_verifier, home, first)
            self._reads(go_verifier, home, second)
            finish(nursery, home)
            before = len(recorded)
            while len(recorded) < before + 3:
                assert not stopping.wait(0.02)
            until_published(waited)
            self._reads(go_verifier, home, second)
            assert self._go(go_verifier, home, first) != 0, "the former key signs no more"
        finally:
            stopping.set()
            for thread in threads:
                thread.join()
            serving.stopping.set()
            serving.close()
            installation.close()
        assert complaints == []
        new = check_changed(home, first)
        assert new == second
        with reopened(home).database.reading() as connection:
            head = log.read_head(connection)
            assert head is not None
            assert [i for i, _ in log.leaves(connection, 0, head.size)] == list(range(head.size))
            roles = [key.role for key in keys_of(connection)]
        assert roles.count("log") == 2

    def _reads(self, go_verifier: Path, home: Path, key: VerifierKey) -> None:
        assert self._go(go_verifier, home, key) == 0

    def _go(self, go_verifier: Path, home: Path, key: VerifierKey) -> int:
        """A copy of what is published at this moment, as a reader fetches it: the checkpoint first."""
        folder = home.parent / f"read-{os.urandom(4).hex()}"
        folder.mkdir()
        shutil.copy(home / "log" / "checkpoint", folder / "checkpoint")
        shutil.copytree(home / "log" / "tile", folder / "tile", ignore=shutil.ignore_patterns(".*"))
        done = subprocess.run([str(go_verifier), str(folder), str(key)], capture_output=True, check=False)
        return done.returncode


def until_published(publication: PublishedElsewhere) -> None:
    """A log that grows all the time: what was recorded when it is asked becomes visible."""
    for _ in range(30):
        try:
            publication.publish()
        except NotVisible:
            continue
        return
    raise AssertionError("nothing becomes visible")
