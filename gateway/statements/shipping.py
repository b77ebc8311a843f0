"""Shipments of goods that lie with somebody else: what follows when the custodian has signed (G28)."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from gateway.statements.lots import Effect
from gateway.store import shipments
from gateway.store.trade import IssuedDocument
from gateway.workflows import shipment_moves
from gateway.workflows.shipment_papers import required_kinds
from gateway.workflows.work import Work
from ledger.core.canonical import JsonValue
from ledger.record import Entry


def _packed(work: Work, entry: Entry, told: Mapping[str, JsonValue]) -> None:
    shipment_moves.packed(work, shipment_moves.standing(work, str(told["shipment"])), entry.event_id)


def _unpacked(work: Work, entry: Entry, told: Mapping[str, JsonValue]) -> None:
    shipment_moves.unpacked(work, str(told["shipment"]), entry.event_id, "")


def _document(work: Work, entry: Entry, told: Mapping[str, JsonValue]) -> None:
    facts: Any = told["document"]
    document = IssuedDocument(**(facts | {"event_id": entry.event_id}))
    shipment = shipment_moves.standing(work, document.shipment)
    required = required_kinds(shipment.market)
    shipment_moves.issued(work, shipment, document, required, entry.event_id)


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
