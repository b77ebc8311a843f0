"""Writes a static log folder from entries with ``ledger.core`` alone: no store, no publisher."""

from collections.abc import Sequence
from pathlib import Path

from ledger.core import merkle, tiles
from ledger.core.checkpoint import Checkpoint
from ledger.core.tiles import Tile
from tests.ledger.core.signers import LOG, WITNESS, signed_note


class StaticLog:
    """Entries with the hash tiles above them. levels[l] are the hashes of level l's tiles."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        self.entries = entries
        self.levels = [[merkle.leaf_hash(entry) for entry in entries]]
        while len(self.levels[-1]) >= tiles.WIDTH:
            below = self.levels[-1]
            full = len(below) // tiles.WIDTH
            self.levels.append(
                [merkle.root_of(below[n * tiles.WIDTH : (n + 1) * tiles.WIDTH]) for n in range(full)]
            )

    def read(self, tile: Tile) -> bytes:
        """The bytes of one tile or bundle, at any size this log has passed through."""
        start = tile.index * tiles.WIDTH
        if tile.level < 0:
            return tiles.bundle(self.entries[start : start + tile.width])
        return b"".join(self.levels[tile.level][start : start + tile.width])

    def hashes(self, size: int) -> tiles.TileHashes:
        return tiles.TileHashes(size, self.read)

    def root(self, size: int) -> bytes:
        return tiles.right_edge(size, self.hashes(size)).root()

    def checkpoint(self, size: int) -> bytes:
        text = Checkpoint(LOG.name, size, self.root(size)).text
        return signed_note(text, WITNESS.cosign(text))

    def write(self, folder: Path, size: int) -> Path:
        """The folder as published at ``size``: every tile and bundle, and the signed checkpoint."""
        for tile in tiles.tiles_of(size):
            file = folder / tile.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(self.read(tile))
        (folder / "checkpoint").write_bytes(self.checkpoint(size))
        return folder
