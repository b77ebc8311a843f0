"""F10 to F13: whatever is done to this database, it signs no second history, and strangers would see one.

A restored backup, a copied database, a second publisher, a thief with the log key, a clock that runs back.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.core.checkpoint import Checkpoint, open_checkpoint, signed
from ledger.core.merkle import leaf_hash, root_of
from ledger.core.note import Note
from ledger.errors import NotVisible, Rollback, StorageConflict, StorageError
from ledger.publish import Publisher
from ledger.store import log
from tests.ledger.fakes import MemoryObjectStore
from tests.ledger.loopback_witness import LOG, LoopbackWitness, policy_text, publisher_under
from tests.ledger.test_publish import grow
from tests.ledger.world import World, back_up

Old = Callable[[MemoryObjectStore], World]


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[LoopbackWitness]:
    made = LoopbackWitness(tmp_path / "witness", "w1")
    yield made
    made.close()


@pytest.fixture
def current(tmp_path: Path) -> Iterator[World]:
    """The installation before the accident. A backup of its database was made on the way."""
    (tmp_path / "current").mkdir()
    made = World(tmp_path / "current").play("granted")
    back_up(made, tmp_path / "backup.db")
    made.record(made.declared())
    yield made
    made.close()


@pytest.fixture
def restored(tmp_path: Path, current: World) -> Iterator[Old]:
    """The same installation from that backup: same keys, same first records, none of the last ones."""
    made: list[World] = []

    def restore(objects: MemoryObjectStore) -> World:
        folder = tmp_path / f"restored {len(made)}"
        folder.mkdir()
        shutil.copy(tmp_path / "backup.db", folder / "ledger.db")
        made.append(World(folder, objects))
        return made[-1]

    yield restore
    for world in made:
        world.close()


def under(world: World, witness: LoopbackWitness, beside: MemoryObjectStore | None = None) -> Publisher:
    return publisher_under(world, policy_text([witness], "quorum w1"), beside=beside)


def entries_of(world: World) -> list[bytes]:
    with world.database.reading() as connection:
        return [leaf for _, leaf in log.leaves(connection, 0, 10_000)]


def nothing_was_done(world: World, entries: list[bytes]) -> None:
    """Not even a log.heads was recorded."""
    assert world.log_signer.signed == []
    assert entries_of(world) == entries


def test_a_restored_backup_is_refused_by_the_signed_head_alone(current: World, restored: Old) -> None:
    beside = MemoryObjectStore()
    publisher_under(current, f"log {LOG}\nquorum none\n", beside=beside).publish()
    old = restored(MemoryObjectStore())
    entries = entries_of(old)
    with pytest.raises(
        Rollback, match=r"the signed-head file is a tree of .* history was lost.*lotproof doctor"
    ):
        publisher_under(old, f"log {LOG}\nquorum none\n", beside=beside).publish()
    nothing_was_done(old, entries)


def test_a_restored_backup_is_refused_by_the_visible_checkpoint_alone(current: World, restored: Old) -> None:
    current.publisher.publish()
    assert isinstance(current.objects, MemoryObjectStore)
    old = restored(current.objects)
    entries = entries_of(old)
    with pytest.raises(Rollback, match="the visible checkpoint is a tree of"):
        old.publisher.publish()
    nothing_was_done(old, entries)


def test_a_restored_home_is_refused_by_a_witness_alone(
    current: World, restored: Old, witness: LoopbackWitness
) -> None:
    """Database, signed-head file and published files all come from the same old backup."""
    under(current, witness).publish()
    old = restored(MemoryObjectStore())
    entries = entries_of(old)
    with pytest.raises(Rollback, match=r"witness w1 is a tree of .* history was lost"):
        under(old, witness).publish()
    nothing_was_done(old, entries)


def test_a_restored_home_is_refused_even_when_nothing_waits_to_be_signed(
    current: World, restored: Old, witness: LoopbackWitness
) -> None:
    old = restored(MemoryObjectStore())
    beside = MemoryObjectStore()
    under(old, witness, beside).publish()
    lost = Checkpoint(LOG.name, 999, bytes(32))
    shown = str(signed(lost, LOG, current.log_signer.sign(lost.text.encode()))).encode()
    witness.mood = lambda _path, body: None if body else (200, shown)
    with pytest.raises(Rollback, match="witness w1 is a tree of 999"):
        under(old, witness, beside).publish()


@pytest.mark.parametrize("remembered", ["signed head", "visible", "witness"])
def test_a_restored_backup_that_grew_again_is_a_second_history(
    current: World, restored: Old, witness: LoopbackWitness, remembered: str
) -> None:
    """Only the roots tell the histories apart; sizes do not."""
    beside = MemoryObjectStore()
    under(current, witness, beside).publish()
    assert isinstance(current.objects, MemoryObjectStore)
    old = restored(current.objects if remembered == "visible" else MemoryObjectStore())
    grow(old, 10, name="after the accident")
    entries = entries_of(old)
    if remembered == "witness":
        publisher = under(old, witness)
    else:
        own = beside if remembered == "signed head" else MemoryObjectStore()
        publisher = publisher_under(old, f"log {LOG}\nquorum none\n", beside=own)
    with pytest.raises(Rollback, match="two histories of"):
        publisher.publish()
    nothing_was_done(old, entries)


def test_of_two_copies_of_one_home_only_one_goes_on(restored: Old, witness: LoopbackWitness) -> None:
    """Two homes with one key: the witness follows the first that comes, and the other stands still."""
    first, second = restored(MemoryObjectStore()), restored(MemoryObjectStore())
    beside = [MemoryObjectStore(), MemoryObjectStore()]
    grow(first, 2, name="first")
    grow(second, 4, name="second")
    shown = under(first, witness, beside[0]).publish()
    entries = entries_of(second)
    with pytest.raises(Rollback, match="two histories of"):
        under(second, witness, beside[1]).publish()
    nothing_was_done(second, entries)
    grow(first, 1, name="goes on")
    assert under(first, witness, beside[0]).publish().size == shown.size + 2
    assert "checkpoint" not in set(second.objects.keys())


def test_a_copy_that_signed_while_its_witness_was_away_is_stopped_when_it_is_back(
    restored: Old, witness: LoopbackWitness
) -> None:
    """The signature exists and was never public; the 422 and what the witness shows stop the rest."""
    first, second = restored(MemoryObjectStore()), restored(MemoryObjectStore())
    grow(second, 2, name="second")
    under(first, witness).publish()
    witness.stop()
    publisher = under(second, witness)
    with pytest.raises(NotVisible, match="does not answer"):
        publisher.publish()
    witness.start()
    for _ in range(2):
        with pytest.raises(Rollback, match=r"two histories of|history was lost"):
            publisher.publish()
    assert "checkpoint" not in set(second.objects.keys())
    assert [evidence.kind for evidence in witness.file.evidence()] in ([], ["unproven"])


def test_a_database_whose_entries_were_cut_below_what_it_signed_is_refused(current: World) -> None:
    current.publisher.publish()
    current.tamper("UPDATE log_state SET size = size - 1")
    with pytest.raises(Rollback, match=r"this database signed a tree of .* and holds"):
        current.publisher.publish()
    assert len(current.log_signer.signed) == 1


def test_a_signed_head_file_that_is_not_ours_stops_everything(current: World) -> None:
    beside = MemoryObjectStore()
    beside.objects["signed-head"] = b"damaged"
    with pytest.raises(StorageConflict, match="the signed-head file is not ours"):
        publisher_under(current, f"log {LOG}\nquorum none\n", beside=beside).publish()
    assert current.log_signer.signed == []


def test_a_thief_with_the_log_key_cannot_make_a_witness_forget(
    current: World, restored: Old, witness: LoopbackWitness
) -> None:
    """F10 and F12: history rewritten and signed with the stolen key; both trees are kept as evidence."""
    under(current, witness).publish()
    true = open_checkpoint(current.objects.get("checkpoint"), LOG)
    rewritten = entries_of(restored(MemoryObjectStore()))
    rewritten += [b"{}"] * (true.size - len(rewritten))
    false = Checkpoint(LOG.name, true.size, root_of(leaf_hash(entry) for entry in rewritten))
    note = str(signed(false, LOG, current.log_signer.sign(false.text.encode()))).encode()
    said = witness.witness.add_checkpoint(f"old {true.size}\n\n".encode() + note)
    assert said.status == 422
    (evidence,) = witness.file.evidence()
    assert (evidence.kind, evidence.size, evidence.root) == ("fork", true.size, false.root)
    assert open_checkpoint(evidence.known, LOG) == true
    saved = current.objects.get("checkpoint")
    assert isinstance(current.objects, MemoryObjectStore)
    current.objects.objects["checkpoint"] = note
    report = current.audit(saved=saved)
    assert report.exit_code == 3, "the auditor kept the tree that was seen last"


def test_a_clock_that_was_set_back_signs_nothing_and_hides_nothing(
    current: World, witness: LoopbackWitness
) -> None:
    """F13: the log's time never runs back; the public checkpoint stays, and it goes on when time does."""
    publisher = under(current, witness)
    publisher.publish()
    before = current.objects.get("checkpoint")
    grow(current, 1)
    current.clock.move(hours=-2)
    with pytest.raises(StorageError, match="the clock says"):
        publisher.publish()
    assert current.objects.get("checkpoint") == before
    assert len(current.log_signer.signed) == 1
    current.clock.move(hours=2)
    assert publisher.publish().size == len(current.entries) + 2


def test_a_witness_whose_clock_was_set_back_never_dates_back(
    current: World, witness: LoopbackWitness
) -> None:
    publisher = under(current, witness)
    publisher.publish()
    before = current.objects.get("checkpoint")
    witness.clock.move(hours=-1)  # type: ignore[attr-defined]
    publisher.publish(refresh=True)
    assert Note.parse(current.objects.get("checkpoint")) == Note.parse(before)
