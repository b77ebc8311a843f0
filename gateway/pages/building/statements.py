"""Statements and the forms that make them, as views."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from exporters.codes import COUNTRIES
from gateway.i18n import Formatter
from gateway.pages.building.reading import short
from gateway.pages.building.steps import all_facts
from gateway.pages.views.forms import Form, form_of
from gateway.pages.views.statements import (
    ActionView,
    Choice,
    Question,
    ShownTable,
    SignerLine,
    StatedLine,
    StatementsView,
    StatementView,
)
from gateway.pages.views.values import Fact, Hash, Link, Money, Value, Word
from gateway.people.identity import Identity
from gateway.policies import load
from gateway.statements import asking, hands
from gateway.statements.action import Action, Ask, Field, Shown
from gateway.statements.answers import CURRENCIES, Sent
from gateway.store import party_names, statements
from gateway.store.statements import Statement
from gateway.wiring import Installation
from gateway.workflows.statements import is_current
from ledger.core.encoding import encode_base64
from ledger.core.envelope import Body, signing_input
from ledger.core.leaf import Leaf
from ledger.core.subjects import is_subject_id
from ledger.pending import Pending
from ledger.store import log
from ledger.store.view import StoredView

TONES: Final = {
    "waiting": "busy",
    "recorded": "good",
    "declined": "bad",
    "withdrawn": "",
    "refused": "bad",
}
SEALED_WORDS: Final = {
    "channels": "sales_channels",
    "fee_base": "fee_bases",
}


def action_view(
    action: Action,
    asks: Sequence[Ask],
    *,
    language: str,
    sent: Sent | None = None,
    errors: Mapping[str, str] | None = None,
    refusal: str = "",
    missing: tuple[str, str] = ("", ""),
    shown: Sequence[Shown] = (),
    asks_again: str = "",
    stuck: str = "",
) -> ActionView:
    """The form of an action. sent: what came, where it is shown again. missing: party and role of a key.

    stuck: of several subjects, the one that stands in the way of all.
    """
    first = asks[0]
    why = next((why for ask in asks if (why := action.offered(ask))), "")
    subjects = [ask.subject for ask in asks if ask.subject]
    return ActionView(
        action=action.slug,
        type=action.type,
        action_href=f"/do/{action.slug}",
        back_href=back_href(first),
        on=tuple(subjects),
        subjects=tuple(subject_link(first, name) for name in subjects),
        questions=tuple(_question(one, first, sent) for one in action.fields),
        form=_form(sent, errors or {}),
        key=secrets.token_hex(16),
        currencies=CURRENCIES,
        countries=tuple(sorted(COUNTRIES, key=Formatter(language).territory)),
        usual=tuple(dict.fromkeys(market.code for market in load.markets().markets)),
        why_not=why,
        asks_again=asks_again,
        stuck=subject_link(first, stuck) if stuck and len(subjects) > 1 else None,
        is_grave=action.is_grave,
        shown=tuple(
            ShownTable(caption=one.caption, heads=one.heads, rows=one.rows, worded=one.worded, note=one.note)
            for one in shown
        ),
        refusal=refusal,
        refused_party=party_names.name_of(first.connection, missing[0], language) if missing[0] else "",
        refused_role=missing[1],
    )


def statements_view(
    connection: Connection, party: str, language: str, after: tuple[Any, str] | None = None
) -> StatementsView:
    owed = statements.waiting_for(connection, party) if after is None else []
    known = {one.id for one in owed}
    page = statements.of_party(connection, party, after)
    names = _names(connection, [*owed, *page], language)
    full = len(page) == statements.PAGE
    cursor = f"{page[-1].created_at.isoformat()}|{page[-1].id}" if full else ""
    return StatementsView(
        waiting=tuple(_line(one, names) for one in owed),
        others=tuple(_line(one, names) for one in page if one.id not in known),
        next_href=f"/statements?after={cursor.replace('+', '%2B')}" if full else "",
    )


def statement_view(
    installation: Installation,
    connection: Connection,
    identity: Identity,
    statement: Statement,
    language: str,
    form: Form | None = None,
) -> StatementView:
    """statement: one that the caller may see."""
    party = identity.organisation
    pending = Pending.from_json(statement.pending) if statement.pending else None
    body = pending.body if pending is not None else _recorded_body(connection, statement)
    names = _names(connection, [statement], language)
    own = next((one for one in statement.waits_for if one.party == party), None)
    opened = _opened(connection, statement, pending, body)
    at_hand = hands.at_hand(installation, connection, identity) if own else {}
    ask = asking.ask_of(installation, connection, identity, "")
    view = StoredView(connection, log.read_head(connection))
    return StatementView(
        id=statement.id,
        action=statement.action,
        type=statement.type,
        state=statement.state,
        tone=TONES[statement.state],
        author=names.get(statement.author, short(statement.author)),
        at=statement.created_at,
        about=tuple(subject_link(ask, link.id) for link in body.subjects) if body else (),
        signers=tuple(
            SignerLine(
                name=names.get(one.party, short(one.party)),
                role=one.role,
                key=one.key,
                waits=one.waits,
                is_you=one.party == party,
            )
            for one in statement.signers
        ),
        facts=tuple(all_facts(body.data)) if body else (),
        sealed=tuple(_sealed(connection, name, value, language) for name, value in opened.items()),
        rows=sum(len(part.rows) for part in pending.contents.rows) if pending else 0,
        body=pending.contents.body.decode() if pending else "",
        event_id=statement.event_id,
        key=own.key if own else "",
        signing_input=encode_base64(signing_input(pending.contents.body)) if pending else "",
        is_stale=pending is not None and not is_current(view, pending.body),
        is_renewed=statement.renewed > 0 and statement.state == "waiting",
        stands_in=own is not None and own.key in at_hand,
        is_demo=installation.config.is_demo,
        may_withdraw=statement.state == "waiting" and party in (statement.creator, statement.author),
        reason=statement.reason,
        entry=statement.index if statement.state == "recorded" else None,
        form=form or form_of({}),
    )


def subject_link(ask: Ask, subject: str) -> Link:
    """href: "" where the reader has no page of it."""
    return Link(text=short(subject), href=subject_href(ask, subject))


def subject_href(ask: Ask, subject: str) -> str:
    name, _, bare = subject.partition(":")
    if name == "lot" and ask.role == "operator":
        return f"/operator/lots/{bare}"
    if name == "authorization" and ask.role in ("brand", "supplier"):
        return f"/party/permissions/{bare}"
    if name == "work" and ask.role in ("inspector", "refurbisher", "operator"):
        return f"/measure/{bare}"
    return f"/auditor/subjects/{subject}" if name != "lot" else f"/party/lots/{bare}"


def back_href(ask: Ask) -> str:
    """Where somebody came from who is shown a form."""
    if ask.subject:
        return subject_href(ask, ask.subject)
    return "/operator" if ask.role == "operator" else "/party"


def _question(one: Field, ask: Ask, sent: Sent | None) -> Question:
    default = one.default(ask) if one.default else ""
    values = tuple(sent.values.get(one.name, ())) if sent is not None else tuple(filter(None, [default]))
    if sent is not None and one.kind == "file":
        values = tuple(filter(None, [sent.files.get(one.name, "")]))
    options = one.options(ask) if one.options else ()
    currency = one.currency(ask) if one.currency else ""
    if sent is not None:
        currency = sent.text(f"{one.name}_currency")
    return Question(
        name=one.name,
        kind=one.kind,
        label=one.label,
        hint=one.hint,
        required=one.required,
        values=values,
        choices=tuple(
            Choice(value=each.value, label=each.label, table=each.table, chosen=each.value in values)
            for each in options
        ),
        currency=currency,
        minimum=one.minimum,
        maximum=one.maximum,
    )


def _form(sent: Sent | None, errors: Mapping[str, str]) -> Form:
    values = {name: texts[0] for name, texts in sent.values.items() if texts} if sent is not None else {}
    return form_of(values, errors)


def _names(connection: Connection, all_: Sequence[Statement], language: str) -> dict[str, str]:
    parties = {party for one in all_ for party in (*one.parties, one.author)}
    return party_names.names_of(connection, parties, language)


def statement_lines(
    connection: Connection, found: Sequence[Statement], language: str
) -> tuple[StatedLine, ...]:
    """Statements as lines of a list, with the names of who is in them."""
    names = _names(connection, found, language)
    return tuple(_line(one, names) for one in found)


def _line(one: Statement, names: Mapping[str, str]) -> StatedLine:
    return StatedLine(
        href=f"/statements/{one.id}",
        action=one.action,
        type=one.type,
        about=short(one.subject) if one.subject else "",
        author=names.get(one.author, short(one.author)),
        state=one.state,
        tone=TONES[one.state],
        at=one.created_at,
        waits_for=tuple(dict.fromkeys(names.get(who.party, short(who.party)) for who in one.waits_for)),
    )


def _recorded_body(connection: Connection, statement: Statement) -> Body | None:
    leaf = log.leaf(connection, statement.index) if statement.state == "recorded" else None
    return None if leaf is None else Leaf.parse(leaf).record.body


def _opened(
    connection: Connection, statement: Statement, pending: Pending | None, body: Body | None
) -> dict[str, Any]:
    """Committed values, of what waits and of what is recorded; an erased one is left out."""
    if pending is not None:
        return {name: opening.value for name, opening in pending.contents.open.items()}
    found = {}
    for name in body.commit if body else ():
        opening = log.opening(connection, statement.event_id, name)
        if opening is not None:
            found[name] = opening.value
    return found


def _sealed(connection: Connection, name: str, value: Any, language: str) -> Fact:
    return Fact(name=name, value=_sealed_value(connection, name, value, language))


def _sealed_value(connection: Connection, name: str, value: Any, language: str) -> Value:
    if isinstance(value, dict) and value.keys() == {"amount_minor", "currency"}:
        return Money(amount_minor=value["amount_minor"], currency=value["currency"])
    if isinstance(value, list) and name.startswith("territories"):
        territory = Formatter(language).territory
        return ", ".join(territory(str(one)) for one in value)
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, str) and is_subject_id(value):
        return party_names.name_of(connection, value, language) or short(value)
    if isinstance(value, str) and len(value) == 64:
        return Hash(text=value)
    if name in SEALED_WORDS:
        return Word(table=SEALED_WORDS[name], slug=str(value))
    return value if isinstance(value, int) else str(value)
