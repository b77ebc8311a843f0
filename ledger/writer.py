"""The one writer of an installation: what waits is committed together, each with its own answer.

Callers bring a unit of work. Whoever gets the lock commits up to 256 of those that wait, without a
timer: an idle log commits at once, a busy one in groups. Network and files stay outside.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError

from ledger.core.envelope import parse_at
from ledger.errors import InvalidRecord, LedgerError, Rollback, StaleSubject, StorageError, StorageUnavailable
from ledger.lots import trust
from ledger.ports import Clock
from ledger.record import Entry, Ledger, Prepared, Refused, Submission, Verify, prepare
from ledger.records.registry import Typed
from ledger.store.database import Database, Writing
from ledger.store.log import read_head
from ledger.store.view import Cache, StoredView

UNITS_MAX = 256  # of one commit
JUMP_MAX = timedelta(hours=1)  # how far the clock may run ahead of the time that really passed

Answer = TypeVar("Answer")


class _Ticket(Generic[Answer]):
    def __init__(
        self,
        unit: Callable[[Ledger], Answer],
        *,
        touches_tables: bool,
        alone: bool = False,
        prepared: Prepared | None = None,
    ) -> None:
        """prepared: the record that is all the unit writes, when that is so."""
        self.unit = unit
        self.prepared = prepared
        self.touches_tables = touches_tables
        self.alone = alone
        self.done = False
        self.answer: Answer | None = None
        self.error: BaseException | None = None


class Writer:
    """Runs units of work against the log, durable when they return."""

    def __init__(
        self, database: Database, clock: Clock, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """monotonic: seconds that nobody sets, to tell a clock that was set from time that passed."""
        self._database = database
        self._clock = clock
        self._monotonic = monotonic
        self._last_commit: tuple[str, float] | None = None  # rec and monotonic seconds, of this process
        self._cache = Cache()
        self._public_keys: dict[str, bytes] = {}  # a key id is a hash: what it stands for never changes
        self._lock = threading.Lock()
        self._writing: Writing | None = None
        self._waiting: deque[_Ticket[Any]] = deque()
        self._refusal: LedgerError | None = None

    def record(self, submission: Submission) -> Entry:
        """Record one signed statement: durable and sequenced on return.

        Raises InvalidRecord, NotYourLot, StaleSubject; StorageUnavailable when the outcome is to be
        asked for again by sending the very same record.
        """
        prepared = self.prepare(submission)
        return self._run(_recording(prepared))

    def refuse(self, why: LedgerError | None) -> None:
        """Record nothing from now on, and answer with ``why``; None takes it back, but never a Rollback.

        Work on other tables goes on: who reads here still signs in.
        """
        if not isinstance(self._refusal, Rollback):
            self._refusal = why

    def record_all(self, prepared: Sequence[Prepared]) -> list[Entry | Refused]:
        """Record what waits together; each gets its own answer, as if it had come alone.

        Raises what hinders all of them.
        """
        tickets = [_recording(one) for one in prepared]
        self._waiting.extend(tickets[:-1])
        if tickets:
            with suppress(InvalidRecord, StaleSubject):  # its own refusal, which stands on the ticket
                self._run(tickets[-1])
        for ticket in tickets[:-1]:
            with suppress(InvalidRecord, StaleSubject):
                self._wait(ticket)  # more than one commit takes, or another caller took some of them
        return [_answer(ticket) for ticket in tickets]

    def prepare(self, submission: Submission, *, verify: Verify | None = None) -> Prepared:
        """Check what needs no lock, for a unit that records with other work.

        verify: see ``ledger.record.prepare``.
        """
        if self._refusal is not None:
            raise type(self._refusal)(*self._refusal.args)  # a new one: tracebacks would pile up on it
        return prepare(submission, self._public_key, verify=verify)

    def do(self, unit: Callable[[Ledger], Answer], *, alone: bool = False) -> Answer:
        """Run ``unit`` in a transaction shared with others that wait, all or nothing.

        It may use ``ledger.connection`` for tables of its own and ``ledger.record`` for the log. The
        ledger's own tables show every record before the unit, those of its transaction too.
        alone: share the commit with nobody.
        """
        return self._run(_Ticket(unit, touches_tables=True, alone=alone))

    def _public_key(self, typed: Typed, key_id: str) -> bytes:
        raw = self._public_keys.get(key_id)
        if raw is None:
            with self._database.reading() as connection:
                raw = trust.public_key(typed, StoredView(connection, read_head(connection)), key_id)
            self._public_keys[key_id] = raw
        return raw

    def _run(self, ticket: _Ticket[Answer]) -> Answer:
        self._waiting.append(ticket)
        return self._wait(ticket)

    def _wait(self, ticket: _Ticket[Answer]) -> Answer:
        while not ticket.done:
            with self._lock:
                if not ticket.done:  # whoever held the lock before us may have done it
                    self._commit_waiting()
        if ticket.error is not None:
            raise ticket.error
        return ticket.answer  # type: ignore[return-value]

    def _commit_waiting(self) -> None:
        batch = [self._waiting.popleft()]
        while not batch[0].alone and self._waiting and not self._waiting[0].alone and len(batch) < UNITS_MAX:
            batch.append(self._waiting.popleft())
        try:
            writing = self._connected()
            writing.begin()
            ledger = Ledger(writing.connection, self._clock, self._cache)
            passed_s = self._monotonic()
            self._check_jump(ledger.recorded_at, passed_s)
            if not any(ticket.touches_tables for ticket in batch):
                ledger.expect([ticket.prepared for ticket in batch if ticket.prepared is not None])
            for ticket in batch:
                if ticket.touches_tables:  # it may judge by what it reads: a recall of this commit counts
                    ledger.show()
                self._attempt(ledger, ticket, alone=len(batch) == 1)
            ledger.flush()
            writing.commit()
            # Here the batch is durable. A crash before this line left nothing of it; a crash after it
            # leaves callers without an answer, and the same record sent again finds its index.
            ledger.committed()
            self._last_commit = ledger.recorded_at, passed_s
        except BaseException as error:  # noqa: BLE001 - every caller is told, whatever it was
            self._cache.forget()
            self._disconnect()
            for ticket in batch:
                if ticket.error is None:
                    ticket.error = _ours(error)
        for ticket in batch:
            ticket.done = True

    def _check_jump(self, recorded_at: str, passed_s: float) -> None:
        """A clock set far ahead would date every later record: ``rec`` never runs back (records.md 2).

        The first commit of a process is not judged: nobody knows how long the log was idle.
        """
        if self._last_commit is None:
            return
        last, then_s = self._last_commit
        if parse_at(recorded_at) - parse_at(last) > JUMP_MAX + timedelta(seconds=passed_s - then_s):
            raise StorageError(
                f"the clock jumped ahead from {last} to {recorded_at}; put it right, or start again if it is"
            )

    def _connected(self) -> Writing:
        if self._writing is None:
            self._writing = self._database.writing()
        return self._writing

    def _disconnect(self) -> None:
        if self._writing is not None:
            self._writing.close()
            self._writing = None

    @staticmethod
    def _attempt(ledger: Ledger, ticket: _Ticket[Any], *, alone: bool) -> None:
        if alone and ticket.touches_tables:
            ticket.answer = ticket.unit(ledger)  # its failure rolls the whole transaction back
            return
        if not ticket.touches_tables:
            try:
                ticket.answer = ticket.unit(ledger)  # one record: refused, it leaves nothing behind
            except BaseException as error:  # noqa: BLE001 - answered to its own caller only
                ticket.error = _ours(error)
            return
        mark = ledger.mark()
        savepoint = ledger.connection.begin_nested()
        try:
            ticket.answer = ticket.unit(ledger)
            savepoint.commit()
        except BaseException as error:  # noqa: BLE001 - answered to its own caller only
            savepoint.rollback()
            ledger.rollback(mark)
            ticket.error = _ours(error)


def _recording(prepared: Prepared) -> _Ticket[Entry]:
    return _Ticket(lambda ledger: ledger.record(prepared), touches_tables=False, prepared=prepared)


def _answer(ticket: _Ticket[Entry]) -> Entry | Refused:
    if ticket.error is None:
        assert ticket.answer is not None
        return ticket.answer
    if isinstance(ticket.error, Refused):
        return ticket.error
    raise ticket.error


def _ours(error: BaseException) -> BaseException:
    """A driver's error as ours, with the driver's as its cause; anything else as it is."""
    if not isinstance(error, DBAPIError):
        return error
    kind = StorageUnavailable if isinstance(error, OperationalError) else StorageError
    made = kind(f"database: {error.orig}")
    made.__cause__ = error
    return made
