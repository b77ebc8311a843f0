"""Tile coordinates, tile bytes and entry bundles (C2SP tlog-tiles).

tile/<L>/<N>[.p/<W>]         W hashes of 32 bytes; a full tile has 256
tile/entries/<N>[.p/<W>]     (uint16 length || entry) x W
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from ledger.core import merkle
from ledger.errors import ProofError

HEIGHT = 8
WIDTH = 1 << HEIGHT  # hashes in a full tile
LEVEL_MAX = 63
ENTRY_BYTES_MAX = 65_535  # the uint16 length in a bundle

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<groups>(?:x[0-9]{3}/){0,6})(?P<last>[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)
_ARCHIVED = re.compile(r"checkpoints/(?:0|[1-9][0-9]{0,18})|log-keys/[1-9][0-9]{0,5}", re.ASCII)

TileReader = Callable[["Tile"], bytes]  # the stored bytes of one tile; raises when absent


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """One tile. level: 0..63, or -1 for the entry bundle. index: 0-based. width: 1..256."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        level = "entries" if self.level < 0 else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_grouped(self.index)}{partial}"

    @classmethod
    def parse(cls, path: str) -> "Tile":
        """Read a path; only the one spelling that ``path`` prints is accepted."""
        match = _PATH.fullmatch(path)
        if match is None:
            raise ProofError(f"{path!r} is not a tile path")
        level = -1 if match["level"] == "entries" else int(match["level"])
        index = int(match["groups"].replace("x", "").replace("/", "") + match["last"])
        tile = cls(level, index, int(match["width"] or WIDTH))
        if level > LEVEL_MAX or index > merkle.SIZE_MAX or tile.width > WIDTH or tile.path != path:
            raise ProofError(f"{path!r} is not a tile path")
        return tile


def tiles_of(tree_size: int) -> Iterator[Tile]:
    """Every tile of a tree, bundles first, then level 0 and upwards; partial ones last in a level."""
    yield from _level_tiles(-1, tree_size)
    level = 0
    while tree_size:
        yield from _level_tiles(level, tree_size)
        tree_size >>= HEIGHT
        level += 1


def tiles_between(old_size: int, tree_size: int) -> Iterator[Tile]:
    """The tiles that a growth from ``old_size`` to ``tree_size`` adds or completes."""
    if old_size < tree_size:
        yield from _level_tiles(-1, tree_size, old_size >> HEIGHT)
    level = 0
    while tree_size:
        if old_size < tree_size:
            yield from _level_tiles(level, tree_size, old_size >> HEIGHT)
        old_size, tree_size = old_size >> HEIGHT, tree_size >> HEIGHT
        level += 1


def bundle(entries: Sequence[bytes]) -> bytes:
    """Print an entry bundle of at most 256 entries."""
    assert len(entries) <= WIDTH
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_bundle(data: bytes, width: int) -> list[bytes]:
    """Read exactly ``width`` entries that fill ``data`` to its last byte."""
    entries, position = [], 0
    for _ in range(width):
        end = position + 2 + int.from_bytes(data[position : position + 2], "big")
        if position + 2 > len(data) or end > len(data):
            raise ProofError("entry bundle is cut short")
        entries.append(data[position + 2 : end])
        position = end
    if position != len(data):
        raise ProofError("entry bundle has bytes after its last entry")
    return entries


def parse_tile(data: bytes, width: int) -> list[bytes]:
    """Read exactly ``width`` hashes."""
    if len(data) != width * merkle.HASH_SIZE:
        raise ProofError(f"a tile of {width} hashes has {width * merkle.HASH_SIZE} bytes, not {len(data)}")
    return [data[n : n + merkle.HASH_SIZE] for n in range(0, len(data), merkle.HASH_SIZE)]


def is_permanent(key: str) -> bool:
    """Whether the object of this name never changes and never goes.

    So it is with full tiles, full bundles, archived checkpoints ``checkpoints/<size>`` and handovers
    from one log key to the next ``log-keys/<n>``. Partial tiles may go once the full one is there, and
    ``checkpoint`` is replaced as the log grows.
    """
    if _ARCHIVED.fullmatch(key):
        return True
    try:
        return Tile.parse(key).width == WIDTH
    except ProofError:
        return False


class TileHashes:
    """Reads hashes of complete subtrees out of the tiles of one tree size.

    Levels inside a tile are hashed on demand and kept while this object lives, so that several
    proofs against one checkpoint read each tile once.
    """

    def __init__(self, tree_size: int, read: TileReader) -> None:
        self._tree_size = tree_size
        self._read = read
        self._tiles: dict[tuple[int, int], list[list[bytes]]] = {}  # its levels of hashes, as far as needed

    def __call__(self, level: int, index: int) -> bytes:
        """Hash of the complete subtree of ``2**level`` leaves that starts at ``index << level``."""
        above = level % HEIGHT
        height = HEIGHT - above
        levels = self._tile(level // HEIGHT, index >> height)
        while len(levels) <= above:
            below = levels[-1]
            levels.append(
                [  # merkle.node_hash, without a call for each of some hundred nodes a proof
                    sha256(b"\x01" + below[n] + below[n + 1]).digest() for n in range(0, len(below) - 1, 2)
                ]
            )
        return levels[above][index & ((1 << height) - 1)]

    def _tile(self, level: int, index: int) -> list[list[bytes]]:
        levels = self._tiles.get((level, index))
        if levels is None:
            width = min(WIDTH, (self._tree_size >> (HEIGHT * level)) - index * WIDTH)
            levels = [parse_tile(self._read(Tile(level, index, width)), width)]
            self._tiles[level, index] = levels
        return levels


def right_edge(tree_size: int, hashes: TileHashes) -> merkle.CompactRange:
    """The compact range of a tree from its tiles: what an append goes on from."""
    return merkle.CompactRange(tree_size, [hashes(*node) for node in merkle.subtrees(0, tree_size)])


def _level_tiles(level: int, width_total: int, first: int = 0) -> Iterator[Tile]:
    full, partial = divmod(width_total, WIDTH)
    for index in range(first, full):
        yield Tile(level, index)
    if partial:
        yield Tile(level, full, partial)


def _grouped(index: int) -> str:
    text = f"{index % 1000:03d}"
    while index := index // 1000:
        text = f"x{index % 1000:03d}/{text}"
    return text
