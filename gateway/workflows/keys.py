"""Keys of parties and registrars: register, rotate, revoke, and who has to sign that.

Every act is a record under the ledger's own rules. It is prepared with whatever keys are at hand; who
holds another one signs the prepared record elsewhere (``lotproof sign``), and it is recorded when all
have signed. A stale one is refused as any stale record is, and prepared again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Connection

from gateway.wiring import Installation
from gateway.workflows.prepare import compose
from ledger.author import Draft, Place
from ledger.core.keys import key_id
from ledger.errors import InvalidRecord, MissingEvidence
from ledger.key_request import KeyRequest
from ledger.log_keys import stored_keys
from ledger.lots.state import KeyState, LogState
from ledger.lots.trust import is_heads_key
from ledger.pending import Pending
from ledger.ports import Signer
from ledger.records.parties import Registrar
from ledger.store import log

Reason = Literal["lost", "compromised", "left", "superseded"]
REACHING_BACK = 2  # registrars that a distrust before its own record takes (records.md 3)


@dataclass(frozen=True, slots=True)
class Known:
    """One key of the log. role: ``party``, or the root that it is. custody: None where none is recorded.

    Indexes are of the log; None where it did not happen. A root key's beginning is not kept.
    """

    key: str
    public_key: str
    role: Literal["party", "registrar", "log", "heads"]
    party: str
    scopes: tuple[str, ...] = ()
    custody: str = "operator"
    registered_at: int | None = None
    ended_at: int | None = None
    distrusted_from: int | None = None

    @classmethod
    def of(cls, state: KeyState) -> "Known":
        return cls(
            key=state.id,
            public_key=state.public_key,
            role="party",
            party=state.party,
            scopes=tuple(state.scopes),
            custody=state.custody,
            registered_at=state.registered_at,
            ended_at=state.ended_at,
            distrusted_from=state.distrust_from,
        )


def keys_of(connection: Connection) -> list[Known]:
    """Every key that the log knows: the roots of now, then the parties' by the index they began at."""
    state = log_state(connection)
    roots = [
        *(_root("registrar", one.party, one.public_key) for one in state.registrars),
        *_log_keys(connection, state.operator),
        _root("heads", state.heads_party, state.heads_key),
    ]
    return roots + [Known.of(key) for key in sorted(log.keys(connection), key=lambda key: key.registered_at)]


def register(installation: Installation, request: KeyRequest, at_hand: Sequence[Signer] = ()) -> Pending:
    """``key.registered`` for the party that asks: registrars, then the new key."""
    if request.kind != "party" or request.replaces is not None:
        raise InvalidRecord("asks for something else than a further key of a party", pointer="/kind")
    with installation.database.reading() as connection:
        state = log_state(connection)
        _check_origin(request, state)
        hands = [*signing_registrars(state, at_hand), Place(request.party, request.key, "new_key")]
        draft = Draft("key.registered", hands, _registered(request), [request.party])
        return signed_at_hand(compose(installation, connection, draft), at_hand)


def rotate(installation: Installation, request: KeyRequest, at_hand: Sequence[Signer] = ()) -> Pending:
    """``key.rotated``: registrars, the old key, the new one. The old key ends there."""
    if request.kind != "party" or request.replaces is None:
        raise InvalidRecord("does not name the key that it replaces", pointer="/replaces")
    with installation.database.reading() as connection:
        state = log_state(connection)
        _check_origin(request, state)
        hands = [
            *signing_registrars(state, at_hand),
            Place(request.party, request.replaces, "old_key"),
            Place(request.party, request.key, "new_key"),
        ]
        data = {"key": request.replaces, **_registered(request)}
        draft = Draft("key.rotated", hands, data, [request.party])
        return signed_at_hand(compose(installation, connection, draft), at_hand)


def revoke(
    installation: Installation,
    identity: str,
    reason: Reason,
    distrust_from: int | None = None,
    at_hand: Sequence[Signer] = (),
) -> Pending:
    """``key.revoked``. distrust_from: from which entry on its records count as distrusted.

    A distrust that reaches back takes two registrars. Raises InvalidRecord when the log knows no such
    key, or has not two registrars (``admit`` makes a second one).
    """
    with installation.database.reading() as connection:
        state, key, head = log_state(connection), log.key(connection, identity), log.read_head(connection)
        if key is None or head is None:
            raise InvalidRecord(f"{identity} is no key of a party", pointer="/data/key")
        reaches_back = distrust_from is not None and distrust_from < head.size
        needed = REACHING_BACK if reaches_back else 1
        data: dict[str, Any] = {"key": identity, "reason": reason, "distrust_from_index": distrust_from}
        draft = Draft("key.revoked", signing_registrars(state, at_hand, needed), data, [key.party])
        return signed_at_hand(compose(installation, connection, draft), at_hand)


def admit(
    installation: Installation, request: KeyRequest, quorum: int, at_hand: Sequence[Signer] = ()
) -> Pending:
    """``registrars.changed`` with one more: every registrar signs, the new one last."""
    if request.kind != "registrar":
        raise InvalidRecord("does not ask to become a registrar", pointer="/kind")
    with installation.database.reading() as connection:
        state = log_state(connection)
        _check_origin(request, state)
        registrars = [*state.registrars, Registrar(party=request.party, public_key=request.public_key)]
        data = {"registrars": [one.model_dump() for one in registrars], "quorum": quorum}
        hands = [_as_registrar(one) for one in registrars]
        draft = Draft("registrars.changed", hands, data, [state.operator])
        return signed_at_hand(compose(installation, connection, draft), at_hand)


def _registered(request: KeyRequest) -> Mapping[str, Any]:
    return {"public_key": request.public_key, "scopes": request.scopes, "custody": request.custody}


def signing_registrars(state: LogState, at_hand: Sequence[Signer], at_least: int = 0) -> list[Place]:
    """As many registrars as the act needs, those whose keys are at hand first."""
    needed = max(state.quorum, at_least)
    if len(state.registrars) < needed:
        raise InvalidRecord(
            f"{needed} registrars must sign, the log has {len(state.registrars)}; "
            "admit another with: lotproof keys admit",
            pointer="/signers",
        )
    here = {signer.public_key.hex() for signer in at_hand}
    ordered = sorted(state.registrars, key=lambda one: one.public_key not in here)  # stable
    return [_as_registrar(one) for one in ordered[:needed]]


def _as_registrar(one: Registrar) -> Place:
    return Place(one.party, key_id(bytes.fromhex(one.public_key)), "registrar")


def signed_at_hand(pending: Pending, at_hand: Sequence[Signer]) -> Pending:
    """Signed by those at hand whom the record asks; outside any transaction."""
    for signer in at_hand:
        if key_id(signer.public_key) in {place.key for place in pending.missing}:
            pending = pending.signed_by(signer)
    return pending


def _check_origin(request: KeyRequest, state: LogState) -> None:
    if request.origin != state.origin:
        raise InvalidRecord(f"is for the log {request.origin!r}, not {state.origin!r}", pointer="/origin")
    if request.replaces is not None and is_heads_key(request.replaces, state):
        raise InvalidRecord("the heads key rotates with the publisher, not here", pointer="/replaces")


def log_state(connection: Connection) -> LogState:
    head = log.read_head(connection)
    if head is None:
        raise MissingEvidence("the log is not opened yet")
    return head.state


def _log_keys(connection: Connection, operator: str) -> list[Known]:
    """The keys of the log, the one in force first; a former one ended where the next is named."""
    keys = stored_keys(connection)
    indexes = [0, *(change.index for change in keys.changes)]
    ends: list[int | None] = [*indexes[1:], None]
    known = [
        replace(_root("log", operator, key.public_key.hex()), registered_at=index, ended_at=end)
        for key, index, end in zip(keys.every(), indexes, ends, strict=True)
    ]
    return known[::-1]


def _root(role: Literal["registrar", "log", "heads"], party: str, public_key: str) -> Known:
    return Known(key_id(bytes.fromhex(public_key)), public_key, role, party)
