"""What a store of objects has, by name."""

from collections import defaultdict
from dataclasses import dataclass, field

from ledger.core import tiles
from ledger.errors import MissingEvidence, ProofError, StorageUnavailable
from ledger.ports import ObjectStore

CHECKPOINT, ARCHIVE = "checkpoint", "checkpoints"


@dataclass(slots=True)
class Listed:
    """What a store had before the database was looked at, so that a publisher at work is no finding.

    tiles: widths by level and index. archived: sizes of the archived checkpoints. notes: the visible
    checkpoint and the last archived one. problem: why it could not be read, or "".
    """

    tiles: dict[tuple[int, int], set[int]] = field(default_factory=lambda: defaultdict(set))
    archived: list[int] = field(default_factory=list)
    notes: list[bytes] = field(default_factory=list)
    problem: str = ""

    @classmethod
    def of(cls, objects: ObjectStore) -> "Listed":
        made = cls()
        try:
            for key in objects.keys("tile"):
                made._note_tile(key)
            names = [key.rpartition("/")[2] for key in objects.keys(ARCHIVE)]
            made.archived = sorted(int(name) for name in names if tiles.is_permanent(f"{ARCHIVE}/{name}"))
            last = [f"{ARCHIVE}/{size}" for size in made.archived[-1:]]
            for key in (CHECKPOINT, *last):
                made._note_checkpoint(objects, key)
        except StorageUnavailable as error:
            made.problem = str(error)
        return made

    def _note_tile(self, key: str) -> None:
        try:
            tile = tiles.Tile.parse(key)
        except ProofError:
            return  # no tile: nothing it could say about the log
        self.tiles[tile.level, tile.index].add(tile.width)

    def _note_checkpoint(self, objects: ObjectStore, key: str) -> None:
        try:
            self.notes.append(objects.get(key))
        except MissingEvidence:
            return
