"""Published objects, held against what the entries of the database give.

Made only after the entries were found to give the signed roots: a tile or bundle is judged by leaf
hashes that a signature stands behind, and replaced only by bytes that hash to them.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from sqlalchemy import Connection, select

from ledger.core import merkle, tiles
from ledger.core.checkpoint import Checkpoint
from ledger.errors import MissingEvidence, ProofError, StorageConflict, StorageError, StorageUnavailable
from ledger.fsck_entries import Progress
from ledger.fsck_examined import Examined
from ledger.fsck_listed import ARCHIVE, CHECKPOINT, Listed
from ledger.fsck_repair import Journal, Keep
from ledger.fsck_report import Finding, Report
from ledger.log_keys import due_handovers
from ledger.ports import ObjectStore
from ledger.standby import note_of
from ledger.store import checkpoints, log
from ledger.tile_tree import TileTree


@runtime_checkable
class KeepsVersions(Protocol):
    """A store that keeps what was replaced."""

    def versions(self, key: str) -> int: ...


@dataclass(slots=True)
class Mending:
    """How objects are put right; None of it happens without --repair."""

    journal: Journal
    keep: Keep
    done: list[Finding] = field(default_factory=list)


def compare(
    connection: Connection,
    objects: ObjectStore,
    seen: Examined,
    report: Report,
    *,
    listed: Listed,
    mending: Mending | None,
    progress: Progress,
) -> None:
    """Compare every object of the log; with ``mending`` create what is missing, replace what is wrong."""
    _Comparison(connection, objects, seen, report, listed, mending, progress).run()


class _Comparison:
    def __init__(
        self,
        connection: Connection,
        objects: ObjectStore,
        seen: Examined,
        report: Report,
        listed: Listed,
        mending: Mending | None,
        progress: Progress,
    ) -> None:
        self.connection = connection
        self.objects = objects
        self.seen = seen
        self.report = report
        self.mending = mending
        self.progress = progress
        self.archived = listed.archived
        self.listed = {place: set(widths) for place, widths in listed.tiles.items()}
        self.required: dict[tuple[int, int], set[int]] = defaultdict(set)
        self.bundle: list[bytes | None] = []
        self.hashes: list[bytes] = []
        self.tail_known = all(index < seen.signed_size for index in seen.right)

    def run(self) -> None:
        try:
            self._require()
            self._tiles()
            self._visible()
            self._archive()
            self._handovers()
        except StorageUnavailable as error:
            self.report.find(Finding("missing", "objects", f"they cannot be read: {error}"))
            return
        self.report.checked.append("objects")

    def _require(self) -> None:
        """Each signed tree's tiles must be there, partial ones until they are full."""
        last = self.seen.signed_size
        for size, _ in self.seen.signed:
            for tile in _edge(size):
                if _start(tile) + tiles.WIDTH * _span(tile.level) > last:
                    self.required[tile.level, tile.index].add(tile.width)

    def _tiles(self) -> None:
        tree = TileTree()
        tree.on_tile = lambda tile, hashes: self._hash_tile(tile.level, tile.index, list(hashes))
        for index, encoded in self._entries():
            right = self.seen.right.get(index)
            whole = right is None and encoded is not None
            hash_ = merkle.leaf_hash(encoded) if whole and encoded is not None else right
            assert hash_ is not None, "examined a moment ago"
            self.bundle.append(encoded if whole else None)
            self.hashes.append(hash_)
            tree.append(hash_)
            if len(self.bundle) == tiles.WIDTH:
                self._close_bundle(index // tiles.WIDTH)
            if not index % 100:
                self.progress("comparing objects", index, self.seen.size)
        if self.bundle:
            self._close_bundle(tree.size // tiles.WIDTH)
        for tile, hashes in tree.partial_tiles():
            self._hash_tile(tile.level, tile.index, hashes)
        for (level, index), widths in sorted(self.listed.items()):
            for width in sorted(widths):
                tile = tiles.Tile(level, index, width)
                message = "it names entries that the database does not have"
                self.report.find(Finding("wrong", "objects", message, _start(tile), tile.path))

    def _entries(self) -> Iterator[tuple[int, bytes | None]]:
        """(index, leaf) up to the examined size; None where no bytes are to be had."""
        expected = 0
        for index, leaf in log.leaves(self.connection, 0, self.seen.size):
            while expected < index:
                yield expected, None
                expected += 1
            yield index, leaf if isinstance(leaf, bytes) else None
            expected += 1
        while expected < self.seen.size:
            yield expected, None
            expected += 1

    def _close_bundle(self, index: int) -> None:
        entries, hashes = self.bundle, self.hashes
        self.bundle, self.hashes = [], []
        for width in self._widths(-1, index, len(entries)):
            tile = tiles.Tile(-1, index, width)
            whole = [entry for entry in entries[:width] if entry is not None]
            expected = tiles.bundle(whole) if len(whole) == width else None
            self._compare(tile, expected, hashes[:width])

    def _hash_tile(self, level: int, index: int, hashes: list[bytes]) -> None:
        for width in self._widths(level, index, len(hashes)):
            self._compare(tiles.Tile(level, index, width), b"".join(hashes[:width]), hashes[:width])

    def _widths(self, level: int, index: int, have: int) -> list[int]:
        """The widths of one tile that must be there or are; they are not asked for again."""
        listed = self.listed.pop((level, index), set())
        if have == tiles.WIDTH and self._is_signed(tiles.Tile(level, index)):
            self.required[level, index].add(tiles.WIDTH)
        beyond = {width for width in listed if width > have}
        if beyond:
            self.listed[level, index] = beyond
        return sorted((listed - beyond) | self.required.get((level, index), set()))

    def _is_signed(self, tile: tiles.Tile) -> bool:
        return _start(tile) + tile.width * _span(tile.level) <= self.seen.signed_size

    def _compare(self, tile: tiles.Tile, expected: bytes | None, hashes: list[bytes]) -> None:
        """expected: the right bytes; None for a bundle whose entries the database does not have whole."""
        if not self._is_signed(tile) and not self.tail_known:
            expected = None
        must = tile.width in self.required.get((tile.level, tile.index), ())
        try:
            stored = self.objects.get(tile.path)
        except MissingEvidence:
            if must:
                self._found("missing", "it is not there", tile.path, expected, None, _start(tile))
            return
        except StorageUnavailable:
            raise
        except StorageError as error:
            self._found("wrong", str(error), tile.path, expected, None, _start(tile))
            return
        if stored == expected or (expected is None and tile.level < 0 and _gives(stored, hashes)):
            return
        covered = "" if self._is_signed(tile) else " (no signed tree covers it yet)"
        message = f"it has other bytes than the entries give{covered}"
        self._found("wrong", message, tile.path, expected, stored, _start(tile))

    def _visible(self) -> None:
        """The one object that changes: the last tree that was made visible, with its cosignatures."""
        wanted = checkpoints.last_published(self.connection) or 0
        right = _note(self.connection, wanted)  # None before the first: showing it is the publisher's
        try:
            stored = self.objects.get(CHECKPOINT)
            shown = self.seen.open(stored)
        except MissingEvidence:
            if right is not None:
                self._found("missing", "it is not there", CHECKPOINT, right, None)
        except ProofError as error:
            self._found("wrong", f"the log did not sign it: {error}", CHECKPOINT, right, stored)
        else:
            if shown.size < wanted:
                message = f"it shows {shown.size} entries, {wanted} were shown before"
                self._found("wrong", message, CHECKPOINT, right, stored)

    def _archive(self) -> None:
        """Every tree that was visible stays on record under its size."""
        there = self.archived
        published = select(checkpoints.PUBLISHED.c.size).order_by(checkpoints.PUBLISHED.c.size)
        for size in self.connection.execute(published).scalars():
            if size not in there:
                note = _note(self.connection, size, cosigned=False)
                self._found("missing", "it is not there", f"{ARCHIVE}/{size}", note, None)
        for size in there:
            key = f"{ARCHIVE}/{size}"
            stored = self.objects.get(key)
            try:
                shown: Checkpoint | None = self.seen.open(stored)
            except ProofError:
                shown = None
            if shown is None or (shown.size, shown.root) != (size, self.seen.roots.get(size)):
                note = _note(self.connection, size, cosigned=False)
                self._found("wrong", "it is not what the log signed for its size", key, note, stored)

    def _handovers(self) -> None:
        """Where the log changed its key: what carries a reader's trust on to the next one."""
        for key, right in due_handovers(self.connection, self.objects):
            try:
                stored = self.objects.get(key)
            except MissingEvidence:
                self._found("missing", "it is not there", key, right, None)
                continue
            if stored != right:
                self._found("wrong", "it is not how the log changed its key", key, right, stored)

    def _found(
        self,
        kind: str,
        message: str,
        key: str,
        right: bytes | None,
        stored: bytes | None,
        entry: int | None = None,
    ) -> None:
        finding = Finding("wrong" if kind == "wrong" else "missing", "objects", message, entry, key)
        self.report.find(finding)
        if self.mending is None:
            return
        if right is None:
            self.report.notes.append(f"{key}: not repaired, the database does not have the bytes either")
            return
        self._mend(finding, key, right, stored)

    def _mend(self, finding: Finding, key: str, right: bytes, stored: bytes | None) -> None:
        assert self.mending is not None
        try:
            self.mending.journal({"what": "object", "key": key, "did": finding.message})
            if finding.kind == "missing":
                self.objects.create(key, right)
            else:
                if stored is not None:
                    self.mending.keep(key, stored)
                self.objects.replace(key, right)
                self._say_versions(key)
        except (StorageConflict, StorageUnavailable) as error:
            self.report.notes.append(f"{key}: not repaired: {error}")
            return
        if self.objects.get(key) == right:
            self.mending.done.append(finding)

    def _say_versions(self, key: str) -> None:
        if isinstance(self.objects, KeepsVersions):
            count = self.objects.versions(key)
            if count > 1:
                self.report.notes.append(
                    f"{key}: a new version stands in front; the bucket keeps {count}, the damaged one among "
                    "them, and a locked one cannot be taken away"
                )


def _note(connection: Connection, size: int, *, cosigned: bool = True) -> bytes | None:
    try:
        return note_of(connection, size, cosigned=cosigned)
    except MissingEvidence:
        return None


def _edge(size: int) -> Iterator[tiles.Tile]:
    """The partial tiles of a tree."""
    if size % tiles.WIDTH:
        yield tiles.Tile(-1, size // tiles.WIDTH, size % tiles.WIDTH)
    level = 0
    while size:
        size, width = divmod(size, tiles.WIDTH)
        if width:
            yield tiles.Tile(level, size, width)
        level += 1


def _start(tile: tiles.Tile) -> int:
    """Index of the first entry below a tile."""
    return tile.index * _span(tile.level) * tiles.WIDTH


def _span(level: int) -> int:
    """Entries below one hash of a tile; 1 in a bundle."""
    return 1 << (tiles.HEIGHT * max(level, 0))


def _gives(bundle: bytes, hashes: list[bytes]) -> bool:
    try:
        return [merkle.leaf_hash(entry) for entry in tiles.parse_bundle(bundle, len(hashes))] == hashes
    except ProofError:
        return False
