"""Follow a published log: fetch what is new, check that it is what was signed, replay every entry.

A checkpoint is reached in two passes over the new bundles. The first only hashes: entries that do not
give the signed root are never replayed, so that a damaged copy cannot spoil the replay. The second
judges them (``ledger.replay``): what fails there stands under the log's own signature.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from copy import deepcopy
from hashlib import sha256
from typing import TypeVar

from ledger.audit_source import fetch
from ledger.core import merkle, tiles
from ledger.core.checkpoint import Checkpoint
from ledger.errors import (
    InvalidRecord,
    LedgerError,
    LyingLog,
    MissingEvidence,
    ProofError,
    StaleSubject,
    StorageUnavailable,
)
from ledger.ports import ObjectStore
from ledger.replay import Replay
from ledger.replay_state import ReplayState

KEPT_BYTES_MAX = 32 * 1024 * 1024  # of bundles between the two passes; what is beyond is fetched twice
REACHED_MAX = 64  # tree sizes whose roots are remembered
REPORTED_EVERY_S = 10.0
Head = tuple[int, bytes]  # tree size, root
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
logger = logging.getLogger("lotproof.witness")


class Follower:
    """The replay of one log. It runs beside whoever asks, one checkpoint at a time."""

    def __init__(
        self,
        origin: str,
        log_key: bytes,
        objects: ObjectStore,
        *,
        state: Callable[[], ReplayState] = ReplayState,
        wait_s: float | None = None,
    ) -> None:
        """log_key: what entry 0 must name. state: opens what was saved of the replay last.

        wait_s: how long ``reach`` waits for the replay; None for ever.
        """
        self.origin = origin
        self._objects = objects
        self._wait_s = wait_s
        self._log_key = log_key
        self._state = state
        self._worker = ThreadPoolExecutor(1, "replay")
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._job: Future[None] | None = None
        self._reached: dict[int, bytes] = {}
        self._refused: dict[
            Head, ProofError
        ] = {}  # until someone asks: the replay may end after its asker left
        self._lie: LyingLog | None = None
        self.log_keys: tuple[tuple[int, bytes], ...] = ()  # as the entries reached so far name them
        self._target = 0  # tree size whose bundles are read now
        self._size = 0  # entries replayed, for whoever asks from another thread
        self._replay: Replay | None = None  # opened and closed by the worker: its state may be a file

    def reach(self, checkpoint: Checkpoint) -> None:
        """Return when every entry below ``checkpoint.size`` holds and they give its root.

        Raises LyingLog when what was signed does not hold. That is for ever: no larger tree of this log
        can be reached by this object. Raises ProofError when what was fetched does not give the root,
        which may heal, and MissingEvidence or StorageUnavailable when nothing can be told now; the
        replay then goes on, and the same call may succeed later.
        """
        ends_at = None if self._wait_s is None else time.monotonic() + self._wait_s
        mine: Future[None] | None = None
        while True:
            with self._lock:
                if self._is_known(checkpoint):
                    return
                if self._job is None or self._job.done():
                    if mine is not None:
                        mine.result()
                    mine = self._job = self._worker.submit(self._run, checkpoint)
                job = self._job
            left = None if ends_at is None else max(0.0, ends_at - time.monotonic())
            if not wait((job,), left).done:
                raise StorageUnavailable(f"the replay has taken {self._size} of {checkpoint.size} entries")

    def reach_later(self, checkpoint: Checkpoint) -> None:
        """Start on the way to ``checkpoint`` and return at once."""
        with self._lock:
            if self._job is None or self._job.done():
                self._job = self._worker.submit(self._run, checkpoint)

    def close(self) -> None:
        """Stop before the next bundle; what was saved stays."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        self._worker.submit(self._drop)
        self._worker.shutdown()

    def _is_known(self, checkpoint: Checkpoint) -> bool:
        head = checkpoint.size, checkpoint.root
        if self._reached.get(checkpoint.size) == checkpoint.root:
            return True
        if checkpoint.size in self._reached:
            raise LyingLog(f"the entries replayed so far have another root at tree size {checkpoint.size}")
        refused = self._lie or self._refused.pop(head, None)
        if refused is not None:
            raise type(refused)(*refused.args)  # a kept one would gather the tracks of all who asked
        return False

    def _run(self, checkpoint: Checkpoint) -> None:
        head = checkpoint.size, checkpoint.root
        try:
            self._extend(checkpoint)
        except ProofError as error:
            logger.warning("%s: the tree of %d is refused: %s", self.origin, checkpoint.size, error)
            with self._lock:
                self._refused[head] = error
                _forget_oldest(self._refused)
        except LedgerError as error:
            logger.warning("%s: cannot replay up to %d now: %s", self.origin, checkpoint.size, error)
            raise
        except Exception:
            logger.exception("%s: replaying up to %d broke off", self.origin, checkpoint.size)
            raise
        else:
            with self._lock:
                self._reached[checkpoint.size] = checkpoint.root
                assert self._replay is not None
                self.log_keys = tuple(self._replay.point.log_keys)
                _forget_oldest(self._reached)

    def _extend(self, checkpoint: Checkpoint) -> None:
        replay, size = self._open(), checkpoint.size
        if size < replay.size:
            raise StorageUnavailable(f"the replay is at {replay.size} already; submit a newer tree")
        self._target = size
        digests, kept = self._first_pass(replay, checkpoint)
        reported = time.monotonic()
        for position, tile in enumerate(_bundles(replay.size, size)):
            self._check_running()
            data = kept.pop(position, None) or self._fetch(tile)
            if sha256(data).digest() != digests[position]:
                raise MissingEvidence(f"{tile.path} changed between two readings")
            for entry in tiles.parse_bundle(data, tile.width)[replay.size - tile.index * tiles.WIDTH :]:
                self._take(replay, entry)
            self._size = replay.size
            if time.monotonic() - reported > REPORTED_EVERY_S:
                logger.info("%s: replayed %d of %d entries", self.origin, replay.size, size)
                replay.save()
                reported = time.monotonic()
        if replay.point.heads_through != size - 1:
            raise LyingLog(
                f"the tree of {size} does not end with log.heads: a history could be cut short unseen"
            )
        replay.save()

    def _first_pass(self, replay: Replay, checkpoint: Checkpoint) -> tuple[list[bytes], dict[int, bytes]]:
        """SHA-256 of every bundle, and the first of them, when they give the root of the checkpoint."""
        tree = deepcopy(replay.state.tree)
        digests, kept, room = [], {}, KEPT_BYTES_MAX
        for position, tile in enumerate(_bundles(tree.size, checkpoint.size)):
            data = self._fetch(tile)
            digests.append(sha256(data).digest())
            if len(data) <= room:
                kept[position], room = data, room - len(data)
            for entry in tiles.parse_bundle(data, tile.width)[tree.size - tile.index * tiles.WIDTH :]:
                tree.append(merkle.leaf_hash(entry))
        if tree.root() != checkpoint.root:
            raise ProofError(
                f"the entries behind its URL give the root {tree.root().hex()} at tree size "
                f"{checkpoint.size}, the checkpoint says {checkpoint.root.hex()}"
            )
        return digests, kept

    def _take(self, replay: Replay, entry: bytes) -> None:
        """Judge one entry; whatever goes wrong, the replay stops within it and is opened anew."""
        index = replay.size
        try:
            replay.take(entry)
        except (InvalidRecord, ProofError, StaleSubject) as error:
            self._drop()
            self._lie = LyingLog(f"entry {index}, under the log's signature, does not hold: {error}")
            raise self._lie from error
        except Exception:
            self._drop()
            raise

    def _open(self) -> Replay:
        if self._replay is None:
            state = self._state()
            self._replay = Replay(
                origin=self.origin, log_key=self._log_key, leaf_at=self._leaf_at, state=state
            )
            self._size = self._replay.size
            if self._size:
                logger.info("%s: the replay goes on from entry %d", self.origin, self._size)
        return self._replay

    def _drop(self) -> None:
        if self._replay is not None:
            self._replay.state.close()
            self._replay = None

    def _fetch(self, tile: tiles.Tile) -> bytes:
        self._check_running()
        return fetch(self._objects, tile)

    def _check_running(self) -> None:
        if self._stopped.is_set():
            raise StorageUnavailable("the witness stops")

    def _leaf_at(self, index: int) -> bytes:
        """An entry already replayed; whoever asks knows it by its event id, a hash of its bytes."""
        bundle, place = divmod(index, tiles.WIDTH)
        width = min(tiles.WIDTH, self._target - bundle * tiles.WIDTH)
        return tiles.parse_bundle(self._fetch(tiles.Tile(-1, bundle, width)), width)[place]


def _bundles(start: int, size: int) -> Iterator[tiles.Tile]:
    """The entry bundles of a tree of ``size`` that hold [start, size)."""
    for index in range(start >> tiles.HEIGHT, -(-size // tiles.WIDTH)):
        yield tiles.Tile(-1, index, min(tiles.WIDTH, size - index * tiles.WIDTH))


def _forget_oldest(remembered: dict[_Key, _Value]) -> None:
    while len(remembered) > REACHED_MAX:
        del remembered[next(iter(remembered))]
