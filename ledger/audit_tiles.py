"""Every tile and bundle of a log, compared with what its entries give while they stream by."""

from collections.abc import Sequence

from ledger.audit_report import Finding
from ledger.audit_source import fetch
from ledger.core import merkle, tiles
from ledger.errors import MissingEvidence, ProofError, StorageError
from ledger.ports import ObjectStore
from ledger.tile_tree import TileTree


class TileComparison:
    """Holds one bundle of entries; the hashes come from the tree that grows anyway.

    Superseded partial tiles are compared where a store can list what it has.
    """

    def __init__(self, objects: ObjectStore, size: int, *, start: int) -> None:
        """size: of the signed tree. start: a multiple of 256; entries before it are not looked at."""
        self._objects = objects
        self._size = size
        self._added = start
        self._found: list[tuple[int, Finding]] = []  # with the number of entries that it took
        self._bundle: list[bytes] = []
        self._old: dict[tuple[int, int], list[tiles.Tile]] = {}
        for key in objects.keys("tile"):
            try:
                tile = tiles.Tile.parse(key)
            except ProofError:
                continue  # no tile: nothing it could say about the log
            if tile.width < tiles.WIDTH:
                self._old.setdefault((tile.level, tile.index), []).append(tile)

    @property
    def sound(self) -> bool:
        return not self._found

    def findings(self, entries: int) -> list[Finding]:
        """What was found beside the first ``entries``."""
        return [finding for size, finding in self._found if size <= entries]

    def add(self, encoded: bytes) -> None:
        """The next entry below the checkpoint."""
        self._bundle.append(encoded)
        self._added += 1
        if len(self._bundle) == tiles.WIDTH:
            self._close_bundle()

    def full(self, tile: tiles.Tile, hashes: Sequence[bytes]) -> None:
        """A hash tile of the tree is full."""
        self._compare(tile, b"".join(hashes))

    def finish(self, tree: TileTree) -> None:
        """The tree has the size of the checkpoint: what is left are its partial tiles."""
        if self._bundle:
            self._close_bundle()
        for tile, hashes in tree.partial_tiles():
            self._compare(tile, b"".join(hashes))

    def _close_bundle(self) -> None:
        entries, index = self._bundle, (self._added - 1) // tiles.WIDTH
        self._compare(tiles.Tile(-1, index, len(entries)), tiles.bundle(entries))
        for old in self._old.pop((-1, index), ()):
            if old.width < len(entries):
                self._compare(old, tiles.bundle(entries[: old.width]))
        self._bundle = []

    def _compare(self, tile: tiles.Tile, expected: bytes) -> None:
        span = tiles.WIDTH ** max(tile.level, 0)
        start = tile.index * tiles.WIDTH * span
        where = f"{tile.path} (entries {start}..{min(self._size, start + tile.width * span) - 1})"
        try:
            stored = fetch(self._objects, tile)
        except (MissingEvidence, StorageError) as error:
            self._find(Finding("missing", "tiles", f"{where}: {error}", start))
            return
        except ProofError as error:
            self._find(Finding("wrong", "tiles", f"{where}: {error}", start))
            return
        if stored != expected:
            at = next((n for n, (a, b) in enumerate(zip(stored, expected, strict=False)) if a != b),
                      min(len(stored), len(expected)))  # fmt: skip
            self._find(Finding("wrong", "tiles", f"{where} differs at byte {at}", start))
        if tile.level >= 0:
            for old in self._old.pop((tile.level, tile.index), ()):
                if old.width < tile.width:
                    self._compare(old, expected[: old.width * merkle.HASH_SIZE])

    def _find(self, finding: Finding) -> None:
        self._found.append((self._added, finding))
