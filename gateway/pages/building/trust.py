"""Keys with everything that became of them, and one subject's records, each proved on the spot."""

from typing import Final

from sqlalchemy import Connection, func, select

from gateway.errors import NotFound
from gateway.pages.building.article import history_href, pack_href
from gateway.pages.building.reading import check_inclusion, checking, heads_proof, last_heads, short
from gateway.pages.building.steps import People
from gateway.pages.views import KeyLine, KeysView, StatementLine, SubjectRecord, SubjectView
from gateway.wiring import Installation
from ledger.core import heads
from ledger.core.envelope import parse_at
from ledger.core.leaf import Leaf
from ledger.core.subjects import START, is_subject_id, kind_of
from ledger.errors import LedgerError, ProofError
from ledger.lots.state import KeyState
from ledger.records.registry import typed
from ledger.store import log
from ledger.store.log import CHAIN, ENTRIES, KEYS

KEYS_PER_PAGE: Final = 50
RECORDS_PER_PAGE: Final = 50
STATEMENTS_MAX: Final = 50


def keys_view(connection: Connection, after: str) -> KeysView:
    """By key id. after: the last one of the page before."""
    statement = select(KEYS.c.state).where(KEYS.c.key_id > after).order_by(KEYS.c.key_id)
    found = list(connection.execute(statement.limit(KEYS_PER_PAGE + 1)).scalars())
    with checking("keys"):
        states = [KeyState.model_validate_json(text) for text in found[:KEYS_PER_PAGE]]
        return KeysView(
            keys=tuple(_key(connection, state) for state in states),
            total=connection.execute(select(func.count()).select_from(KEYS)).scalar_one(),
            next_href=f"/auditor/keys?after={states[-1].id}" if len(found) > KEYS_PER_PAGE else "",
            previous_href="/auditor/keys" if after else "",
        )


def subject_view(
    installation: Installation, connection: Connection, name: str, before: int | None
) -> SubjectView:
    """A subject's chain, newest first, its leaves and its head proved now. Raises NotFound."""
    subject = log.subject(connection, name) if is_subject_id(name) else None
    if subject is None:
        raise NotFound(name)
    statement = select(CHAIN.c.idx, CHAIN.c.seq).where(CHAIN.c.subject == name)
    if before is not None:
        statement = statement.where(CHAIN.c.seq < before)
    chain = connection.execute(statement.order_by(CHAIN.c.seq.desc()).limit(RECORDS_PER_PAGE + 1)).all()
    lines = tuple(_record(installation, connection, name, *link) for link in chain[:RECORDS_PER_PAGE])
    through, trouble = _whole(installation, connection, name)
    more = len(chain) > RECORDS_PER_PAGE
    return SubjectView(
        id=name,
        kind=kind_of(name),
        records=lines,
        total=subject.head.seq + 1,
        through=through,
        trouble=trouble,
        history_href=history_href(name) if kind_of(name) == "lot" else "",
        pack_href=pack_href(name) if kind_of(name) == "lot" else "",
        next_href=f"/auditor/subjects/{name}?before={lines[-1].seq}" if more else "",
        previous_href=f"/auditor/subjects/{name}" if before is not None else "",
        statements=_statements(installation, connection, name) if kind_of(name) == "lot" else (),
    )


def _key(connection: Connection, state: KeyState) -> KeyLine:
    party = log.subject(connection, state.party)
    ended = None
    if state.ended_at is not None:
        statement = select(ENTRIES.c.type).where(ENTRIES.c.idx == state.ended_at)
        ended = connection.execute(statement).scalar_one_or_none() or "unreadable"
    return KeyLine(
        id=state.id,
        party=state.party,
        party_short=short(state.party),
        party_kind=party.state.kind if party else "registrar",
        custody=state.custody,
        scopes=tuple(state.scopes),
        registered_at=state.registered_at,
        ended_at=state.ended_at,
        ended_by=ended or "",
        distrust_from=state.distrust_from,
        entries_href=f"/auditor/entries?key={state.id}",
    )


def _record(
    installation: Installation, connection: Connection, name: str, index: int, seq: int
) -> SubjectRecord:
    """Trouble: slug of words.PROOF_TROUBLES."""
    encoded = log.leaf(connection, index)
    try:
        if encoded is None:
            return SubjectRecord(index=index, seq=seq, type="unreadable", trouble="missing")
        leaf = Leaf.parse(encoded)
        _check_link(connection, leaf, name, index, seq)
        check_inclusion(installation, leaf)
    except LedgerError:
        return SubjectRecord(index=index, seq=seq, type="unreadable", trouble="not-proved")
    published = index < installation.verifier().checkpoint.size
    return SubjectRecord(
        index=index,
        seq=seq,
        type=leaf.record.body.type,
        recorded_at=parse_at(leaf.recorded_at),
        signers=People(connection).signers(leaf),
        proof_href=f"/v1/entries/{index}/proof" if published else "",
        trouble="" if published else "unpublished",
    )


def _statements(installation: Installation, connection: Connection, lot: str) -> tuple[StatementLine, ...]:
    auditors = log.parties_of_kind(connection, "auditor")
    stated = (
        select(CHAIN.c.idx, CHAIN.c.seq, CHAIN.c.subject, ENTRIES.c.leaf)
        .join(ENTRIES, ENTRIES.c.idx == CHAIN.c.idx)
        .where(CHAIN.c.subject.in_(auditors), ENTRIES.c.type == "evidence.stated")
        .order_by(CHAIN.c.idx.desc())
    )
    lines: list[StatementLine] = []
    for row in connection.execute(stated):
        with checking(f"entry {row.idx}"):
            body = Leaf.parse(row.leaf).record.body
        if any(ref.id == lot for ref in body.refs) and len(lines) < STATEMENTS_MAX:
            record = _record(installation, connection, row.subject, row.idx, row.seq)
            verdict, tree_size = body.data["verdict"], body.data["tree_size"]
            lines.append(StatementLine(record=record, verdict=verdict, tree_size=tree_size))
    return tuple(lines)


def _check_link(connection: Connection, leaf: Leaf, name: str, index: int, seq: int) -> None:
    """Raise ProofError unless the leaf stands here and continues the chain after the record before."""
    statement = select(CHAIN.c.event_id).where(CHAIN.c.subject == name, CHAIN.c.seq == seq - 1)
    before = connection.execute(statement).scalar_one_or_none()
    previous = START if before is None and seq == 0 else b"" if before is None else before.hex()
    if leaf.index != index or (name, seq, previous) not in [
        (link.id, link.seq, link.prev) for link in leaf.record.body.subjects
    ]:
        raise ProofError(f"entry {index} does not continue the chain of {name}")


def _whole(installation: Installation, connection: Connection, name: str) -> tuple[int | None, str]:
    """Up to which entry the heads tree proves that this is all, or why it does not."""
    try:
        with checking(name):
            last = last_heads(installation, connection)
            root = bytes.fromhex(typed(last.record).data.root)
            proof = heads_proof(connection, heads.subject_key(name))
            covered = connection.execute(
                select(CHAIN.c.seq, CHAIN.c.event_id)
                .where(CHAIN.c.subject == name, CHAIN.c.idx < last.index)
                .order_by(CHAIN.c.seq.desc())
                .limit(1)
            ).one_or_none()
            key = heads.subject_key(name)
            if covered is None:
                heads.verify_absence(proof, root=root, key=key)
            else:
                heads.verify_presence(
                    proof, root=root, key=key, seq=covered.seq, event_id=covered.event_id.hex()
                )
    except LedgerError:
        return None, "not-whole"
    return last.index, ""
