"""F4 and F36: the volume is full, or has become read-only; what was acknowledged stays, and it goes on.

A log lost its database to a full disk, and promised entries with it (Mammoth 2024h1): so no record
is acknowledged that is not durable, and the writer resumes without a restart when space is back.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import wiring
from gateway.settings import Settings
from gateway.wiring import Installation
from gateway.workflows.audit_log import audit_source
from gateway.workflows.parties import open_log
from ledger.adapters.folder import Folder
from ledger.author import Draft, Hand, new_id, write
from ledger.core.encoding import encode_base64
from ledger.errors import StorageUnavailable
from ledger.record import Submission
from ledger.store import log
from ledger.store.log import read_head
from ledger.store.view import StoredView
from tests.faults.volume import Volume, mounted
from tests.gateway.web import Caller
from tests.ledger.world import World, but, ident

SIZE_KIB = 3 * 1024
LEFT = 200_000  # bytes that are free when the writer meets the end
RECORDS_MAX = 2_000


@pytest.fixture
def volume(tmp_path: Path) -> Iterator[Volume]:
    with mounted(tmp_path / "small", size_kib=SIZE_KIB) as made:
        yield made


@pytest.fixture
def world(volume: Volume) -> Iterator[World]:
    made = World(volume.path, Folder(volume.path / "public"))
    made.play("declared")
    yield made
    made.close()


def record_on(world: World, name: str) -> None:
    draft = world.declared(data={"manifest": None}, rows=())
    world.record(but(draft, subjects=[ident("lot", name)]))


def fill_up(world: World) -> None:
    """Record until the volume has no room, which is told."""
    for n in range(RECORDS_MAX):
        try:
            record_on(world, f"filling {n}")
        except StorageUnavailable:
            return
    pytest.fail("the volume never filled up")


def check_everything_acknowledged(world: World) -> None:
    with world.database.reading() as connection:
        for entry in world.entries:
            assert log.index_of(connection, entry.event_id) == entry.index
    world.publisher.publish()
    report = world.audit()
    assert (report.exit_code, report.findings) == (0, [])


def test_the_writer_says_so_and_goes_on_when_space_is_back(world: World, volume: Volume) -> None:
    volume.fill(but=LEFT)
    before = len(world.entries)
    fill_up(world)
    assert len(world.entries) > before, "some were recorded while there was room"
    with pytest.raises(StorageUnavailable):
        record_on(world, "again, while it is full")
    volume.free()
    record_on(world, "space is back")
    check_everything_acknowledged(world)


def test_nothing_is_shown_of_what_could_not_be_written(world: World, volume: Volume) -> None:
    shown = world.publisher.publish()
    record_on(world, "before")
    volume.fill()
    with pytest.raises(StorageUnavailable):
        world.publisher.publish()
    assert world.objects.get("checkpoint").split(b"\n")[1] == str(shown.size).encode()
    volume.free()
    check_everything_acknowledged(world)


def test_readers_go_on_while_the_volume_is_full(world: World, volume: Volume) -> None:
    world.publisher.publish()
    volume.fill()
    with pytest.raises(StorageUnavailable):
        record_on(world, "no room")
    assert world.audit().exit_code == 0


def opened_home(volume: Volume) -> Installation:
    installation = wiring.create(Settings(home=volume.path / "home"))
    open_log(installation)
    installation.publisher.publish()
    return installation


def registration(installation: Installation) -> Submission:
    """A record that the registrar alone signs."""
    registrar = Hand(installation.config.registrar, installation.signer("registrar"), "registrar")
    facts = {"kind": "supplier", "country": "CN"}
    committed = {"legal_name": "A company", "address": ["1 Harbour Road"]}
    draft = Draft("party.registered", [registrar], facts, [new_id("party")], committed=committed)
    with installation.database.reading() as connection:
        view = StoredView(connection, read_head(connection))
        return write(draft, origin=installation.config.origin, at=installation.clock.now(), view=view)


def sent(caller: Caller) -> tuple[int, str, str]:
    """Status, slug and content type of the answer to one record."""
    submission = registration(caller.installation)
    content = {
        "body": encode_base64(submission.body),
        "sigs": [encode_base64(signature) for signature in submission.signatures],
        "open": {n: {"value": o.value, "salt": o.salt.hex()} for n, o in submission.open.items()},
    }
    answer = caller.post("/v1/records", json=content)
    return answer.status_code, answer.json().get("slug", ""), answer.headers["content-type"]


REFUSED = (503, "storage-unavailable", "application/problem+json")


def test_a_program_that_sends_records_is_told_503(volume: Volume) -> None:
    installation = opened_home(volume)
    try:
        caller = Caller(installation)
        assert sent(caller)[0] == 201
        volume.fill()
        answers = [sent(caller) for _ in range(3)]
        assert answers[-1] == REFUSED
        assert {answer[0] for answer in answers} <= {201, 503}
        assert caller.get("/log/checkpoint").status_code == 200, "reads live"
        volume.free()
        assert sent(caller)[0] == 201
    finally:
        installation.close()


def test_a_volume_that_became_read_only_is_told_503_and_reads_live(volume: Volume, tmp_path: Path) -> None:
    """As after an error of the file system: the program comes up on what it finds and cannot write."""
    running = opened_home(volume)
    try:
        shutil.copytree(volume.path / "home", tmp_path / "as it stood")
    finally:
        running.close()
    shutil.rmtree(volume.path / "home")
    shutil.copytree(tmp_path / "as it stood", volume.path / "home")  # with its write-ahead log
    volume.remount("ro")
    installation = wiring.open_(Settings(home=volume.path / "home"))
    try:
        caller = Caller(installation)
        assert caller.get("/log/checkpoint").status_code == 200
        assert caller.get("/v1/entries/0").status_code == 200
        assert [sent(caller) for _ in range(3)] == [REFUSED] * 3
        with pytest.raises(StorageUnavailable):
            installation.publisher.publish()
    finally:
        installation.close()
    volume.remount("rw")
    again = wiring.open_(Settings(home=volume.path / "home"))  # SQLite keeps what it opened read-only so
    try:
        assert sent(Caller(again))[0] == 201
        again.publisher.publish()
    finally:
        again.close()
    report = audit_source(again.settings, None, policy_file=None, vkey=None, saved_file=None)
    assert (report.exit_code, report.findings) == (0, [])
