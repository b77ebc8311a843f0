"""A record as a signer reads it before signing: everything from the signed bytes, in plain English."""

from collections.abc import Iterator
from datetime import date, datetime

from gateway.pages import words
from gateway.pages.building.steps import all_facts
from gateway.pages.views import Fact, Hash, Mass, Territory, Value, Word
from ledger.core.canonical import dumps
from ledger.core.envelope import Signer
from ledger.pending import Pending

WIDTH = 12


def in_words(pending: Pending, as_whom: Signer) -> Iterator[str]:
    """One line a fact. Openings and rows were checked against the body."""
    body = pending.body
    yield f"You sign: {said('record_types', body.type)} ({body.type})"
    yield _line("log", body.origin)
    yield _line("as", f"{said('roles', as_whom.role)} ({as_whom.role}), {as_whom.party}")
    yield _line("your key", as_whom.key)
    for link in body.subjects:
        yield _line(
            "changes", f"{link.id}, record {link.seq} of its chain" + (", a new one" if link.seq == 0 else "")
        )
    for ref in body.refs:
        yield _line("relies on", ref.id)
    for signer in body.signers:
        if signer != as_whom:
            missing = " (has not signed yet)" if signer in pending.missing else " (has signed)"
            yield _line("also signs", f"{said('roles', signer.role)}, {signer.party}{missing}")
    if body.performed_by:
        yield _line("worker", body.performed_by)
    yield _line("time", f"{body.at} (offset {body.offset})")
    for fact in all_facts(body.data):
        yield _line("public", f"{said(fact.table, fact.name)}: {_value(fact)}")
    for name in body.commit:
        opening = pending.contents.open.get(name)
        if opening is None:
            yield _line(
                "sealed", f"{said('fields', name)}: NOT SHOWN; you would sign a value that you cannot see"
            )
        else:
            yield _line("sealed", f"{said('fields', name)}: {dumps(opening.value).decode()}")
    for part in pending.contents.rows:
        yield _line("rows", f"{len(part.rows)}" + (f" of {part.part}" if part.part else ""))
    yield _line("event id", pending.event_id)


def said(table: str, slug: str) -> str:
    return words.message_id(table, slug) or slug


def _line(name: str, text: str) -> str:
    return f"  {name:<{WIDTH}}{text}"


def _value(fact: Fact) -> str:
    value: Value = fact.value
    match value:
        case Word(table=table, slug=slug):
            return said(table, slug)
        case Hash(text=text) | Territory(code=text):
            return text
        case Mass(mass_g=mass_g):
            return f"{mass_g} g"
        case datetime() | date():
            return value.isoformat()
    return str(value)
