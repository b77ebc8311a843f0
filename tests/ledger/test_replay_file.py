"""A replay whose state lies in a file judges as one in memory does, however little it may hold."""

from pathlib import Path

import pytest

from ledger.errors import InvalidRecord, StorageError, StorageUnavailable
from ledger.replay import Replay
from ledger.replay_file import StoredState, rules_version
from ledger.store import log
from tests.ledger.world import LOG_KEY, ORIGIN, World

BOUND_TO = {"origin": ORIGIN}


@pytest.fixture(scope="module")
def leaves(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    world = World(tmp_path_factory.mktemp("world")).play()
    world.publisher.publish()
    with world.database.reading() as connection:
        found = [leaf for _, leaf in log.leaves(connection, 0, 10_000)]
    world.close()
    return found


def state(path: Path, room_bytes: int = 1) -> StoredState:
    return StoredState(path, bound_to=BOUND_TO, room_bytes=room_bytes)


def replay(kept: StoredState | None = None) -> Replay:
    return Replay(origin=ORIGIN, log_key=LOG_KEY.public_key, state=kept)


def contents(made: Replay) -> list[object]:
    """Everything that later entries are judged by."""
    kept = made.state
    tables = (kept.subjects, kept.keys, kept.codes, kept.nodes, kept.changed, kept.grants, kept.gone)
    return [made.point, kept.tree.to_json(), *(dict(table.items()) for table in tables)]


def test_a_file_holds_what_memory_holds_after_every_entry(leaves: list[bytes], tmp_path: Path) -> None:
    kept = state(tmp_path / "state")
    one, other = replay(), replay(kept)
    for leaf in leaves:
        assert one.take(leaf) == other.take(leaf)
        assert contents(one) == contents(other)
    assert len(other.state.subjects) == len(one.state.subjects) > 10
    kept.close()


@pytest.mark.parametrize("place", [1, 10, 25])
def test_a_replay_goes_on_behind_its_last_save(leaves: list[bytes], tmp_path: Path, place: int) -> None:
    first = replay(state(tmp_path / "state"))
    for leaf in leaves[:place]:
        first.take(leaf)
    first.save()
    first.take(leaves[place])  # and this one is lost
    first.state.close()
    second, whole = replay(state(tmp_path / "state")), replay()
    assert second.size == place
    for leaf in leaves[place:]:
        second.take(leaf)
    for leaf in leaves:
        whole.take(leaf)
    assert contents(second) == contents(whole)
    second.state.close()


def test_an_earlier_record_is_found_by_its_id_before_and_after_a_save(
    leaves: list[bytes], tmp_path: Path
) -> None:
    made = replay(state(tmp_path / "state"))
    made._leaf_at = leaves.__getitem__
    ids = []
    for leaf in leaves[:20]:
        ids.append(made.take(leaf).record.event_id)
        if len(ids) == 10:
            made.save()
    for index, event_id in enumerate(ids):
        event = made.event(event_id)
        assert event is not None
        assert event.index == index
    assert made.event("ab" * 32) is None
    made.state.close()


def test_a_replay_that_refused_an_entry_is_not_saved(leaves: list[bytes], tmp_path: Path) -> None:
    made = replay(state(tmp_path / "state"))
    made.take(leaves[0])
    with pytest.raises(InvalidRecord):
        made.take(leaves[2])
    with pytest.raises(AssertionError, match="is not saved"):
        made.save()
    made.state.close()


def test_a_state_of_another_log_is_not_gone_on_from(leaves: list[bytes], tmp_path: Path) -> None:
    made = replay(state(tmp_path / "state"))
    made.take(leaves[0])
    made.save()
    made.state.close()
    other = StoredState(tmp_path / "state", bound_to={"origin": "log.example/other"}, room_bytes=1)
    assert (other.point.size, len(other.subjects)) == (0, 0)
    assert "another origin" in other.fresh
    other.close()


def test_one_process_at_a_time(tmp_path: Path) -> None:
    first = state(tmp_path / "state")
    with pytest.raises(StorageUnavailable, match="in use"):
        state(tmp_path / "state")
    first.close()
    state(tmp_path / "state").close()


def test_what_an_entry_made_and_is_gone_is_an_error_of_storage(tmp_path: Path) -> None:
    made = state(tmp_path / "state")
    with pytest.raises(StorageError, match="which an earlier entry made"):
        made.nodes[7, bytes(32)]
    made.close()


def test_the_version_of_the_rules_is_a_hash_of_them() -> None:
    assert len(rules_version()) == 64
