"""F28: a witness that is down, slow, behind, ahead or lying. Recording goes on; nothing false is shown."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.core.cosignature import message, timestamp_of
from ledger.core.note import Note, Signature
from ledger.errors import NotVisible, Rollback
from ledger.publish import Publisher
from tests.ledger.fakes import STORY_START, MemoryClock, MemorySigner
from tests.ledger.loopback_witness import LOG, LoopbackWitness, policy_text, publisher_under
from tests.ledger.test_publish import grow
from tests.ledger.world import World


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[LoopbackWitness]:
    made = LoopbackWitness(tmp_path / "witness", "w1")
    yield made
    made.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.play("declared")
    yield made
    made.close()


@pytest.fixture
def publisher(world: World, witness: LoopbackWitness) -> Publisher:
    made = publisher_under(world, policy_text([witness], "quorum w1"))
    made.publish()
    return made


def refused(world: World, publisher: Publisher, *, match: str) -> None:
    """The log grows, the public checkpoint stays, and the reason is told."""
    before = world.objects.get("checkpoint")
    grow(world, 1, name=f"lot of {len(world.entries)}")
    with pytest.raises(NotVisible, match=match):
        publisher.publish()
    assert world.objects.get("checkpoint") == before


def line_of(timestamp: int, text: str, *, signer: MemorySigner, key_id: bytes) -> bytes:
    signature = signer.sign(message(timestamp, text))
    return Signature("w1.example", key_id, timestamp.to_bytes(8, "big") + signature).line.encode()


def test_a_witness_that_is_down_is_waited_for(
    world: World, witness: LoopbackWitness, publisher: Publisher
) -> None:
    witness.stop()
    refused(world, publisher, match="w1: witness w1 does not answer")
    witness.start()
    assert publisher.publish().size == len(world.entries) + 2


def test_a_witness_that_accepts_and_says_nothing_keeps_nobody(world: World, witness: LoopbackWitness) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        policy = policy_text([witness], "quorum w1").replace(witness.url, address)
        with pytest.raises(NotVisible, match="w1: witness w1 does not answer: timed out"):
            publisher_under(world, policy).publish()


def test_a_witness_that_drips_bytes_is_cut_off(world: World, witness: LoopbackWitness) -> None:
    """Every single read is in time; the whole answer never is."""
    done = threading.Event()

    def drip(server: socket.socket) -> None:
        while not done.is_set():
            try:
                connected, _ = server.accept()
                with connected:
                    connected.sendall(b"HTTP/1.1 200 OK\r\n")
                    while not done.wait(0.3):
                        connected.sendall(b"X-More: yes\r\n")
            except OSError:
                continue

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        thread = threading.Thread(target=drip, args=[server])
        thread.start()
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        policy = policy_text([witness], "quorum w1").replace(witness.url, address)
        with pytest.raises(NotVisible, match="w1: "):
            publisher_under(world, policy).publish()
        done.set()
        thread.join()


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ((200, b""), "no signature block"),
        ((200, b"hello\n"), "em dash"),
        ((200, b"\xff\xfe"), "UTF-8"),
        ((200, "— someone.else AAAAAAAAAAAAAA==\n".encode()), "no signature of a known key"),
        ((200, b"text\n\n\xe2\x80\x94 w1.example AAAAAAAAAAAAAA==\n"), "more than signature lines"),
        ((200, b"x" * 70_000), "more than any witness"),
        ((409, b"many\n"), "decimal|number|digits"),
        ((409, b""), "decimal|number|digits"),
        ((400, b"\n"), "malformed"),
        ((403, b"\n"), "give it the log's vkey"),
        ((404, b"\n"), "give it the log's vkey"),
        ((418, b"\n"), "answered 418"),
        ((500, b"\n"), "answered 500"),
    ],
)
def test_an_answer_that_is_none_is_refused_and_told(
    world: World, witness: LoopbackWitness, publisher: Publisher, said: tuple[int, bytes], match: str
) -> None:
    witness.mood = lambda path, _body: said if path == "/add-checkpoint" else None
    refused(world, publisher, match=match)


def wrong_key(witness: LoopbackWitness, text: str) -> bytes:
    return line_of(
        int(STORY_START.timestamp()), text, signer=MemorySigner("stranger"), key_id=witness.witness.key.id
    )


def other_text(witness: LoopbackWitness, text: str) -> bytes:
    changed = text.replace("\n", "\n1", 1)
    return line_of(
        int(STORY_START.timestamp()), changed, signer=MemorySigner("w1"), key_id=witness.witness.key.id
    )


def moved_time(witness: LoopbackWitness, text: str) -> bytes:
    """A true cosignature whose time was changed on the way."""
    _, said = 200, line_of(1, text, signer=MemorySigner("w1"), key_id=witness.witness.key.id)
    one = Note.parse(text.encode() + b"\n" + said).signatures[0]
    assert timestamp_of(one.blob) == 1
    return Signature(one.name, one.key_id, (2).to_bytes(8, "big") + one.blob[8:]).line.encode()


@pytest.mark.parametrize("forge", [wrong_key, other_text, moved_time])
def test_a_wrong_cosignature_is_never_accepted(
    world: World,
    witness: LoopbackWitness,
    publisher: Publisher,
    forge: Callable[[LoopbackWitness, str], bytes],
) -> None:
    def lie(path: str, body: bytes) -> tuple[int, bytes] | None:
        if path != "/add-checkpoint":
            return None
        return 200, forge(witness, Note.parse(body.partition(b"\n\n")[2]).text)

    witness.mood = lie
    refused(world, publisher, match="signature does not verify")


def test_a_right_cosignature_beside_a_wrong_one_of_the_same_key_is_refused(
    world: World, witness: LoopbackWitness, publisher: Publisher
) -> None:
    def both(path: str, body: bytes) -> tuple[int, bytes] | None:
        if path != "/add-checkpoint":
            return None
        status, honest = witness.answer(path, body)
        return status, honest + wrong_key(witness, Note.parse(body.partition(b"\n\n")[2]).text)

    witness.mood = both
    refused(world, publisher, match="signature does not verify")


def test_a_cosignature_replayed_from_another_checkpoint_is_refused(
    world: World, witness: LoopbackWitness, publisher: Publisher
) -> None:
    old = Note.parse(world.objects.get("checkpoint")).signatures[1].line.encode()
    witness.mood = lambda path, _body: (200, old) if path == "/add-checkpoint" else None
    refused(world, publisher, match="signature does not verify")


def test_an_old_cosignature_of_this_checkpoint_makes_it_no_fresher(
    world: World, witness: LoopbackWitness, publisher: Publisher
) -> None:
    first = world.objects.get("checkpoint")
    old = Note.parse(first).signatures[1].line.encode()
    assert isinstance(witness.clock, MemoryClock)
    witness.clock.move(seconds=60)
    publisher.publish(refresh=True)
    fresh = world.objects.get("checkpoint")
    assert fresh != first
    witness.mood = lambda path, _body: (200, old) if path == "/add-checkpoint" else None
    publisher.publish(refresh=True)
    assert world.objects.get("checkpoint") == fresh


def test_cosignatures_of_unknown_keys_are_ignored(
    world: World, witness: LoopbackWitness, publisher: Publisher
) -> None:
    noise = "— someone.else AAAAAAAAAAAAAA==\n".encode()

    def more(path: str, body: bytes) -> tuple[int, bytes] | None:
        if path != "/add-checkpoint":
            return None
        status, honest = witness.answer(path, body)
        return status, noise + honest

    witness.mood = more
    grow(world, 1)
    publisher.publish()
    assert b"someone.else" not in world.objects.get("checkpoint")


@pytest.mark.parametrize("ahead_s", [400, 10**12, 2**63 - 1 - int(STORY_START.timestamp())])
def test_a_time_to_come_is_refused(
    world: World, witness: LoopbackWitness, publisher: Publisher, ahead_s: int
) -> None:
    """F13, two clocks: a cosignature from the future would make an old checkpoint look fresh for ever."""
    when = int(STORY_START.timestamp()) + ahead_s

    def early(path: str, body: bytes) -> tuple[int, bytes] | None:
        if path != "/add-checkpoint":
            return None
        text = Note.parse(body.partition(b"\n\n")[2]).text
        return 200, line_of(when, text, signer=MemorySigner("w1"), key_id=witness.witness.key.id)

    witness.mood = early
    refused(world, publisher, match="its clock says .*, ours 2026-11-20T.*; one of them is wrong")


def test_a_clock_that_lags_only_understates_how_fresh_we_are(tmp_path: Path, world: World) -> None:
    """F13: accepted, and shown with the time that it says."""
    slow = MemoryClock()
    slow.move(days=-30)
    witness = LoopbackWitness(tmp_path / "slow", "w1", clock=slow)
    publisher_under(world, policy_text([witness], "quorum w1")).publish()
    shown = Note.parse(world.objects.get("checkpoint")).signatures[1]
    assert timestamp_of(shown.blob) == int(slow.now().timestamp())
    witness.close()


def test_a_witness_that_saw_more_than_we_have_stops_us(
    world: World, witness: LoopbackWitness, publisher: Publisher
) -> None:
    """log-formats.md B8 9: a 409 with a larger size than ours means that we lost data."""
    before = world.objects.get("checkpoint")
    witness.mood = lambda path, _body: (409, b"100000\n") if path == "/add-checkpoint" else (404, b"\n")
    grow(world, 1)
    with pytest.raises(Rollback, match=r"witness w1 says it saw 100000 entries.*lotproof doctor"):
        publisher.publish()
    assert world.objects.get("checkpoint") == before


def test_a_witness_that_always_says_409_is_asked_twice_and_not_for_ever(
    world: World, witness: LoopbackWitness, publisher: Publisher
) -> None:
    witness.mood = lambda path, _body: (409, b"1\n") if path == "/add-checkpoint" else None
    witness.asked.clear()
    refused(world, publisher, match="answered 409")
    assert len(witness.asked) == 2


def test_a_witness_cannot_stop_the_log_with_a_checkpoint_that_we_did_not_sign(
    world: World, witness: LoopbackWitness, publisher: Publisher
) -> None:
    lie = f"{LOG.name}\n100000\n{'A' * 43}=\n\n— {LOG.name} {'A' * 91}=\n".encode()
    witness.mood = lambda path, _body: None if path == "/add-checkpoint" else (200, lie)
    grow(world, 1)
    assert publisher.publish().size == len(world.entries) + 2


def test_records_are_accepted_while_no_witness_answers(
    world: World, witness: LoopbackWitness, publisher: Publisher
) -> None:
    witness.stop()
    refused(world, publisher, match="does not answer")
    count = len(world.entries)
    grow(world, 5, name="meanwhile")
    assert len(world.entries) == count + 5
    assert publisher._quorum is not None
    witness.start()
    assert publisher.publish().size > count + 5
