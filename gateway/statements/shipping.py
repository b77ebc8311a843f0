"""Shipments of goods that lie with somebody else: what follows when the custodian has signed (G28)."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from gateway.statements.lots import Effect, Look
from gateway.store import dossiers, shipments, trade
from gateway.store.trade import IssuedDocument
from gateway.tasks import causes
from gateway.tasks.outbox import Cause
from gateway.workflows import shipment_gate, shipment_moves
from gateway.workflows.shipment_papers import required_kinds
from gateway.workflows.work import Work
from ledger.core.canonical import JsonValue
from ledger.record import Entry


def _packed(work: Work, entry: Entry, told: Mapping[str, JsonValue]) -> None:
    shipment_moves.packed(work, shipment_moves.standing(work, str(told["shipment"])), entry.event_id)


def _unpacked(work: Work, entry: Entry, told: Mapping[str, JsonValue]) -> None:
    shipment_moves.unpacked(work, str(told["shipment"]), entry.event_id, "")


def _document(work: Work, entry: Entry, told: Mapping[str, JsonValue]) -> None:
    """Raises Refused where the same paper was signed before, by a statement that was asked for twice."""
    facts: Any = told["document"]
    document = IssuedDocument(**(facts | {"event_id": entry.event_id}))
    shipment = shipment_moves.standing(work, document.shipment)
    if trade.document(work.connection, document.code) is not None:
        raise shipment_moves.not_now(shipment)
    required = required_kinds(shipment.market)
    after = shipment_moves.issued(work, shipment, document, required, entry.event_id)
    name = str(told.get("file", ""))
    dossiers.recorded(work.connection, shipment.id, name, document.sha256, entry.event_id)
    if after.state == "documents_ready":
        dossiers.settle(work.connection, shipment.id, document.dossier_sha256)
        now = work.installation.clock.now()  # the job finds all of it issued, and keeps the zip
        causes.papers_wanted(work.connection, shipment.id, now, Cause.of(entry.event_id))


def _dispatched(work: Work, entry: Entry, told: Mapping[str, JsonValue]) -> None:
    shipment_moves.dispatched(work, shipment_moves.standing(work, str(told["shipment"])), entry.event_id)


def _ended(connection: Connection, told: Mapping[str, JsonValue]) -> None:
    """Declined, taken back or refused: the shipment waits for nobody, and the step may be asked anew."""
    shipments.wait_no_more(connection, str(told["shipment"]))


AFTER: Final[Mapping[str, Effect]] = {
    "shipment-packed": _packed,
    "shipment-unpacked": _unpacked,
    "shipment-document": _document,
    "shipment-dispatched": _dispatched,
}
ENDED: Final = dict.fromkeys(AFTER, _ended)
BEFORE: Final[Mapping[str, Look]] = {"shipment-dispatched": shipment_gate.look_before_signing}
