"""``python -m tests.faults.child HOME``: record for ever, saying each index once it is acknowledged.

The parent kills this program at any moment; what it printed must be true for ever after.
"""

import sys
from pathlib import Path

from ledger.adapters.folder import Folder
from ledger.author import new_id
from ledger.store.log import read_head
from tests.ledger.world import World, but

PUBLISHED_EVERY = 7  # records


def main(home: Path) -> None:
    world = World(home, Folder(home / "public"))
    with world.database.reading() as connection:
        head = read_head(connection)
    if head is None:
        world.play("granted")
    else:
        world.clock.move(seconds=head.size)
    draft = world.declared(data={"manifest": None}, rows=())
    print("ready", flush=True)
    count = 0
    while True:
        entry = world.record(but(draft, subjects=[new_id("lot")]))
        print(entry.index, entry.event_id, flush=True)
        count += 1
        if count % PUBLISHED_EVERY == 0:
            checkpoint = world.publisher.publish()
            print("published", checkpoint.size, checkpoint.root.hex(), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
