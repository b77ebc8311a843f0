"""Statements over entries, chains and states, inside the caller's transaction."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from ledger.core import canonical, heads
from ledger.core.canonical import JsonValue
from ledger.core.commitments import Opening
from ledger.core.leaf import Leaf
from ledger.core.subjects import kind_of
from ledger.lots.state import MODELS, Event, Head, KeyState, LogState, Subject
from ledger.store import tables
from ledger.store.tables import table

ENTRIES, CHAIN = table(tables.EntryRow), table(tables.ChainRow)
SUBJECTS, KEYS = table(tables.SubjectRow), table(tables.KeyRow)
CODES, OPENINGS = table(tables.CodeRow), table(tables.OpeningRow)
ROWS, LOG = table(tables.ManifestRow), table(tables.LogRow)
HEADS = table(tables.HeadsNodeRow)

_LOG_HEAD = select(LOG).where(LOG.c.id == 1).with_for_update()
_UPDATE_LOG = (
    LOG.update()
    .where(LOG.c.id == 1)
    .values(size=bindparam("new_size"), last_leaf=bindparam("new_leaf"), last_rec=bindparam("new_rec"))
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
    rows: list[dict[str, Any]] = field(default_factory=list)
    state: LogState | None = None


def lock_head(connection: Connection) -> LogHead | None:
    """Read the head row under the writer's lock; None before entry 0."""
    row = connection.execute(_LOG_HEAD).one_or_none()
    if row is None:
        return None
    top = canonical.loads(row.heads_top.encode())
    assert isinstance(top, dict)
    return LogHead(
        row.size,
        row.last_leaf,
        row.last_rec,
        LogState.model_validate_json(row.state),
        row.heads_through,
        heads.Head(row.heads_root, row.heads_count, _child_from(top)),
    )


def read_head(connection: Connection) -> LogHead | None:
    """As ``lock_head``, for readers (FOR UPDATE has no meaning on SQLite and is dropped there)."""
    return lock_head(connection)


def flush(connection: Connection, added: Appended, *, first: bool) -> None:
    """Write what one transaction appended. first: the log opens with it."""
    last = added.leaves[-1]
    connection.execute(
        ENTRIES.insert(),
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
    if added.chain:
        connection.execute(CHAIN.insert(), added.chain)
    if added.subjects:
        _upsert(connection, SUBJECTS, [_subject_row(*item) for item in added.subjects.items()])
    if added.keys:
        rows = [{"key_id": k.id, "party": k.party, "state": k.model_dump_json()} for k in added.keys.values()]
        _upsert(connection, KEYS, rows)
    for target, values in ((CODES, added.codes), (OPENINGS, added.openings)):
        if values:
            connection.execute(target.insert(), list(values.values()))
    if added.rows:
        connection.execute(ROWS.insert(), added.rows)
    if first:
        assert added.state is not None
        connection.execute(LOG.insert(), [_first_head(last, added.state)])
        return
    update = {"new_size": last.index + 1, "new_leaf": last.hash, "new_rec": last.recorded_at}
    connection.execute(_UPDATE_LOG, update)
    if added.state is not None:
        connection.execute(LOG.update().values(state=added.state.model_dump_json()))


def set_heads(connection: Connection, head: heads.Head, *, through: int, nodes: Iterable[heads.Node]) -> None:
    """Replace the heads tree's root and changed nodes."""
    rows = [
        {
            "bits": node.bits,
            "prefix": node.prefix,
            **_child_columns("left", node.left),
            **_child_columns("right", node.right),
        }
        for node in nodes
    ]
    if rows:
        _upsert(connection, HEADS, rows)
    connection.execute(
        LOG.update().values(
            heads_through=through,
            heads_count=head.count,
            heads_root=head.root,
            heads_top=canonical.dumps(_child_to(head.top)).decode(),
        )
    )


def heads_node(connection: Connection, bits: int, prefix: bytes) -> heads.Node | None:
    row = connection.execute(_HEADS_NODE, {"at_bits": bits, "at_prefix": prefix}).one_or_none()
    if row is None:
        return None
    return _node(row)


def heads_nodes(connection: Connection) -> Iterator[heads.Node]:
    for row in connection.execute(select(HEADS)):
        yield _node(row)


def subject(connection: Connection, name: str) -> Subject | None:
    row = connection.execute(_SUBJECT, {"name": name}).one_or_none()
    return None if row is None else _subject(row)


def subjects_of_kind(connection: Connection, kind: str) -> Iterator[tuple[str, Subject]]:
    """Every subject of a kind, by id."""
    wanted = SUBJECTS.c.subject.startswith(f"{kind}:", autoescape=True)
    for row in connection.execute(select(SUBJECTS).where(wanted).order_by(SUBJECTS.c.subject)):
        yield row.subject, _subject(row)


def key(connection: Connection, key_id: str) -> KeyState | None:
    state = connection.execute(_KEY, {"name": key_id}).scalar_one_or_none()
    return None if state is None else KeyState.model_validate_json(state)


def keys(connection: Connection) -> list[KeyState]:
    states = connection.execute(select(KEYS.c.state).order_by(KEYS.c.key_id)).scalars()
    return [KeyState.model_validate_json(state) for state in states]


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
    return connection.execute(_LEAF, {"at": index}).scalar_one_or_none()


def index_of(connection: Connection, event_id: str) -> int | None:
    return connection.execute(_INDEX, {"id": bytes.fromhex(event_id)}).scalar_one_or_none()


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
    statement = select(ENTRIES.c.idx, ENTRIES.c.leaf).where(ENTRIES.c.idx >= start, ENTRIES.c.idx < end)
    result = connection.execution_options(yield_per=500).execute(statement.order_by(ENTRIES.c.idx))
    for row in result:
        yield row.idx, row.leaf


def leaf_hashes(connection: Connection, start: int, end: int) -> list[bytes]:
    statement = select(ENTRIES.c.leaf_hash).where(ENTRIES.c.idx >= start, ENTRIES.c.idx < end)
    return list(connection.execute(statement.order_by(ENTRIES.c.idx)).scalars())


def chain(connection: Connection, name: str) -> list[tuple[int, int, str]]:
    """(index, seq, event id) of a subject's records, first to last."""
    statement = select(CHAIN).where(CHAIN.c.subject == name).order_by(CHAIN.c.seq)
    return [(row.idx, row.seq, row.event_id.hex()) for row in connection.execute(statement)]


def opening(connection: Connection, event_id: str, name: str) -> Opening | None:
    """What opens a committed field; None when it was never given or is erased."""
    row = connection.execute(_OPENING, {"id": bytes.fromhex(event_id), "name": name}).one_or_none()
    if row is None or row.value is None or row.salt is None:
        return None
    return Opening(canonical.loads(row.value), row.salt)


def manifest_rows(connection: Connection, event_id: str, part: str = "") -> list[bytes | None]:
    """Rows of a manifest in order; None for an erased one."""
    where = (ROWS.c.event_id == bytes.fromhex(event_id), ROWS.c.part == part)
    return list(connection.execute(select(ROWS.c.data).where(*where).order_by(ROWS.c.n)).scalars())


_SUBJECT = select(SUBJECTS).where(SUBJECTS.c.subject == bindparam("name"))
_KEY = select(KEYS.c.state).where(KEYS.c.key_id == bindparam("name"))
_LEAF = select(ENTRIES.c.leaf).where(ENTRIES.c.idx == bindparam("at"))
_INDEX = select(ENTRIES.c.idx).where(ENTRIES.c.event_id == bindparam("id"))
_OPENING = select(OPENINGS).where(
    OPENINGS.c.event_id == bindparam("id"), OPENINGS.c.field == bindparam("name")
)
_HEADS_NODE = select(HEADS).where(
    HEADS.c.bits == bindparam("at_bits"), HEADS.c.prefix == bindparam("at_prefix")
)


def opening_row(event_id: str, name: str, commitment: str, opening_: Opening) -> dict[str, Any]:
    return {
        "commitment": bytes.fromhex(commitment),
        "event_id": bytes.fromhex(event_id),
        "field": name,
        "salt": opening_.salt,
        "value": canonical.dumps(opening_.value),
    }


def _upsert(connection: Connection, target: Any, rows: list[dict[str, Any]]) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = _UPSERTS.get((connection.dialect.name, target.name))
    if insert is None:  # one statement object a table, so that SQLAlchemy compiles it once
        insert = dialect.insert(target)
        names = [column.name for column in target.primary_key]
        others = {c.name: insert.excluded[c.name] for c in target.columns if c.name not in names}
        insert = insert.on_conflict_do_update(index_elements=names, set_=others)
        _UPSERTS[connection.dialect.name, target.name] = insert
    connection.execute(insert, rows)


_UPSERTS: dict[tuple[str, str], Any] = {}


def _subject_row(name: str, subject_: Subject) -> dict[str, Any]:
    head = subject_.head
    return {
        "subject": name,
        "seq": head.seq,
        "idx": head.index,
        "event_id": bytes.fromhex(head.event_id),
        "state": subject_.state.model_dump_json(by_alias=True),
    }


def _subject(row: Any) -> Subject:
    state = MODELS[kind_of(row.subject)].model_validate_json(row.state)
    head = Head(seq=row.seq, event_id=row.event_id.hex(), index=row.idx)
    return Subject.model_construct(head=head, state=state)


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


def _child_columns(side: str, child: heads.Child) -> dict[str, Any]:
    return {
        f"{side}_place": child.place,
        f"{side}_prefix": child.prefix,
        f"{side}_hash": child.hash,
        f"{side}_value": child.value,
    }


def _node(row: Any) -> heads.Node:
    return heads.Node(
        row.bits,
        row.prefix,
        heads.Child(row.left_place, row.left_prefix, row.left_hash, row.left_value),
        heads.Child(row.right_place, row.right_prefix, row.right_hash, row.right_value),
    )


def _child_to(child: heads.Child | None) -> dict[str, JsonValue]:
    if child is None:
        return {}
    return {
        "place": child.place,
        "prefix": child.prefix.hex(),
        "hash": child.hash.hex(),
        "value": child.value.hex(),
    }


def _child_from(value: dict[str, Any]) -> heads.Child | None:
    if not value:
        return None
    prefix, hash_, own = (bytes.fromhex(value[name]) for name in ("prefix", "hash", "value"))
    return heads.Child(value["place"], prefix, hash_, own)
