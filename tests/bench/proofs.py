"""Proof time by tree size, over tiles of hashes and a heads tree: no entries are needed to walk them."""

import time
from hashlib import sha256

from ledger.core import heads, merkle, tiles
from tests.bench.heads import EVENT, StoredHeads, key

PAGES = 50
PAGE = 8  # entries of one lot


def hash_tiles(size: int) -> dict[str, bytes]:
    """Every hash tile of a tree of ``size`` made-up leaves, by path."""
    hashes = [sha256(n.to_bytes(8, "big")).digest() for n in range(size)]
    made: dict[str, bytes] = {}
    level = 0
    while hashes:
        for start in range(0, len(hashes), tiles.WIDTH):
            part = hashes[start : start + tiles.WIDTH]
            made[tiles.Tile(level, start // tiles.WIDTH, len(part)).path] = b"".join(part)
        whole = len(hashes) >> tiles.HEIGHT
        hashes = [merkle.root_of(hashes[n << 8 : (n + 1) << 8]) for n in range(whole)]
        level += 1
    return made


def proof_seconds(size: int) -> float:
    """The median time to make and check one inclusion proof, where a page shows PAGE entries.

    One reader of tiles serves a page, as ``TileHashes`` is meant to; the next page starts cold.
    """
    stored = hash_tiles(size)
    root = tiles.right_edge(size, tiles.TileHashes(size, lambda tile: stored[tile.path])).root()
    times = []
    for n in range(PAGES):
        start = time.perf_counter()
        hashes = tiles.TileHashes(size, lambda tile: stored[tile.path])
        for record in range(PAGE):
            index = (n * PAGE + record) * 7919 % size
            path = merkle.inclusion_path(index, size, hashes)
            leaf = sha256(index.to_bytes(8, "big")).digest()
            merkle.verify_inclusion(leaf, leaf_index=index, tree_size=size, path=path, root=root)
        times.append((time.perf_counter() - start) / PAGE)
    return sorted(times)[PAGES // 2]


def whole_proof_seconds(size: int, made: StoredHeads) -> float:
    """The median time to make and check one inclusion proof and one proof of wholeness, cold.

    made: a heads tree of as many subjects as there are entries, each at its first record.
    """
    stored = hash_tiles(size)
    root = tiles.right_edge(size, tiles.TileHashes(size, lambda tile: stored[tile.path])).root()
    times = []
    for n in range(PAGES * PAGE):
        index = n * 7919 % size
        start = time.perf_counter()
        hashes = tiles.TileHashes(size, lambda tile: stored[tile.path])
        path = merkle.inclusion_path(index, size, hashes)
        leaf = sha256(index.to_bytes(8, "big")).digest()
        merkle.verify_inclusion(leaf, leaf_index=index, tree_size=size, path=path, root=root)
        proof = heads.prove(key(index), made.head, made.read)
        heads.verify_presence(proof, root=made.head.root, key=key(index), seq=0, event_id=EVENT)
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]
