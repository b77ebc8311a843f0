"""Reading a log from entry 0 judges every record again, in order, without the writer."""

from collections.abc import Callable

import pytest

from ledger.core import merkle
from ledger.core.leaf import Leaf, sequenced
from ledger.errors import InvalidRecord, NotYourLot, ProofError
from ledger.replay import Replay, place_of
from ledger.store import log
from tests.ledger.world import CHILD_A, HEADS_KEY, LOG_KEY, ORIGIN, World

WorldAt = Callable[[str], World]


def leaves(world: World) -> list[bytes]:
    with world.database.reading() as connection:
        return [leaf for _, leaf in log.leaves(connection, 0, 10_000)]


def replay(*, origin: str = ORIGIN, log_key: bytes = LOG_KEY.public_key) -> Replay:
    return Replay(origin=origin, log_key=log_key)


@pytest.fixture
def whole(world: World) -> list[bytes]:
    world.play()
    world.publisher.publish()
    return leaves(world)


def test_a_replay_arrives_at_what_the_writer_has(world: World) -> None:
    world.play()
    world.publisher.publish()
    made = replay()
    for leaf in leaves(world):
        made.take(leaf)
    with world.database.reading() as connection:
        head = log.read_head(connection)
        assert head is not None
        for name, subject in made.state.subjects.items():
            assert log.subject(connection, name).head == subject.head
            if name != CHILD_A:
                assert log.subject(connection, name).state == subject.state
    point = made.point
    assert (made.size, point.last_leaf, point.last_rec) == (head.size, head.last_leaf.hex(), head.last_rec)
    assert (point.log, point.heads, point.heads_through) == (head.state, head.heads, head.heads_through)
    assert point.unopened_sales == 1, "without openings the sale's quantity is unknown"
    assert made.state.subjects[CHILD_A].state.sold is None
    assert made.root() == merkle.root_of(merkle.leaf_hash(leaf) for leaf in leaves(world))


@pytest.mark.parametrize(
    ("position", "message"),
    [(1, "^/log/i: is 1, at position 0"), (0, "^/log/i: is 0, at position 1")],
    ids=["first entry missing", "first entry twice"],
)
def test_a_gap_or_a_repetition_is_found_at_once(whole: list[bytes], position: int, message: str) -> None:
    made = replay()
    if position == 0:
        made.take(whole[0])
    with pytest.raises(InvalidRecord, match=message):
        made.take(whole[position])


def relinked(data: bytes, **changes: object) -> bytes:
    leaf = Leaf.parse(data)
    link = {"index": leaf.index, "previous": leaf.previous, "recorded_at": leaf.recorded_at, **changes}
    return sequenced(leaf.record, **link).encoded  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"previous": "ab" * 32}, "^/log/prev: is not the leaf hash of the entry before"),
        ({"recorded_at": "2026-11-19T00:00:00Z"}, "^/log/rec: runs back from"),
    ],
)
def test_a_wrong_link_is_refused(whole: list[bytes], changes: dict[str, object], message: str) -> None:
    made = replay()
    made.take(whole[0])
    with pytest.raises(InvalidRecord, match=message):
        made.take(relinked(whole[1], **changes))


def test_the_policy_pins_the_log_key_and_the_origin(whole: list[bytes]) -> None:
    with pytest.raises(InvalidRecord, match=r"^/body/data/log_key: is not the log key of the policy"):
        replay(log_key=HEADS_KEY.public_key).take(whole[0])
    with pytest.raises(InvalidRecord, match=r"^/body/origin: is a record of"):
        replay(origin="log.example/other").take(whole[0])


def test_a_log_opens_with_log_opened(whole: list[bytes]) -> None:
    with pytest.raises(InvalidRecord, match=r"^/body/type: a log opens with log.opened"):
        replay().take(relinked(whole[1], index=0, previous="0" * 64))


def test_an_altered_body_fails_at_its_signature(whole: list[bytes]) -> None:
    made = replay()
    for n, data in enumerate(whole):
        if b'"legal_name"' in data:
            altered = data.replace(b'"country":"CN"', b'"country":"VN"')
            with pytest.raises(ProofError, match=r"^/sigs/0: signature does not verify") as caught:
                made.take(altered)
            assert place_of(caught.value) == "/sigs/0"
            assert made.size == n
            return
        made.take(data)
    pytest.fail("the log registers a party")


def test_bytes_that_are_not_canonical_are_refused(whole: list[bytes]) -> None:
    with pytest.raises(InvalidRecord, match="not in canonical form"):
        replay().take(whole[0].replace(b'{"body":', b'{ "body":'))
    with pytest.raises(InvalidRecord, match="is not JSON"):
        replay().take(b"")


def test_heads_that_leave_a_subject_out_are_refused(whole: list[bytes]) -> None:
    """A lying operator signs a tree with one key fewer: only replay finds that."""
    made = replay()
    for data in whole[:-1]:
        made.take(data)
    made.state.changed.popitem()
    with pytest.raises(ProofError, match=r"^/body/data/root: the heads tree over") as caught:
        made.take(whole[-1])
    assert place_of(caught.value) == "/body/data/root"


def test_a_record_without_its_predecessor_is_refused(whole: list[bytes]) -> None:
    """Without the key's registration nothing it signed holds."""
    made = replay()
    keys = [n for n, data in enumerate(whole) if b'"type":"key.registered"' in data]
    index = next(n for n in keys if b"lot.declared:supplier" in whole[n])
    for data in whole[:index]:
        made.take(data)
    with pytest.raises(NotYourLot, match="is not registered"):
        take_shifted(made, whole[index + 1 :])
    assert made.size < len(whole) - 1


def take_shifted(made: Replay, rest: list[bytes]) -> None:
    for data in rest:
        made.take(relinked(data, index=made.size, previous=made.point.last_leaf))


def test_the_place_of_an_error_is_a_pointer_or_nothing() -> None:
    assert place_of(InvalidRecord("no", pointer="/data/x")) == "/data/x"
    assert place_of(ProofError("/sigs/0: no")) == "/sigs/0"
    assert place_of(ProofError("no place")) == ""
