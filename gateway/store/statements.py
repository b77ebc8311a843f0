"""Statements and who still has to sign them, inside the caller's transaction."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, Select, and_, delete, func, or_, select, update

from gateway.store.statement_tables import StatementRow, StatementSignerRow
from ledger.core.canonical import JsonValue
from ledger.store.tables import table

STATEMENTS, SIGNERS = table(StatementRow), table(StatementSignerRow)
PAGE: Final = 50
NO_ENTRY: Final = -1
State = Literal[
    "waiting",  # for signatures
    "recorded",
    "declined",  # by somebody who should have signed
    "withdrawn",  # by whoever stated it
    "refused",  # the ledger does not take it any more; reason: why
]


@dataclass(frozen=True, slots=True)
class Signature:
    """A place of a statement. waits: nobody has signed there yet."""

    party: str
    key: str
    role: str
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """draft, pending: as decoded JSON, empty once nothing waits any more. event_id: of the present body.

    author: party that signs first; creator: party of whoever stated it. signers: in the order of the
    body. index: its entry, -1 before. renewed: how often it was composed anew; signatures of an older
    body are void. reason: why it ended unrecorded.
    """

    id: str
    action: str
    type: str
    subject: str
    author: str
    creator: str
    created_by: str
    created_at: datetime
    state: State
    draft: Mapping[str, Any]
    pending: Mapping[str, Any]
    signers: tuple[Signature, ...]
    event_id: str
    index: int = NO_ENTRY
    renewed: int = 0
    reason: str = ""
    then: str = ""
    told: Mapping[str, JsonValue]

    @property
    def waits_for(self) -> tuple[Signature, ...]:
        """Who has to sign yet, in the order of the body."""
        return tuple(one for one in self.signers if one.waits) if self.state == "waiting" else ()

    @property
    def parties(self) -> frozenset[str]:
        """Who may see it."""
        return frozenset((self.creator, *(one.party for one in self.signers)))


def add(connection: Connection, statement: Statement) -> None:
    connection.execute(STATEMENTS.insert(), [{"id": statement.id, **_columns(statement)}])
    _add_signers(connection, statement)


def save(connection: Connection, statement: Statement) -> None:
    """Write what changed of a statement that is there."""
    change = update(STATEMENTS).where(STATEMENTS.c.id == statement.id).values(**_columns(statement))
    connection.execute(change)
    connection.execute(delete(SIGNERS).where(SIGNERS.c.statement == statement.id))
    _add_signers(connection, statement)


def find(connection: Connection, id_: str, *, party: str | None) -> Statement | None:
    """party: only a statement that it states, signs or is to sign; None: whosever it is."""
    found = _read(connection, select(STATEMENTS).where(STATEMENTS.c.id == id_))
    statement = found[0] if found else None
    if statement is None or (party is not None and party not in statement.parties):
        return None
    return statement


def waiting_for(connection: Connection, party: str) -> list[Statement]:
    """Those that wait for a signature of the party, oldest first."""
    wanted = select(STATEMENTS).where(STATEMENTS.c.state == "waiting", STATEMENTS.c.id.in_(_owed(party)))
    return _read(connection, wanted.order_by(STATEMENTS.c.created_at, STATEMENTS.c.id))


def count_waiting_for(connection: Connection, party: str) -> int:
    wanted = select(func.count()).select_from(STATEMENTS)
    wanted = wanted.where(STATEMENTS.c.state == "waiting", STATEMENTS.c.id.in_(_owed(party)))
    return int(connection.execute(wanted).scalar_one())


def of_party(
    connection: Connection, party: str, after: tuple[datetime, str] | None = None, limit: int = PAGE
) -> list[Statement]:
    """What the party states, signs or is to sign, newest first.

    after: moment and id of the last one shown.
    """
    own = select(SIGNERS.c.statement).where(SIGNERS.c.party == party)
    wanted = select(STATEMENTS).where(or_(STATEMENTS.c.creator == party, STATEMENTS.c.id.in_(own)))
    if after is not None:
        at, id_ = after
        earlier = and_(STATEMENTS.c.created_at == at, STATEMENTS.c.id < id_)
        wanted = wanted.where(or_(STATEMENTS.c.created_at < at, earlier))
    newest = wanted.order_by(STATEMENTS.c.created_at.desc(), STATEMENTS.c.id.desc())
    return _read(connection, newest.limit(limit))


def of_subject(connection: Connection, subject: str) -> list[Statement]:
    """Those about a subject that wait, oldest first."""
    wanted = select(STATEMENTS).where(STATEMENTS.c.subject == subject, STATEMENTS.c.state == "waiting")
    return _read(connection, wanted.order_by(STATEMENTS.c.created_at, STATEMENTS.c.id))


def waiting(connection: Connection) -> list[Statement]:
    """Everything that waits, oldest first."""
    wanted = select(STATEMENTS).where(STATEMENTS.c.state == "waiting")
    return _read(connection, wanted.order_by(STATEMENTS.c.created_at, STATEMENTS.c.id))


def with_events(connection: Connection, event_ids: Collection[str]) -> list[Statement]:
    """The statements of these records."""
    return _read(connection, select(STATEMENTS).where(STATEMENTS.c.event_id.in_(sorted(event_ids))))


def waiting_with(connection: Connection, event_id: str) -> Statement | None:
    """The statement that waits with this very body."""
    wanted = select(STATEMENTS).where(STATEMENTS.c.event_id == event_id, STATEMENTS.c.state == "waiting")
    return next(iter(_read(connection, wanted)), None)


def waiting_subjects(connection: Connection) -> set[str]:
    """First subjects of everything that waits."""
    wanted = select(STATEMENTS.c.subject).where(STATEMENTS.c.state == "waiting")
    return set(connection.execute(wanted.distinct()).scalars())


def _owed(party: str) -> Select[Any]:
    return select(SIGNERS.c.statement).where(SIGNERS.c.party == party, SIGNERS.c.waits)


def _columns(statement: Statement) -> dict[str, Any]:
    return {
        "action": statement.action,
        "type": statement.type,
        "subject": statement.subject,
        "author": statement.author,
        "creator": statement.creator,
        "created_by": statement.created_by,
        "created_at": statement.created_at,
        "state": statement.state,
        "draft": _text(statement.draft),
        "pending": _text(statement.pending),
        "event_id": statement.event_id,
        "idx": statement.index,
        "renewed": statement.renewed,
        "reason": statement.reason,
        "then": statement.then,
        "told": _text(statement.told),
    }


def _add_signers(connection: Connection, statement: Statement) -> None:
    rows = [
        {
            "statement": statement.id,
            "position": position,
            "party": one.party,
            "key": one.key,
            "role": one.role,
            "waits": one.waits,
        }
        for position, one in enumerate(statement.signers)
    ]
    connection.execute(SIGNERS.insert(), rows)


def _read(connection: Connection, wanted: Select[Any]) -> list[Statement]:
    rows = connection.execute(wanted).all()
    signers = _signers(connection, [row.id for row in rows])
    return [_statement(row, signers.get(row.id, ())) for row in rows]


def _signers(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[Signature, ...]]:
    found: dict[str, tuple[Signature, ...]] = {}
    wanted = select(SIGNERS).where(SIGNERS.c.statement.in_(ids)).order_by(SIGNERS.c.position)
    rows: Iterable[Row[Any]] = connection.execute(wanted) if ids else ()
    for row in rows:
        one = Signature(row.party, row.key, row.role, row.waits)
        found[row.statement] = (*found.get(row.statement, ()), one)
    return found


def _statement(row: Row[Any], signers: tuple[Signature, ...]) -> Statement:
    at = row.created_at
    return Statement(
        id=row.id,
        action=row.action,
        type=row.type,
        subject=row.subject,
        author=row.author,
        creator=row.creator,
        created_by=row.created_by,
        created_at=at if at.tzinfo else at.replace(tzinfo=UTC),
        state=row.state,
        draft=_value(row.draft),
        pending=_value(row.pending),
        signers=signers,
        event_id=row.event_id,
        index=row.idx,
        renewed=row.renewed,
        reason=row.reason,
        then=row.then,
        told=_value(row.told),
    )


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value)) if value else ""


def _value(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text) if text else {}
    return found
