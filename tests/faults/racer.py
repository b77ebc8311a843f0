"""``python -m tests.faults.racer URL FOLDER COUNT``: one of several processes that append to one log.

Says ``ready``, waits for a line, then prints ``index event_id`` of every record it was answered for.
"""

import sys
from pathlib import Path

from ledger.errors import StorageUnavailable
from ledger.record import Entry, Submission
from ledger.store.database import Database
from tests.bench.workload import declarations
from tests.ledger.world import World


def main(url: str, folder: str, count: int) -> None:
    world = World(Path(folder), database=Database(url))
    submissions = declarations(world, count)
    print("ready", flush=True)
    sys.stdin.readline()
    for submission in submissions:
        entry = _recorded(world, submission)
        print(entry.index, entry.event_id)
    world.close()


def _recorded(world: World, submission: Submission) -> Entry:
    """Again and again, as every client may: the very same record."""
    while True:
        try:
            return world.writer.record(submission)
        except StorageUnavailable as error:
            print(f"again: {error}", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
