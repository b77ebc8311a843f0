"""From a caller and ids to what an action looks at; what is not the caller's does not exist."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection

from gateway.errors import NotFound
from gateway.people.identity import Identity
from gateway.statements import catalogue
from gateway.statements.action import HIDDEN, Action, Ask
from gateway.wiring import Installation
from ledger.core.subjects import kind_of
from ledger.errors import LedgerError
from ledger.lots.state import AuthorizationState, LotState, PartyState, ShipmentState, WorkState
from ledger.store import log

SUBJECTS_MAX: Final = 100
INSURER: Final = "insurer"


def action_named(slug: str, identity: Identity) -> Action:
    """Raises NotFound for another role's action, as for one that does not exist."""
    action = catalogue.ACTIONS.get(slug)
    if action is None or identity.role not in action.roles or not party_of(identity):
        raise NotFound(slug)
    return action


def party_of(identity: Identity) -> str:
    """The ledger party that the caller works for, "" for somebody who works for none."""
    return identity.organisation if identity.organisation.startswith("party:") else ""


def asks_of(
    installation: Installation,
    connection: Connection,
    identity: Identity,
    action: Action,
    subjects: Sequence[str],
) -> list[Ask]:
    """One for each subject, or one about nothing.

    Raises NotFound for a subject that is none of the caller's business, of another kind, or of which
    the action is hidden; also for several where the action takes one.
    """
    names = list(dict.fromkeys(subjects))
    if action.on == "nothing":
        if names:
            raise NotFound(names[0])
        return [_visible(action, ask_of(installation, connection, identity, ""))]
    if not names or len(names) > (SUBJECTS_MAX if action.batch else 1):
        raise NotFound(action.slug)
    asks = [ask_of(installation, connection, identity, name) for name in names]
    for ask in asks:
        if kind(ask.subject) != action.on:
            raise NotFound(ask.subject)
    return [_visible(action, ask) for ask in asks]


def ask_of(installation: Installation, connection: Connection, identity: Identity, subject: str) -> Ask:
    """subject: "" for none. Raises NotFound unless it is there and concerns the caller's party."""
    found = log.subject(connection, subject) if subject else None
    party = party_of(identity)
    ask = Ask(
        installation=installation,
        connection=connection,
        identity=identity,
        party=party,
        role=identity.role,
        subject=subject,
        state=found.state if found else None,
        today=installation.clock.now().date(),
    )
    if subject and (found is None or not party or not concerns(ask)):
        raise NotFound(subject)
    return ask


def concerns(ask: Ask) -> bool:
    """Whether the caller's party has to do with the subject: the operator with all, others by the ledger."""
    party, state = ask.party, ask.state
    if party in (ask.installation.config.operator, ask.subject):
        return True
    match state:
        case LotState():
            return _of_lot(ask, state)
        case AuthorizationState():
            return party in parties_of_chain(ask.connection, ask.subject)
        case WorkState():
            lot = log.subject(ask.connection, state.lot)
            return party == state.worker_party or (lot is not None and _of_lot(ask, lot.state))
        case ShipmentState():
            return party == state.owner
        case PartyState():
            return state.kind == "device"
    return False


def parties_of_chain(connection: Connection, authorization: str) -> set[str]:
    """Grantors from the brand down to this link, and its grantee where that is open."""
    found: set[str] = set()
    name: str | None = authorization
    while name is not None:
        subject = log.subject(connection, name)
        if subject is None or not isinstance(subject.state, AuthorizationState):
            break
        link = subject.state
        grantee = log.opening(connection, link.granted, "grantee")
        found.add(link.grantor)
        if grantee is not None and isinstance(grantee.value, str):
            found.add(grantee.value)
        name = link.parent
    return found


def kind(subject: str) -> str:
    try:
        return kind_of(subject)
    except (LedgerError, ValueError, AssertionError):
        return ""


def _of_lot(ask: Ask, lot: LotState) -> bool:
    """Title, custody, who declared it, who may sell it, its brand; insurers are asked about any lot."""
    if ask.party in (lot.title, lot.custody, lot.supplier, lot.agent):
        return True
    if any(_grants(ask, name) for name in lot.authorizations):
        return True
    own: Any = log.subject(ask.connection, ask.party)
    if own is None or not isinstance(own.state, PartyState):
        return False
    return own.state.kind == INSURER or (lot.brand is not None and lot.brand in own.state.brands)


def _grants(ask: Ask, authorization: str) -> bool:
    subject = log.subject(ask.connection, authorization)
    return subject is not None and subject.state.grantor == ask.party


def _visible(action: Action, ask: Ask) -> Ask:
    if action.offered(ask) == HIDDEN:
        raise NotFound(ask.subject)
    return ask
