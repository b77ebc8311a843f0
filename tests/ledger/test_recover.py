"""An old backup was restored: the published entries come back, verified; what was never public does not."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.audit import MirrorSource, audit
from ledger.core.checkpoint import Checkpoint, open_checkpoint, signed
from ledger.errors import MissingEvidence, ProofError, Rollback, StorageUnavailable
from ledger.handovers import published
from ledger.log_keys import LedgerKeys
from ledger.recover import missing, recover
from ledger.store import checkpoints, log
from tests.ledger.fakes import MemoryObjectStore, MemorySigner
from tests.ledger.loopback_witness import LOG
from tests.ledger.rotating import FIRST, SECOND, publisher_of, rotated, vkey
from tests.ledger.test_publish import grow
from tests.ledger.world import World, back_up


@pytest.fixture
def current(tmp_path: Path) -> Iterator[World]:
    """Published three times, the last time over more than one bundle."""
    (tmp_path / "current").mkdir()
    made = World(tmp_path / "current").play("granted")
    made.publisher.publish()
    back_up(made, tmp_path / "backup.db")
    made.record(made.declared())
    made.publisher.publish()
    grow(made, 260)
    made.publisher.publish()
    yield made
    made.close()


@pytest.fixture
def old(tmp_path: Path, current: World) -> Iterator[World]:
    """As of the first checkpoint, with the published files of today."""
    (tmp_path / "old").mkdir()
    shutil.copy(tmp_path / "backup.db", tmp_path / "old" / "ledger.db")
    made = World(tmp_path / "old", current.objects)
    made.clock.move(minutes=5)
    yield made
    made.close()


def back(old: World, note: bytes | None = None) -> tuple[int, int, int]:
    found = recover(
        old.database,
        old.writer,
        old.objects,
        note or old.objects.get("checkpoint"),
        LOG,
        clock=old.clock,
    )
    return found.start, found.end, found.committed


def rows(world: World, statement: str) -> list[tuple[object, ...]]:
    with world.database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def test_what_comes_back_is_what_was_published(current: World, old: World) -> None:
    start = len(rows(old, "SELECT idx FROM entries"))
    size = len(rows(current, "SELECT idx FROM entries"))
    assert missing(old.database, old.objects, old.objects.get("checkpoint"), LOG) == range(start, size)
    assert back(old)[:2] == (start, size)
    for table, order in (
        ("entries", "idx"),
        ("chain", "idx, subject"),
        ("heads_nodes", "bits, prefix"),
        ("log_state", "id"),
        ("keys", "key_id"),
        ("subjects", "subject"),
    ):
        wanted = rows(current, f"SELECT * FROM {table} ORDER BY {order}")
        assert rows(old, f"SELECT * FROM {table} ORDER BY {order}") == wanted, table


def test_what_was_signed_is_remembered_and_the_log_goes_on(current: World, old: World) -> None:
    back(old)
    with old.database.reading() as connection, current.database.reading() as other:
        signed_here = [(head.size, head.root, head.note) for head in checkpoints.all_of(connection)]
        assert signed_here == [(head.size, head.root, head.note) for head in checkpoints.all_of(other)]
    grow(old, 2, name="afterwards")
    checkpoint = old.publisher.publish()
    with old.database.reading() as connection:
        head = log.read_head(connection)
    assert head is not None
    assert checkpoint.size == head.size
    report = old.audit(saved=signed_here[-1][2])
    assert {finding.stage for finding in report.findings} <= {"openings", "rows", "manifest"}
    assert all(finding.kind == "missing" for finding in report.findings), (
        "nothing is wrong, some is not at hand"
    )


def test_a_second_run_finds_nothing_missing(old: World) -> None:
    back(old)
    start, end, _ = back(old)
    assert start == end


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_run_that_was_cut_off_is_gone_on_with(old: World, after: int) -> None:
    do, left = old.writer.do, [after]

    def flaky(unit: Callable[..., object], *, alone: bool = False) -> object:
        if left[0] == 0:
            left[0] = -1
            raise StorageUnavailable("power cut")
        left[0] -= 1
        return do(unit, alone=alone)

    old.writer.do = flaky  # type: ignore[assignment, method-assign]
    with pytest.raises(StorageUnavailable):
        back(old)
    back(old)
    with old.database.reading() as connection:
        head = log.read_head(connection)
        last = checkpoints.latest(connection)
    assert head is not None
    assert last is not None
    assert head.size == last.size


def test_a_history_of_its_own_is_not_mixed_with_the_published_one(old: World) -> None:
    grow(old, 3, name="after the accident")
    entries = rows(old, "SELECT idx FROM entries")
    with pytest.raises(Rollback, match="do not give the root signed"):
        back(old)
    assert rows(old, "SELECT idx FROM entries") == entries


def test_a_damaged_copy_is_not_believed(old: World) -> None:
    entries = rows(old, "SELECT idx FROM entries")
    store = old.objects
    assert isinstance(store, MemoryObjectStore)
    data = bytearray(store.objects["tile/entries/000"])
    data[-5] ^= 1
    store.objects["tile/entries/000"] = bytes(data)
    with pytest.raises(Rollback, match="or a copy is damaged"):
        back(old)
    assert rows(old, "SELECT idx FROM entries") == entries


def test_a_copy_that_is_not_whole_is_said_to_be_missing(old: World) -> None:
    assert isinstance(old.objects, MemoryObjectStore)
    del old.objects.objects["tile/entries/000"]
    with pytest.raises(MissingEvidence, match="tile/entries/000"):
        back(old)


def test_a_checkpoint_of_another_key_recovers_nothing(old: World) -> None:
    stranger = MemorySigner("stranger")
    checkpoint = Checkpoint(LOG.name, 900, bytes(32))
    note = signed(checkpoint, LOG, stranger.sign(checkpoint.text.encode()))
    with pytest.raises(ProofError, match="does not verify"):
        back(old, str(note).encode())


@pytest.mark.parametrize(
    "visible", [True, False], ids=["handover visible", "handover signed and never visible"]
)
def test_a_change_of_the_log_key_comes_back_as_far_as_the_former_key_signed_for_it(
    current: World, old: World, visible: bool
) -> None:
    hands = rotated(current)
    objects = current.objects
    assert isinstance(objects, MemoryObjectStore)
    handover = next(iter(published(objects)))
    if not visible:
        del objects.objects[f"checkpoints/{handover.checkpoint.size}"]
    keys = LedgerKeys(old.database, vkey(FIRST), objects)
    with pytest.raises(Rollback, match="history was lost"):
        publisher_of(old, hands).publish()
    note = objects.get("checkpoint")
    recover(old.database, old.writer, objects, note, keys, clock=old.clock)
    assert keys.now().every() == (vkey(FIRST), vkey(SECOND))
    grow(old, 1, name="after the recovery")
    shown = publisher_of(old, hands).publish()
    assert shown.size > open_checkpoint(note, keys).size
    assert audit(MirrorSource("mirror", objects), old.policy).verdict == "verified"


def test_a_new_log_key_that_the_former_one_did_not_sign_for_is_not_recovered(
    current: World, old: World
) -> None:
    rotated(current)
    objects = current.objects
    assert isinstance(objects, MemoryObjectStore)
    del objects.objects["log-keys/1"]
    keys = LedgerKeys(old.database, vkey(FIRST), objects)
    with pytest.raises(ProofError, match="no signature of a known key"):
        recover(old.database, old.writer, objects, objects.get("checkpoint"), keys, clock=old.clock)
