"""A11 and A12: forged and malformed proofs raise ProofError, nothing else, for a bounded effort."""

from collections.abc import Iterator, Sequence
from typing import Any, overload

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import heads, merkle, proof
from ledger.core.policy import Policy
from ledger.core.proof import InclusionProof
from ledger.errors import ProofError
from tests.ledger.core import trees
from tests.ledger.core.signers import LOG, signed_checkpoint

SIZE = 100
LEAVES = [merkle.leaf_hash(f"entry {n}".encode()) for n in range(SIZE)]
TREE = trees.WholeTree(LEAVES)
ROOT = trees.mth(LEAVES)
MILLION = 1_000_000
SIZES = st.integers(-2, SIZE + 2) | st.integers(-(2**70), 2**70)
HASHES = st.sampled_from(LEAVES[:4]) | st.binary(max_size=40)
NAMES = ("bits", "sibling", "leaf", "node", "empty", "key", "value_hash", "prefix", "left", "right")
PATHS = st.lists(HASHES, max_size=70)


class Endless(Sequence[bytes]):
    """A path of a million hashes that nobody may look at."""

    def __len__(self) -> int:
        return MILLION

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[bytes]: ...
    def __getitem__(self, index: int | slice) -> Any:
        raise AssertionError("a hash of a path that is too long was looked at")

    def __iter__(self) -> Iterator[bytes]:
        raise AssertionError("a path that is too long was walked")


def path_of(index: int) -> list[bytes]:
    return merkle.inclusion_path(index, SIZE, TREE)


class TestA11ForgedInclusionProofs:
    @pytest.mark.parametrize("index", [0, 1, 63, 64, 98, 99])
    def test_the_proof_that_all_others_are_made_from_holds(self, index: int) -> None:
        merkle.verify_inclusion(
            LEAVES[index], leaf_index=index, tree_size=SIZE, path=path_of(index), root=ROOT
        )

    @pytest.mark.parametrize("index", [0, 1, 63, 64, 98, 99])
    def test_no_other_index_is_proved(self, index: int) -> None:
        for other in {*range(-3, SIZE + 3), 2**31, 2**63 - 1, 2**63, 2**64 + index, -(2**64)} - {index}:
            with pytest.raises(ProofError):
                merkle.verify_inclusion(
                    LEAVES[index], leaf_index=other, tree_size=SIZE, path=path_of(index), root=ROOT
                )

    @pytest.mark.parametrize("index", [0, 64, 98, 99])
    def test_no_size_is_proved_whose_path_has_another_length(self, index: int) -> None:
        """Sizes whose path to the index has the same shape lead to the same root: the checkpoint says
        which one is meant, never the proof."""
        lengths = {size: len(merkle.inclusion_path(index, size, TREE)) for size in range(index + 1, SIZE)}
        others = [size for size, length in lengths.items() if length != len(path_of(index))]
        for size in [*others, 0, -1, 2**62, 2**63 - 1, 2**63]:
            with pytest.raises(ProofError):
                merkle.verify_inclusion(
                    LEAVES[index], leaf_index=index, tree_size=size, path=path_of(index), root=ROOT
                )

    @pytest.mark.parametrize("index", [0, 64, 99])
    def test_a_node_too_many_or_too_few_anywhere_proves_nothing(self, index: int) -> None:
        path = path_of(index)
        forged = [[*path[:n], LEAVES[5], *path[n:]] for n in range(len(path) + 1)]
        forged += [[*path[:n], *path[n + 1 :]] for n in range(len(path))]
        forged += [[*path[:n], *path[n:][::-1]] for n in range(len(path) - 1)]
        for wrong in forged:
            with pytest.raises(ProofError):
                merkle.verify_inclusion(
                    LEAVES[index], leaf_index=index, tree_size=SIZE, path=wrong, root=ROOT
                )

    def test_the_empty_tree_holds_nothing(self) -> None:
        for leaf in (merkle.EMPTY_ROOT, LEAVES[0]):
            with pytest.raises(ProofError):
                merkle.verify_inclusion(leaf, leaf_index=0, tree_size=0, path=[], root=merkle.EMPTY_ROOT)

    def test_a_million_nodes_are_refused_unseen(self) -> None:
        with pytest.raises(ProofError):
            merkle.verify_inclusion(LEAVES[0], leaf_index=0, tree_size=SIZE, path=Endless(), root=ROOT)

    def test_a_million_lines_of_a_proof_file_are_refused_unread(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        good = bytes(InclusionProof(0, tuple(path_of(0)), signed_checkpoint(SIZE, ROOT)))
        assert InclusionProof.parse(good).verify(b"entry 0", Policy.trusting(LOG.vkey)).size == SIZE
        read = 0

        def counted(text: str) -> bytes:
            nonlocal read
            read += 1
            return decode(text)

        decode = proof.decode_base64
        monkeypatch.setattr(proof, "decode_base64", counted)
        head, _, note = good.partition(b"\n\n")
        line = head.split(b"\n")[-1]
        with pytest.raises(ProofError):
            InclusionProof.parse(head + (b"\n" + line) * MILLION + b"\n\n" + note)
        assert read <= merkle.PATH_MAX + 1

    @given(leaf=HASHES, index=SIZES, size=SIZES, path=PATHS, root=HASHES)
    def test_anything_at_all_raises_nothing_but_our_own_error(
        self, leaf: bytes, index: int, size: int, path: list[bytes], root: bytes
    ) -> None:
        try:
            merkle.verify_inclusion(leaf, leaf_index=index, tree_size=size, path=path, root=root)
        except ProofError:
            return
        assert (index, size, path, root) == (0, 1, [], leaf)


class TestA12MalformedConsistency:
    @given(old_size=SIZES, size=SIZES, path=PATHS, old_root=HASHES, root=HASHES)
    def test_anything_at_all_raises_nothing_but_our_own_error(
        self, old_size: int, size: int, path: list[bytes], old_root: bytes, root: bytes
    ) -> None:
        try:
            merkle.verify_consistency(
                old_size=old_size, old_root=old_root, tree_size=size, root=root, path=path
            )
        except ProofError:
            return
        assert (old_size, old_root, path) == (size, root, [])

    def test_a_million_nodes_are_refused_unseen(self) -> None:
        with pytest.raises(ProofError):
            merkle.verify_consistency(old_size=10, old_root=ROOT, tree_size=SIZE, root=ROOT, path=Endless())

    @pytest.mark.parametrize("old_size", [1, 2, 63, 64, 65, 99])
    def test_no_other_two_sizes_are_joined_by_a_proof_of_these(self, old_size: int) -> None:
        path = merkle.consistency_path(old_size, SIZE, TREE)
        old_root = trees.mth(LEAVES[:old_size])
        merkle.verify_consistency(old_size=old_size, old_root=old_root, tree_size=SIZE, root=ROOT, path=path)
        for wrong in ({"old_size": SIZE, "tree_size": old_size}, {"old_size": 0}, {"old_size": -old_size}):
            sizes = {"old_size": old_size, "tree_size": SIZE} | wrong
            with pytest.raises(ProofError):
                merkle.verify_consistency(**sizes, old_root=old_root, root=ROOT, path=path)
        with pytest.raises(ProofError):
            merkle.verify_consistency(
                old_size=old_size, old_root=ROOT, tree_size=SIZE, root=old_root, path=path
            )


class TestForgedHeadsProofs:
    """The same for the prefix tree, whose proofs come from strangers, too."""

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=70),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.fixed_dictionaries({"steps": inner, "terminal": inner})
                | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
            ),
            max_leaves=12,
        )
    )
    def test_anything_at_all_raises_nothing_but_our_own_error(self, value: Any) -> None:
        try:
            found = heads.HeadsProof.from_json(value)
        except ProofError:
            return
        with pytest.raises(ProofError):
            heads.verify_presence(found, root=ROOT, key=LEAVES[0], seq=0, event_id="ab" * 32)
