"""Second copies of a log: what they hold is a candidate, believed when its hash is the right one."""

from contextlib import suppress
from typing import Protocol

from ledger.core import merkle, tiles
from ledger.core.checkpoint import Checkpoint
from ledger.core.note import Note
from ledger.errors import LedgerError, ProofError
from ledger.ports import ObjectStore
from ledger.store import checkpoints, log
from ledger.store.database import Database


class Copy(Protocol):
    """name: how a person would call it."""

    name: str

    def entry(self, index: int) -> bytes | None:
        """What stands there as the entry at ``index``; None when nothing can be read."""

    def leaf_hash(self, index: int) -> bytes | None:
        """What stands there as the leaf hash of the entry at ``index``."""

    def note(self, size: int) -> bytes | None:
        """What stands there as a checkpoint of ``size``."""


class ObjectsCopy:
    """A folder, bucket, archive or URL with the tiles and bundles of the log. Holds one of each at a time."""

    def __init__(self, name: str, objects: ObjectStore) -> None:
        self.name = name
        self._objects = objects
        self._at_hand: dict[int, tuple[int, list[bytes]]] = {}  # level -> tile's number, what is in it
        self._widths: dict[int, int] | None = None

    def entry(self, index: int) -> bytes | None:
        return self._from(-1, index)

    def leaf_hash(self, index: int) -> bytes | None:
        return self._from(0, index)

    def note(self, size: int) -> bytes | None:
        for key in (f"checkpoints/{size}", "checkpoint"):
            try:
                note = self._objects.get(key)
                if Checkpoint.parse(Note.parse(note).text).size == size:
                    return note
            except LedgerError:
                continue
        return None

    def _from(self, level: int, index: int) -> bytes | None:
        number, n = divmod(index, tiles.WIDTH)
        at_hand = self._at_hand.get(level)
        if at_hand is None or at_hand[0] != number:
            at_hand = self._at_hand[level] = number, self._tile(level, number)
        return at_hand[1][n] if n < len(at_hand[1]) else None

    def _tile(self, level: int, number: int) -> list[bytes]:
        parse = tiles.parse_bundle if level < 0 else tiles.parse_tile
        for width in (tiles.WIDTH, self._partial_widths().get(number, 0)):
            try:
                if width:
                    return parse(self._objects.get(tiles.Tile(level, number, width).path), width)
            except LedgerError:
                continue
        return []

    def _partial_widths(self) -> dict[int, int]:
        """The widest partial bundle of each number, as listed, or else as the checkpoint there hints."""
        if self._widths is None:
            self._widths = {}
            with suppress(LedgerError):
                size = Checkpoint.parse(Note.parse(self._objects.get("checkpoint")).text).size
                self._widths[size // tiles.WIDTH] = size % tiles.WIDTH
            with suppress(LedgerError):
                for key in self._objects.keys("tile/entries"):
                    self._note_width(key)
        return self._widths

    def _note_width(self, key: str) -> None:
        assert self._widths is not None
        try:
            tile = tiles.Tile.parse(key)
        except ProofError:
            return
        if tile.level < 0 and tile.width < tiles.WIDTH:
            self._widths[tile.index] = max(tile.width, self._widths.get(tile.index, 0))


class DatabaseCopy:
    """Another database of the same log: a backup, a replica."""

    def __init__(self, name: str, database: Database) -> None:
        self.name = name
        self._database = database

    def entry(self, index: int) -> bytes | None:
        try:
            with self._database.reading() as connection:
                leaf = log.leaf(connection, index)
        except LedgerError:
            return None
        return leaf if isinstance(leaf, bytes) else None

    def leaf_hash(self, index: int) -> bytes | None:
        entry = self.entry(index)
        return None if entry is None else merkle.leaf_hash(entry)

    def note(self, size: int) -> bytes | None:
        try:
            with self._database.reading() as connection:
                head = checkpoints.of_size(connection, size)
        except LedgerError:
            return None
        return head.note if head is not None and isinstance(head.note, bytes) else None
