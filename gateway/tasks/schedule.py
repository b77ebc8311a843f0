"""Periodic work: each tick looks at the clock, and whoever wins a row enqueues its job in the same breath."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from gateway.publication import visible_checkpoint
from gateway.store import jobs, schedules, shipments, trade
from gateway.tasks import causes, kinds
from gateway.tasks.kinds import Kind, Nothing
from gateway.tasks.outbox import Cause, enqueue
from gateway.wiring import Installation
from gateway.workflows import sale_events
from gateway.workflows.late_shipments import tell_late
from gateway.workflows.purchase_stops import tidy
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
    """Orders cause their own planning; this is for those whose job was given up or never written."""
    for order in trade.orders(ledger.connection):
        if order.state == "confirmed" and not shipments.of_order(ledger.connection, order.id):
            causes.pack(ledger.connection, order, installation.clock.now(), SCHEDULE)


def _turn_sales(installation: Installation, ledger: Ledger) -> None:
    """What the clock did is written down; whoever asks whether a sale is open looks at its hours."""
    sale_events.turn(ledger.connection, installation.clock.now())


def _purchases(installation: Installation, ledger: Ledger) -> None:
    """What waited too long ends; what is sold follows its goods."""
    tidy(installation, ledger)


def _lateness(installation: Installation, ledger: Ledger) -> None:
    tell_late(ledger.connection, installation.clock.now())


def _alarm(installation: Installation, ledger: Ledger) -> None:
    if jobs.counts(ledger.connection).get("parked"):
        enqueue(ledger.connection, kinds.ALARM, Nothing(), now=installation.clock.now(), by=SCHEDULE)


PERIODIC: Final[Sequence[Periodic]] = (
    Periodic("recheck", timedelta(minutes=10), _enqueues(kinds.RECHECK)),  # a grant may end without a record
    Periodic("orders", timedelta(minutes=10), _orders),
    Periodic("purchases", timedelta(minutes=1), _purchases),
    Periodic("lateness", timedelta(hours=1), _lateness),
    Periodic("purge", timedelta(hours=6), _enqueues(kinds.PURGE)),
    Periodic("clean", timedelta(hours=1), _enqueues(kinds.CLEAN)),
    Periodic("sweep", timedelta(days=1), _enqueues(kinds.SWEEP)),
    Periodic("alarm", timedelta(minutes=1), _alarm),
    Periodic("scans", timedelta(hours=1), _enqueues(kinds.AGE_SCANS)),
    Periodic("searches", timedelta(hours=1), _enqueues(kinds.TELL_SEARCHES)),
    Periodic("sales", timedelta(minutes=10), _turn_sales),
    Periodic("pushes", timedelta(days=1), _enqueues(kinds.PUSH_OFFERS)),
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
