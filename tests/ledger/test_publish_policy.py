"""A checkpoint is public once the witnesses of the policy have cosigned it, and not before."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.core.checkpoint import open_checkpoint
from ledger.core.cosignature import open_cosignature
from ledger.core.keys import VerifierKey
from ledger.core.note import Note
from ledger.core.policy import parse
from ledger.errors import NotVisible, StorageError
from ledger.publish import Publisher
from ledger.standing import read_standing
from ledger.store import checkpoints
from tests.ledger.fakes import MemoryClock, MemoryObjectStore
from tests.ledger.loopback_witness import LOG, LoopbackWitness, policy_text, publisher_under
from tests.ledger.test_publish import grow
from tests.ledger.world import ORIGIN, World

pytestmark = pytest.mark.databases("sqlite", "postgresql")
TWO_OF_THREE = "group g 2 w1 w2 w3\nquorum g"


@pytest.fixture
def witnesses(tmp_path: Path) -> Iterator[list[LoopbackWitness]]:
    """Three, on one clock."""
    clock = MemoryClock()
    made = [LoopbackWitness(tmp_path / "witnesses", f"w{n}", clock=clock) for n in (1, 2, 3)]
    yield made
    for witness in made:
        witness.close()


@pytest.fixture
def published(world: World, witnesses: list[LoopbackWitness]) -> Publisher:
    """A publisher that needs two of three, which has published once."""
    world.play("declared")
    publisher = publisher_under(world, policy_text(witnesses, TWO_OF_THREE))
    publisher.publish()
    return publisher


def visible(world: World) -> bytes:
    return world.objects.get("checkpoint")


def signed_sizes(world: World) -> list[int]:
    return [int(message.split(b"\n")[1]) for message in world.log_signer.signed]


def down(_path: str, _body: bytes) -> tuple[int, bytes]:
    return 503, b"later\n"


def test_the_visible_checkpoint_satisfies_the_policy_for_anyone(
    world: World, witnesses: list[LoopbackWitness], published: Publisher
) -> None:
    grow(world, 3)
    published.publish()
    checkpoint = parse(policy_text(witnesses, TWO_OF_THREE).encode()).open(visible(world))
    assert checkpoint.size == len(world.entries) + 2
    assert len(Note.parse(visible(world)).signatures) == 4
    assert world.audit().verdict == "verified"


def test_one_witness_of_three_may_be_down(
    world: World, witnesses: list[LoopbackWitness], published: Publisher
) -> None:
    witnesses[1].stop()
    grow(world, 1)
    size = published.publish().size
    assert size == len(world.entries) + 2
    names = {signature.name for signature in Note.parse(visible(world)).signatures}
    assert names == {ORIGIN, "w1.example", "w3.example"}
    witnesses[1].start()


def test_without_the_quorum_the_old_checkpoint_stays_and_the_entries_are_safe(
    world: World, witnesses: list[LoopbackWitness], published: Publisher
) -> None:
    before = visible(world)
    for witness in witnesses[:2]:
        witness.mood = down
    grow(world, 2)
    with pytest.raises(NotVisible, match=r"unwitnessed since .* still see .*w1: it answered 503"):
        published.publish()
    assert visible(world) == before
    standing = read_standing(world.database, world.objects, LOG)
    assert (standing.size, standing.signed) == (len(world.entries) + 2, len(world.entries) + 2)
    assert standing.visible == open_checkpoint(before, LOG).size
    assert standing.waiting
    assert standing.unwitnessed_since
    for witness in witnesses:
        witness.mood = lambda _path, _body: None
    assert published.publish().size == standing.size
    after = read_standing(world.database, world.objects, LOG)
    assert (after.waiting, after.unwitnessed_since) == (False, "")
    assert len(signed_sizes(world)) == len(set(signed_sizes(world))) == 2, "each size was signed once"


def test_a_growing_log_signs_each_size_once_however_long_the_witnesses_are_away(
    world: World, witnesses: list[LoopbackWitness], published: Publisher
) -> None:
    for witness in witnesses:
        witness.mood = down
    for _ in range(3):
        grow(world, 1, name=str(len(world.entries)))
        for _ in range(2):
            with pytest.raises(NotVisible):
                published.publish()
    sizes = signed_sizes(world)
    assert len(sizes) == len(set(sizes)) == 4
    with world.database.reading() as connection:
        assert checkpoints.last_published(connection) == sizes[0]
    for witness in witnesses:
        witness.mood = lambda _path, _body: None
    assert published.publish().size == sizes[-1]
    with world.database.reading() as connection:
        assert checkpoints.last_published(connection) == sizes[-1]


def test_a_witness_that_lags_is_given_the_proof_from_where_it_stands(
    world: World, witnesses: list[LoopbackWitness], published: Publisher
) -> None:
    """Our own note of where it stands is wrong; its 409 says better, and one more request is enough."""
    witnesses[0].mood = down
    grow(world, 3)
    published.publish()
    world.tamper(f"UPDATE witness_state SET last_size = {len(world.entries)}")
    witnesses[0].mood = lambda _path, _body: None
    witnesses[0].asked.clear()
    grow(world, 1, name="later")
    published.publish()
    assert [body.split(b"\n")[0] for body in witnesses[0].asked] == [
        b"old %d" % len(world.entries[:-1]),
        b"old %d" % (len(world.entries) - 4 + 1),
    ]
    assert published._quorum is not None
    assert published._quorum.unheard == {}


@pytest.mark.parametrize(
    ("quorum", "up", "met"),
    [
        ("quorum w1", {1}, True),
        ("quorum w1", {2, 3}, False),
        ("group all all w1 w2 w3\nquorum all", {1, 2}, False),
        ("group any any w1 w2 w3\nquorum any", {3}, True),
        ("group inner any w2 w3\ngroup outer all w1 inner\nquorum outer", {1, 3}, True),
        ("group inner any w2 w3\ngroup outer all w1 inner\nquorum outer", {2, 3}, False),
        ("quorum none", set(), True),
    ],
)
def test_the_quorum_of_the_policy_decides(
    world: World, witnesses: list[LoopbackWitness], quorum: str, up: set[int], met: bool
) -> None:
    for number, witness in enumerate(witnesses, start=1):
        if number not in up:
            witness.mood = down
    world.play("declared")
    publisher = publisher_under(world, policy_text(witnesses, quorum))
    if met:
        assert publisher.publish().size == len(world.entries) + 1
    else:
        with pytest.raises(NotVisible, match="has not cosigned"):
            publisher.publish()
        assert "checkpoint" not in set(world.objects.keys())


def test_freshness_without_growth_renews_cosignatures_and_nothing_else(
    world: World, witnesses: list[LoopbackWitness], published: Publisher
) -> None:
    before = Note.parse(visible(world))
    signatures = len(world.log_signer.signed)
    published.publish()
    assert Note.parse(visible(world)) == before, "nobody asked for fresh ones"
    assert isinstance(witnesses[0].clock, MemoryClock)
    witnesses[0].clock.move(seconds=60)
    published.publish(refresh=True)
    after = Note.parse(visible(world))
    assert (after.text, after.signatures[0]) == (before.text, before.signatures[0])
    assert len(world.log_signer.signed) == signatures
    for old, new in zip(before.signatures[1:], after.signatures[1:], strict=True):
        key = VerifierKey.parse(next(w.vkey for w in witnesses if w.name in old.name))
        times = [open_cosignature(after.text, one.line.encode(), key).timestamp for one in (old, new)]
        assert times[1] == times[0] + 60


def test_a_crash_after_the_cosignatures_needs_no_witness_to_go_on(
    world: World, witnesses: list[LoopbackWitness]
) -> None:
    """They are stored before anything is shown; the witnesses may be gone by the time we are back."""
    world.play("declared")
    text = policy_text(witnesses, TWO_OF_THREE)
    put = world.objects.replace

    def dies(key: str, data: bytes) -> None:
        raise KeyboardInterrupt

    world.objects.replace = dies  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        publisher_under(world, text).publish()
    world.objects.replace = put  # type: ignore[method-assign]
    for witness in witnesses:
        witness.stop()
    assert publisher_under(world, text).publish().size == len(world.entries) + 1
    for witness in witnesses:
        witness.start()


def test_each_visible_checkpoint_is_archived_as_it_was_signed(
    world: World, witnesses: list[LoopbackWitness], published: Publisher
) -> None:
    grow(world, 1)
    published.publish()
    with world.database.reading() as connection:
        heads = checkpoints.all_of(connection)
    assert [world.objects.get(f"checkpoints/{head.size}") for head in heads] == [h.note for h in heads]


def test_what_is_not_visible_is_not_archived(
    world: World, witnesses: list[LoopbackWitness], published: Publisher
) -> None:
    for witness in witnesses:
        witness.mood = down
    grow(world, 1)
    with pytest.raises(NotVisible):
        published.publish()
    assert len(list(world.objects.keys("checkpoints"))) == 1


def test_the_signed_head_is_kept_before_a_witness_hears_of_it(
    world: World, witnesses: list[LoopbackWitness]
) -> None:
    world.play("declared")
    beside = MemoryObjectStore()
    kept: list[bytes] = []
    witnesses[0].mood = lambda path, body: (
        kept.append(beside.objects.get("signed-head", b"")) if body else None
    )
    publisher_under(world, policy_text(witnesses[:1], "quorum w1"), beside=beside).publish()
    with world.database.reading() as connection:
        assert kept == [checkpoints.all_of(connection)[-1].note]


def test_a_policy_about_another_log_signs_nothing(world: World, witnesses: list[LoopbackWitness]) -> None:
    world.play("declared")
    other = VerifierKey("other.example", LOG.public_key)
    text = policy_text(witnesses, TWO_OF_THREE).replace(str(LOG), str(other))
    with pytest.raises(StorageError, match="does not list this log; add the line: log "):
        publisher_under(world, text).publish()
    assert world.log_signer.signed == []


def test_a_witness_without_an_address_is_named(world: World, witnesses: list[LoopbackWitness]) -> None:
    world.play("declared")
    text = policy_text(witnesses, TWO_OF_THREE)
    for witness in witnesses:
        text = text.replace(f" {witness.url}", "")
    with pytest.raises(NotVisible, match="w1: the policy gives no address"):
        publisher_under(world, text).publish()


@pytest.mark.parametrize(
    "statement", ["UPDATE cosignatures SET line = x'00'", "UPDATE cosignatures SET ts = 0"]
)
def test_a_stored_cosignature_that_was_changed_is_asked_for_again(
    world: World, witnesses: list[LoopbackWitness], published: Publisher, statement: str
) -> None:
    note = visible(world)
    world.tamper(statement)
    witnesses[0].asked.clear()
    published.publish()
    assert visible(world) == note
    assert len(witnesses[0].asked) == ("line" in statement)
