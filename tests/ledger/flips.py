"""Damage to a finished log, one byte at a time, and what an auditor may say about it."""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ledger.adapters.folder import Folder
from ledger.audit import Keeping, Progress, Report, audit
from ledger.audit_database import DatabaseSource
from ledger.store.database import Database
from tests.ledger.world import World, but, ident

INDEX_TABLES = ("entries", "chain", "heads_nodes", "checkpoints")  # wrong bytes there fail
Contents = dict[str, list[tuple[Any, ...]]]


def finished(folder: Path, *, lots: int = 240) -> World:
    """A published log of more than one tile: with superseded partial tiles, then closed and checkpointed."""
    folder.mkdir(parents=True, exist_ok=True)
    world = World(folder, Folder(folder / "public")).play()
    world.publisher.publish()
    draft = world.declared(data={"manifest": None}, rows=())
    for n in range(lots):
        world.record(but(draft, subjects=[ident("lot", f"more {n}")]))
        if n in (20, lots - 10):
            world.publisher.publish()
    world.publisher.publish()
    world.close()
    with sqlite3.connect(folder / "ledger.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    return world


def copied(world: World, folder: Path) -> Path:
    """A private copy to spoil."""
    target = folder / "copy"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(world.folder, target)
    return target


def audited(
    folder: Path,
    world: World,
    saved: bytes | None = None,
    *,
    keeping: Keeping | None = None,
    progress: Progress | None = None,
) -> Report:
    database = Database.at(folder / "ledger.db")
    try:
        source = DatabaseSource("copy", database, Folder(folder / "public"))
        return audit(source, world.policy, saved=saved, keeping=keeping, progress=progress)
    finally:
        database.close()


@contextmanager
def edited(folder: Path) -> Iterator[sqlite3.Connection]:
    """The database in the hands of someone whom no trigger stops."""
    connection = sqlite3.connect(folder / "ledger.db", isolation_level=None)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    yield connection
    connection.close()


def flipped(data: bytes, chance: random.Random) -> bytes:
    """One random bit of one random byte turned over."""
    position = chance.randrange(len(data))
    changed = bytearray(data)
    changed[position] ^= 1 << chance.randrange(8)
    return bytes(changed)


def contents(path: Path) -> Contents | None:
    """The index tables as anyone reads them; None when they cannot be read."""
    connection = sqlite3.connect(path)
    connection.text_factory = bytes
    try:
        return {
            name: connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()
            for name in INDEX_TABLES
        }
    except (sqlite3.Error, UnicodeDecodeError):  # the latter: the name of a column
        return None
    finally:
        connection.close()


def flip_database_file(folder: Path, chance: random.Random) -> int:
    """Turn one bit of the database file over; returns the byte's position."""
    path = folder / "ledger.db"
    position = chance.randrange(path.stat().st_size)
    with path.open("r+b") as file:
        file.seek(position)
        byte = file.read(1)[0] ^ (1 << chance.randrange(8))
        file.seek(position)
        file.write(bytes([byte]))
    for suffix in ("-wal", "-shm", "-journal"):
        with suppress(FileNotFoundError):
            (folder / f"ledger.db{suffix}").unlink()
    return position


def check_database_flip(world: World, folder: Path, right: Contents, chance: random.Random) -> None:
    """After one raw flip the audit never crashes and fails only where index bytes read differently."""
    path = folder / "ledger.db"
    whole = path.read_bytes()
    position = flip_database_file(folder, chance)
    read = contents(path)
    try:
        report = audited(folder, world)
    finally:
        path.write_bytes(whole)
    allowed = {0, 4} if read == right else {3, 4}
    assert report.exit_code in allowed, (position, report.findings)


def check_object_flip(world: World, folder: Path, key: str, chance: random.Random) -> None:
    """After one flip in a published object the audit fails and names the checkpoint or the tile's entries."""
    path = folder / "public" / key
    whole = path.read_bytes()
    path.write_bytes(flipped(whole, chance))
    try:
        report = audited(folder, world)
    finally:
        path.write_bytes(whole)
    assert report.exit_code == 3, (key, report.findings)
    kind = key.partition("/")[0]
    stage = {"checkpoint": "checkpoint", "checkpoints": "checkpoints"}.get(kind, "tiles")
    assert any(f.stage == stage and (key in f.message or key == "checkpoint") for f in report.findings), key
    if stage != "checkpoint":
        assert all(finding.entry is not None for finding in report.findings)
