"""Tables that can be made again from the entries, compared with what a replay gives.

Heads nodes are an index: wrong ones fail. Working copies prove nothing by themselves: a difference
leaves the log unverified. Everything streams by, one row at a time.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from ledger.audit_report import Finding
from ledger.errors import LedgerError
from ledger.lots.state import MODELS, LotState, Subject, printed
from ledger.replay import Replay
from ledger.store import log
from ledger.store.log import CODES, HEADS, KEYS, SUBJECTS
from ledger.store.statements import Statement

_FOREIGN = (ValueError, TypeError, KeyError, AttributeError, AssertionError)  # from reading damaged text

_SUBJECTS = Statement(
    select(SUBJECTS.c.subject, SUBJECTS.c.seq, SUBJECTS.c.idx, SUBJECTS.c.event_id, SUBJECTS.c.state)
)
_KEYS = Statement(select(KEYS.c.key_id, KEYS.c.party, KEYS.c.state))
_CODES = Statement(select(CODES.c.code_hash, CODES.c.idx, CODES.c.subject, CODES.c.event_id))
_HEADS = Statement(select(HEADS).order_by(HEADS.c.bits, HEADS.c.prefix))


def heads_findings(connection: Connection, replay: Replay) -> Iterator[Finding]:
    """The stored nodes are exactly those that the records give."""
    met, through = 0, replay.point.heads_through
    for row in _HEADS.stream(connection):
        bits, prefix = row[:2]
        known = isinstance(bits, int) and 0 <= bits < 256 and isinstance(prefix, bytes)
        node = replay.state.nodes.get((bits, prefix)) if known else None
        if node is None:
            yield Finding("wrong", "heads", f"{_place(bits, prefix)} is not in the tree", through)
        elif log.heads_columns(node) != row:
            met += 1
            yield Finding("wrong", "heads", f"{_place(bits, prefix)} is not what the records give", through)
        else:
            met += 1
    if met != len(replay.state.nodes):
        message = f"{len(replay.state.nodes) - met} nodes are missing"
        yield Finding("wrong", "heads", message, through)


def copies_findings(connection: Connection, replay: Replay) -> Iterator[Finding]:
    """Working copies that pages and rules read; ``lotproof rebuild`` makes them again."""
    yield from _subjects_findings(connection, replay)
    yield from _keys_findings(connection, replay)
    yield from _codes_findings(connection, replay)


def head_findings(connection: Connection, replay: Replay) -> Iterator[Finding]:
    """The head row says where the log stands."""
    try:
        head = log.read_head(connection)
    except (*_FOREIGN, LedgerError) as error:
        yield _stale(f"the head row cannot be read: {error}")
        return
    point = replay.point
    place = (point.size, point.last_leaf, point.last_rec)
    if head is None or (head.size, hex_of(head.last_leaf), head.last_rec) != place or head.state != point.log:
        yield _stale("the head row is not what the records give")
    elif (head.heads, head.heads_through) != (point.heads, point.heads_through):
        yield _stale("the head row names another heads tree than the records give")


def damage(connection: Connection) -> str:
    """What SQLite finds wrong with its own file, or ""."""
    if connection.dialect.name != "sqlite":
        return ""
    try:
        found: list[str] = list(connection.execute(text("PRAGMA quick_check(1)")).scalars())
    except DBAPIError as error:
        return str(error.orig)
    return "" if found == ["ok"] else str(found[:1])


def hex_of(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _subjects_findings(connection: Connection, replay: Replay) -> Iterator[Finding]:
    met = 0
    for name, seq, idx, event_id, state in _SUBJECTS.stream(connection):
        subject = replay.state.subjects.get(name) if isinstance(name, str) else None
        met += subject is not None
        head = subject and (subject.head.seq, subject.head.index, subject.head.event_id)
        if subject is None or (seq, idx, hex_of(event_id)) != head or not _same_state(name, state, subject):
            yield _stale(f"the working copy of {name} is not what its records give", str(name))
    if met != len(replay.state.subjects):
        yield _stale(f"working copies of {len(replay.state.subjects) - met} subjects are missing")


def _keys_findings(connection: Connection, replay: Replay) -> Iterator[Finding]:
    met = rows = 0
    for key_id, party, state in _KEYS.stream(connection):
        rows += 1
        key = replay.state.keys.get(key_id) if isinstance(key_id, str) else None
        met += key is not None and (party, state) == (key.party, key.model_dump_json())
    if not met == rows == len(replay.state.keys):
        yield _stale("the working copy of the key directory is not what the records give")


def _codes_findings(connection: Connection, replay: Replay) -> Iterator[Finding]:
    met = rows = 0
    for code_hash, idx, subject, event_id in _CODES.stream(connection):
        rows += 1
        code = replay.state.codes.get(code_hash) if isinstance(code_hash, bytes) else None
        met += code is not None and (idx, subject, hex_of(event_id)) == code
    if not met == rows == len(replay.state.codes):
        yield _stale("the working copy of the issued codes is not what the records give")


def _same_state(name: str, stored: Any, subject: Subject) -> bool:
    """A sale whose quantity is not open counts as unknown in the replay: that is no difference."""
    state = subject.state
    if not isinstance(stored, str):
        return False
    if stored == printed(state):
        return True
    try:
        copy = MODELS[name.partition(":")[0]].model_validate_json(stored)
    except (ValueError, KeyError):
        return False
    if isinstance(state, LotState) and isinstance(copy, LotState) and state.sold is None:
        copy = copy.model_copy(update={"sold": None})
    same: bool = copy == state
    return same


def _place(bits: Any, prefix: Any) -> str:
    return f"heads node {bits}:{hex_of(prefix)[:16]}"


def _stale(message: str, *subjects: str) -> Finding:
    message = f"{message}; lotproof rebuild makes it again"
    return Finding("missing", "working copies", message, subjects=subjects)
