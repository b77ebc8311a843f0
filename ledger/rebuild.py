"""Make the working tables again from the entries, in one transaction: what rules, pages and heads lean on.

subjects, keys, codes     the states that the records fold into
chain                     each subject's records, in order; guarded, so the guards are lifted for it
heads_nodes, log_state    the heads tree and the head row

Entries, checkpoints, openings and rows are the truth and are only read. A table that is as the
records give it is left alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from ledger.core import heads
from ledger.core.keys import VerifierKey
from ledger.core.leaf import Leaf
from ledger.errors import LedgerError, MissingEvidence, ProofError, StorageError
from ledger.lots.state import LotState, printed
from ledger.replay import Replay, Sealed
from ledger.replay_state import ReplayState
from ledger.store import log, unguarded
from ledger.store.database import Database
from ledger.store.log import CHAIN, CODES, ENTRIES, HEADS, KEYS, LOG, OPENINGS, SUBJECTS
from ledger.store.statements import Statement, Write

Progress = Callable[[str, int, int], None]  # what is done, how many entries, of how many
AT_ONCE = 1_000  # rows written together
LOCK_TIMEOUT = "10s"  # PostgreSQL: how long a writer at work is waited for
WORKING = (SUBJECTS, KEYS, CODES, CHAIN, HEADS, LOG)
_COUNT = Statement(select(func.count()).select_from(ENTRIES))
_OPENINGS = Statement(
    select(OPENINGS.c.field, OPENINGS.c.value, OPENINGS.c.salt).where(OPENINGS.c.event_id == bindparam("id"))
)
_WRITES = {table.name: Write(table) for table in WORKING}
_SELECTS = {table.name: Statement(select(table)) for table in WORKING}
_Values = tuple[Any, ...]  # a row: the columns of its table in order


@dataclass(slots=True)
class Rebuilt:
    """tables: rows that were wrong, missing or too many, by table, for those that were made again.

    notes: what a person should know.
    """

    size: int = 0
    tables: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def rebuild(
    database: Database,
    key: VerifierKey,
    *,
    state: ReplayState | None = None,
    progress: Progress = lambda _what, _done, _of: None,
) -> Rebuilt:
    """Replay every entry and write what differs. key: of the log when it was opened.

    state: an empty one, where the replay keeps what it knows; in memory when None. All or nothing:
    raises ProofError when an entry does not replay, MissingEvidence when one is missing, and then
    nothing has changed.
    """
    done = Rebuilt()
    source = _Entries(progress)
    replay = Replay(
        origin=key.name, log_key=key.public_key, opening=source.openings, leaf_at=source.leaf_at, state=state
    )
    with database.reading() as connection:
        source.replay(connection, replay)  # most of the work, while others go on writing
    try:
        with database.writer.begin() as connection:
            _lock(connection)
            _make_tables(connection, done)
            source.replay(connection, replay)  # what came meanwhile
            done.size = replay.size
            if not replay.size:
                raise MissingEvidence("the database has no entries to rebuild from")
            _write_all(connection, replay, source.links, done, progress)
        # Durable here; before this line a crash leaves every table as it was.
    except DBAPIError as error:
        raise StorageError(f"database: {error.orig}") from error
    return done


class _Entries:
    """Feeds a replay from whichever connection is open."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._connection: Connection | None = None
        self.links = _Sum()

    def replay(self, connection: Connection, replay: Replay) -> None:
        self._connection = connection
        (total,) = _COUNT.row(connection) or (0,)
        for index, encoded in log.leaves(connection, replay.size, 1 << 62):
            if index != replay.size:
                raise MissingEvidence(f"entry {replay.size} is missing; run lotproof fsck")
            try:
                leaf = replay.take(encoded)
            except (LedgerError, TypeError) as error:  # TypeError: a column of another kind
                raise ProofError(
                    f"entry {index} does not follow from those before it: {error}; run lotproof fsck"
                ) from error
            for row in _links_of(leaf):
                self.links.add(row)
            if not index % 50:
                self._progress("replaying entries", index, total)

    def leaf_at(self, index: int) -> bytes:
        assert self._connection is not None
        leaf = log.leaf(self._connection, index)
        if leaf is None:
            raise MissingEvidence(f"entry {index} is missing; run lotproof fsck")
        return leaf

    def openings(self, event_id: str) -> Mapping[str, Sealed]:
        assert self._connection is not None
        return {
            name: Sealed(value, salt)
            for name, value, salt in _OPENINGS.stream(self._connection, id=bytes.fromhex(event_id))
            if isinstance(value, bytes) and isinstance(salt, bytes)
        }


def _lock(connection: Connection) -> None:
    """Keep writers out, in the order in which they lock. SQLite's transaction has done so already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        for table in (LOG, ENTRIES):
            if inspect(connection).has_table(table.name):
                connection.execute(text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))


def _make_tables(connection: Connection, done: Rebuilt) -> None:
    """Make a working table that is gone, or has other columns than it should."""
    there = inspect(connection)
    for table in WORKING:
        if there.has_table(table.name):
            columns = {column["name"] for column in there.get_columns(table.name)}
            if columns == set(table.columns.keys()):
                continue
            table.drop(connection)
        table.create(connection)
        done.notes.append(f"table {table.name} was made anew")
        if connection.dialect.name == "postgresql":
            done.notes.append(f"grant the application's role its rights on {table.name} again")


def _write_all(
    connection: Connection, replay: Replay, links: "_Sum", done: Rebuilt, progress: Progress
) -> None:
    state = replay.state
    sold = _known_sales(connection, state, done)

    def subjects() -> Iterator[_Values]:
        for name, subject in state.subjects.items():
            head, told = subject.head, printed(sold.get(name, subject.state))
            yield name, head.seq, head.index, bytes.fromhex(head.event_id), told

    def keys() -> Iterator[_Values]:
        for key in state.keys.values():
            yield key.id, key.party, key.model_dump_json()

    def codes() -> Iterator[_Values]:
        for raw, (index, lot, event_id) in state.codes.items():
            yield raw, index, lot, bytes.fromhex(event_id)

    def nodes() -> Iterator[_Values]:
        yield from map(log.heads_columns, state.nodes.values())

    for table, rows in ((SUBJECTS, subjects), (KEYS, keys), (CODES, codes), (HEADS, nodes)):
        if _Sum.over(rows()) != _Sum.of(connection, table):
            done.tables[table.name] = _refill(connection, table, rows())
    if links != _Sum.of(connection, CHAIN):
        with unguarded.unguarded(connection, CHAIN.name):
            links_again = _links(connection, replay.size, progress)
            done.tables[CHAIN.name] = _refill(connection, CHAIN, links_again)
    _write_head(connection, replay, done)


def _known_sales(connection: Connection, state: ReplayState, done: Rebuilt) -> dict[str, LotState]:
    """Lots of which a sold quantity was erased: what was known of them before stays known.

    The records alone say only that it is unknown, and an unknown quantity is for nobody to sell on.
    """
    known: dict[str, LotState] = {}
    for name, subject in state.subjects.items():
        right = subject.state
        if not isinstance(right, LotState) or right.sold is not None:
            continue
        try:
            there = log.subject(connection, name)
        except (LedgerError, ValueError):
            there = None
        copy = None if there is None else there.state
        if isinstance(copy, LotState) and copy.model_copy(update={"sold": None}) == right:
            known[name] = copy
        else:
            done.notes.append(f"{name}: how much of it is sold is unknown, its opening is erased or lost")
    return known


def _links(connection: Connection, size: int, progress: Progress) -> Iterator[_Values]:
    for index, encoded in log.leaves(connection, 0, size):
        yield from _links_of(Leaf.parse(encoded))
        if not index % 100:
            progress("rewriting the chain index", index, size)


def _links_of(leaf: Leaf) -> Iterator[_Values]:
    for link in leaf.record.body.subjects:
        yield leaf.index, link.id, link.seq, bytes.fromhex(leaf.record.event_id)


def _refill(connection: Connection, table: Table, rows: Iterator[_Values]) -> int:
    """Replace every row; returns how many there are now."""
    connection.execute(delete(table))
    names, count = table.columns.keys(), 0
    while batch := [dict(zip(names, row, strict=True)) for row in islice(rows, AT_ONCE)]:
        _WRITES[table.name].do_many(connection, batch)
        count += len(batch)
    return count


def _write_head(connection: Connection, replay: Replay, done: Rebuilt) -> None:
    """The head row, last: from here on a writer goes on behind the last entry."""
    point, size = replay.point, replay.size
    assert point.log is not None, "entry 0 opened the log"
    right = {
        "id": 1,
        "size": size,
        "last_leaf": bytes.fromhex(point.last_leaf),
        "last_rec": point.last_rec,
        "state": point.log.model_dump_json(),
        "heads_through": -1,
        "heads_count": 0,
        "heads_root": heads.EMPTY,
        "heads_top": "{}",
    }
    before = connection.execute(select(LOG)).mappings().all()
    connection.execute(delete(LOG))
    connection.execute(LOG.insert(), [right])
    if point.heads_through >= 0:
        log.set_heads(connection, point.heads, through=point.heads_through, nodes=())
    (after,) = connection.execute(select(LOG)).mappings().all()
    if len(before) != 1:
        done.tables[LOG.name] = 1
        done.notes.append("the head row was missing" if not before else "there were several head rows")
        return
    for name, value in after.items():
        if before[0][name] != value:
            done.tables[LOG.name] = 1
            done.notes.append(
                f"the head row said {name} = {_told(before[0][name])}, the entries give {_told(value)}"
            )


def _told(value: Any) -> str:
    text_ = value.hex() if isinstance(value, bytes) else str(value)
    return text_ if len(text_) <= 80 else f"{text_[:77]}..."


class _Sum:
    """A sum over rows that knows no order: two tables with the same rows have the same."""

    def __init__(self) -> None:
        self._sum = 0
        self._count = 0

    def add(self, row: _Values) -> None:
        self._sum = (self._sum + int.from_bytes(sha256(repr(row).encode()).digest(), "big")) % (1 << 256)
        self._count += 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sum) and (self._sum, self._count) == (other._sum, other._count)

    def __hash__(self) -> int:
        return hash((self._sum, self._count))

    @classmethod
    def over(cls, rows: Iterable[_Values]) -> "_Sum":
        made = cls()
        for row in rows:
            made.add(row)
        return made

    @classmethod
    def of(cls, connection: Connection, table: Table) -> "_Sum":
        return cls.over(tuple(row) for row in _SELECTS[table.name].stream(connection))
