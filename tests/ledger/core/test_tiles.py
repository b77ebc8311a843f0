"""Tiles are C2SP tlog-tiles': one path for each tile, and the same proofs as the tree itself."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import merkle, tiles
from ledger.core.tiles import Tile
from ledger.errors import ProofError
from tests.ledger.core.trees import WholeTree

SIZES = (0, 1, 255, 256, 257, 65535, 65536, 65537, 70000)
PAIRS = list(itertools.combinations_with_replacement(SIZES, 2))
PAIRS_FROM_ONE = [(old, size) for old, size in PAIRS if old]
WHOLE = WholeTree([merkle.leaf_hash(n.to_bytes(4, "big")) for n in range(70000)])


class TestPaths:
    @pytest.mark.parametrize(
        ("tile", "path"),
        [
            (Tile(0, 0), "tile/0/000"),
            (Tile(0, 999), "tile/0/999"),
            (Tile(0, 1000), "tile/0/x001/000"),
            (Tile(0, 1234067), "tile/0/x001/x234/067"),
            (Tile(63, 5, 1), "tile/63/005.p/1"),
            (Tile(1, 273, 255), "tile/1/273.p/255"),
            (Tile(-1, 0), "tile/entries/000"),
            (Tile(-1, 1000, 112), "tile/entries/x001/000.p/112"),
        ],
    )
    def test_a_tile_has_the_path_of_the_specification(self, tile: Tile, path: str) -> None:
        assert tile.path == path
        assert Tile.parse(path) == tile

    @given(st.builds(Tile, st.integers(-1, 63), st.integers(0, merkle.SIZE_MAX), st.integers(1, 256)))
    def test_a_path_reads_back_as_its_tile(self, tile: Tile) -> None:
        assert Tile.parse(tile.path) == tile

    @given(
        st.from_regex(r"tile/(entries|[0-9]{1,2})/(x[0-9]{3}/){0,3}[0-9]{3}(\.p/[0-9]{1,3})?", fullmatch=True)
    )
    def test_what_is_read_is_printed_the_same(self, path: str) -> None:
        try:
            tile = Tile.parse(path)
        except ProofError:
            return
        assert tile.path == path
        assert tile.level <= 63
        assert 1 <= tile.width <= 256

    @pytest.mark.parametrize(
        "path",
        [
            "",
            "tile",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/0/00",
            "tile/0/0000",
            "tile/0/1000",
            "tile/0/x000/000",
            "tile/0/001/000",
            "tile/0/x001/x000",
            "tile/0/x001/x00/000",
            "tile/0/X001/000",
            "tile/00/000",
            "tile/01/000",
            "tile/64/000",
            "tile/99/000",
            "tile/100/000",
            "tile/-1/000",
            "tile/+1/000",
            "tile/data/000",
            "tile/entry/000",
            "tile/0/000.p",
            "tile/0/000.p/",
            "tile/0/000.p/0",
            "tile/0/000.p/01",
            "tile/0/000.p/256",
            "tile/0/000.p/257",
            "tile/0/000.p/999",
            "tile/0/000.p/1000",
            "tile/0/000.p/-1",
            "tile/0/000.p/1/",
            "tile/0/000.P/1",
            "tile/0/000/",
            "tile/0/000\n",
            " tile/0/000",
            "/tile/0/000",
            "tile//000",
            "tile/0/٠٠٠",
            "tile/0/../checkpoint",
            "tile/8/0/000.p/1x",
            "tile/0/x010/x000/x000/x000/x000/x000/000",
            "tile/0/" + "x001/" * 2000 + "000",
        ],
    )
    def test_another_spelling_is_refused(self, path: str) -> None:
        with pytest.raises(ProofError, match="is not a tile path"):
            Tile.parse(path)


class TestTilesOfATree:
    @pytest.mark.parametrize("size", SIZES)
    def test_a_level_has_its_full_tiles_and_one_partial(self, size: int) -> None:
        """Widths by the formula of the specification: floor(s / 256^l) mod 256, never 0."""
        made = list(tiles.tiles_of(size))
        assert len(set(made)) == len(made)
        for level in range(-1, 64):
            hashes = size // 256 ** max(level, 0)
            expected = [Tile(level, index) for index in range(hashes // 256)]
            if hashes % 256:
                expected.append(Tile(level, hashes // 256, hashes % 256))
            assert [tile for tile in made if tile.level == level] == expected

    @pytest.mark.parametrize("size", SIZES)
    def test_bundles_come_first_and_levels_ascend(self, size: int) -> None:
        levels = [tile.level for tile in tiles.tiles_of(size)]
        assert levels == sorted(levels)

    def test_the_example_of_the_specification_holds(self) -> None:
        paths = [tile.path for tile in tiles.tiles_of(70000)]
        assert paths.count("tile/0/273.p/112") == 1
        assert [path for path in paths if path.startswith(("tile/1/", "tile/2/"))] == [
            "tile/1/000",
            "tile/1/001.p/17",
            "tile/2/000.p/1",
        ]
        assert [tile.path for tile in tiles.tiles_of(256)] == [
            "tile/entries/000",
            "tile/0/000",
            "tile/1/000.p/1",
        ]

    @pytest.mark.parametrize(("old", "size"), PAIRS)
    def test_a_growth_adds_the_tiles_that_the_old_tree_had_not(self, old: int, size: int) -> None:
        before = set(tiles.tiles_of(old))
        expected = [tile for tile in tiles.tiles_of(size) if tile not in before]
        assert list(tiles.tiles_between(old, size)) == expected

    @given(st.integers(0, 70000), st.integers(0, 70000))
    def test_any_growth_adds_exactly_what_is_new(self, one: int, other: int) -> None:
        old, size = sorted((one, other))
        before = set(tiles.tiles_of(old))
        expected = [tile for tile in tiles.tiles_of(size) if tile not in before]
        assert list(tiles.tiles_between(old, size)) == expected


class TestBundles:
    def test_the_example_of_the_specification_holds(self) -> None:
        assert tiles.bundle([b"a", b"bc"]) == bytes.fromhex("000161 00026263")

    @given(st.lists(st.binary(max_size=40), max_size=256))
    def test_a_bundle_reads_back_as_its_entries(self, entries: list[bytes]) -> None:
        assert tiles.parse_bundle(tiles.bundle(entries), len(entries)) == entries

    @given(st.binary(max_size=200), st.integers(0, 20))
    def test_what_is_read_is_printed_the_same(self, data: bytes, width: int) -> None:
        try:
            entries = tiles.parse_bundle(data, width)
        except ProofError:
            return
        assert len(entries) == width
        assert tiles.bundle(entries) == data

    def test_the_largest_entry_has_65535_bytes(self) -> None:
        entry = bytes(tiles.ENTRY_BYTES_MAX)
        assert tiles.parse_bundle(tiles.bundle([entry]), 1) == [entry]
        with pytest.raises(OverflowError):  # a programmer's mistake: leaves are measured when made
            tiles.bundle([entry + b"x"])

    @pytest.mark.parametrize("cut", range(1, 7))
    def test_a_bundle_cut_short_is_refused(self, cut: int) -> None:
        with pytest.raises(ProofError, match="entry bundle is cut short"):
            tiles.parse_bundle(tiles.bundle([b"a", b"bc"])[:-cut], 2)

    def test_bytes_after_the_last_entry_are_refused(self) -> None:
        with pytest.raises(ProofError, match="entry bundle has bytes after its last entry"):
            tiles.parse_bundle(tiles.bundle([b"a", b"bc"]), 1)


class TestHashTiles:
    @given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=256))
    def test_a_tile_is_its_hashes_one_after_the_other(self, hashes: list[bytes]) -> None:
        assert tiles.parse_tile(b"".join(hashes), len(hashes)) == hashes

    @pytest.mark.parametrize("length", [0, 31, 33, 63, 65, 96])
    def test_a_tile_of_another_length_is_refused(self, length: int) -> None:
        with pytest.raises(ProofError, match=f"a tile of 2 hashes has 64 bytes, not {length}"):
            tiles.parse_tile(bytes(length), 2)


class TestProofsFromTiles:
    @pytest.mark.parametrize("size", SIZES[1:])
    def test_inclusion_paths_equal_those_of_the_whole_tree(self, size: int) -> None:
        hashes = tiles.TileHashes(size, WHOLE.tile)
        root = merkle.range_root(0, size, hashes)
        assert root == merkle.range_root(0, size, WHOLE)
        for index in {n for n in (*SIZES, 128, 254, 40000, size - 1, size // 2) if n < size}:
            path = merkle.inclusion_path(index, size, hashes)
            assert path == merkle.inclusion_path(index, size, WHOLE)
            leaf = WHOLE(0, index)
            merkle.verify_inclusion(leaf, leaf_index=index, tree_size=size, path=path, root=root)

    @pytest.mark.parametrize(("old", "size"), PAIRS_FROM_ONE)
    def test_consistency_paths_equal_those_of_the_whole_tree(self, old: int, size: int) -> None:
        hashes = tiles.TileHashes(size, WHOLE.tile)
        path = merkle.consistency_path(old, size, hashes)
        assert path == merkle.consistency_path(old, size, WHOLE)
        merkle.verify_consistency(
            old_size=old,
            old_root=merkle.range_root(0, old, WHOLE),
            tree_size=size,
            root=merkle.range_root(0, size, hashes),
            path=path,
        )

    @given(st.data())
    def test_any_path_of_any_size_equals_the_one_of_the_whole_tree(self, data: st.DataObject) -> None:
        size = data.draw(st.integers(1, 70000))
        index = data.draw(st.integers(0, size - 1))
        hashes = tiles.TileHashes(size, WHOLE.tile)
        assert merkle.inclusion_path(index, size, hashes) == merkle.inclusion_path(index, size, WHOLE)
        assert merkle.consistency_path(index + 1, size, hashes) == merkle.consistency_path(
            index + 1, size, WHOLE
        )

    def test_only_tiles_of_the_tree_are_read_and_each_once(self) -> None:
        asked: list[Tile] = []

        def read(tile: Tile) -> bytes:
            asked.append(tile)
            return WHOLE.tile(tile)

        hashes = tiles.TileHashes(70000, read)
        for index in (0, 1, 69999):
            merkle.inclusion_path(index, 70000, hashes)
        assert len(set(asked)) == len(asked)
        assert set(asked) <= set(tiles.tiles_of(70000))

    def test_a_stored_tile_of_another_width_is_refused(self) -> None:
        hashes = tiles.TileHashes(300, lambda tile: WHOLE.tile(tile)[:-32])
        with pytest.raises(ProofError, match="a tile of 256 hashes has 8192 bytes, not 8160"):
            hashes(0, 7)

    @pytest.mark.parametrize("size", SIZES)
    def test_the_right_edge_goes_on_growing_the_tree(self, size: int) -> None:
        edge = tiles.right_edge(size, tiles.TileHashes(size, WHOLE.tile))
        assert edge.size == size
        if size:
            assert edge.root() == merkle.range_root(0, size, WHOLE)
        for index in range(size, min(size + 3, 70000)):
            edge.append(WHOLE(0, index))
            assert edge.root() == merkle.range_root(0, index + 1, WHOLE)


@pytest.mark.parametrize(
    ("key", "permanent"),
    [
        ("tile/0/000", True),
        ("tile/entries/x001/234", True),
        ("checkpoints/0", True),
        ("checkpoints/1234067", True),
        ("tile/0/000.p/255", False),
        ("tile/entries/000.p/1", False),
        ("checkpoint", False),
        ("checkpoints/007", False),
        ("checkpoints/7/8", False),
        ("tile/0/0", False),
        ("documents/ab", False),
        ("", False),
    ],
)
def test_only_what_never_changes_and_never_goes_is_permanent(key: str, permanent: bool) -> None:
    assert tiles.is_permanent(key) == permanent
