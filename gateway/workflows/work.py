"""One unit of work: records, rows and the note that a step is done, in one transaction."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from gateway.store import tables
from gateway.wiring import Installation
from ledger import author
from ledger.author import Draft, Hand
from ledger.core.canonical import JsonValue
from ledger.record import Entry, Ledger
from ledger.store.log import Rows
from ledger.store.tables import table
from ledger.store.view import StoredView

STEPS = table(tables.StoryRow)


class Work:
    """What a unit may do: record as parties whose keys are at hand, and write its own tables."""

    def __init__(self, installation: Installation, ledger: Ledger) -> None:
        self.installation = installation
        self._ledger = ledger

    @property
    def ledger(self) -> Ledger:
        return self._ledger

    @property
    def connection(self) -> Connection:
        return self._ledger.connection

    @property
    def view(self) -> StoredView:
        return self._ledger.view

    def record(
        self,
        type_: str,
        hands: Sequence[Hand],
        data: Mapping[str, Any],
        *,
        subjects: Sequence[str] = (),
        refs: Sequence[str] = (),
        committed: Mapping[str, JsonValue] | None = None,
        rows: Sequence[Rows] = (),
        performed_by: str | None = None,
    ) -> Entry:
        """Author, sign and record one statement inside this transaction."""
        draft = Draft(type_, hands, data, subjects, refs, committed or {}, rows, performed_by)
        installation = self.installation
        submission = author.write(
            draft, origin=installation.config.origin, at=installation.clock.now(), view=self.view
        )
        return self._ledger.record(installation.writer.prepare(submission))


def once(installation: Installation, step: str, unit: Callable[[Work], JsonValue]) -> Any:
    """Run ``unit`` unless ``step`` was done before; either way its result.

    The note of the step commits together with what it did, so a killed story goes on where it stood.
    """
    done = note_of(installation, step)
    if done is not None:
        return done

    def run(ledger: Ledger) -> Any:
        standing = _result(ledger.connection, step)
        if standing is not None:
            return json.loads(standing)
        result = unit(Work(installation, ledger))
        ledger.connection.execute(STEPS.insert(), [{"step": step, "result": json.dumps(result)}])
        return result

    return installation.writer.do(run)


def note_of(installation: Installation, step: str) -> Any:
    """The result of a step that was done; None when it was not."""
    with installation.database.reading() as connection:
        done = _result(connection, step)
    return None if done is None else json.loads(done)


def _result(connection: Connection, step: str) -> str | None:
    return connection.execute(select(STEPS.c.result).where(STEPS.c.step == step)).scalar_one_or_none()
