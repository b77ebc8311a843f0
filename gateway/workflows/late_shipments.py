"""Buyers are told when a shipment will not keep its promise, and again with each further week (G14)."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from gateway.store import shipments
from gateway.tasks import causes
from gateway.tasks.outbox import Cause
from gateway.trade import lateness
from gateway.trade.shipment_states import HERE, UNDER_WAY

OPEN: Final = HERE | UNDER_WAY
AGAIN: Final = timedelta(days=7)


def tell_late(connection: Connection, now: datetime) -> int:
    """Cause the letters, each once however often it is asked; returns how many shipments are late."""
    late = 0
    for shipment in shipments.in_states(connection, OPEN):
        legs = shipments.legs(connection, shipment.id)
        behind = lateness.way(legs, promised_at=shipment.promised_at, now=now).late if legs else lateness.NONE
        if behind > lateness.NONE:
            late += 1
            about = f"{shipment.id}@{behind // AGAIN}"
            causes.shipment_told(connection, "shipment_late", shipment.company, about, now, Cause("schedule"))
    return late
