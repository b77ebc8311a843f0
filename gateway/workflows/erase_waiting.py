"""Private facts in what is not recorded yet: statements that wait, measurements at a bench, kept answers.

A statement that would bring an erased fact back into the ledger ends: its bytes are signed as they are,
or not at all. Whoever stated it does so again from what is left.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection

from gateway.store import drafts, requests
from gateway.store import statements as store
from gateway.store.goods import Item
from gateway.store.statements import Statement
from gateway.workflows import measure, statements
from gateway.workflows.work import Work
from ledger.store import log

ERASED: Final = "private facts in it were erased"


def forget_article(work: Work, item: Item, lots: Collection[str], records: Collection[str]) -> None:
    """Nothing unrecorded tells of the article any more.

    lots: its own and those that it came from. records: event ids of all records that told of it.
    """
    identifier = item.facts["identifier"]
    gone = [
        one
        for one in store.waiting(work.connection)
        if (set(one.draft["subjects"]) & set(lots) and _has_rows_of(one.draft, records))
        or (identifier and _says(one, identifier))
    ]
    _end(work, gone)
    _forget_measured(work.connection, item)
    _forget_answers(work.connection, gone, records, identifier)


def forget_fields(work: Work, event_id: str, values: Mapping[str, Any], subjects: Collection[str]) -> None:
    """values: committed field -> what a record of ``subjects`` said, and says no more."""
    gone = [
        one
        for one in store.waiting(work.connection)
        if set(one.draft["subjects"]) & set(subjects)
        and any(one.draft["committed"].get(name) == value for name, value in values.items())
    ]
    _end(work, gone)
    _forget_answers(work.connection, gone, [event_id])


def _end(work: Work, gone: Collection[Statement]) -> None:
    for one in gone:
        statements.end(work.ledger, replace(one, state="refused", reason=ERASED))


def _has_rows_of(draft: Mapping[str, Any], records: Collection[str]) -> bool:
    """Whether rows of it come from one of ``records``; which of them are the article's is not asked."""
    sources = (row.get("src") for facts in draft["rows"] for row in facts["rows"])
    return any(source["event_id"] in records for source in sources if source)


def _says(one: Statement, text: str) -> bool:
    return text in json.dumps([one.draft, one.told], ensure_ascii=False)


def _forget_measured(connection: Connection, item: Item) -> None:
    for name, subject in log.subjects_of_kind(connection, "work"):
        state = subject.state
        if state.lot != item.lot or state.closed:
            continue
        bench = measure.open_bench(connection, name, state.worker_party, measure.ROLES[state.kind])
        for article in measure.articles(connection, bench):
            if article.item == item.id:
                drafts.remove(connection, name, article.slot)


def _forget_answers(
    connection: Connection, gone: Collection[Statement], records: Collection[str], *texts: str
) -> None:
    """Answers are kept for a day, in case their request is sent again; they repeat what was stated."""
    stated = [one.id for one in store.with_events(connection, records)]
    told = [*records, *stated, *(one.id for one in gone), *(text for text in texts if text)]
    requests.forget_saying(connection, told)
