"""``python -m tests.bench.heads [SIZES…]``: what a checkpoint costs, by the number of subjects.

A real heads tree in SQLite. A checkpoint that comes after 256 subjects changed reads their paths,
hashes them again and writes the nodes that differ.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlmodel import SQLModel

from ledger.core import heads
from ledger.store import log
from ledger.store.database import Database
from ledger.store.log import HEADS
from ledger.store.tables import LEDGER_TABLES

SIZES = (10_000, 100_000, 1_000_000)
CHANGED = 256  # subjects between two checkpoints
RUNS = 7
PUT_AT_ONCE = 50_000
INSERT = f"INSERT OR REPLACE INTO heads_nodes VALUES ({', '.join('?' * len(HEADS.columns))})"
EVENT = "ab" * 32


@dataclass(frozen=True)
class Cost:
    """Of one checkpoint, the median. nodes: written."""

    subjects: int
    seconds: float
    nodes: int


class StoredHeads:
    """A heads tree that is kept as the ledger keeps it."""

    def __init__(self, folder: Path) -> None:
        self.database = Database.at(folder / "heads.db")
        SQLModel.metadata.create_all(self.database.writer, tables=LEDGER_TABLES)
        self.head = heads.EMPTY_HEAD
        self._writing = self.database.writing()
        self.connection = self._writing.connection

    def read(self, bits: int, prefix: bytes) -> heads.Node:
        node = log.heads_node(self.connection, bits, prefix)
        assert node is not None
        return node

    def put(self, values: dict[bytes, bytes]) -> int:
        """One transaction; returns the nodes written."""
        self._writing.begin()
        update = heads.Update(self.head, self.read)
        self.head = update.put(values)
        driver = self.connection.connection.dbapi_connection
        driver.executemany(INSERT, [log.heads_columns(node) for node in update.changed.values()])
        self._writing.commit()
        return len(update.changed)

    def fill(self, size: int) -> None:
        """Begin with ``size`` subjects: from their sorted keys every node is made once."""
        assert self.head.count == 0
        value = heads.value_hash(0, EVENT)
        rows: list[tuple] = []
        open_: list[tuple[int, heads.Child]] = []  # (bits, what is left of the branch), from the root down
        keys = sorted(key(n) for n in range(size))
        for n, leaf in enumerate(keys):
            child = heads.Child(heads.KEY_BITS, leaf, heads.leaf_hash(leaf, value), value)
            bits = heads._common_bits(leaf, keys[n + 1]) if n + 1 < size else -1
            while open_ and open_[-1][0] > bits:
                above, left = open_.pop()
                node = heads.Node(above, heads._masked(leaf, above), left, child)
                rows.append(log.heads_columns(node))
                child = heads.Child(above, node.prefix, node.hash)
            open_.append((bits, child))
            if len(rows) >= PUT_AT_ONCE:
                self._insert(rows)
        self._insert(rows)
        self.head = heads.Head(child.hash, size, child)

    def _insert(self, rows: list[tuple]) -> None:
        self._writing.begin()
        self.connection.connection.dbapi_connection.executemany(INSERT, sorted(rows))
        self._writing.commit()
        rows.clear()

    def close(self) -> None:
        self._writing.close()
        self.database.close()


def key(n: int) -> bytes:
    return heads.subject_key(f"lot:{n:020d}")


@contextmanager
def stored_heads() -> Iterator[StoredHeads]:
    with tempfile.TemporaryDirectory() as folder:
        made = StoredHeads(Path(folder))
        try:
            yield made
        finally:
            made.close()


def cost(made: StoredHeads) -> Cost:
    """Change CHANGED subjects all over the tree, several times."""
    size, seconds, nodes = made.head.count, [], []
    for run in range(RUNS):
        drawn = (int.from_bytes(sha256(f"{run} {n}".encode()).digest()[:8], "big") for n in range(CHANGED))
        values = {key(n % size): heads.value_hash(run + 1, EVENT) for n in drawn}
        start = time.perf_counter()
        nodes.append(made.put(values))
        seconds.append(time.perf_counter() - start)
    assert made.head.count == size
    return Cost(size, statistics.median(seconds), round(statistics.median(nodes)))


def tell(costs: Sequence[Cost]) -> None:
    for one in costs:
        print(
            f"checkpoint, {CHANGED} of {one.subjects:9,} subjects changed {one.seconds * 1e3:8.1f} ms"
            f"{one.nodes:7} nodes written"
        )


def main(arguments: Sequence[str]) -> int:
    for size in [int(argument) for argument in arguments] or SIZES:
        with stored_heads() as made:
            made.fill(size)
            tell([cost(made)])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
