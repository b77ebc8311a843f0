"""Readers of a published log who believe nothing: each in a process of its own, as strangers are.

A reader fetches the visible checkpoint, has it proved to extend the one it saw before, takes the
bundle of a random entry, and has that entry proved to stand in the tree of that one checkpoint.
"""

import multiprocessing
import random
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait

from gateway import wiring
from gateway.settings import Settings
from ledger.adapters.http import HttpFolder
from ledger.audit import fetch
from ledger.core import merkle, policy, tiles
from ledger.core.checkpoint import Checkpoint
from ledger.core.leaf import Leaf
from ledger.core.policy import Policy
from ledger.errors import InvalidRecord, LedgerError, ProofError, StorageUnavailable
from ledger.ports import ObjectStore

REPORTED_EVERY_S = 0.2
TRIES = 5  # of a read that the store did not answer
PAUSE_S = 0.1  # before the next try; longer each time
STOPPED_WITHIN_S = 5.0

Where = Settings | str  # the published objects of a home, or the log's address


@dataclass(frozen=True, slots=True)
class Sight:
    """What one reader did since its last report. took_s: seconds of each read; size: of its tree."""

    took_s: tuple[float, ...]
    size: int
    retried: int
    failure: str = ""


class LogReader:
    """Checks what it is shown against what it was shown before."""

    def __init__(self, objects: ObjectStore, trust: Policy, chance: random.Random) -> None:
        self._objects = objects
        self._trust = trust
        self._chance = chance
        self._seen: Checkpoint | None = None

    def read(self) -> int:
        """One look at the log; returns the tree size it saw.

        Raises ProofError when something does not hold, MissingEvidence when it is not there,
        StorageUnavailable when nobody answered.
        """
        checkpoint = self._trust.open(self._objects.get("checkpoint"))
        hashes = self._hashes(checkpoint.size)
        self._check_extends(checkpoint, hashes)
        self._seen = checkpoint
        if checkpoint.size:
            self._check_entry(self._chance.randrange(checkpoint.size), checkpoint, hashes)
        return checkpoint.size

    def check_holds(self, acknowledged: Mapping[int, bytes]) -> None:
        """Every acknowledged entry stands in the visible tree at its index. Raises as ``read``.

        acknowledged: index -> leaf hash.
        """
        checkpoint = self._trust.open(self._objects.get("checkpoint"))
        hashes = self._hashes(checkpoint.size)
        if tiles.right_edge(checkpoint.size, hashes).root() != checkpoint.root:
            raise ProofError("the tiles do not give the checkpoint's root")
        for index, leaf in sorted(acknowledged.items()):
            if index >= checkpoint.size:
                raise ProofError(
                    f"entry {index} was acknowledged and is not in the tree of {checkpoint.size}"
                )
            path = merkle.inclusion_path(index, checkpoint.size, hashes)
            place = {"leaf_index": index, "tree_size": checkpoint.size}
            merkle.verify_inclusion(leaf, **place, path=path, root=checkpoint.root)
        for number in sorted({index >> tiles.HEIGHT for index in acknowledged}):
            self._bundle(number, checkpoint, hashes)

    def _check_extends(self, checkpoint: Checkpoint, hashes: tiles.TileHashes) -> None:
        seen = self._seen
        if seen is None or not seen.size:
            return
        if seen.origin != checkpoint.origin or seen.size > checkpoint.size:
            raise ProofError(
                f"{seen.origin} showed {seen.size} entries, now {checkpoint.origin} shows {checkpoint.size}"
            )
        merkle.verify_consistency(
            old_size=seen.size,
            old_root=seen.root,
            tree_size=checkpoint.size,
            root=checkpoint.root,
            path=merkle.consistency_path(seen.size, checkpoint.size, hashes),
        )

    def _check_entry(self, index: int, checkpoint: Checkpoint, hashes: tiles.TileHashes) -> None:
        entry = self._bundle(index >> tiles.HEIGHT, checkpoint, hashes)[index % tiles.WIDTH]
        try:
            leaf = Leaf.parse(entry)
        except InvalidRecord as error:
            raise ProofError(f"entry {index}: {error}") from error
        if leaf.index != index:
            raise ProofError(f"the entry at {index} says that it is {leaf.index}")
        path = merkle.inclusion_path(index, checkpoint.size, hashes)
        place = {"leaf_index": index, "tree_size": checkpoint.size}
        merkle.verify_inclusion(leaf.hash, **place, path=path, root=checkpoint.root)

    def _bundle(self, number: int, checkpoint: Checkpoint, hashes: tiles.TileHashes) -> list[bytes]:
        """A bundle, each entry of which hashes to what its tile says."""
        first = number * tiles.WIDTH
        tile = tiles.Tile(-1, number, min(tiles.WIDTH, checkpoint.size - first))
        try:
            entries = tiles.parse_bundle(fetch(self._objects, tile), tile.width)
        except ProofError as error:
            raise ProofError(f"{tile.path}: {error}") from error
        for index, entry in enumerate(entries, start=first):
            if merkle.leaf_hash(entry) != hashes(0, index):
                raise ProofError(f"{tile.path}: entry {index} does not hash to what tile/0 says of it")
        return entries

    def _hashes(self, size: int) -> tiles.TileHashes:
        return tiles.TileHashes(size, lambda tile: fetch(self._objects, tile))


def objects_of(where: Where) -> ObjectStore:
    return HttpFolder(where) if isinstance(where, str) else wiring.open_(where).log


@dataclass(slots=True)
class Readers:
    """Processes that read until they are stopped. pace_s: seconds from one read of each to its next."""

    where: Where
    trust: bytes
    count: int
    pace_s: float = 0.0
    _processes: list[multiprocessing.process.BaseProcess] = field(default_factory=list)
    _pipes: list[Connection] = field(default_factory=list)

    def start(self) -> None:
        spawn = multiprocessing.get_context("spawn")  # a fork would share the writers' connections
        for _ in range(self.count):
            ours, theirs = spawn.Pipe()
            process = spawn.Process(
                target=_read_until_told, args=(self.where, self.trust, self.pace_s, theirs), daemon=True
            )
            process.start()
            theirs.close()
            self._processes.append(process)
            self._pipes.append(ours)

    def sights(self, within_s: float) -> list[Sight]:
        """What came in; waits for something up to ``within_s``. A reader that died has failed."""
        found: list[Sight] = []
        if not self._pipes:
            time.sleep(within_s)
        for pipe in wait(self._pipes, within_s):
            assert isinstance(pipe, Connection)
            try:
                found.append(pipe.recv())
            except (EOFError, OSError):
                self._pipes.remove(pipe)
                found.append(Sight((), 0, 0, "a reader died"))
        return found

    def stop(self) -> None:
        for pipe in self._pipes:
            with suppress(OSError):
                pipe.send("stop")
            pipe.close()
        for process in self._processes:
            process.join(STOPPED_WITHIN_S)
            if process.is_alive():
                process.kill()
                process.join()


def _read_until_told(where: Where, trust: bytes, pace_s: float, pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told, and tells us
    with suppress(BrokenPipeError, ConnectionResetError):  # the parent is gone: nobody wants to know
        try:
            reader = LogReader(objects_of(where), policy.parse(trust), random.Random())
            _read(reader, pace_s, pipe)
        except LedgerError as error:
            pipe.send(Sight((), 0, 0, f"{type(error).__name__}: {error}"))


def _read(reader: LogReader, pace_s: float, pipe: Connection) -> None:
    took_s: list[float] = []
    retried = in_a_row = 0
    told = time.monotonic()
    while not pipe.poll():
        begun = time.monotonic()
        try:
            size = reader.read()
        except StorageUnavailable:
            retried, in_a_row = retried + 1, in_a_row + 1
            if in_a_row > TRIES:
                raise
            time.sleep(PAUSE_S * in_a_row)
            continue
        in_a_row = 0
        now = time.monotonic()
        took_s.append(now - begun)
        if now - told >= REPORTED_EVERY_S:
            pipe.send(Sight(tuple(took_s), size, retried))
            took_s, retried, told = [], 0, now
        time.sleep(max(0.0, begun + pace_s - now))
