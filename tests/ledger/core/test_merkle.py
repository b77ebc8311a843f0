"""The tree is RFC 6962's: every proof leads to the root, and an altered one does not."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import merkle
from ledger.errors import ProofError
from tests.ledger.core import trees

LEAVES = [merkle.leaf_hash(f"entry {n}".encode()) for n in range(70)]
SIZES_AROUND_POWERS = sorted({2**k + d for k in range(13) for d in (-1, 0, 1)})


def _flipped(data: bytes, bit: int = 0) -> bytes:
    number = int.from_bytes(data, "big") ^ 1 << bit
    return number.to_bytes(len(data), "big")


class TestReferenceVectors:
    """github.com/transparency-dev/merkle, at the commit that the conformance data names."""

    def test_leaf_hashes_and_roots_equal_the_certificate_transparency_ones(self, conformance: Path) -> None:
        vectors = json.loads((conformance / "log/rfc6962_merkle_reference.json").read_text())
        leaves = [merkle.leaf_hash(bytes.fromhex(text)) for text in vectors["leaf_inputs_hex"]]
        assert [leaf.hex() for leaf in leaves] == vectors["leaf_hashes_hex"]
        roots = [merkle.root_of(leaves[:size]).hex() for size in range(len(leaves) + 1)]
        assert roots == vectors["root_by_size_hex"]

    def test_all_49_inclusion_probes_are_judged_as_stated(self, conformance: Path) -> None:
        def accepts(probe: dict) -> None:
            merkle.verify_inclusion(
                base64.b64decode(probe["leafHash"] or ""),
                leaf_index=probe["leafIdx"],
                tree_size=probe["treeSize"],
                path=[base64.b64decode(text) for text in probe["proof"] or []],
                root=base64.b64decode(probe["root"] or ""),
            )

        _judge(conformance, "inclusion", accepts, accepted=3, refused=46)

    def test_all_43_consistency_probes_are_judged_as_stated(self, conformance: Path) -> None:
        def accepts(probe: dict) -> None:
            merkle.verify_consistency(
                old_size=probe["size1"],
                old_root=base64.b64decode(probe["root1"] or ""),
                tree_size=probe["size2"],
                root=base64.b64decode(probe["root2"] or ""),
                path=[base64.b64decode(text) for text in probe["proof"] or []],
            )

        _judge(conformance, "consistency", accepts, accepted=3, refused=40)


def _judge(conformance: Path, kind: str, accepts, *, accepted: int, refused: int) -> None:
    folder = conformance / "log/transparency-dev-merkle/testdata" / kind
    verdicts = {True: 0, False: 0}
    for file in sorted(folder.rglob("*.json")):
        probe = json.loads(file.read_text())
        verdicts[probe["wantErr"]] += 1
        if probe["wantErr"]:
            with pytest.raises(ProofError):
                accepts(probe)
        else:
            accepts(probe)
    assert verdicts == {False: accepted, True: refused}


class TestRoots:
    def test_the_empty_tree_is_the_hash_of_nothing(self) -> None:
        expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        assert merkle.root_of([]) == merkle.EMPTY_ROOT == bytes.fromhex(expected)

    def test_a_node_can_never_be_replayed_as_an_entry(self) -> None:
        left, right = LEAVES[:2]
        assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)

    def test_odd_leaves_are_not_doubled(self) -> None:
        assert merkle.root_of(LEAVES[:3]) != merkle.root_of([*LEAVES[:3], LEAVES[2]])

    @pytest.mark.parametrize("size", range(71))
    def test_a_compact_range_equals_the_recursive_definition(self, size: int) -> None:
        assert merkle.root_of(LEAVES[:size]) == trees.mth(LEAVES[:size])

    def test_a_compact_range_equals_the_definition_around_every_power_of_two(self) -> None:
        leaves = [merkle.leaf_hash(n.to_bytes(2, "big")) for n in range(4098)]
        edge = merkle.CompactRange()
        for size in range(4098):
            if size in SIZES_AROUND_POWERS:
                assert edge.root() == trees.mth(leaves[:size]), size
            edge.append(leaves[size])

    @given(st.integers(0, 70), st.integers(0, 70))
    def test_a_compact_range_goes_on_from_its_hashes(self, one: int, other: int) -> None:
        start, end = sorted((one, other))
        before = merkle.CompactRange()
        for leaf in LEAVES[:start]:
            before.append(leaf)
        after = merkle.CompactRange(start, before.hashes)
        for leaf in LEAVES[start:end]:
            after.append(leaf)
        assert (after.size, after.root()) == (end, trees.mth(LEAVES[:end]))

    @pytest.mark.parametrize("hashes", [[], [LEAVES[0]], LEAVES[:3], [LEAVES[0], b"short"]])
    def test_a_compact_range_of_three_leaves_has_two_hashes(self, hashes: list[bytes]) -> None:
        with pytest.raises(ProofError, match="compact range of 3 leaves has 2 hashes of 32 bytes"):
            merkle.CompactRange(3, hashes)

    @given(st.integers(0, 2**63 - 1))
    def test_the_subtrees_of_a_tree_are_the_one_bits_of_its_size(self, size: int) -> None:
        covered = merkle.subtrees(0, size)
        assert [level for level, _ in covered] == [b for b in range(62, -1, -1) if size >> b & 1]
        assert all(index << level == size >> (level + 1) << (level + 1) for level, index in covered)

    def test_the_root_of_a_part_is_its_own_tree(self) -> None:
        tree = trees.WholeTree(LEAVES[:64])
        for start, end in [(0, 1), (32, 47), (48, 55), (63, 64), (0, 64)]:
            assert merkle.range_root(start, end, tree) == trees.mth(LEAVES[start:end])


class TestInclusion:
    @pytest.mark.parametrize("size", range(1, 71))
    def test_every_path_is_the_defined_one_and_leads_to_the_root(self, size: int) -> None:
        tree, root = trees.WholeTree(LEAVES[:size]), trees.mth(LEAVES[:size])
        for index in range(size):
            path = merkle.inclusion_path(index, size, tree)
            assert path == trees.path(index, LEAVES[:size])
            merkle.verify_inclusion(LEAVES[index], leaf_index=index, tree_size=size, path=path, root=root)

    @given(st.data())
    def test_an_altered_path_leads_elsewhere(self, data: st.DataObject) -> None:
        size = data.draw(st.integers(1, 70))
        index = data.draw(st.integers(0, size - 1))
        path, root, leaf = trees.path(index, LEAVES[:size]), trees.mth(LEAVES[:size]), LEAVES[index]
        place = data.draw(st.integers(0, max(0, len(path) - 1)))
        bit = data.draw(st.integers(0, 255))
        hash_ = data.draw(st.binary(min_size=32, max_size=32))
        alterations = {
            "leaf": (_flipped(leaf, bit), index, path, root),
            "root": (leaf, index, path, _flipped(root, bit)),
            "longer": (leaf, index, [*path[:place], hash_, *path[place:]], root),
            "outside": (leaf, data.draw(st.integers(size, 2**64)), path, root),
        }
        if path:
            flipped = [*path[:place], _flipped(path[place], bit), *path[place + 1 :]]
            alterations["hash"] = (leaf, index, flipped, root)
            alterations["shorter"] = (leaf, index, path[:place] + path[place + 1 :], root)
        if path != path[::-1]:
            alterations["order"] = (leaf, index, path[::-1], root)
        if size > 1:
            other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index))
            alterations["index"] = (leaf, other, path, root)
        kind = data.draw(st.sampled_from(sorted(alterations)))
        leaf, index, path, root = alterations[kind]
        with pytest.raises(ProofError):
            merkle.verify_inclusion(leaf, leaf_index=index, tree_size=size, path=path, root=root)

    @pytest.mark.parametrize("power", range(1, 63))
    def test_paths_hold_in_trees_around_every_power_of_two(self, power: int) -> None:
        """Trees of equal leaves: each level has one hash, so that trees of any size fit in memory."""
        levels = _levels_of_equal_leaves()
        for size in (2**power - 1, 2**power, 2**power + 1):
            root = merkle.range_root(0, size, lambda level, _: levels[level])
            for index in {0, size // 2, size - 1}:
                path = merkle.inclusion_path(index, size, lambda level, _: levels[level])
                assert len(path) <= merkle.PATH_MAX
                merkle.verify_inclusion(levels[0], leaf_index=index, tree_size=size, path=path, root=root)

    def test_the_largest_tree_needs_no_more_than_63_hashes(self) -> None:
        levels = _levels_of_equal_leaves()
        size = merkle.SIZE_MAX
        path = merkle.inclusion_path(0, size, lambda level, _: levels[level])
        assert len(path) == merkle.PATH_MAX == 63
        root = merkle.range_root(0, size, lambda level, _: levels[level])
        merkle.verify_inclusion(levels[0], leaf_index=0, tree_size=size, path=path, root=root)

    @pytest.mark.parametrize(
        ("index", "size"), [(0, 0), (1, 1), (-1, 1), (5, 4), (0, 2**63), (2**64 - 1, 1), (2**64, 2**64 + 1)]
    )
    def test_an_index_outside_the_tree_is_refused(self, index: int, size: int) -> None:
        with pytest.raises(ProofError, match="is outside a tree of"):
            merkle.verify_inclusion(LEAVES[0], leaf_index=index, tree_size=size, path=[], root=LEAVES[0])
        with pytest.raises(ProofError, match="is outside a tree of"):
            merkle.inclusion_path(index, size, trees.WholeTree(LEAVES))

    def test_an_empty_leaf_under_an_empty_root_is_refused(self) -> None:
        with pytest.raises(ProofError, match="every hash in a proof is 32 bytes"):
            merkle.verify_inclusion(b"", leaf_index=0, tree_size=1, path=[], root=b"")

    @pytest.mark.parametrize("length", [0, 31, 33])
    @pytest.mark.parametrize("place", ["leaf", "path", "root"])
    def test_a_hash_of_another_length_is_refused(self, place: str, length: int) -> None:
        hashes = {"leaf": LEAVES[0], "path": LEAVES[1], "root": trees.mth(LEAVES[:2])}
        hashes[place] = hashes[place][:length].ljust(length, b"\x00")
        with pytest.raises(ProofError, match="every hash in a proof is 32 bytes"):
            merkle.verify_inclusion(
                hashes["leaf"], leaf_index=0, tree_size=2, path=[hashes["path"]], root=hashes["root"]
            )

    def test_a_path_of_64_hashes_is_refused(self) -> None:
        with pytest.raises(ProofError, match="at most 63 hashes"):
            merkle.verify_inclusion(
                LEAVES[0], leaf_index=0, tree_size=2**62, path=LEAVES[:64], root=LEAVES[0]
            )

    def test_a_path_that_goes_past_the_root_is_refused(self) -> None:
        with pytest.raises(ProofError, match="inclusion proof is too long"):
            merkle.verify_inclusion(
                LEAVES[0], leaf_index=0, tree_size=2, path=LEAVES[1:3], root=trees.mth(LEAVES[:2])
            )

    def test_a_path_that_ends_below_the_root_is_refused(self) -> None:
        with pytest.raises(ProofError, match="inclusion proof is too short"):
            merkle.verify_inclusion(
                LEAVES[0], leaf_index=0, tree_size=4, path=[LEAVES[1]], root=trees.mth(LEAVES[:2])
            )

    def test_another_root_is_refused(self) -> None:
        with pytest.raises(ProofError, match="entry 0 is not in the tree of 1: the roots differ"):
            merkle.verify_inclusion(LEAVES[0], leaf_index=0, tree_size=1, path=[], root=LEAVES[1])


class TestConsistency:
    @pytest.mark.parametrize("size", range(1, 71))
    def test_every_path_is_the_defined_one_and_joins_both_roots(self, size: int) -> None:
        tree, root = trees.WholeTree(LEAVES[:size]), trees.mth(LEAVES[:size])
        for old in range(1, size + 1):
            path = merkle.consistency_path(old, size, tree)
            assert path == trees.proof(old, LEAVES[:size])
            merkle.verify_consistency(
                old_size=old, old_root=trees.mth(LEAVES[:old]), tree_size=size, root=root, path=path
            )

    @given(st.data())
    def test_an_altered_path_joins_nothing(self, data: st.DataObject) -> None:
        size = data.draw(st.integers(1, 70))
        old = data.draw(st.integers(1, size))
        path = trees.proof(old, LEAVES[:size])
        old_root, root = trees.mth(LEAVES[:old]), trees.mth(LEAVES[:size])
        place = data.draw(st.integers(0, max(0, len(path) - 1)))
        bit = data.draw(st.integers(0, 255))
        hash_ = data.draw(st.binary(min_size=32, max_size=32))
        alterations = {
            "old root": (_flipped(old_root, bit), root, path),
            "root": (old_root, _flipped(root, bit), path),
            "longer": (old_root, root, [*path[:place], hash_, *path[place:]]),
        }
        if path:
            flipped = [*path[:place], _flipped(path[place], bit), *path[place + 1 :]]
            alterations["hash"] = (old_root, root, flipped)
            alterations["shorter"] = (old_root, root, path[:place] + path[place + 1 :])
            alterations["roots swapped"] = (root, old_root, path)
        if path != path[::-1]:
            alterations["order"] = (old_root, root, path[::-1])
        kind = data.draw(st.sampled_from(sorted(alterations)))
        old_root, root, path = alterations[kind]
        with pytest.raises(ProofError):
            merkle.verify_consistency(old_size=old, old_root=old_root, tree_size=size, root=root, path=path)

    @pytest.mark.parametrize("power", range(1, 62))
    def test_paths_hold_between_trees_around_every_power_of_two(self, power: int) -> None:
        """Up to 2^62 leaves: beyond, the first node can make a path of 64 hashes, which we refuse."""
        levels = _levels_of_equal_leaves()
        sizes = (2**power - 1, 2**power, 2**power + 1, 2**62)
        roots = {size: merkle.range_root(0, size, lambda level, _: levels[level]) for size in sizes}
        for old in sizes:
            for size in sizes:
                if old <= size:
                    path = merkle.consistency_path(old, size, lambda level, _: levels[level])
                    merkle.verify_consistency(
                        old_size=old, old_root=roots[old], tree_size=size, root=roots[size], path=path
                    )

    def test_two_equal_trees_are_joined_by_nothing(self) -> None:
        for root, size in ((LEAVES[0], 1), (merkle.EMPTY_ROOT, 0)):
            merkle.verify_consistency(old_size=size, old_root=root, tree_size=size, root=root, path=[])

    def test_a_path_between_equal_sizes_is_refused(self) -> None:
        root = LEAVES[0]
        with pytest.raises(ProofError, match="equal size need an empty consistency proof"):
            merkle.verify_consistency(old_size=1, old_root=root, tree_size=1, root=root, path=[root])

    def test_two_roots_of_one_size_are_refused(self) -> None:
        with pytest.raises(ProofError, match="two roots for one tree size 1"):
            merkle.verify_consistency(old_size=1, old_root=LEAVES[0], tree_size=1, root=LEAVES[1], path=[])

    def test_an_empty_tree_with_another_root_is_refused(self) -> None:
        with pytest.raises(ProofError, match="two roots for one tree size 0"):
            merkle.verify_consistency(old_size=0, old_root=LEAVES[0], tree_size=0, root=LEAVES[0], path=[])

    @pytest.mark.parametrize("path", [[], LEAVES[:1]], ids=["empty", "filled"])
    def test_nothing_is_proved_from_the_empty_tree(self, path: list[bytes]) -> None:
        with pytest.raises(ProofError, match="proves nothing here"):
            merkle.verify_consistency(
                old_size=0, old_root=merkle.EMPTY_ROOT, tree_size=1, root=LEAVES[0], path=path
            )

    def test_an_empty_path_between_two_sizes_is_refused(self) -> None:
        with pytest.raises(ProofError, match="an empty consistency proof proves nothing"):
            merkle.verify_consistency(
                old_size=1, old_root=LEAVES[0], tree_size=2, root=trees.mth(LEAVES[:2]), path=[]
            )

    @pytest.mark.parametrize(("old", "size"), [(3, 2), (-1, 2), (1, 2**63), (2**63, 2**63)])
    def test_a_tree_that_shrinks_or_exceeds_63_bits_is_refused(self, old: int, size: int) -> None:
        with pytest.raises(ProofError, match="cannot extend one of"):
            merkle.verify_consistency(
                old_size=old, old_root=LEAVES[0], tree_size=size, root=LEAVES[0], path=[]
            )

    @pytest.mark.parametrize(("old", "size"), [(0, 2), (3, 2), (1, 2**63)])
    def test_no_path_is_made_between_sizes_that_have_none(self, old: int, size: int) -> None:
        with pytest.raises(ProofError, match="no consistency proof leads from"):
            merkle.consistency_path(old, size, trees.WholeTree(LEAVES))

    @pytest.mark.parametrize("place", ["old root", "root", "path"])
    @pytest.mark.parametrize("length", [0, 31, 33])
    def test_a_hash_of_another_length_is_refused(self, place: str, length: int) -> None:
        hashes = {"old root": LEAVES[0], "path": LEAVES[1], "root": trees.mth(LEAVES[:2])}
        hashes[place] = hashes[place][:length].ljust(length, b"\x00")
        with pytest.raises(ProofError, match="every hash in a proof is 32 bytes"):
            merkle.verify_consistency(
                old_size=1,
                old_root=hashes["old root"],
                tree_size=2,
                root=hashes["root"],
                path=[hashes["path"]],
            )

    def test_a_path_of_64_hashes_is_refused(self) -> None:
        with pytest.raises(ProofError, match="at most 63 hashes"):
            merkle.verify_consistency(
                old_size=3, old_root=LEAVES[0], tree_size=2**62, root=LEAVES[0], path=LEAVES[:64]
            )

    def test_a_path_that_goes_past_the_root_is_refused(self) -> None:
        with pytest.raises(ProofError, match="consistency proof is too long"):
            merkle.verify_consistency(
                old_size=1,
                old_root=LEAVES[0],
                tree_size=2,
                root=trees.mth(LEAVES[:2]),
                path=LEAVES[1:3],
            )

    def test_a_path_that_ends_below_the_root_is_refused(self) -> None:
        with pytest.raises(ProofError, match="consistency proof is too short"):
            merkle.verify_consistency(
                old_size=1, old_root=LEAVES[0], tree_size=4, root=trees.mth(LEAVES[:2]), path=[LEAVES[1]]
            )

    def test_a_history_rewritten_in_the_old_part_is_refused(self) -> None:
        forged = [LEAVES[1], *LEAVES[1:6]]
        path = trees.proof(3, forged)
        with pytest.raises(ProofError, match="the tree of 6 does not extend the one of 3"):
            merkle.verify_consistency(
                old_size=3, old_root=trees.mth(LEAVES[:3]), tree_size=6, root=trees.mth(forged), path=path
            )


def _levels_of_equal_leaves() -> list[bytes]:
    levels = [LEAVES[0]]
    for _ in range(63):
        levels.append(merkle.node_hash(levels[-1], levels[-1]))
    return levels
