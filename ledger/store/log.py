"""Statements over entries, chains and states, inside the caller's transaction."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    LargeBinary,
    Text,
    bindparam,
    func,
    literal_column,
    select,
    text,
)

from ledger.core import canonical, heads
from ledger.core.canonical import JsonValue
from ledger.core.commitments import Opening
from ledger.core.leaf import Leaf
from ledger.core.subjects import kind_of
from ledger.lots.state import MODELS, Event, Head, KeyState, LogState, Subject, printed
from ledger.store import tables
from ledger.store.statements import Among, Statement, Write
from ledger.store.tables import table

ENTRIES, CHAIN = table(tables.EntryRow), table(tables.ChainRow)
SUBJECTS, KEYS = table(tables.SubjectRow), table(tables.KeyRow)
CODES, OPENINGS = table(tables.CodeRow), table(tables.OpeningRow)
ROWS, LOG = table(tables.ManifestRow), table(tables.LogRow)
HEADS = table(tables.HeadsNodeRow)


_HEAD_COLUMNS = [
    LOG.c[name]
    for name in (
        "size",
        "last_leaf",
        "last_rec",
        "state",
        "heads_through",
        "heads_count",
        "heads_root",
        "heads_top",
    )
]
_READ_HEAD = Statement(select(*_HEAD_COLUMNS).where(LOG.c.id == literal_column("1")))
_LOCK_HEAD = Statement(select(*_HEAD_COLUMNS).where(LOG.c.id == literal_column("1")).with_for_update())
_LOCK_LOG = Statement(text(f"LOCK TABLE {LOG.name} IN SHARE ROW EXCLUSIVE MODE"))
_UPDATE_LOG = Statement(
    LOG.update()
    .where(LOG.c.id == literal_column("1"))
    .values(size=bindparam("new_size"), last_leaf=bindparam("new_leaf"), last_rec=bindparam("new_rec"))
)
_INSERTS = {target.name: Write(target) for target in (ENTRIES, CHAIN, CODES, OPENINGS, ROWS, LOG)}
_UPSERTS = {target.name: Write(target, replaces=True) for target in (SUBJECTS, KEYS, HEADS)}
_SUBJECT = Statement(
    select(SUBJECTS.c.seq, SUBJECTS.c.idx, SUBJECTS.c.event_id, SUBJECTS.c.state).where(
        SUBJECTS.c.subject == bindparam("name")
    )
)
_SUBJECTS_NAMED = Among(
    (SUBJECTS.c.subject, SUBJECTS.c.seq, SUBJECTS.c.idx, SUBJECTS.c.event_id, SUBJECTS.c.state),
    SUBJECTS.c.subject,
    Text,
)
_COMMITTED_OF = Among((OPENINGS.c.commitment,), OPENINGS.c.commitment, LargeBinary)
_KEY = Statement(select(KEYS.c.state).where(KEYS.c.key_id == bindparam("name")))
_LEAF = Statement(select(ENTRIES.c.leaf).where(ENTRIES.c.idx == bindparam("at")))
_INDEX = Statement(select(ENTRIES.c.idx).where(ENTRIES.c.event_id == bindparam("id")))
_LEAVES = Statement(
    select(ENTRIES.c.idx, ENTRIES.c.leaf)
    .where(ENTRIES.c.idx >= bindparam("start"), ENTRIES.c.idx < bindparam("end"))
    .order_by(ENTRIES.c.idx)
)
_OPENING = Statement(
    select(OPENINGS.c.value, OPENINGS.c.salt).where(
        OPENINGS.c.event_id == bindparam("id"), OPENINGS.c.field == bindparam("name")
    )
)
_COMMITTED = Statement(select(OPENINGS.c.field).where(OPENINGS.c.commitment == bindparam("raw")))
_HEADS_NODE = Statement(
    select(HEADS).where(HEADS.c.bits == bindparam("at_bits"), HEADS.c.prefix == bindparam("at_prefix"))
)


@dataclass(frozen=True, slots=True)
class LogHead:
    """The head row. heads_*: as of the last ``log.heads`` record, -1 and empty before the first."""

    size: int
    last_leaf: bytes
    last_rec: str
    state: LogState
    heads_through: int
    heads: heads.Head


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one manifest of a record. part: the child's id in a split, "" elsewhere."""

    part: str
    rows: tuple[bytes, ...]


@dataclass(slots=True)
class Appended:
    """What one transaction adds; flushed in a handful of statements."""

    leaves: list[Leaf] = field(default_factory=list)
    subjects: dict[str, Subject] = field(default_factory=dict)
    chain: list[dict[str, Any]] = field(default_factory=list)
    keys: dict[str, KeyState] = field(default_factory=dict)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    openings: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    commitments: set[bytes] = field(default_factory=set)  # of the openings
    rows: list[dict[str, Any]] = field(default_factory=list)
    state: LogState | None = None


def lock_head(connection: Connection) -> LogHead | None:
    """Read the head row under the writer's lock; None before entry 0.

    On PostgreSQL the row itself is the lock, and before entry 0, when there is none, the table is.
    """
    row = _LOCK_HEAD.row(connection)
    if row is None and connection.dialect.name == "postgresql":
        _LOCK_LOG.do(connection)
        row = _LOCK_HEAD.row(connection)  # who held the table may have opened the log
    return _head(row)


def read_head(connection: Connection) -> LogHead | None:
    """As ``lock_head``, for readers, who wait for nobody."""
    return _head(_READ_HEAD.row(connection))


def flush(connection: Connection, added: Appended, *, first: bool) -> None:
    """Write what one transaction appended. first: the log opens with it."""
    last = added.leaves[-1]
    _INSERTS["entries"].do_many(
        connection,
        [
            {
                "idx": leaf.index,
                "leaf": leaf.encoded,
                "leaf_hash": leaf.hash,
                "event_id": bytes.fromhex(leaf.record.event_id),
                "type": leaf.record.body.type,
            }
            for leaf in added.leaves
        ],
    )
    _INSERTS["chain"].do_many(connection, added.chain)
    _UPSERTS["subjects"].do_many(connection, [_subject_row(*item) for item in added.subjects.items()])
    if added.keys:
        keys_ = [
            {"key_id": k.id, "party": k.party, "state": k.model_dump_json()} for k in added.keys.values()
        ]
        _UPSERTS["keys"].do_many(connection, keys_)
    if added.codes:
        _INSERTS["codes"].do_many(connection, list(added.codes.values()))
    if added.openings:
        _INSERTS["openings"].do_many(connection, list(added.openings.values()))
    if added.rows:
        _INSERTS["manifest_rows"].do_many(connection, added.rows)
    if first:
        assert added.state is not None
        _INSERTS["log_state"].do(connection, **_first_head(last, added.state))
        return
    _UPDATE_LOG.do(connection, new_size=last.index + 1, new_leaf=last.hash, new_rec=last.recorded_at)
    if added.state is not None:
        connection.execute(LOG.update().values(state=added.state.model_dump_json()))


def set_heads(connection: Connection, head: heads.Head, *, through: int, nodes: Iterable[heads.Node]) -> None:
    """Replace the heads tree's root and changed nodes."""
    rows = [dict(zip(HEADS.c.keys(), heads_columns(node), strict=True)) for node in nodes]
    _UPSERTS["heads_nodes"].do_many(connection, rows)
    connection.execute(
        LOG.update().values(
            heads_through=through,
            heads_count=head.count,
            heads_root=head.root,
            heads_top=canonical.dumps(_child_to(head.top)).decode(),
        )
    )


def heads_node(connection: Connection, bits: int, prefix: bytes) -> heads.Node | None:
    row = _HEADS_NODE.row(connection, at_bits=bits, at_prefix=prefix)
    if row is None:
        return None
    return heads.Node(row[0], row[1], heads.Child(*row[2:6]), heads.Child(*row[6:]))


def heads_columns(node: heads.Node) -> tuple[Any, ...]:
    """A node as its row: the columns of ``HEADS`` in order."""
    left, right = node.left, node.right
    return (
        *(node.bits, node.prefix),
        *(left.place, left.prefix, left.hash, left.value),
        *(right.place, right.prefix, right.hash, right.value),
    )


def subject(connection: Connection, name: str) -> Subject | None:
    row = _SUBJECT.row(connection, name=name)
    return None if row is None else _subject(name, *row)


def subjects_of_kind(connection: Connection, kind: str) -> Iterator[tuple[str, Subject]]:
    """Every subject of a kind, by id."""
    wanted = SUBJECTS.c.subject.startswith(f"{kind}:", autoescape=True)
    for row in connection.execute(select(SUBJECTS).where(wanted).order_by(SUBJECTS.c.subject)):
        yield row.subject, _subject(row.subject, row.seq, row.idx, row.event_id, row.state)


def parties_of_kind(connection: Connection, kind: str) -> list[str]:
    """The ids of the registered parties of a kind, ascending."""
    wanted = SUBJECTS.c.subject.startswith("party:", autoescape=True)
    said = SUBJECTS.c.state.contains(f'"kind":"{kind}"', autoescape=True)  # nothing else of a party says so
    statement = select(SUBJECTS.c.subject).where(wanted, said).order_by(SUBJECTS.c.subject)
    return list(connection.execute(statement).scalars())


def subjects_named(connection: Connection, names: Collection[str]) -> dict[str, Subject]:
    """Those of ``names`` that there are, asked for together."""
    rows = _SUBJECTS_NAMED.of(connection, names)
    return {row[0]: _subject(*row) for row in rows}


def key(connection: Connection, key_id: str) -> KeyState | None:
    row = _KEY.row(connection, name=key_id)
    return None if row is None else KeyState.model_validate_json(row[0])


def keys(connection: Connection) -> list[KeyState]:
    states = connection.execute(select(KEYS.c.state).order_by(KEYS.c.key_id)).scalars()
    return [KeyState.model_validate_json(state) for state in states]


def keys_of(connection: Connection, party: str) -> list[KeyState]:
    """Every key that was ever registered under a party, oldest first."""
    states = connection.execute(select(KEYS.c.state).where(KEYS.c.party == party)).scalars()
    found = [KeyState.model_validate_json(state) for state in states]
    return sorted(found, key=lambda key: key.registered_at)


def first_issued(connection: Connection, codes: Sequence[str]) -> str | None:
    wanted = [bytes.fromhex(code) for code in codes]
    found = connection.execute(select(func.min(CODES.c.code_hash)).where(CODES.c.code_hash.in_(wanted)))
    hash_ = found.scalar_one()
    return None if hash_ is None else hash_.hex()


def code_record(connection: Connection, code_hash: bytes) -> tuple[str, str] | None:
    """(lot, event id) of the record that issued a code."""
    row = connection.execute(select(CODES).where(CODES.c.code_hash == code_hash)).one_or_none()
    return None if row is None else (row.subject, row.event_id.hex())


def codes_since(connection: Connection, index: int) -> Iterator[tuple[bytes, str]]:
    """(code hash, event id) of the codes issued at ``index`` or later."""
    for row in connection.execute(select(CODES).where(CODES.c.idx >= index)):
        yield row.code_hash, row.event_id.hex()


def heads_since(connection: Connection, index: int) -> Iterator[tuple[str, int, str]]:
    """(subject, seq, event id) of the subjects whose last record stands at ``index`` or later."""
    columns = (SUBJECTS.c.subject, SUBJECTS.c.seq, SUBJECTS.c.event_id)
    for row in connection.execute(select(*columns).where(SUBJECTS.c.idx >= index)):
        yield row.subject, row.seq, row.event_id.hex()


def leaf(connection: Connection, index: int) -> bytes | None:
    row = _LEAF.row(connection, at=index)
    return None if row is None else row[0]


def index_of(connection: Connection, event_id: str) -> int | None:
    row = _INDEX.row(connection, id=bytes.fromhex(event_id))
    return None if row is None else row[0]


def event(connection: Connection, event_id: str) -> Event | None:
    index = index_of(connection, event_id)
    data = None if index is None else leaf(connection, index)
    return None if data is None else event_of(Leaf.parse(data))


def event_of(parsed: Leaf) -> Event:
    body = parsed.record.body
    subjects = [link.id for link in body.subjects]
    return Event(index=parsed.index, type=body.type, author=body.author.party, subjects=subjects)


def leaves(connection: Connection, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """(index, leaf) for start <= index < end, in order, in a stream."""
    for index, data in _LEAVES.stream(connection, start=start, end=end):  # noqa: UP028 - rows become typed
        yield index, data


def leaf_hashes(connection: Connection, start: int, end: int) -> list[bytes]:
    statement = select(ENTRIES.c.leaf_hash).where(ENTRIES.c.idx >= start, ENTRIES.c.idx < end)
    return list(connection.execute(statement.order_by(ENTRIES.c.idx)).scalars())


def chain(connection: Connection, name: str) -> list[tuple[int, int, str]]:
    """(index, seq, event id) of a subject's records, first to last."""
    statement = select(CHAIN).where(CHAIN.c.subject == name).order_by(CHAIN.c.seq)
    return [(row.idx, row.seq, row.event_id.hex()) for row in connection.execute(statement)]


def opening(connection: Connection, event_id: str, name: str) -> Opening | None:
    """What opens a committed field; None when it was never given or is erased."""
    row = _OPENING.row(connection, id=bytes.fromhex(event_id), name=name)
    if row is None or row[0] is None or row[1] is None:
        return None
    return Opening(canonical.loads(row[0]), row[1])


def is_committed(connection: Connection, commitment: bytes) -> bool:
    """Whether an opening of this very commitment was ever stored, erased ones included."""
    return _COMMITTED.row(connection, raw=commitment) is not None


def committed_of(connection: Connection, commitments: Collection[bytes]) -> set[bytes]:
    """Those of ``commitments`` whose opening was ever stored, asked for together."""
    return {row[0] for row in _COMMITTED_OF.of(connection, commitments)}


def manifest_rows(connection: Connection, event_id: str, part: str = "") -> list[bytes | None]:
    """Rows of a manifest in order; None for an erased one."""
    where = (ROWS.c.event_id == bytes.fromhex(event_id), ROWS.c.part == part)
    return list(connection.execute(select(ROWS.c.data).where(*where).order_by(ROWS.c.n)).scalars())


def opening_row(event_id: bytes, name: str, commitment: str, opening_: Opening) -> dict[str, Any]:
    return {
        "commitment": bytes.fromhex(commitment),
        "event_id": event_id,
        "field": name,
        "salt": opening_.salt,
        "value": canonical.dumps(opening_.value),
    }


def _subject_row(name: str, subject_: Subject) -> dict[str, Any]:
    head = subject_.head
    return {
        "subject": name,
        "seq": head.seq,
        "idx": head.index,
        "event_id": bytes.fromhex(head.event_id),
        "state": printed(subject_.state),
    }


def _subject(name: str, seq: int, index: int, event_id: bytes, state: str) -> Subject:
    head = Head(seq=seq, event_id=event_id.hex(), index=index)
    return Subject(head=head, state=MODELS[kind_of(name)].model_validate_json(state))


def _head(row: tuple[Any, ...] | None) -> LogHead | None:
    if row is None:
        return None
    size, last_leaf, last_rec, state, through, count, root, top = row
    return LogHead(
        size, last_leaf, last_rec, _state_from(state), through, heads.Head(root, count, _child_from(top))
    )


@lru_cache(maxsize=16)
def _state_from(text: str) -> LogState:
    return LogState.model_validate_json(text)  # frozen, and the same text as long as nobody changes it


def _first_head(last: Leaf, state: LogState) -> dict[str, Any]:
    return {
        "id": 1,
        "size": last.index + 1,
        "last_leaf": last.hash,
        "last_rec": last.recorded_at,
        "state": state.model_dump_json(),
        "heads_through": -1,
        "heads_count": 0,
        "heads_root": heads.EMPTY,
        "heads_top": "{}",
    }


def _child_to(child: heads.Child | None) -> dict[str, JsonValue]:
    if child is None:
        return {}
    return {
        "place": child.place,
        "prefix": child.prefix.hex(),
        "hash": child.hash.hex(),
        "value": child.value.hex(),
    }


@lru_cache(maxsize=16)
def _child_from(text: str) -> heads.Child | None:
    value = canonical.loads(text.encode())
    assert isinstance(value, dict)
    if not value:
        return None
    prefix, hash_, own = (bytes.fromhex(value[name]) for name in ("prefix", "hash", "value"))
    return heads.Child(value["place"], prefix, hash_, own)
