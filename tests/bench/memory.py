"""``python -m tests.bench.memory ENTRIES``: peak KiB that Python allocates while auditing so many entries.

The entries are statements about one record, so the state of the log stays the same and only its
leaves grow in number: whatever the peak grows by is bytes of leaves that were kept.
"""

import sys
import tempfile
import tracemalloc
from pathlib import Path

from ledger.adapters.folder import Folder
from ledger.author import Draft
from tests.ledger.world import GRANT, World, hand

ROWS = list(range(1_000, 1_400))  # about 2 KB a leaf


def main(entries: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), Folder(Path(folder) / "public")).play("granted")
        data = {
            "record": world.last_event(GRANT),
            "reason": "personal_data",
            "fields": [],
            "rows": ROWS,
        }
        draft = Draft("erasure.recorded", [hand("operator", "operator", "eraser")], data, [GRANT])
        for _ in range(entries):
            world.record(draft)
        world.publisher.publish()
        tracemalloc.start()
        report = world.audit()
        _, peak = tracemalloc.get_traced_memory()
        assert report.verdict == "verified", report.findings
        world.close()
    print(peak // 1024)


if __name__ == "__main__":
    main(int(sys.argv[1]))
