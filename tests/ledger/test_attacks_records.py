"""A9 and A10 against the writer: what can be read two ways is refused, and nothing of it is stored."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.core import canonical, envelope, merkle
from ledger.core.envelope import signing_input
from ledger.core.leaf import Leaf
from ledger.errors import InvalidRecord
from ledger.record import Submission
from ledger.store import log
from tests.ledger.hostile import NESTED, SPELLINGS
from tests.ledger.world import World, but, signer

AUTHOR = signer("supplier", "supplier")


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A log that nothing here may be added to."""
    world = World(tmp_path_factory.mktemp("attacked")).play("granted")
    yield world
    world.close()


def declaration(world: World) -> bytes:
    return world.submission(
        but(world.declared(data={"manifest": None}, rows=()), committed={"price": None})
    ).body


def signed(body: bytes) -> Submission:
    """As its author signs it: these very bytes."""
    return Submission(body, (AUTHOR.sign(signing_input(body)),))


def size_of(world: World) -> int:
    with world.database.reading() as connection:
        head = log.read_head(connection)
    assert head is not None
    return head.size


class TestA9Canonicalisation:
    def test_the_spelling_that_all_others_are_made_from_is_accepted(self, tmp_path: Path) -> None:
        """Or they would be refused for another reason."""
        world = World(tmp_path).play("granted")
        assert world.writer.record(signed(declaration(world))).created
        world.close()

    @pytest.mark.parametrize("name", SPELLINGS)
    def test_a_spelling_that_could_be_read_two_ways_is_refused(self, standing: World, name: str) -> None:
        size = size_of(standing)
        body = SPELLINGS[name](declaration(standing))
        with pytest.raises(InvalidRecord):
            standing.writer.record(signed(body))
        assert size_of(standing) == size

    @pytest.mark.parametrize("name", [name for name in NESTED if name != "seventeen arrays"])
    def test_what_is_too_large_or_too_deep_is_refused_before_it_is_walked(
        self, standing: World, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        """Bounded work: such a body is measured or refused by the parser, never visited member by member."""
        body = NESTED[name](declaration(standing))
        assert len(body) > envelope.BODY_BYTES_MAX
        monkeypatch.setattr(canonical, "loads", None)
        monkeypatch.setattr(envelope.canonical, "check_shape", None)
        with pytest.raises(InvalidRecord):
            standing.writer.record(signed(body))

    def test_whatever_stands_in_the_log_reads_the_same_to_an_independent_parser(
        self, standing: World
    ) -> None:
        """Python's own JSON reader, told to refuse what is lax in it, prints the very bytes again."""

        def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
            assert len(dict(pairs)) == len(pairs)
            return dict(pairs)

        def no_float(text: str) -> None:
            pytest.fail(f"{text} stands in the log")

        with standing.database.reading() as connection:
            leaves = [data for _, data in log.leaves(connection, 0, size_of(standing))]
        for data in leaves:
            value = json.loads(data, object_pairs_hook=once, parse_float=no_float, parse_constant=no_float)
            again = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            assert again.encode() == data


class TestA10SecondPreimage:
    def test_two_hashes_are_no_entry(self, standing: World) -> None:
        """The 64 bytes under a node, sent as a record."""
        with standing.database.reading() as connection:
            left, right = log.leaf_hashes(connection, 0, 2)
        with pytest.raises(InvalidRecord):
            standing.writer.record(signed(left + right))
        with pytest.raises(InvalidRecord):
            Leaf.parse(left + right)

    def test_no_node_of_a_tree_is_the_hash_of_an_entry(self) -> None:
        leaves = [merkle.leaf_hash(bytes([n])) for n in range(64)]
        level = leaves
        while len(level) > 1:
            pairs = [left + right for left, right in zip(level[::2], level[1::2], strict=True)]
            level = [merkle.node_hash(pair[:32], pair[32:]) for pair in pairs]
            assert [sha256(b"\x01" + pair).digest() for pair in pairs] == level
            assert not set(level) & {merkle.leaf_hash(pair) for pair in pairs}
