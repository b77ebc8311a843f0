"""The statements that the ledger's own store writes, recorded once and replayed on a faulty disk."""

import random
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

import apsw
from sqlalchemy import event
from sqlalchemy.pool import Pool

from ledger.core.leaf import FIRST_PREVIOUS, Leaf
from tests.faults.vfs import Disk, PowerCut, opened
from tests.ledger.world import JOURNEY, World, but, ident

DATABASE = "ledger.db"
SHARED = 5  # records of one commit
SHARED_COMMITS = 6
PUBLISHED_AFTER = ("granted", "split", "sold", "delivered")
CHECKPOINTED_EVERY = (None, None, 8, 30, 100)  # pages; None: as the store leaves it
TRIES = 20
LOOKING = ("BEGIN", "SELECT", "PRAGMA", "COMMIT")


@dataclass(frozen=True)
class Recording:
    """What one writer sent to SQLite. settings: its PRAGMAs; commits: from BEGIN to COMMIT, in order."""

    settings: tuple[str, ...]
    commits: tuple[tuple[str, ...], ...]

    @cached_property
    def states(self) -> list[str]:
        """states[k]: digest of every table after k commits."""
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
            found = [digest(database)]
            for commit in self.commits:
                for statement in commit:
                    database.execute(statement)
                found.append(digest(database))
            return found

    def setting(self, old: str, new: str) -> "Recording":
        """The same writer with one setting changed."""
        assert old in self.settings, (old, self.settings)
        settings = tuple(new if setting == old else setting for setting in self.settings)
        return Recording(settings, self.commits)


def record_journey(folder: Path) -> Recording:
    """A lot's whole journey, published now and then, with commits of several records in between."""
    with _traced() as traces:
        world = World(folder)
        for stage, drafts in JOURNEY.items():
            for draft in drafts:
                world.record(draft(world))
            if stage in PUBLISHED_AFTER:
                world.publisher.publish()
                _record_together(world, stage)
        world.close()
    (writer,) = [trace for trace in traces if any(line.startswith("INSERT INTO entries") for line in trace)]
    # A trigger's trace names its statement again; no two statements of ours are the same in a row.
    lines = [line.strip() for line, _ in groupby(writer)]
    first = next(n for n, line in enumerate(lines) if line.startswith("BEGIN"))
    settings = tuple(line for line in lines[:first] if line.startswith("PRAGMA") and "=" in line)
    return Recording(settings, tuple(_commits(lines)))


def _commits(lines: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The transactions that changed something; those that only looked, or were rolled back, are left out."""
    transaction: list[str] = []
    for line in lines:
        transaction = [line] if line.startswith("BEGIN") else [*transaction, line]
        if line == "COMMIT" and any(not one.startswith(LOOKING) for one in transaction):
            yield tuple(transaction)


def digest(database: "sqlite3.Connection | apsw.Connection") -> str:
    """Of every row of every table, in an order of its own."""
    total = sha256()
    names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"
    for (name,) in list(database.execute(names)):
        total.update(name.encode())
        for row in sorted(map(repr, database.execute(f"SELECT * FROM {name}"))):
            total.update(row.encode())
    return total.hexdigest()


def calls_of(recording: Recording, folder: Path) -> int:
    """How many calls a whole replay makes that a fault can be planned for."""
    disk = Disk({}, random.Random(0))
    with opened(_new(folder), disk) as database:
        _set_up(database, recording, None)
        for commit in recording.commits:
            _run(database, commit)
        return disk.calls


def cut_power(
    recording: Recording, folder: Path, *, seed: int, calls: int, first: int = 1
) -> tuple[int, Path]:
    """Replay until the power goes at a random call; (commits acknowledged, what the disk then holds).

    calls: of a whole replay; first: the first call that may be the one.
    """
    chance = random.Random(seed)
    disk = Disk({chance.randint(first, calls): PowerCut}, chance)
    checkpointed = chance.choice(CHECKPOINTED_EVERY)
    acknowledged = 0
    try:
        with opened(_new(folder / "live"), disk) as database:
            _set_up(database, recording, checkpointed)
            for commit in recording.commits:
                _run(database, commit)
                if disk.is_off:
                    break
                acknowledged += 1
    except PowerCut:
        pass
    disk.image(folder / "after")
    return acknowledged, folder / "after"


def fail_calls(
    recording: Recording, folder: Path, *, seed: int, calls: int, error: type[apsw.Error]
) -> tuple[int, Path]:
    """Replay with calls that fail at random, then cut the power; (errors told, what the disk holds).

    A commit that fails is asked for again, as a caller does who got no answer: it stands, whole, or
    it does not stand at all.
    """
    chance = random.Random(seed)
    faults = {chance.randint(1, calls): error for _ in range(chance.randint(1, 6))}
    faults |= {call + 1: error for call in list(faults) if chance.random() < 0.5}
    disk = Disk(faults, chance)
    checkpointed = chance.choice(CHECKPOINTED_EVERY)
    told = 0
    with opened(_new(folder / "live"), disk) as database:
        while True:
            try:
                _set_up(database, recording, checkpointed)
                break
            except error:
                told += 1
        for number, commit in enumerate(recording.commits):
            for _ in range(TRIES):
                try:
                    _run(database, commit)
                    break
                except error:
                    told += 1
                    if database.in_transaction:
                        database.execute("ROLLBACK")
                    standing = digest(database)
                    assert standing in recording.states[number : number + 2], f"seed {seed}: half a commit"
                    if standing == recording.states[number + 1]:
                        break
            assert digest(database) == recording.states[number + 1], f"seed {seed}: phantom commit {number}"
        disk.cut()
    disk.image(folder / "after")
    return told, folder / "after"


def found_after(folder: Path, recording: Recording) -> int:
    """How many commits an image holds; asserts that it is sound and that it holds no half of one.

    Plain sqlite3 opens it, not the program that wrote it.
    """
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        state = digest(database)
        assert state in recording.states, "the tables are not those after any commit"
        if state != recording.states[0]:
            _check_linked(database)
        return recording.states.index(state)


def _check_linked(database: sqlite3.Connection) -> None:
    previous = FIRST_PREVIOUS
    for number, (index, encoded) in enumerate(database.execute("SELECT idx, leaf FROM entries ORDER BY idx")):
        leaf = Leaf.parse(encoded)
        assert (index, leaf.index, leaf.previous) == (number, number, previous)
        previous = leaf.hash.hex()


def _set_up(database: apsw.Connection, recording: Recording, checkpointed: int | None) -> None:
    for setting in recording.settings:
        database.execute(setting)
    if checkpointed is not None:
        database.execute(f"PRAGMA wal_autocheckpoint={checkpointed}")


def _run(database: apsw.Connection, commit: tuple[str, ...]) -> None:
    for statement in commit:
        database.execute(statement)


def _new(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder / DATABASE


def _record_together(world: World, name: str) -> None:
    """Commits of several records, as callers who wait at the same time share them."""
    draft = world.declared(data={"manifest": None}, rows=())
    for part in range(SHARED_COMMITS):
        lots = [ident("lot", f"{name} {part} {n}") for n in range(SHARED)]
        prepared = [world.writer.prepare(world.submission(but(draft, subjects=[lot]))) for lot in lots]
        world.writer.do(lambda ledger, prepared=prepared: [ledger.record(one) for one in prepared])


@contextmanager
def _traced() -> Iterator[list[list[str]]]:
    """Every connection that is opened inside, with the statements it ran, parameters filled in."""
    traces: list[list[str]] = []

    def follow(connection: Any, _record: Any) -> None:
        traces.append([])
        connection.set_trace_callback(traces[-1].append)

    event.listen(Pool, "connect", follow)
    try:
        yield traces
    finally:
        event.remove(Pool, "connect", follow)
