"""While the store of a published log is away, readers get the same bytes from the database."""

import pytest

from ledger.core import tiles
from ledger.core.checkpoint import open_checkpoint
from ledger.core.keys import VerifierKey
from ledger.errors import MissingEvidence, StorageConflict, StorageUnavailable
from ledger.standby import PAUSE_S, Standby
from ledger.verify import Verifier
from tests.conftest import POSTGRESQL, SQLITE
from tests.ledger.fakes import MemoryObjectStore
from tests.ledger.world import LOG_KEY, ORIGIN, World, but, ident

KEY = VerifierKey(ORIGIN, LOG_KEY.public_key)


class Away(MemoryObjectStore):
    """A store that can be out of reach."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.asked = 0

    def get(self, key: str) -> bytes:
        self.asked += 1
        if self.away:
            raise StorageUnavailable(f"{key}: no answer")
        return super().get(key)


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def store(world: World) -> Away:
    world.objects = store = Away()
    world.publisher._objects = store
    world.play("granted")
    draft = world.declared(data={"manifest": None}, rows=())
    for count in (40, 240):
        for n in range(count):
            world.record(but(draft, subjects=[ident("lot", f"{count} {n}")]))
        world.publisher.publish()
    return store


@pytest.mark.databases(SQLITE, POSTGRESQL)
def test_every_object_is_derived_as_it_was_published(world: World, store: Away, seconds: Seconds) -> None:
    standby = Standby(store, world.database, monotonic=seconds)
    store.away = True
    assert {tiles.Tile.parse(key).level for key in store.keys("tile")} == {-1, 0, 1}
    for key, data in store.objects.items():
        assert standby.get(key) == data, key
    shown = Verifier(standby, KEY)
    assert shown.checkpoint == open_checkpoint(store.objects["checkpoint"], KEY)


def test_nothing_is_shown_that_was_not_published(world: World, store: Away) -> None:
    size = open_checkpoint(store.get("checkpoint"), KEY).size
    world.record(but(world.declared(data={"manifest": None}, rows=()), subjects=[ident("lot", "new")]))
    store.away = True
    standby = Standby(store, world.database)
    assert open_checkpoint(standby.get("checkpoint"), KEY).size == size
    number, width = divmod(size, tiles.WIDTH)
    for level in (-1, 0):
        standby.get(tiles.Tile(level, number, width).path)
        with pytest.raises(MissingEvidence):
            standby.get(tiles.Tile(level, number, width + 1).path)
    for key in ("checkpoints/7", "tile/2/000.p/1", "documents/ab", "tile/0/000.p/0"):
        with pytest.raises(MissingEvidence):
            standby.get(key)


def test_a_store_that_is_away_is_not_asked_all_the_time(world: World, store: Away, seconds: Seconds) -> None:
    standby = Standby(store, world.database, monotonic=seconds)
    store.away, store.asked = True, 0
    for _ in range(5):
        standby.get("checkpoint")
    assert store.asked == 1
    seconds.now += PAUSE_S
    store.away = False
    store.objects["checkpoint"] = b"newer"
    assert [standby.get("checkpoint") for _ in range(2)] == [b"newer"] * 2


def test_what_the_store_does_not_have_is_missing(world: World, store: Away) -> None:
    """Only an absence of the store is bridged: an object that someone took away stays an alarm."""
    store.objects.clear()
    with pytest.raises(MissingEvidence):
        Standby(store, world.database).get("checkpoint")


def test_a_log_that_was_never_published_has_nothing_to_show(world: World) -> None:
    world.play("granted")
    store = Away()
    store.away = True
    with pytest.raises(StorageUnavailable, match="nothing was published"):
        Standby(store, world.database).get("checkpoint")


def test_writing_goes_to_the_store(world: World, store: Away) -> None:
    standby = Standby(store, world.database)
    standby.create("a", b"1")
    with pytest.raises(StorageConflict):
        standby.create("a", b"2")
    standby.replace("a", b"3")
    assert (store.objects["a"], list(standby.keys("a"))) == (b"3", list(store.keys("a")))
