"""Judge one record against everything before it; the writer and the auditor call the same function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from ledger.core.canonical import JsonValue
from ledger.core.envelope import Closed, parse_at
from ledger.core.subjects import START, kind_of
from ledger.errors import InvalidRecord, NotYourLot, StaleSubject
from ledger.lots import authorization, rules, trust
from ledger.lots.state import AuthorizationState, Head, KeyState, LogState, Subject, View
from ledger.records import origin, parties
from ledger.records.intake import CodesIssued
from ledger.records.registry import Typed

AHEAD_MAX = timedelta(seconds=300)  # how far the author's clock may run before the log's


class Changes(NamedTuple):
    """What a record changes. subjects: each with its new head and state."""

    subjects: dict[str, Subject]
    keys: Sequence[KeyState] = ()
    log: LogState | None = None
    codes: Sequence[str] = ()


def judge(
    typed: Typed, *, index: int, recorded_at: str, view: View, opened: Mapping[str, JsonValue]
) -> Changes:
    """Return what ``typed`` changes when it is sequenced at ``index``.

    recorded_at: the log's own time of the record. opened: values of its committed fields, as far as
    they are to be had. Pure: ``view`` shows the log before ``index``.

    Raises StaleSubject when a chain or a reference moved on, NotYourLot when a signer lacks key,
    scope or relation, InvalidRecord for everything else. Signatures are verified elsewhere.
    """
    body = typed.record.body
    log = view.log()
    if (log is None) != (index == 0) or (index == 0) != (body.type == "log.opened"):
        raise InvalidRecord("a log opens with log.opened, once, at entry 0", pointer="/type")
    if log is not None and body.origin != log.origin:
        raise InvalidRecord(f"is a record of {body.origin!r}, not of {log.origin!r}", pointer="/origin")
    if parse_at(body.at) - parse_at(recorded_at) > AHEAD_MAX:
        raise InvalidRecord(f"is later than the log's own time {recorded_at}", pointer="/at")
    before = _subjects(typed, view)
    _check_refs(typed, view)
    trust.check_signers(typed, view, index)

    if log is None:
        return Changes({}, log=trust.opened(typed.data, body))
    rule = _LOG_RULES.get(body.type)
    if rule is not None:
        return rule(_Change(typed, index, recorded_at, view, opened, before), log)
    states = rules.apply(typed, before, index=index, day=recorded_at[:10], view=view, opened=opened)
    codes = typed.data.codes if isinstance(typed.data, CodesIssued) else ()
    return Changes(_heads_of(typed, index, before, states), codes=codes)


@dataclass(slots=True)  # frozen ones take three times as long to make
class _Change:
    typed: Typed
    index: int
    recorded_at: str
    view: View
    opened: Mapping[str, JsonValue]
    before: dict[str, Subject | None]

    def heads(self, states: Mapping[str, Closed]) -> dict[str, Subject]:
        return _heads_of(self.typed, self.index, self.before, states)


def _heads_of(
    typed: Typed, index: int, before: Mapping[str, Subject | None], states: Mapping[str, Closed]
) -> dict[str, Subject]:
    """Every subject of the record with its new head; its state changes where ``states`` says so."""
    event = typed.record.event_id
    made = {}
    for link in typed.record.body.subjects:
        old = before[link.id]
        state = states.get(link.id) or (old.state if old else None)
        made[link.id] = Subject(head=Head(seq=link.seq, event_id=event, index=index), state=state)
    return made


def _subjects(typed: Typed, view: View) -> dict[str, Subject | None]:
    before = {}
    for position, link in enumerate(typed.record.body.subjects):
        subject = view.subject(link.id)
        if subject is None:
            if link.seq != 0 or link.prev != START:
                raise InvalidRecord(f"{link.id} does not exist", pointer=f"/subjects/{position}")
        elif (link.seq, link.prev) != (subject.head.seq + 1, subject.head.event_id):
            raise StaleSubject(subject=link.id, head=subject.head.event_id, seq=subject.head.seq)
        before[link.id] = subject
    return before


def _check_refs(typed: Typed, view: View) -> None:
    for position, ref in enumerate(typed.record.body.refs):
        subject = view.subject(ref.id)
        if subject is None:
            raise InvalidRecord(f"{ref.id} does not exist", pointer=f"/refs/{position}")
        if ref.event_id != subject.head.event_id:
            raise StaleSubject(subject=ref.id, head=subject.head.event_id, seq=subject.head.seq)


def _only(change: _Change, kind: str, *, new: bool | None = None) -> str:
    """The one subject of the record, of the given kind, new or not."""
    links = change.typed.record.body.subjects
    if len(links) != 1 or kind_of(links[0].id) != kind:
        raise InvalidRecord(f"changes exactly one {kind}", pointer="/subjects")
    subject = links[0].id
    if new is not None and (change.before[subject] is None) != new:
        raise InvalidRecord(f"{kind} {'exists already' if new else 'does not exist'}", pointer="/subjects/0")
    return subject


def _heads(change: _Change, log: LogState) -> Changes:
    data: parties.LogHeads = change.typed.data
    trust.check_heads_signer(change.typed.record.body, log)
    if data.through != change.index:
        raise InvalidRecord("covers the entries before itself", pointer="/data/through")
    return Changes({})


def _registrars_changed(change: _Change, log: LogState) -> Changes:
    _operator(change, log)
    state = trust.registrars_changed(change.typed.data, change.typed.record.body, log, change.view)
    return Changes(change.heads({}), log=state)


def _log_key_changed(change: _Change, log: LogState) -> Changes:
    _operator(change, log)
    state = trust.log_key_changed(change.typed.data, change.typed.record.body, log, change.view)
    return Changes(change.heads({}), log=state)


def _operator(change: _Change, log: LogState) -> None:
    if _only(change, "party", new=False) != log.operator:
        raise InvalidRecord("extends the operator", pointer="/subjects/0")


def _party_registered(change: _Change, log: LogState) -> Changes:
    subject = _only(change, "party", new=True)
    record = change.typed.record
    state = trust.party_registered(change.typed.data, record.body, log, change.opened)
    return Changes(change.heads({subject: state}))


def _key_registered(change: _Change, log: LogState) -> Changes:
    _only(change, "party", new=False)
    key = trust.key_registered(change.typed.data, change.typed.record.body, log, change.view, change.index)
    return Changes(change.heads({}), keys=[key])


def _key_rotated(change: _Change, log: LogState) -> Changes:
    data, body = change.typed.data, change.typed.record.body
    if trust.is_heads_key(data.key, log):
        _operator(change, log)
        return Changes(change.heads({}), log=trust.heads_key_rotated(data, body, log, change.view))
    _only(change, "party", new=False)
    keys = trust.key_rotated(data, body, log, change.view, change.index)
    return Changes(change.heads({}), keys=keys)


def _key_revoked(change: _Change, log: LogState) -> Changes:
    _only(change, "party", new=False)
    key = trust.key_revoked(change.typed.data, change.typed.record.body, log, change.view, change.index)
    return Changes(change.heads({}), keys=[key])


def _authorization_granted(change: _Change, log: LogState) -> Changes:
    del log
    subject = _only(change, "authorization", new=True)
    record = change.typed.record
    data: origin.AuthorizationGranted = change.typed.data
    if "grantee" not in record.body.commit:
        raise InvalidRecord("a grant commits to its grantee", pointer="/commit")
    state = authorization.granted(
        data,
        record.event_id,
        record.body,
        change.view,
        index=change.index,
        day=change.recorded_at[:10],
        opened=change.opened,
    )
    return Changes(change.heads({subject: state}))


def _authorization_revoked(change: _Change, log: LogState) -> Changes:
    del log
    subject = _only(change, "authorization", new=False)
    old = change.before[subject]
    assert old is not None
    state: AuthorizationState = old.state
    if change.typed.record.body.author.party != state.grantor:
        raise NotYourLot("only its grantor revokes an authorization", pointer="/signers/0/party")
    if state.revoked:
        raise InvalidRecord("is revoked already", pointer="/subjects/0")
    return Changes(change.heads({subject: state.model_copy(update={"revoked": True})}))


def _erasure(change: _Change, log: LogState) -> Changes:
    if change.typed.record.body.author.party != log.operator:
        raise NotYourLot("the operator erases", pointer="/signers/0/party")
    _check_about(change)
    return Changes(change.heads({}))


def _stated(change: _Change, log: LogState) -> Changes:
    """An auditor extends its own chain, with a statement about a tree that was there before it."""
    del log
    party = _only(change, "party", new=False)
    subject = change.before[party]
    assert subject is not None
    if party != change.typed.record.body.author.party or subject.state.kind != "auditor":
        raise NotYourLot("an auditor states in its own chain", pointer="/subjects/0")
    if change.typed.data.tree_size > change.index:
        raise InvalidRecord("is about a tree that is not there yet", pointer="/data/tree_size")
    return Changes(change.heads({}))


def _correction(change: _Change, log: LogState) -> Changes:
    del log
    event = _check_about(change)
    author = change.typed.record.body.author.party
    custodians = {
        subject.state.custody
        for name, subject in change.before.items()
        if subject is not None and kind_of(name) == "lot"
    }
    if author != event and author not in custodians:
        raise NotYourLot(
            "corrects neither its own record nor a lot in its custody", pointer="/signers/0/party"
        )
    return Changes(change.heads({}))


def _check_about(change: _Change) -> str:
    """The author of the earlier record, whose subjects must be this record's."""
    event = change.view.event(change.typed.data.record)
    if event is None:
        raise InvalidRecord("is about no record of this log", pointer="/data/record")
    if event.subjects != [link.id for link in change.typed.record.body.subjects]:
        raise InvalidRecord("extends the subjects of the record it is about", pointer="/subjects")
    return event.author


_LOG_RULES: dict[str, Callable[[_Change, LogState], Changes]] = {
    "log.heads": _heads,
    "registrars.changed": _registrars_changed,
    "log.key_changed": _log_key_changed,
    "party.registered": _party_registered,
    "key.registered": _key_registered,
    "key.rotated": _key_rotated,
    "key.revoked": _key_revoked,
    "authorization.granted": _authorization_granted,
    "authorization.revoked": _authorization_revoked,
    "erasure.recorded": _erasure,
    "correction.recorded": _correction,
    "evidence.stated": _stated,
}
