"""One publisher at a time; who was overtaken neither signs nor shows."""

import threading

import pytest

from ledger.errors import StorageUnavailable
from ledger.publish import Publisher
from ledger.store import checkpoints, turns
from tests.ledger.test_publish import another, grow
from tests.ledger.world import World

BOTH = pytest.mark.databases("sqlite", "postgresql")


@BOTH
def test_each_turn_has_a_higher_epoch(world: World) -> None:
    world.play("declared")
    epochs = []
    for _ in range(3):
        world.publisher.publish()
        with world.database.reading() as connection:
            epochs.append(turns.current(connection))
    assert epochs == [1, 2, 3]


@BOTH
@pytest.mark.parametrize("step", ["_store", "_show"])
def test_a_publisher_that_was_overtaken_neither_stores_nor_shows(world: World, step: str) -> None:
    """It was cut off in the middle of its turn, lost its locks unseen, and comes back too late."""
    world.play("declared")
    late = another(world)
    before = getattr(late, step)

    def overtaken(*arguments: object) -> object:
        if step == "_show":
            world.writer.do(lambda ledger: turns.take(ledger.connection))
        else:
            turns.take(arguments[0].connection)  # type: ignore[attr-defined]
        return before(*arguments)

    setattr(late, step, overtaken)
    with pytest.raises(StorageUnavailable, match="another publisher has taken over"):
        late.publish()
    assert "checkpoint" not in set(world.objects.keys())
    with world.database.reading() as connection:
        assert (checkpoints.latest(connection) is None) == (step == "_store")


@pytest.mark.databases("postgresql")
def test_the_lock_of_the_database_keeps_another_machine_out(world: World) -> None:
    other = world.another_database()
    with (
        turns.locked(world.database),
        pytest.raises(StorageUnavailable, match="another machine publishes"),
        turns.locked(other, wait_s=0),
    ):
        pytest.fail("both hold the lock")
    with turns.locked(other, wait_s=0):
        pass
    other.close()


@pytest.mark.databases("postgresql")
def test_two_machines_that_publish_one_database_show_one_history(world: World) -> None:
    world.play("declared")
    other = world.another_database()
    publishers = [another(world), another(world)]
    publishers[1]._database = other
    errors: list[BaseException] = []

    def run(publisher: Publisher, name: str) -> None:
        try:
            for n in range(4):
                grow(world, 1, name=f"{name} {n}")
                publisher.publish()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must tell
            errors.append(error)

    run(publishers[0], "alone")
    threads = [threading.Thread(target=publisher.publish) for publisher in publishers * 3]
    grow(world, 1, name="for both")
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert world.audit().verdict == "verified"
    assert len(world.log_signer.signed) == len(set(world.log_signer.signed)) == 5
    other.close()
