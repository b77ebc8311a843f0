"""State a record, collect its signatures, record it when all have signed.

Every signer whose key is at hand for the caller signs at once. What still waits is kept as its exact
bytes; when its subject moves on meanwhile it is composed anew, and everybody but the operator, who
stated it and whose facts it repeats, reads and signs again.
"""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection

from gateway.errors import NotFound, Refused
from gateway.files.intake import Accepted
from gateway.people.identity import Identity
from gateway.statements import drafts, hands
from gateway.statements.action import FieldRefused, Proposal
from gateway.statements.after import AFTER, BEFORE, ENDED
from gateway.store import files as stored_files
from gateway.store import statements as store
from gateway.store.statements import NO_ENTRY, Signature, Statement
from gateway.tasks import causes
from gateway.tasks.outbox import Cause
from gateway.wiring import Installation
from gateway.workflows import keep_file
from gateway.workflows.prepare import drafted
from gateway.workflows.work import Work
from ledger import author
from ledger.core import keys
from ledger.core.envelope import Body, signing_input
from ledger.core.keys import SIGNATURE_SIZE
from ledger.core.subjects import START, base32
from ledger.errors import InvalidRecord, ProofError, StaleSubject
from ledger.lots.state import View
from ledger.pending import Pending
from ledger.ports import Signer
from ledger.record import Entry, Ledger
from ledger.store import log

REASON_MAX: Final = 500
ID_BYTES: Final = 13
Signers = Mapping[str, Signer]  # by key id
Unit = Callable[[Ledger], list[Statement]]


def state(
    installation: Installation,
    proposal: Proposal,
    *,
    by: Identity,
    action: str,
    files: Sequence[Accepted] = (),
) -> Statement:
    """State one record: recorded on return when every signer's key is at hand, else waiting.

    files: what was sent along, kept in the same transaction. Raises InvalidRecord, NotYourLot for what
    the ledger would refuse, whoever signs; then nothing of it remains.
    """
    return state_many(installation, [proposal], by=by, action=action, files=files)[0]


def state_many(
    installation: Installation,
    proposals: Sequence[Proposal],
    *,
    by: Identity,
    action: str,
    files: Sequence[Accepted] = (),
) -> list[Statement]:
    """State several in one transaction, each on what those before it left: all or nothing."""
    return installation.writer.do(stating(installation, proposals, by=by, action=action, files=files))


def stating(
    installation: Installation,
    proposals: Sequence[Proposal],
    *,
    by: Identity,
    action: str,
    files: Sequence[Accepted] = (),
    heads: Mapping[str, str] | None = None,
) -> Unit:
    """``state_many`` as a unit of work, for whoever keeps its answer in the same transaction.

    heads: subject -> event id of its last record when the proposals were made (``heads_of``); the unit
    raises StaleSubject where one moved on, since what was looked at then may hold no more.
    """
    with installation.database.reading() as connection:
        signers = hands.at_hand(installation, connection, by)
    cause = Cause.of(by.principal)
    kept = [
        keep_file.placed(installation, one, owner=by.organisation, added_by=by.principal) for one in files
    ]

    def unit(ledger: Ledger) -> list[Statement]:
        work = Work(installation, ledger)
        _check_heads(work.view, heads or {})
        for proposal in proposals:
            if proposal.still is not None and not proposal.still(ledger.connection):
                raise _moved_on(work.view, proposal.wanted.subjects[0])
        for file in kept:
            stored_files.add(ledger.connection, file)
        return [_stated(work, proposal, by, action, signers, cause) for proposal in proposals]

    return unit


def state_unsigned(work: Work, proposal: Proposal, *, by: Identity, action: str) -> Statement:
    """One of a larger unit of work that nobody signs here: it waits."""
    return _stated(work, proposal, by, action, {}, Cause.of(by.principal))


def heads_of(connection: Connection, subjects: Collection[str]) -> dict[str, str]:
    """Subject -> event id of its last record, of those that there are."""
    return {name: one.head.event_id for name, one in log.subjects_named(connection, subjects).items()}


def add_signature(
    installation: Installation, statement_id: str, party: str, signature: bytes, *, event_id: str = ""
) -> Statement:
    """Take the signature of one of the party's keys; the last one records the statement.

    event_id: of the body that was signed, "" where the signer does not say. Signed on a body that has
    moved on, it is void: the statement comes back ``renewed``. The same signature again changes nothing.
    Raises NotFound, what ``BEFORE`` refuses; Refused ``statement-closed``, ``statement-renewed`` (another
    body stands there by now); FieldRefused ``signature-wrong``.
    """
    _look_first(installation, statement_id, party)
    operators = hands.operator_signers(installation)
    cause = Cause.of(f"signer:{party}")

    def unit(ledger: Ledger) -> Statement:
        statement = _visible(ledger, statement_id, party)
        if statement.state == "recorded" and event_id in ("", statement.event_id):
            return statement
        _check_open(statement, event_id)
        pending = Pending.from_json(statement.pending)
        place = _place_of_signature(ledger, pending, party, signature)
        signatures = list(pending.signatures)
        if signatures[place] is None:
            signatures[place] = signature
        pending = replace(pending, signatures=tuple(signatures))
        return _gone_on(Work(installation, ledger), statement, pending, operators, cause, by=party)

    return installation.writer.do(unit)


def sign_here(
    installation: Installation, statement_id: str, identity: Identity, *, event_id: str = ""
) -> Statement:
    """Sign with the caller's keys that are at hand. Raises as ``add_signature``, ``key-not-here``."""
    party = identity.organisation
    _look_first(installation, statement_id, party)
    with installation.database.reading() as connection:
        own = hands.at_hand(installation, connection, identity)
    operators, cause = hands.operator_signers(installation), Cause.of(identity.principal)

    def unit(ledger: Ledger) -> Statement:
        statement = _visible(ledger, statement_id, party)
        if statement.state == "recorded" and event_id in ("", statement.event_id):
            return statement
        _check_open(statement, event_id)
        pending = Pending.from_json(statement.pending)
        signed = _signed(pending, own, only=party)
        if signed == pending and any(one.party == party for one in pending.missing):
            raise FieldRefused("", "key-not-here")
        return _gone_on(Work(installation, ledger), statement, signed, operators, cause, by=party)

    return installation.writer.do(unit)


def renew(installation: Installation, statement_id: str, identity: Identity) -> Statement:
    """Compose a statement anew whose subject has moved on; one that has not stays as it is."""
    operators, cause = hands.operator_signers(installation), Cause.of(identity.principal)

    def unit(ledger: Ledger) -> Statement:
        statement = _visible(ledger, statement_id, identity.organisation)
        _check_open(statement, "")
        pending = Pending.from_json(statement.pending)
        by = identity.organisation
        return _gone_on(Work(installation, ledger), statement, pending, operators, cause, by=by)

    return installation.writer.do(unit)


def recorded_elsewhere(work: Work, statement: Statement, entry: Entry) -> None:
    """Its signers sent the very bytes that wait here by another road: it is recorded, and followed."""
    recorded = _recorded(work, statement, entry)
    store.save(work.connection, recorded)
    now = work.installation.clock.now()
    causes.statement_ended(work.connection, recorded, "", now, Cause(f"record:{entry.index}"))


def decline(installation: Installation, statement_id: str, party: str, reason: str, *, by: str) -> Statement:
    """End a statement that waits for the party. reason: a line of text. by: a principal.

    Raises NotFound also where nothing waits for the party; Refused ``statement-closed``.
    """

    def unit(ledger: Ledger) -> Statement:
        statement = _visible(ledger, statement_id, party)
        _check_open(statement, "")
        if all(one.party != party for one in statement.waits_for):
            raise NotFound(statement_id)
        ended = end(ledger, replace(statement, state="declined", reason=reason))
        causes.statement_ended(ledger.connection, ended, party, installation.clock.now(), Cause(by))
        return ended

    return installation.writer.do(unit)


def withdraw(installation: Installation, statement_id: str, identity: Identity) -> Statement:
    """Take back what one's own party stated and nobody recorded yet."""

    def unit(ledger: Ledger) -> Statement:
        statement = _visible(ledger, statement_id, identity.organisation)
        if identity.organisation not in (statement.creator, statement.author):
            raise NotFound(statement_id)
        _check_open(statement, "")
        return end(ledger, replace(statement, state="withdrawn"))

    return installation.writer.do(unit)


def is_current(ledger_view: View, body: Body) -> bool:
    """Whether every chain and reference still stands where the body says."""
    for link in body.subjects:
        subject = ledger_view.subject(link.id)
        if (subject.head.event_id if subject else START) != link.prev:
            return False
    heads = ((ref, ledger_view.subject(ref.id)) for ref in body.refs)
    return all(subject is not None and subject.head.event_id == ref.event_id for ref, subject in heads)


def _check_heads(view: View, heads: Mapping[str, str]) -> None:
    for name, event_id in heads.items():
        subject = view.subject(name)
        if subject is None or subject.head.event_id != event_id:
            raise _moved_on(view, name)


def _moved_on(view: View, name: str) -> StaleSubject:
    subject = view.subject(name)
    head = subject.head if subject else None
    return StaleSubject(subject=name, head=head.event_id if head else START, seq=head.seq if head else 0)


def _stated(
    work: Work, proposal: Proposal, by: Identity, action: str, signers: Signers, cause: Cause
) -> Statement:
    wanted = drafts.with_ids(proposal.wanted)
    pending = _signed(_composed(work, drafts.to_json(wanted)), signers, only=by.organisation)
    statement = Statement(
        id=base32(secrets.token_bytes(ID_BYTES)),
        action=action,
        type=wanted.type,
        subject=wanted.subjects[0] if wanted.subjects else "",
        author=wanted.signers[0].party,
        creator=by.organisation,
        created_by=by.principal,
        created_at=work.installation.clock.now(),
        state="waiting",
        draft=drafts.to_json(wanted),
        pending={},
        signers=(),
        event_id=pending.event_id,
        then=proposal.then,
        told=proposal.told,
    )
    if pending.missing:
        _try(work, pending)
        statement = _with(statement, pending)
        store.add(work.connection, statement)
        causes.statement_waits(work.connection, statement, work.installation.clock.now(), cause)
        return statement
    entry = _record(work, pending)
    statement = _recorded(work, _with(statement, pending), entry)
    store.add(work.connection, statement)
    return statement


def _gone_on(
    work: Work, statement: Statement, pending: Pending, operators: Signers, cause: Cause, *, by: str
) -> Statement:
    """Record it, keep its new signature, or compose it anew."""
    now = work.installation.clock.now()
    if not is_current(work.view, pending.body):
        return _renewed(work, statement, pending, operators, cause)
    statement = _with(statement, pending)
    if pending.missing:
        store.save(work.connection, statement)
        return statement
    mark, savepoint = work.ledger.mark(), work.connection.begin_nested()
    try:
        statement = _recorded(work, statement, _record(work, pending))
        savepoint.commit()
    except (StaleSubject, InvalidRecord) as error:
        savepoint.rollback()
        work.ledger.rollback(mark)
        if isinstance(error, StaleSubject):
            return _renewed(work, statement, pending, operators, cause)
        return end(work.ledger, replace(statement, state="refused", reason=str(error)[:REASON_MAX]))
    store.save(work.connection, statement)
    causes.statement_ended(work.connection, statement, by, now, cause)
    return statement


def _renewed(work: Work, statement: Statement, old: Pending, operators: Signers, cause: Cause) -> Statement:
    """The same facts on the heads of now. The operator's own signature is given again; others' are void."""
    gave = {
        signer.key: operators[signer.key]
        for signer, signature in zip(old.body.signers, old.signatures, strict=True)
        if signature is not None and signer.key in operators
    }
    try:
        pending = _signed(_composed(work, statement.draft), gave, only=work.installation.config.operator)
        _try(work, pending)
    except InvalidRecord as error:  # what happened meanwhile does not go together with it
        return end(work.ledger, replace(statement, state="refused", reason=str(error)[:REASON_MAX]))
    renewed = _with(replace(statement, event_id=pending.event_id, renewed=statement.renewed + 1), pending)
    store.save(work.connection, renewed)
    causes.statement_waits(work.connection, renewed, work.installation.clock.now(), cause)
    return renewed


def _composed(work: Work, draft: Mapping[str, object]) -> Pending:
    """Its bytes on the heads that this very transaction sees; nobody has signed."""
    made = drafted(drafts.from_json(draft))
    if not made.hands:
        raise InvalidRecord("somebody signs every record", pointer="/signers")
    installation = work.installation
    contents = author.compose(
        made, origin=installation.config.origin, at=installation.clock.now(), view=work.view
    )
    return Pending.of(contents, [None] * len(made.hands))


def _signed(pending: Pending, signers: Signers, *, only: str) -> Pending:
    """With the missing signatures of one party's keys that are at hand."""
    for place in pending.missing:
        if place.party == only and place.key in signers:
            pending = pending.signed_by(signers[place.key])
    return pending


def _try(work: Work, pending: Pending) -> None:
    """Judge a record as if all had signed, and forget it. Raises what recording it would raise."""
    blank = (bytes(SIGNATURE_SIZE),) * len(pending.signatures)
    writer, ledger = work.installation.writer, work.ledger
    prepared = writer.prepare(replace(pending.contents, signatures=blank), verify=lambda _record, _keys: None)
    mark = ledger.mark()
    try:
        ledger.record(prepared)
    finally:
        ledger.rollback(mark)


def _record(work: Work, pending: Pending) -> Entry:
    return work.ledger.record(work.installation.writer.prepare(pending.submission()))


def _recorded(work: Work, statement: Statement, entry: Entry) -> Statement:
    """What the gateway keeps beside the record; of the statement only that, and where it stands."""
    if statement.then:
        AFTER[statement.then](work, entry, statement.told)
    return replace(
        statement,
        state="recorded",
        index=entry.index,
        event_id=entry.event_id,
        draft={},
        pending={},
        told={},
    )


def end(ledger: Ledger, statement: Statement) -> Statement:
    """It is recorded no more, and nothing private is left of it. statement: with how it ended."""
    ended = replace(statement, draft={}, pending={}, told={}, index=NO_ENTRY)
    store.save(ledger.connection, ended)
    if statement.then in ENDED:
        ENDED[statement.then](ledger.connection, statement.told)
    return ended


def _with(statement: Statement, pending: Pending) -> Statement:
    places = zip(pending.body.signers, pending.signatures, strict=True)
    signers = tuple(
        Signature(signer.party, signer.key, signer.role, signature is None) for signer, signature in places
    )
    return replace(statement, pending=pending.to_json(), signers=signers)


def _look_first(installation: Installation, statement_id: str, party: str) -> None:
    with installation.database.reading() as connection:
        found = store.find(connection, statement_id, party=party)
    if found is not None and found.state == "waiting" and found.then in BEFORE:
        BEFORE[found.then](installation, found.told)


def _visible(ledger: Ledger, statement_id: str, party: str) -> Statement:
    statement = store.find(ledger.connection, statement_id, party=party)
    if statement is None:
        raise NotFound(statement_id)
    return statement


def _check_open(statement: Statement, event_id: str) -> None:
    if statement.state != "waiting":
        raise Refused("statement-closed", f"the statement is {statement.state} already")
    if event_id and event_id != statement.event_id:
        raise Refused("statement-renewed", "the statement was composed anew; read it and sign again")


def _place_of_signature(ledger: Ledger, pending: Pending, party: str, signature: bytes) -> int:
    """Which of the party's places the signature is for; FieldRefused when it verifies under none."""
    message = signing_input(pending.contents.body)
    for position, signer in enumerate(pending.body.signers):
        key = ledger.view.key(signer.key)
        if signer.party == party and key is not None and len(signature) == SIGNATURE_SIZE:
            try:
                keys.verify(bytes.fromhex(key.public_key), signature, message)
            except ProofError:
                continue
            return position
    raise FieldRefused("signature", "signature-wrong")
