"""Where an audit reads from: the port, and a log as the world sees it."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from ledger.audit_report import Kind, Report
from ledger.core import merkle, tiles
from ledger.core.leaf import Leaf
from ledger.errors import LedgerError, MissingEvidence, ProofError, StorageError
from ledger.ports import ObjectStore
from ledger.replay import Openings, Replay


class Source(Protocol):
    """Where the bytes come from. kind: what a state made from it can be gone on from with."""

    name: str
    kind: str
    objects: ObjectStore
    opening: Openings | None

    def snapshot(self) -> AbstractContextManager[None]:
        """What the whole audit reads inside of."""

    def begin(self, replay: Replay, *, tree_size: int, whole: bool) -> None:
        """The audit goes on at ``replay.size``, below a checkpoint of ``tree_size``.

        whole: False when what was verified before is not to be looked at again.
        """

    def entries(self, start: int) -> Iterator[bytes]:
        """Leaves from ``start`` on, as far as they go. Raises LedgerError naming what is missing."""

    def saw(self, leaf: Leaf, replay: Replay) -> None:
        """An entry was judged and is good: compare what else the source has of it."""

    @property
    def sound(self) -> bool:
        """Whether nothing of what was seen so far is wrong: only then is the state saved."""

    def tallies(self) -> Mapping[str, int]:
        """Counts to be found again in ``replay.point.tallies`` when a later run goes on."""

    def leaf_at(self, index: int) -> bytes: ...

    def prove_rest(self, replay: Replay, report: Report) -> None:
        """Whatever else this kind of source can show or must not claim."""

    def explain(self, index: int, error: LedgerError) -> Kind:
        """Whether a bad entry is wrong, or so damaged that nothing can be said."""


class MirrorSource:
    """A log as the world sees it: checkpoint, tiles, bundles. Nothing private opens here."""

    kind = "mirror"
    opening: Openings | None = None
    sound = True

    def __init__(self, name: str, objects: ObjectStore) -> None:
        self.name = name
        self.objects = objects
        self.size = 0
        self._last: tuple[int, list[bytes]] = (-1, [])

    def snapshot(self) -> AbstractContextManager[None]:
        return nullcontext()

    def begin(self, replay: Replay, *, tree_size: int, whole: bool) -> None:
        del replay, whole
        self.size = tree_size

    def saw(self, leaf: Leaf, replay: Replay) -> None:
        """Nothing: a mirror shows leaves only."""

    def tallies(self) -> Mapping[str, int]:
        return {}

    def entries(self, start: int) -> Iterator[bytes]:
        for index in range(start >> tiles.HEIGHT, -(-self.size // tiles.WIDTH)):
            bundle = self._bundle(index)
            yield from bundle[max(0, start - index * tiles.WIDTH) :]

    def leaf_at(self, index: int) -> bytes:
        return self._bundle(index >> tiles.HEIGHT)[index % tiles.WIDTH]

    def prove_rest(self, replay: Replay, report: Report) -> None:
        del replay
        report.not_checked += ["grades: their rows are not public", "openings of commitments"]

    def explain(self, index: int, error: LedgerError) -> Kind:
        del index
        return "missing" if isinstance(error, MissingEvidence | StorageError) else "wrong"

    def _bundle(self, index: int) -> list[bytes]:
        if self._last[0] == index:
            return self._last[1]
        width = min(tiles.WIDTH, self.size - index * tiles.WIDTH)
        tile = tiles.Tile(-1, index, width)
        try:
            entries = tiles.parse_bundle(fetch(self.objects, tile), width)
        except ProofError as error:
            raise ProofError(f"{tile.path}: {error}") from error
        self._last = index, entries
        return entries


def fetch(objects: ObjectStore, tile: tiles.Tile) -> bytes:
    """One tile; a partial one that is gone may be cut from the full one (C2SP tlog-tiles)."""
    try:
        return objects.get(tile.path)
    except MissingEvidence:
        if tile.width == tiles.WIDTH:
            raise
        try:
            full = objects.get(tiles.Tile(tile.level, tile.index).path)
        except MissingEvidence:
            raise MissingEvidence(f"{tile.path} is not there") from None
    if tile.level < 0:
        return tiles.bundle(tiles.parse_bundle(full, tiles.WIDTH)[: tile.width])
    return full[: tile.width * merkle.HASH_SIZE]
