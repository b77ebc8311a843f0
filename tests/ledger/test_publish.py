"""Publishing survives a storage fault at any step and never signs two histories."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.core import merkle, tiles
from ledger.core.checkpoint import Checkpoint, open_checkpoint, signed
from ledger.core.keys import VerifierKey
from ledger.errors import MissingEvidence, Rollback, StorageConflict, StorageError, StorageUnavailable
from ledger.publish import Publisher
from ledger.store import checkpoints, log
from tests.ledger.fakes import MemoryObjectStore, MemorySigner
from tests.ledger.world import LOG_KEY, ORIGIN, World, but, ident

KEY = VerifierKey(ORIGIN, LOG_KEY.public_key)
pytestmark = pytest.mark.databases("sqlite", "postgresql")
FAULTS = pytest.mark.parametrize("persist", [False, True], ids=["lost", "stored-but-reported-lost"])


def memory(world: World) -> MemoryObjectStore:
    assert isinstance(world.objects, MemoryObjectStore)
    return world.objects


def grow(world: World, count: int, *, name: str = "lot") -> None:
    draft = world.declared(data={"manifest": None}, rows=())
    for n in range(count):
        world.record(but(draft, subjects=[ident("lot", f"{name} {n}")]))


def test_a_published_log_is_complete(world: World) -> None:
    world.play("declared")
    checkpoint = world.publisher.publish()
    assert checkpoint == open_checkpoint(world.objects.get("checkpoint"), KEY)
    assert checkpoint.size == len(world.entries) + 1, "it ends with log.heads"
    assert set(world.objects.keys("tile")) == {tile.path for tile in tiles.tiles_of(checkpoint.size)}
    assert world.audit().verdict == "verified"


@FAULTS
@pytest.mark.parametrize("put", range(4))
def test_a_failed_put_is_healed_by_the_next_run(world: World, put: int, persist: bool) -> None:
    """Bundle, tile and checkpoint of the first tree, then those of the next, in their order."""
    world.play("declared")
    memory(world).fail_once(after_puts=put, persist=persist)
    for count in (1, 2):
        try:
            world.publisher.publish()
        except StorageUnavailable:
            world.publisher.publish()
        grow(world, 1, name=f"round {count}")
    checkpoint = world.publisher.publish()
    assert len(world.log_signer.signed) == len(set(world.log_signer.signed)) == 3
    report = world.audit()
    assert (report.verdict, report.tree_size) == ("verified", checkpoint.size)


@FAULTS
def test_every_put_of_a_growing_log_may_fail(world: World, persist: bool) -> None:
    """Over one tile of growth: each put in turn is lost or reported lost, and the log comes out whole."""
    world.play("granted")
    grow(world, 220)
    store = memory(world)
    for size in range(3):
        grow(world, 10, name=f"more {size}")
        failures = 0
        while True:
            store.fail_once(after_puts=failures, persist=persist)
            try:
                world.publisher.publish()
            except StorageUnavailable:
                failures += 1
                continue
            break
        store._faults.clear()
        assert failures > 2
    assert len(world.log_signer.signed) == 3, "one signature a tree size, however often it was retried"
    assert world.audit().verdict == "verified"


def test_a_tree_size_is_signed_once(world: World) -> None:
    world.play("declared")
    first = world.publisher.publish()
    for _ in range(3):
        assert world.publisher.publish() == first
    assert len(world.log_signer.signed) == 1


def test_a_new_publisher_goes_on_where_the_last_one_stopped(world: World) -> None:
    world.play("declared")
    world.publisher.publish()
    grow(world, 3)
    other = Publisher(
        world.database,
        world.writer,
        world.objects,
        log_signer=MemorySigner("log"),
        heads_signer=MemorySigner("heads"),
        clock=world.clock,
    )
    other.publish()
    assert world.audit(saved=memory(world).objects["checkpoint"]).verdict == "verified"


def test_a_log_that_is_not_opened_is_not_published(world: World) -> None:
    with pytest.raises(MissingEvidence, match="not opened"):
        world.publisher.publish()
    assert memory(world).puts == []


def test_a_log_that_ends_with_heads_gets_no_second_one(world: World) -> None:
    world.play("declared")
    memory(world).fail_once(after_puts=0, persist=False)
    with pytest.raises(StorageUnavailable):
        world.publisher.publish()
    assert world.publisher.publish().size == len(world.entries) + 1


def test_a_database_behind_the_visible_checkpoint_is_a_rollback(world: World, tmp_path: Path) -> None:
    """A backup was restored that is older than what others have seen."""
    world.play("declared")
    world.publisher.publish()
    (tmp_path / "old").mkdir()
    old = World(tmp_path / "old", world.objects).play("granted")
    with pytest.raises(Rollback, match="history was lost"):
        old.publisher.publish()
    old.close()


def test_a_database_with_another_history_of_the_same_size_is_a_rollback(world: World, tmp_path: Path) -> None:
    world.play("declared")
    world.publisher.publish()
    (tmp_path / "other").mkdir()
    other = World(tmp_path / "other").play("declared")
    other.publisher.publish()
    grow(other, 3)
    memory(other).objects["checkpoint"] = memory(world).objects["checkpoint"]
    with pytest.raises(Rollback, match="two histories of"):
        other.publisher.publish()
    other.close()


def test_a_visible_checkpoint_of_another_key_stops_the_publisher(world: World) -> None:
    world.play("declared")
    stranger = MemorySigner("stranger")
    checkpoint = Checkpoint(ORIGIN, 1, bytes(32))
    key = VerifierKey(ORIGIN, stranger.public_key)
    note = signed(checkpoint, key, stranger.sign(checkpoint.text.encode()))
    memory(world).objects["checkpoint"] = str(note).encode()
    with pytest.raises(StorageConflict, match="is not ours"):
        world.publisher.publish()


@pytest.mark.parametrize("kind", ["tile/entries/000.p/", "tile/0/000.p/"])
def test_an_existing_tile_with_other_bytes_is_refused(world: World, kind: str) -> None:
    world.play("declared")
    size = len(world.entries) + 1
    memory(world).objects[f"{kind}{size}"] = b"other bytes"
    with pytest.raises(StorageConflict, match="exists with other bytes"):
        world.publisher.publish()
    assert "checkpoint" not in memory(world).objects
    assert world.log_signer.signed == []


def test_a_key_that_is_not_the_logs_signs_nothing(world: World) -> None:
    world.play("declared")
    stranger = MemorySigner("stranger")
    wrong = Publisher(
        world.database,
        world.writer,
        world.objects,
        log_signer=stranger,
        heads_signer=world.heads_signer,
        clock=world.clock,
    )
    with pytest.raises(StorageError, match="is not the log's key"):
        wrong.publish()
    assert stranger.signed == []
    assert "checkpoint" not in memory(world).objects


def test_the_signature_is_durable_before_it_is_shown(world: World) -> None:
    world.play("declared")
    puts = len(list(tiles.tiles_of(len(world.entries) + 1)))
    memory(world).fail_once(after_puts=puts, persist=False)
    with pytest.raises(StorageUnavailable):
        world.publisher.publish()
    with world.database.reading() as connection:
        head = checkpoints.latest(connection)
    assert head is not None
    world.publisher.publish()
    assert world.objects.get("checkpoint") == head.note


def test_each_root_is_the_root_of_the_entries(world: World) -> None:
    world.play("granted")
    for _ in range(3):
        grow(world, 1, name=str(len(world.entries)))
        world.publisher.publish()
    with world.database.reading() as connection:
        leaves = [leaf for _, leaf in log.leaves(connection, 0, 10_000)]
        for head in checkpoints.all_of(connection):
            assert head.root == merkle.root_of(merkle.leaf_hash(leaf) for leaf in leaves[: head.size])


def another(world: World, **changes: object) -> Publisher:
    """A second publisher of the same installation, as a second process has one."""
    given = {"log_signer": world.log_signer, "heads_signer": world.heads_signer, "clock": world.clock}
    return Publisher(world.database, world.writer, world.objects, **{**given, **changes})  # type: ignore[arg-type]


class Meanwhile(MemoryObjectStore):
    """A store in which something happens, once, just before one object is read for the n-th time."""

    def __init__(self, key: str, then: Callable[[], object], *, reads: int = 1) -> None:
        super().__init__()
        self._key, self._then, self._reads = key, then, reads

    def get(self, key: str) -> bytes:
        if key == self._key:
            self._reads -= 1
            if self._reads == 0:
                self._then()
        return super().get(key)


@pytest.mark.parametrize("reads", [1, 2], ids=["before it begins", "before it shows its own"])
def test_a_quicker_publisher_is_neither_a_rollback_nor_overwritten(tmp_path: Path, reads: int) -> None:
    """Its larger tree, signed and shown between our steps, stays; nothing larger is ever replaced."""
    quicker: list[Checkpoint] = []
    world = World(tmp_path)

    def publish_more() -> None:
        grow(world, 3, name="meanwhile")
        quicker.append(another(world).publish())

    world.play("declared")
    another(world).publish()
    store = Meanwhile("checkpoint", publish_more, reads=reads)
    store.objects = memory(world).objects
    world.objects = store
    grow(world, 1)
    mine = another(world)
    store._reads = reads
    made = mine.publish()
    assert made == quicker[0]
    assert open_checkpoint(world.objects.get("checkpoint"), KEY) == quicker[0]
    assert world.audit().verdict == "verified"
    world.close()


def test_many_publishers_at_once_show_ever_larger_trees(world: World, tmp_path: Path) -> None:
    world.play("declared")
    shown: list[int] = []
    replace = memory(world).replace

    def watched(key: str, data: bytes) -> None:
        shown.append(open_checkpoint(data, KEY).size)
        replace(key, data)

    memory(world).replace = watched  # type: ignore[method-assign]
    publishers = [another(world, lock_file=tmp_path / "lock") for _ in range(4)]
    drafts = iter([world.declared(data={"manifest": None}, rows=())] * 16)
    errors: list[BaseException] = []

    def run(number: int, publisher: Publisher) -> None:
        try:
            for n in range(4):
                lot = ident("lot", f"{number} {n}")
                world.writer.record(world.submission(but(next(drafts), subjects=[lot])))
                publisher.publish()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must tell
            errors.append(error)

    threads = [threading.Thread(target=run, args=item) for item in enumerate(publishers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert shown == sorted(shown)
    assert world.audit().verdict == "verified"


def test_a_shown_tree_that_was_forgotten_must_still_be_in_the_log(world: World, tmp_path: Path) -> None:
    """A backup restored, and grown beyond what was shown: only the roots tell the histories apart."""
    world.play("declared")
    world.publisher.publish()
    forget(world, "DELETE FROM checkpoints")
    assert world.publisher.publish().size == len(world.entries) + 1
    (tmp_path / "other").mkdir()
    other = World(tmp_path / "other").play("granted")
    grow(other, 5, name="other")
    memory(other).objects["checkpoint"] = memory(world).objects["checkpoint"]
    with pytest.raises(Rollback, match="two histories of"):
        other.publisher.publish()
    assert other.log_signer.signed == []
    other.close()


def forget(world: World, statement: str) -> None:
    """What someone with the database in hand does; the guards on the tables are theirs to drop."""
    world.tamper(statement)


@pytest.mark.parametrize("published", [False, True], ids=["first tree", "next tree"])
@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE log_state SET last_leaf = zeroblob(32)", "is not the one that was recorded last"),
        ("UPDATE entries SET leaf = {odd}, leaf_hash = {odd_hash} WHERE idx = {n}", "is not linked to"),
        ("UPDATE entries SET leaf = {junk} WHERE idx = {n}", "do not hash to what was recorded"),
        ("UPDATE entries SET leaf = {junk}, leaf_hash = {junk_hash} WHERE idx = {n}", "are no tree to sign"),
        ("DELETE FROM entries WHERE idx = {n}", "are not all there"),
    ],
)
def test_entries_that_are_no_chain_are_not_signed(
    world: World, published: bool, statement: str, message: str
) -> None:
    world.play("granted")
    if published:
        world.publisher.publish()
    grow(world, 3)
    signed_before = list(world.log_signer.signed)
    memory(world).fail_once(after_puts=0, persist=False)
    with pytest.raises(StorageUnavailable):  # log.heads is recorded by now, and nothing is written
        world.publisher.publish()
    with world.database.reading() as connection:
        head = log.read_head(connection)
        assert head is not None
        odd = log.leaf(connection, head.size - 4)
    assert odd is not None
    values = {"n": head.size - 3}
    for name, data in (("odd", odd), ("junk", b"junk")):
        values |= {name: f"x'{data.hex()}'", f"{name}_hash": f"x'{merkle.leaf_hash(data).hex()}'"}  # type: ignore[dict-item]
    forget(world, statement.format(**values))
    with pytest.raises(StorageError, match=message):
        world.publisher.publish()
    assert world.log_signer.signed == signed_before


def test_a_tree_that_does_not_end_with_heads_is_not_signed(world: World) -> None:
    """The head row was set to claim that the last declaration is a ``log.heads``."""
    world.play("declared")
    forget(world, "UPDATE log_state SET heads_through = size - 1")
    with pytest.raises(StorageError, match=r"ends with log\.heads"):
        world.publisher.publish()
    assert world.log_signer.signed == []


def test_a_tree_that_left_the_one_signed_last_is_not_signed(world: World) -> None:
    world.play("declared")
    world.publisher.publish()
    grow(world, 1)
    forget(world, "UPDATE checkpoints SET root = zeroblob(32)")
    del memory(world).objects["checkpoint"]
    with pytest.raises(StorageError, match="do not give the root signed"):
        world.publisher.publish()
    assert len(world.log_signer.signed) == 1
