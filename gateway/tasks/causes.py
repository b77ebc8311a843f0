"""What happens in the house, and the jobs that it causes: one function an occasion."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from gateway.store import addressees
from gateway.store.jobs import Job
from gateway.store.statements import Statement
from gateway.store.trade import Order, Reservation
from gateway.tasks import kinds
from gateway.tasks.kinds import LabelRunId, Letter, Lot, Nothing, Record, ScanAlert, ShipmentId, SupplierFile
from gateway.tasks.kinds import Order as OrderId
from gateway.tasks.outbox import Cause, enqueue


def order_confirmed(connection: Connection, order: Order, now: datetime, by: Cause) -> None:
    """It is packed, and those who buy for the company are told."""
    pack(connection, order, now, by)
    for user in addressees.of_organisation(connection, order.company):
        tell(connection, Letter(template="order_confirmed", about=order.id, to=user), now, by)


def pack(connection: Connection, order: Order, now: datetime, by: Cause) -> str:
    """Orders of one lot one after the other: each takes the pieces after those before it."""
    told = OrderId(order=order.id)
    return enqueue(connection, kinds.SHIP_ORDER, told, now=now, by=by, once=order.id, subject=order.lot)


def job_parked(connection: Connection, job: Job, user: str, now: datetime, by: Cause) -> str:
    """One letter each time that it is parked: tried again in vain, it is told of again."""
    assert job.finished_at is not None
    letter = Letter(template="job_parked", about=job.id, to=user)
    once = f"{job.id}:{job.finished_at:%Y%m%d%H%M%S%f}:{user}"
    return enqueue(connection, kinds.MAIL, letter, now=now, by=by, once=once)


def invited(connection: Connection, invitation: str, now: datetime, by: Cause) -> str:
    return tell(connection, Letter(template="invited", about=invitation, to=invitation), now, by)


def tell(connection: Connection, letter: Letter, now: datetime, by: Cause) -> str:
    """One letter of a template about one thing to one person, however often it is caused."""
    once = f"{letter.template}:{letter.about}:{letter.to}"
    return enqueue(connection, kinds.MAIL, letter, now=now, by=by, once=once)


def purchase_told(  # what happened to a purchase, and who is told
    connection: Connection,
    template: Literal["purchase_approval", "purchase_ended", "purchase_held"],
    purchase: str,
    users: Sequence[str],
    now: datetime,
    by: Cause,
) -> None:
    for user in users:
        tell(connection, Letter(template=template, about=purchase, to=user), now, by)


def shipment_told(  # what happened to a shipment, and whose it is
    connection: Connection,
    template: Literal["shipment_dispatched", "shipment_delivered", "shipment_late"],
    company: str,
    about: str,
    now: datetime,
    by: Cause,
) -> None:
    """Everybody of the company that buys is told, once."""
    for user in addressees.of_organisation(connection, company):
        tell(connection, Letter(template=template, about=about, to=user), now, by)


def hold_released(connection: Connection, hold: Reservation, now: datetime, by: Cause) -> None:
    """Goods went back that a company had held, and nobody there had asked for it."""
    for user in addressees.of_organisation(connection, hold.company):
        tell(connection, Letter(template="hold_released", about=hold.id, to=user), now, by)


def recalled(connection: Connection, index: int, now: datetime, by: Cause) -> str:
    """A recall, or its end, was recorded: the buyers whom it reaches are looked for once."""
    return enqueue(connection, kinds.TELL_RECALL, Record(index=index), now=now, by=by, once=str(index))


def statement_waits(connection: Connection, statement: Statement, now: datetime, by: Cause) -> None:
    """Those who work for whoever has to sign are written to, once for each body that they may sign."""
    about = f"{statement.id}:{statement.renewed}"
    for party in {one.party for one in statement.waits_for}:
        for user in addressees.of_organisation(connection, party):
            tell(connection, Letter(template="statement_waits", about=about, to=user), now, by)


def statement_ended(
    connection: Connection, statement: Statement, party: str, now: datetime, by: Cause
) -> None:
    """Recorded or declined: everybody concerned hears of it, but the party that did it."""
    template: Literal["statement_recorded", "statement_declined"] = (
        "statement_recorded" if statement.state == "recorded" else "statement_declined"
    )
    for other in statement.parties - {party}:
        for user in addressees.of_organisation(connection, other):
            tell(connection, Letter(template=template, about=statement.id, to=user), now, by)


def scans_remarkable(connection: Connection, alert: str, now: datetime, by: Cause) -> str:
    """The operator's staff is told, once an alert."""
    return enqueue(connection, kinds.TELL_SCANS, ScanAlert(alert=alert), now=now, by=by, once=alert)


def erased(connection: Connection, now: datetime, by: Cause) -> str:
    return enqueue(connection, kinds.PURGE, Nothing(), now=now, by=by)


def lot_wanted(connection: Connection, lot: Lot, now: datetime, by: Cause) -> str:
    return enqueue(connection, kinds.EXPORT_LOT, lot, now=now, by=by)


def log_wanted(connection: Connection, now: datetime, by: Cause) -> str:
    return enqueue(connection, kinds.EXPORT_LOG, Nothing(), now=now, by=by)


def labels_wanted(connection: Connection, run: str, now: datetime, by: Cause) -> str:
    return enqueue(connection, kinds.PRINT_LABELS, LabelRunId(run=run), now=now, by=by, once=run)


def papers_wanted(connection: Connection, shipment: str, now: datetime, by: Cause) -> str:
    """One after the other of a shipment: the second finds what the first has issued, and does nothing."""
    told = ShipmentId(shipment=shipment)
    return enqueue(connection, kinds.ISSUE_PAPERS, told, now=now, by=by, subject=shipment)


def file_brought(connection: Connection, file: SupplierFile, now: datetime, by: Cause, ended: int = 0) -> str:
    """Files one after the other, whoever brought them: what one declares, a later one may not.

    ended: how many of its declarations ended unrecorded; after each it may be imported again.
    """
    once = f"{file.file}:{ended}" if ended else file.file
    return enqueue(connection, kinds.IMPORT_FILE, file, now=now, by=by, once=once, subject="supplier files")
