"""``lotproof witness`` as its operator runs it: a process of its own, started, killed, moved, lied to."""

import json
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import httpx
import pytest

from ledger.core.cosignature import open_cosignature
from ledger.core.note import Note
from ledger.core.policy import parse
from tests.ledger.core.signers import LOG, signed_note
from tests.ledger.lying import KEY, Shown, entries_of, relinked
from tests.ledger.witnessing import FORK, HISTORY, LENGTH, note_of, request
from tests.ledger.world import ORIGIN, World

LOTPROOF = Path(sys.executable).with_name("lotproof")


class Process:
    """One running witness."""

    def __init__(self, folder: Path, policy: Path, *options: str, port: int = 0) -> None:
        command = [LOTPROOF, "witness", "--dir", folder, "--log", policy, "--port", str(port), *options]
        with (folder.parent / f"{folder.name}.log").open("ab") as said:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True)
        assert self._process.stdout is not None
        lines = iter(self._process.stdout.readline, "")
        self.told = []
        for line in lines:
            self.told.append(line.rstrip("\n"))
            if line.startswith("Send this line"):
                self.line = next(lines).rstrip("\n")
                break
        else:
            raise AssertionError((folder.parent / f"{folder.name}.log").read_text())
        self.url = self.line.split()[3]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(signal.SIGKILL)

    def stop(self, how: signal.Signals) -> None:
        if self._process.poll() is None:
            self._process.send_signal(how)
        self._process.communicate(timeout=30)

    def submit(self, body: bytes) -> httpx.Response:
        return httpx.post(f"{self.url}/add-checkpoint", content=body, timeout=30, trust_env=False)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy"
    path.write_text(f"log {LOG.vkey}\nquorum none\n")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "witness"


def _refused(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [LOTPROOF, "witness", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_the_line_it_prints_is_what_an_operators_policy_needs(folder: Path, policy: Path) -> None:
    with Process(
        folder, policy, "--name", "witness.example/w1", "--url", "https://witness.example"
    ) as witness:
        assert witness.told[0] == "witness witness.example/w1, made just now"
        assert witness.line.endswith(" https://witness.example")
        text = f"log {LOG.vkey}\n{witness.line}\nquorum witness.example/w1\n"
        read = parse(text.encode())
        assert str(read.witnesses["witness.example/w1"]) == witness.line.split()[2]
    assert stat.S_IMODE((folder / "witness.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_killed_and_started_again_it_is_the_same_witness_and_remembers(folder: Path, policy: Path) -> None:
    with Process(folder, policy) as witness:
        assert witness.submit(request(HISTORY, 0, 7)).status_code == 200
        first = witness.line.split()[1:3]
    with Process(folder, policy) as witness:
        assert witness.line.split()[1:3] == first
        assert f"log     watching {LOG.name}, tree of 7" in witness.told
        answer = witness.submit(request(FORK, 0, 9))
        assert (answer.status_code, answer.text) == (409, "7\n")
        answer = witness.submit(request(HISTORY, 7, 9))
        key = parse(f"log {LOG.vkey}\n{witness.line}\nquorum none\n".encode()).witnesses[first[0]]
        open_cosignature(Note.parse(note_of(HISTORY, 9)).text, answer.content, key)
        witness.stop(signal.SIGTERM)


def test_two_processes_on_one_folder_never_roll_back(folder: Path, policy: Path) -> None:
    """A13, over HTTP: the folder of a running witness is opened by a second one."""
    with Process(folder, policy) as one, Process(folder, policy) as two, ThreadPoolExecutor(8) as pool:
        assert one.submit(request(HISTORY, 0, 8)).status_code == 200
        for old in range(8, LENGTH - 4, 4):
            calls = [
                pool.submit(witness.submit, request(log, old, old + more))
                for more in (4, 2, 3)
                for log in (HISTORY, FORK)
                for witness in (one, two)
            ]
            answers = [call.result() for call in calls]
            sizes = {int(answer.text) for answer in answers if answer.status_code == 409}
            assert {answer.status_code for answer in answers} <= {200, 409, 422}
            assert all(old <= size <= old + 4 for size in sizes)
            size = max({*sizes, old + 2})
            last = one.submit(request(HISTORY, size, old + 4))
            if last.status_code == 409:
                last = one.submit(request(HISTORY, int(last.text), old + 4))
            assert last.status_code == 200, last.text


def test_a_key_without_its_memory_is_never_used_again(folder: Path, policy: Path) -> None:
    with Process(folder, policy) as witness:
        witness.submit(request(HISTORY, 0, 7))
    for name in ("witness.db", "witness.db-wal", "witness.db-shm"):
        (folder / name).unlink(missing_ok=True)
    found = _refused("--dir", folder, "--log", policy, "--port", "0")
    assert found.returncode == 5
    assert "is gone, and with it what this key has cosigned" in found.stderr
    assert not (folder / "witness.db").exists(), "a refusal makes no memory that the next start would trust"


def test_a_memory_of_another_key_is_refused(folder: Path, tmp_path: Path, policy: Path) -> None:
    with Process(folder, policy), Process(tmp_path / "other", policy):
        pass
    (tmp_path / "other" / "witness.key").replace(folder / "witness.key")
    found = _refused("--dir", folder, "--log", policy, "--port", "0")
    assert (found.returncode, "memory of another key" in found.stderr) == (5, True)
    (folder / "witness.key").unlink()
    found = _refused("--dir", folder, "--log", policy, "--port", "0")
    assert (found.returncode, "witness.key is gone" in found.stderr) == (1, True)


def test_a_first_start_that_died_half_way_is_finished_by_the_next(folder: Path, policy: Path) -> None:
    with Process(folder, policy) as witness:
        vkey = witness.line.split()[2]
    for name in ("witness.db", "witness.db-wal", "witness.db-shm"):
        (folder / name).unlink(missing_ok=True)
    (folder / "witness.db").touch()  # made, and nothing committed in it
    with Process(folder, policy) as witness:
        assert witness.line.split()[2] == vkey


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--name", "another"), 1, "a name is chosen once"),
        (("--name", "with space"), 1, "is not a key name"),
        (("--replay",), 1, "give its URL on the line"),
    ],
)
def test_what_cannot_be_done_is_said(
    folder: Path, policy: Path, options: tuple[str, ...], code: int, words: str
) -> None:
    if "another" in options:
        with Process(folder, policy):
            pass
    found = _refused("--dir", folder, "--log", policy, "--port", "0", *options)
    assert (found.returncode, words in found.stderr) == (code, True), found.stderr
    if "another" not in options:
        assert not (folder / "witness.key").exists()


def test_a_policy_or_a_port_that_cannot_be_used_is_said(folder: Path, policy: Path) -> None:
    found = _refused("--dir", folder, "--log", policy.with_name("none"), "--port", "0")
    assert (found.returncode, "no policy says which logs to watch" in found.stderr) == (1, True)
    policy.write_text("log nonsense\n")
    found = _refused("--dir", folder, "--log", policy, "--port", "0")
    assert (found.returncode, "policy line 1" in found.stderr) == (1, True)
    assert _refused("--dir", folder).returncode == 2
    policy.write_text(f"log {LOG.vkey}\nquorum none\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = _refused("--dir", folder, "--log", policy, "--port", str(port))
    assert (found.returncode, f"127.0.0.1:{port} cannot be served on" in found.stderr) == (1, True)


def test_evidence_is_shown_while_it_runs_and_is_exit_3(folder: Path, policy: Path) -> None:
    assert _refused("--dir", folder, "--evidence").returncode == 1
    with Process(folder, policy) as witness:
        witness.submit(request(HISTORY, 0, 9))
        assert _refused("--dir", folder, "--evidence").returncode == 0
        assert witness.submit(request(FORK, 9, 9)).status_code == 422
        found = _refused("--dir", folder, "--evidence", "--json")
        assert found.returncode == 3
        (one,) = json.loads(found.stdout)["evidence"]
        assert one["body"].encode() == request(FORK, 9, 9)
        assert one["known"].startswith(Note.parse(note_of(HISTORY, 9)).text)
        words = _refused("--dir", folder, "--evidence").stdout
        assert words.startswith(f"fork  {LOG.name}, tree of 9, ")
        assert "two histories" in words
    log = (folder.parent / "witness.log").read_text()
    assert re.search(r"INFO log.example/lots: cosigned a tree of 9", log)
    assert re.search(r"WARNING log.example/lots: refused a tree of 9, kept as evidence \(fork\)", log)


@pytest.fixture
def published(tmp_path: Path) -> Iterator[Callable[[str, bytes], str]]:
    """``published(key, data)`` puts an object behind a URL, and returns the URL."""
    root = tmp_path / "public"
    root.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def put(key: str, data: bytes) -> str:
        path = root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return f"http://127.0.0.1:{server.server_port}"

    yield put
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_old_copy_of_the_memory_is_noticed_at_the_log(
    folder: Path, policy: Path, published: Callable[[str, bytes], str]
) -> None:
    """The log shows our cosignature of 9; the copy that was put back knows 7."""
    with Process(folder, policy) as witness:
        witness.submit(request(HISTORY, 0, 7))
        witness.stop(signal.SIGTERM)
    copy = (folder / "witness.db").read_bytes()
    with Process(folder, policy) as witness:
        line = witness.submit(request(HISTORY, 7, 9)).content
        witness.stop(signal.SIGTERM)
    url = published("checkpoint", signed_note(Note.parse(note_of(HISTORY, 9)).text) + line)
    policy.write_text(f"log {LOG.vkey} {url}\nquorum none\n")
    with Process(folder, policy):
        pass  # with its own memory it starts
    for name in ("witness.db-wal", "witness.db-shm"):
        (folder / name).unlink(missing_ok=True)
    (folder / "witness.db").write_bytes(copy)
    found = _refused("--dir", folder, "--log", policy, "--port", "0")
    assert found.returncode == 5
    assert "shows our cosignature of a tree of 9 entries" in found.stderr


def test_a_replaying_witness_reads_the_log_over_http_and_refuses_the_liar(
    folder: Path, policy: Path, tmp_path: Path, published: Callable[[str, bytes], str]
) -> None:
    world = World(tmp_path).play("declared")
    world.publisher.publish()
    small = len(entries_of(world))
    world.record(world.next_draft("received"))
    world.publisher.publish()
    honest = entries_of(world)
    world.close()

    def show(shown: Shown, size: int) -> str:
        shown.show(size)
        url = ""
        for key, data in shown.objects.objects.items():
            url = published(key, data)
        return url

    shown, liar = Shown(honest), Shown(relinked(honest, lambda leaves: None, false_head=True))
    policy.write_text(f"log {KEY} {show(shown, small)}\nquorum none\n")
    with Process(folder, policy, "--replay") as witness:
        assert f"log     replaying {ORIGIN}, nothing cosigned yet" in witness.told
        assert _patiently(witness, shown.request(0)).status_code == 200
    show(liar, len(honest))
    with Process(folder, policy, "--replay") as witness:
        answer = _patiently(witness, liar.request(small))
        assert (answer.status_code, "the heads tree over" in answer.text) == (422, True), answer.text
        assert _refused("--dir", folder, "--evidence").returncode == 3
        assert witness.submit(liar.request(0)).text == f"{small}\n"


def _patiently(witness: Process, body: bytes) -> httpx.Response:
    """Submit until the replay has caught up, as a publisher does in its rounds."""
    for _ in range(600):
        answer = witness.submit(body)
        if answer.status_code != 503:
            return answer
        assert int(answer.headers["retry-after"]) > 0
    raise AssertionError("the replay never caught up")
