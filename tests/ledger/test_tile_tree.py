"""A tree that grows tile by tile is the tree of RFC 6962, and its tiles are those of C2SP."""

import pytest

from ledger.core import merkle, tiles
from ledger.errors import ProofError
from ledger.tile_tree import TileTree

LEAVES = [merkle.leaf_hash(n.to_bytes(4, "big")) for n in range(65_900)]


def grown(size: int) -> tuple[TileTree, dict[tiles.Tile, bytes]]:
    tree, full = TileTree(), {}
    tree.on_tile = lambda tile, hashes: full.update({tile: b"".join(hashes)})
    for leaf in LEAVES[:size]:
        tree.append(leaf)
    return tree, full


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 512, 65_536, 65_537])
def test_root_and_tiles_at_sizes_around_full_tiles(size: int) -> None:
    tree, stored = grown(size)
    stored |= {tile: b"".join(hashes) for tile, hashes in tree.partial_tiles()}
    assert tree.size == size
    assert tree.root() == merkle.root_of(LEAVES[:size])
    assert set(stored) == {tile for tile in tiles.tiles_of(size) if tile.level >= 0}
    if size:
        hashes = tiles.TileHashes(size, lambda tile: stored[tile])
        assert tiles.right_edge(size, hashes).root() == tree.root()


@pytest.mark.parametrize("size", [0, 1, 300, 65_000])
def test_a_kept_tree_grows_on_as_if_it_had_never_stopped(size: int) -> None:
    kept, _ = grown(size)
    tree = TileTree.from_json(kept.to_json())
    full: list[tiles.Tile] = []
    tree.on_tile = lambda tile, _: full.append(tile)
    for leaf in LEAVES[size : size + 600]:
        tree.append(leaf)
    assert tree.root() == merkle.root_of(LEAVES[: size + 600])
    assert full == [tile for tile in sorted(grown(size + 600)[1]) if tile not in grown(size)[1]]


@pytest.mark.parametrize(
    "change",
    [
        {"size": 299},
        {"size": "x"},
        {"levels": []},
        {"levels": ["00", ""]},
        {"root": "00" * 32},
        {"levels": None},
    ],
)
def test_a_kept_tree_that_does_not_fit_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ProofError, match="a kept tree"):
        TileTree.from_json({**grown(300)[0].to_json(), **change})
