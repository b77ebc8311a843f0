"""``python -m tests.faults.child``: for every home on a line of input, a child that records for ever.

A line is ``HOME`` or ``HOME<TAB>URL of its database``.

The nursery imports once and forks; the parent kills the child at any moment, and what the child had
printed must be true for ever after.
"""

import os
import sys
from pathlib import Path

from ledger.adapters.folder import Folder
from ledger.author import new_id
from ledger.store.database import Database
from ledger.store.log import read_head
from tests.ledger.world import World, but

PUBLISHED_EVERY = 7  # records


def nursery() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            home, _, url = line.rstrip("\n").partition("\t")
            record_for_ever(Path(home), url)
        _say(f"started {child}\n")
        os.waitpid(child, 0)
        _say("\ndead\n")  # on a line of its own, whatever the child was writing


def _say(text: str) -> None:
    """Whole lines in one write: two processes share the pipe, and ``print`` may write a line in pieces."""
    os.write(sys.stdout.fileno(), text.encode())


def opened_world(home: Path, url: str) -> World:
    """url: of its database; empty for SQLite in the home."""
    return World(home, Folder(home / "public"), database=Database(url) if url else None)


def record_for_ever(home: Path, url: str) -> None:
    world = opened_world(home, url)
    with world.database.reading() as connection:
        head = read_head(connection)
    if head is None:
        world.play("granted")
    else:
        world.clock.move(seconds=head.size)
    draft = world.declared(data={"manifest": None}, rows=())
    _say("ready\n")
    while True:
        entry = world.record(but(draft, subjects=[new_id("lot")]))
        _say(f"{entry.index} {entry.event_id}\n")
        if entry.index % PUBLISHED_EVERY == 0:  # of all lives together: some are too short for so many
            checkpoint = world.publisher.publish()
            _say(f"published {checkpoint.size} {checkpoint.root.hex()}\n")


if __name__ == "__main__":
    nursery()
