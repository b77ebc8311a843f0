"""A tree that grows leaf by leaf and hands over every tile that is full: each node is hashed once."""

from collections.abc import Callable, Sequence

from ledger.core import merkle, tiles
from ledger.errors import ProofError

OnTile = Callable[[tiles.Tile, Sequence[bytes]], None]  # a full hash tile and its 256 hashes


class TileTree:
    """The right edge of a tree, a level of tiles at a time: at most 255 hashes of each are held.

    on_tile: told of every hash tile the moment it is full, level 0 first.
    """

    def __init__(self) -> None:
        self.size = 0
        self.on_tile: OnTile | None = None
        self._open: list[list[bytes]] = []  # per level, the hashes of the tile that is not full yet
        self._edges: list[merkle.CompactRange] = []  # per level, over those hashes

    def append(self, leaf: bytes) -> None:
        """Add the leaf hash at index ``size``."""
        self.size += 1
        level, hash_ = 0, leaf
        while True:
            if level == len(self._open):
                self._open.append([])
                self._edges.append(merkle.CompactRange())
            hashes, edge = self._open[level], self._edges[level]
            hashes.append(hash_)
            edge.append(hash_)
            if len(hashes) < tiles.WIDTH:
                return
            if self.on_tile is not None:
                span = tiles.WIDTH ** (level + 1)
                self.on_tile(tiles.Tile(level, self.size // span - 1), hashes)
            self._open[level], self._edges[level] = [], merkle.CompactRange()
            level, hash_ = level + 1, edge.root()

    def root(self) -> bytes:
        """MTH over all leaves so far."""
        hashes = [hash_ for edge in reversed(self._edges) for hash_ in edge.hashes]
        return merkle.CompactRange(self.size, hashes).root()

    def partial_tiles(self) -> list[tuple[tiles.Tile, list[bytes]]]:
        """The tiles that are not full, level 0 first; empty ones do not exist."""
        found = []
        for level, hashes in enumerate(self._open):
            if hashes:
                index = self.size // tiles.WIDTH ** (level + 1)
                found.append((tiles.Tile(level, index, len(hashes)), list(hashes)))
        return found

    def to_json(self) -> dict[str, object]:
        levels = [b"".join(hashes).hex() for hashes in self._open]
        return {"size": self.size, "levels": levels, "root": self.root().hex()}

    @classmethod
    def from_json(cls, value: dict[str, object]) -> "TileTree":
        """The inverse of ``to_json``. Raises ProofError unless the hashes give the root beside them."""
        made = cls()
        try:
            made.size = size = int(value["size"])  # type: ignore[call-overload]
            for level, text in enumerate(value["levels"]):  # type: ignore[arg-type, var-annotated]
                width = (size >> (tiles.HEIGHT * level)) % tiles.WIDTH
                hashes = tiles.parse_tile(bytes.fromhex(text), width) if width else []
                edge = merkle.CompactRange()
                for hash_ in hashes:
                    edge.append(hash_)
                made._open.append(hashes)
                made._edges.append(edge)
            fits = made.root().hex() == value["root"]
        except (KeyError, TypeError, ValueError, ProofError) as error:
            raise ProofError(f"a kept tree cannot be read: {error}") from error
        if not fits:
            raise ProofError("a kept tree does not give its own root")
        return made
