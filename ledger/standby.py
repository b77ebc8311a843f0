"""A published log that stays readable while its store is away: the database knows the same bytes.

For readers only. Whoever signs must see the store itself, for it remembers what was shown.
"""

import time
from collections.abc import Callable, Iterator

from sqlalchemy import Connection

from ledger.core import tiles
from ledger.errors import MissingEvidence, ProofError, StorageUnavailable
from ledger.heal import tile_bytes
from ledger.ports import ObjectStore
from ledger.store import checkpoints
from ledger.store.database import Database

CHECKPOINT, ARCHIVE = "checkpoint", "checkpoints/"
PAUSE_S = 10.0  # between two questions to a store that did not answer


class Standby:
    """An ObjectStore that answers ``get`` from the database when ``objects`` cannot be reached.

    It shows the tree that was made visible last and nothing beyond it. What is written goes to
    ``objects`` alone.
    """

    def __init__(
        self, objects: ObjectStore, database: Database, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._objects = objects
        self._database = database
        self._monotonic = monotonic
        self._away_until = float("-inf")

    def get(self, key: str) -> bytes:
        """Raises StorageUnavailable when neither answers, MissingEvidence when it is in neither."""
        now = self._monotonic()
        if now >= self._away_until:
            try:
                return self._objects.get(key)
            except StorageUnavailable:
                self._away_until = now + PAUSE_S
        with self._database.reading() as connection:
            return _derived(connection, key)

    def create(self, key: str, data: bytes) -> None:
        self._objects.create(key, data)

    def replace(self, key: str, data: bytes) -> None:
        self._objects.replace(key, data)

    def keys(self, prefix: str = "") -> Iterator[str]:
        return self._objects.keys(prefix)


def _derived(connection: Connection, key: str) -> bytes:
    published = checkpoints.last_published(connection)
    if published is None:
        raise StorageUnavailable(f"{key}: the store is away, and nothing was published that it could show")
    if key == CHECKPOINT:
        return note_of(connection, published)
    if key.startswith(ARCHIVE) and tiles.is_permanent(key):
        return note_of(connection, int(key.removeprefix(ARCHIVE)), cosigned=False)
    try:
        tile = tiles.Tile.parse(key)
    except ProofError:
        raise MissingEvidence(f"{key} is not there") from None
    if (tile.index * tiles.WIDTH + tile.width) << (tiles.HEIGHT * max(tile.level, 0)) > published:
        raise MissingEvidence(f"{key} is not there")
    return tile_bytes(connection, tile)


def note_of(connection: Connection, size: int, *, cosigned: bool = True) -> bytes:
    """The stored checkpoint of ``size``, with the cosignatures it was shown with or as signed.

    Raises MissingEvidence when no tree of that size was signed.
    """
    head = checkpoints.of_size(connection, size)
    if head is None:
        raise MissingEvidence(f"checkpoint of {size} is not there")
    lines = checkpoints.cosignatures(connection, size) if cosigned else {}
    return head.note + "".join(lines[witness].line for witness in sorted(lines)).encode()
