"""Tiles from entries, and the root that may be signed: what gives it is checked again from both sides."""

from sqlalchemy import Connection

from ledger.core import merkle, tiles
from ledger.core.leaf import FIRST_PREVIOUS, Leaf
from ledger.errors import InvalidRecord, ProofError, StorageError
from ledger.ports import ObjectStore
from ledger.store import log
from ledger.store.checkpoints import SignedHead
from ledger.store.log import LogHead


def write_tiles(connection: Connection, objects: ObjectStore, old_size: int, size: int) -> None:
    """Write the tiles that the growth adds, bundles first, then upwards.

    old_size: the last signed size; everything before it was written before it was signed. Raises
    StorageConflict when a tile exists with other bytes.
    """
    for tile in tiles.tiles_between(old_size, size):
        objects.create(tile.path, _tile_bytes(connection, objects, tile))


def hashes_of(objects: ObjectStore, size: int) -> tiles.TileHashes:
    return tiles.TileHashes(size, lambda tile: objects.get(tile.path))


def checked_root(
    connection: Connection, objects: ObjectStore, size: int, last: SignedHead | None, head: LogHead
) -> bytes:
    """The root from the tiles just written, if the entries since ``last`` are what gives it.

    Each new entry must stand at its index and name the one before it, and the tree signed last
    with them at its right edge must be the tree of the tiles. Raises StorageError.
    """
    try:
        hashes = hashes_of(objects, size)
        edge = tiles.right_edge(last.size if last else 0, hashes)
        if last is not None and edge.root() != last.root:
            raise StorageError(f"the tiles do not give the root signed for {last.size} entries")
        previous = hashes(0, last.size - 1).hex() if last is not None else FIRST_PREVIOUS
        leaf: Leaf | None = None
        for index, encoded in log.leaves(connection, edge.size, size):
            leaf = Leaf.parse(encoded)
            if (leaf.index, leaf.previous) != (index, previous) or index != edge.size:
                raise StorageError(f"entry {index} is not linked to the entry before it")
            edge.append(leaf.hash)
            previous = leaf.hash.hex()
        root = tiles.right_edge(size, hashes).root()
    except (InvalidRecord, ProofError, TypeError) as error:  # TypeError: a column of another kind
        raise StorageError(f"the entries are no tree to sign: {error}") from error
    if edge.size != size or edge.root() != root:
        raise StorageError(f"the entries and the tiles of {size} entries give two roots")
    if leaf is None or leaf.record.body.type != "log.heads":
        raise StorageError(f"a tree ends with log.heads, and entry {size - 1} is none")
    if head.size == size and head.last_leaf != leaf.hash:
        raise StorageError(f"entry {size - 1} is not the one that was recorded last")
    return root


def _tile_bytes(connection: Connection, objects: ObjectStore, tile: tiles.Tile) -> bytes:
    start = tile.index * tiles.WIDTH
    if tile.level < 0:
        entries = [leaf for _, leaf in log.leaves(connection, start, start + tile.width)]
        if len(entries) != tile.width:
            raise StorageError(f"entries {start}..{start + tile.width} are not all there")
        return tiles.bundle(entries)
    if tile.level == 0:
        bundle = objects.get(tiles.Tile(-1, tile.index, tile.width).path)
        hashes = [merkle.leaf_hash(entry) for entry in tiles.parse_bundle(bundle, tile.width)]
        if hashes != log.leaf_hashes(connection, start, start + tile.width):
            raise StorageError(f"entries {start}..{start + tile.width} do not hash to what was recorded")
        return b"".join(hashes)
    below = (
        tiles.parse_tile(objects.get(tiles.Tile(tile.level - 1, start + n).path), tiles.WIDTH)
        for n in range(tile.width)
    )
    return b"".join(merkle.root_of(hashes) for hashes in below)
