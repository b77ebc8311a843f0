"""Periodic work: each tick looks at the clock, and whoever wins a row enqueues its job in the same breath."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from gateway.publication import visible_checkpoint
from gateway.store import jobs, schedules, trade
from gateway.tasks import causes, kinds
from gateway.tasks.kinds import Kind, Nothing
from gateway.tasks.outbox import Cause, enqueue
from gateway.wiring import Installation
from gateway.workflows.recalls import recalls_between
from ledger.record import Ledger

Enqueues = Callable[[Installation, Ledger], None]
SCHEDULE: Final = Cause("schedule")
FOLLOW: Final = "follow"  # its mark: the visible tree size at which offers were sent to be judged last


@dataclass(frozen=True, slots=True)
class Periodic:
    """every: between two times. While nothing ran, times are missed; they are made up for by one."""

    name: str
    every: timedelta
    cause: Enqueues


def _enqueues(kind: Kind[Nothing]) -> Enqueues:
    def cause(installation: Installation, ledger: Ledger) -> None:
        enqueue(ledger.connection, kind, Nothing(), now=installation.clock.now(), by=SCHEDULE)

    return cause


def _orders(installation: Installation, ledger: Ledger) -> None:
    """Orders cause their own packing; this is for those whose job was given up or never written."""
    for order in trade.orders(ledger.connection):
        if order.state != "shipped":
            causes.pack(ledger.connection, order, installation.clock.now(), SCHEDULE)


def _alarm(installation: Installation, ledger: Ledger) -> None:
    if jobs.counts(ledger.connection).get("parked"):
        enqueue(ledger.connection, kinds.ALARM, Nothing(), now=installation.clock.now(), by=SCHEDULE)


PERIODIC: Final[Sequence[Periodic]] = (
    Periodic("recheck", timedelta(minutes=10), _enqueues(kinds.RECHECK)),  # a grant may end without a record
    Periodic("orders", timedelta(minutes=10), _orders),
    Periodic("purge", timedelta(hours=6), _enqueues(kinds.PURGE)),
    Periodic("clean", timedelta(hours=1), _enqueues(kinds.CLEAN)),
    Periodic("sweep", timedelta(days=1), _enqueues(kinds.SWEEP)),
    Periodic("alarm", timedelta(minutes=1), _alarm),
)


def tick(installation: Installation, periodic: Sequence[Periodic] = PERIODIC) -> None:
    """Enqueue what is due. Any number of processes may do so at once: each time has one winner."""
    now = installation.clock.now()
    with installation.database.reading() as connection:
        standing = {one.name: one for one in schedules.every(connection)}
    for one in periodic:
        if schedules.is_due(standing.get(one.name), now, one.every):
            installation.writer.do(partial(_win, installation, one))
    follow(installation)


def _win(installation: Installation, one: Periodic, ledger: Ledger) -> None:
    if schedules.win(ledger.connection, one.name, installation.clock.now(), one.every):
        one.cause(installation, ledger)


def follow(installation: Installation) -> None:
    """When records became visible, have the offers judged again and the buyers of recalled goods told.

    The log is the outbox here: a record that nobody followed yet is found by its index, and a thousand
    records need one look at the offers.
    """
    visible = visible_checkpoint(installation.log, installation.vkey)
    size = visible.size if visible else 0
    with installation.database.reading() as connection:
        standing = schedules.get(connection, FOLLOW)
        if standing is not None and standing.mark == size:
            return
        recalls = recalls_between(connection, standing.mark if standing else 0, size)

    def unit(ledger: Ledger) -> None:
        now = installation.clock.now()
        if schedules.get(ledger.connection, FOLLOW) is None:
            schedules.win(ledger.connection, FOLLOW, now, timedelta(0))
        schedules.set_mark(ledger.connection, FOLLOW, size)
        enqueue(ledger.connection, kinds.RECHECK, Nothing(), now=now, by=Cause("log"))
        for index in recalls:
            causes.recalled(ledger.connection, index, now, Cause("log"))

    installation.writer.do(unit)
