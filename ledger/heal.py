"""What a publisher makes good by itself, and what stops it.

An object of a signed tree that is missing is made again from the database. One that is there with
other bytes is for a person to look at: ``lotproof fsck``.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from ledger.core import merkle, tiles
from ledger.errors import MissingEvidence, StorageConflict, StorageError
from ledger.ports import ObjectStore
from ledger.store import checkpoints, log
from ledger.store.checkpoints import PUBLISHED, SignedHead
from ledger.tile_tree import TileTree

ARCHIVE = "checkpoints"


def create_missing(connection: Connection, objects: ObjectStore, last: SignedHead) -> int:
    """Create every tile, bundle and archived checkpoint that is gone; returns how many there were.

    Goes by the names that the store lists. Raises StorageError, having written nothing, when
    something is missing and the entries do not give the root of ``last``, the head signed last.
    """
    there = {*objects.keys("tile"), *objects.keys(ARCHIVE)}
    missing = {tile.path: tile for tile in tiles.tiles_of(last.size) if tile.path not in there}
    if missing:
        hashes = _hash_tiles(connection, last, missing)
        for path, tile in missing.items():
            objects.create(path, hashes[path] if tile.level >= 0 else tile_bytes(connection, tile))
    archive = {f"{ARCHIVE}/{size}": size for size in connection.execute(select(PUBLISHED.c.size)).scalars()}
    gone = {key: size for key, size in archive.items() if key not in there}
    for key, size in gone.items():
        head = checkpoints.of_size(connection, size)
        if head is not None:
            objects.create(key, head.note)
    return len(missing) + len(gone)


def check_edge(connection: Connection, objects: ObjectStore, size: int) -> None:
    """Compare the last bundle and leaf tile of a signed tree with its entries, before it grows.

    Raises StorageConflict when they differ. What lies above and before them is read when the new
    root is made, and compared with the signed one.
    """
    index, width = (size - 1) >> tiles.HEIGHT, size % tiles.WIDTH or tiles.WIDTH
    for level in (-1, 0):
        tile = tiles.Tile(level, index, width)
        expected = tile_bytes(connection, tile)
        try:
            stored = objects.get(tile.path)
        except MissingEvidence:
            objects.create(tile.path, expected)
            continue
        if stored != expected:
            raise StorageConflict(f"{tile.path} exists with other bytes; see: lotproof fsck")


def tile_bytes(connection: Connection, tile: tiles.Tile) -> bytes:
    """A bundle from the entries, a tile from the leaf hashes beside them, whatever its size."""
    span = 1 << (tiles.HEIGHT * max(tile.level, 0))  # entries below one hash
    start = tile.index * tiles.WIDTH * span
    if tile.level < 0:
        return tiles.bundle([leaf for _, leaf in log.leaves(connection, start, start + tile.width)])
    firsts = range(start, start + tile.width * span, span)
    return b"".join(merkle.root_of(log.leaf_hashes(connection, first, first + span)) for first in firsts)


def _hash_tiles(
    connection: Connection, last: SignedHead, wanted: Mapping[str, tiles.Tile]
) -> dict[str, bytes]:
    """The wanted tiles of hashes, from the entries' own bytes; only if these give the signed root."""
    found: dict[str, bytes] = {}
    tree = TileTree()

    def full(tile: tiles.Tile, hashes: "list[bytes]") -> None:
        if tile.path in wanted:
            found[tile.path] = b"".join(hashes)

    tree.on_tile = lambda tile, hashes: full(tile, list(hashes))
    for _, leaf in log.leaves(connection, 0, last.size):
        tree.append(merkle.leaf_hash(leaf))
    if (tree.size, tree.root()) != (last.size, last.root):
        raise StorageError(
            f"objects are missing, and the entries do not give the root signed for {last.size} to make "
            "them from; see: lotproof fsck"
        )
    for tile, hashes in tree.partial_tiles():
        full(tile, hashes)
    return found
