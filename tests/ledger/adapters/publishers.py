"""Six publishers, each a process with its own database connections and S3 client, let go at once.

    python -m tests.ledger.adapters.publishers DATABASE_URL BUCKET ENDPOINT LOCK_DAYS LOCK_FILE

Each prints the size and root that it shows in the end. They first publish with nothing between them
but the database and the store; one that lost its turn queues for the lock file, as publishers of one
machine do from the beginning.
"""

import os
import sys
from pathlib import Path

from ledger.adapters.s3 import connect
from ledger.errors import StorageUnavailable
from ledger.publish import Publisher
from ledger.store.database import Database
from ledger.writer import Writer
from tests.ledger.adapters.s3_servers import REGION
from tests.ledger.fakes import MemoryClock, MemorySigner

RACERS = 6


def main() -> None:
    reading, writing = os.pipe()
    racers = []
    for _ in range(RACERS):
        racer = os.fork()  # before anything is connected: the six share nothing
        if racer == 0:
            os.close(writing)
            race(reading)
            os._exit(0)
        racers.append(racer)
    os.close(reading)
    os.close(writing)  # go: everyone who waits for the pipe reads its end
    statuses = [os.waitstatus_to_exitcode(os.waitpid(racer, 0)[1]) for racer in racers]
    sys.exit(max(map(abs, statuses)))


def race(start: int) -> None:
    url, bucket, endpoint, lock_days, lock_file = sys.argv[1:]
    database, clock = Database(url), MemoryClock()
    clock.move(days=1)
    objects = connect(f"s3://{bucket}", "log", endpoint_url=endpoint, region=REGION, lock_days=int(lock_days))

    def publisher(lock: Path | None) -> Publisher:
        return Publisher(
            database,
            Writer(database, clock),
            objects,
            log_signer=MemorySigner("log"),
            heads_signer=MemorySigner("heads"),
            clock=clock,
            lock_file=lock,
        )

    os.read(start, 1)
    try:
        shown = publisher(None).publish()
    except StorageUnavailable:  # another took over; what was written stays, for it is the same
        shown = publisher(Path(lock_file)).publish()
    os.write(1, f"{shown.size} {shown.root.hex()}\n".encode())


if __name__ == "__main__":
    main()
