"""What others certify about goods, who they are to the goods, and who holds the keys of a history."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from sqlalchemy import Connection, select

from gateway.pages.building.reading import author_time, published_leaf
from gateway.pages.building.steps import People, merged
from gateway.pages.views import Step
from gateway.pages.views.consumer import Certificate, Independence, KeyHolder
from gateway.wiring import Installation
from ledger.core.leaf import Leaf
from ledger.errors import LedgerError
from ledger.lots.state import AuthorizationState, LotState
from ledger.store import log
from ledger.store.log import CHAIN, ENTRIES
from ledger.verify import History

KINDS = {"lot.inspected": "inspection", "lot.refurbished": "repair", "lot.insured": "insurance"}
INDEPENDENT = frozenset({"inspection-body", "auditor"})  # kinds of parties, as the registrars know them
STATEMENTS_MAX = 3


def certificates_of(
    installation: Installation, connection: Connection, history: History, people: People
) -> tuple[Certificate, ...]:
    """Permissions first, then what was found and done, then what auditors say, each in the log's order."""
    assert isinstance(history.state, LotState)
    own = {history.state.title, history.state.custody, installation.config.operator}
    found = [
        _certificate(KINDS[record.leaf.record.body.type], record.leaf, people, own)
        for record in merged(history.records)
        if record.leaf is not None and record.trouble != "changed" and record.leaf.record.body.type in KINDS
    ]
    permissions = _permissions(installation, connection, history.state, people)
    return (*permissions, *found, *_statements(installation, connection, history.lot, people))


def key_holders(steps: Sequence[Step]) -> tuple[KeyHolder, ...]:
    """Each key once, in the order of its first signature."""
    found: dict[str, KeyHolder] = {}
    for step in steps:
        for one in step.signers:
            known = found.get(one.key_id)
            count = 1 if known is None else known.records + 1
            found[one.key_id] = KeyHolder(signer=one, records=count)
    return tuple(found.values())


def _certificate(kind: str, leaf: Leaf, people: People, own: Collection[str]) -> Certificate:
    """The issuer is the one who is furthest from the goods among those who signed."""
    body = leaf.record.body
    pairs = list(zip(body.signers, people.signers(leaf), strict=True))
    by, issuer = next((pair for pair in pairs if pair[0].role == "third_party"), pairs[0])
    independence: Independence = "self" if by.party in own else "hired"
    if by.role == "third_party" or issuer.party_kind in INDEPENDENT:
        independence = "third"
    until = body.data.get("valid_until")
    return Certificate(
        kind=kind,
        issuer=issuer,
        independence=independence,
        on=author_time(body).date(),
        until=date.fromisoformat(until) if until else None,
        index=leaf.index,
        verdict=str(body.data.get("verdict", "")),
    )


def _permissions(
    installation: Installation, connection: Connection, state: LotState, people: People
) -> Iterator[Certificate]:
    """The chain from the brand down. One whose record does not verify is left out: the verdict says why."""
    for name in state.authorizations:
        subject = log.subject(connection, name)
        if subject is None or not isinstance(subject.state, AuthorizationState):
            continue
        grant = subject.state
        try:
            leaf = published_leaf(installation, connection, grant.by.index)
        except LedgerError:
            continue
        issuer = people.signers(leaf)[0]
        yield Certificate(
            kind="permission",
            issuer=issuer,
            independence="brand" if issuer.party_kind == "brand" else "hired",
            on=date.fromisoformat(grant.valid_from),
            until=date.fromisoformat(grant.valid_until),
            index=leaf.index,
            revoked=grant.revoked,
        )


def _statements(
    installation: Installation, connection: Connection, lot: str, people: People
) -> Iterator[Certificate]:
    auditors = log.parties_of_kind(connection, "auditor")
    if not auditors:
        return
    stated = (
        select(CHAIN.c.idx)
        .join(ENTRIES, ENTRIES.c.idx == CHAIN.c.idx)
        .where(CHAIN.c.subject.in_(auditors), ENTRIES.c.type == "evidence.stated")
        .order_by(CHAIN.c.idx.desc())
    )
    count = 0
    for index in connection.execute(stated).scalars():
        try:
            leaf = published_leaf(installation, connection, index)
        except LedgerError:
            continue
        if any(ref.id == lot for ref in leaf.record.body.refs) and count < STATEMENTS_MAX:
            count += 1
            yield _certificate("statement", leaf, people, ())
