"""May these goods leave at this moment? The gate once more, for what a shipment takes from its lots.

It is asked when somebody lets a shipment leave, and again when a holder elsewhere signs for it, which may
be days later: whatever stands against the goods by then keeps them where they are.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from gateway.errors import LotNotVerified, Refused
from gateway.policies import load
from gateway.store import dossiers, shipments, trade
from gateway.store.shipments import Shipment
from gateway.store.trade import Order
from gateway.trade.eligibility import Reason
from gateway.wiring import Installation
from gateway.workflows import purchase_progress
from gateway.workflows.gate import Verdict, judge_lot, rests_on_distrusted, today, verdict_on
from gateway.workflows.references import asked_by
from gateway.workflows.work import Work
from ledger.record import Ledger

# The price was agreed and the pieces are allocated: neither the band nor the rest of the stock matters now.
SETTLED: Final = frozenset(
    {"no-stock", "stock-feed-stale", "price-out-of-band", "reference-missing", "channel-without-band"}
)
BY_GATE: Final = "gate"


def verdicts_on(installation: Installation, connection: Connection, shipment_id: str) -> dict[str, Verdict]:
    """Lot -> whether its whole history holds. Reads tiles: ask before a unit of work, not inside one."""
    return {lot: verdict_on(installation, connection, lot) for lot in lots_of(connection, shipment_id)}


def reasons_against(
    installation: Installation, connection: Connection, shipment: Shipment, lot: str, verdict: Verdict
) -> list[Reason]:
    """Every reason why goods of the lot may not leave at this moment: the gate's, but what the sale settled.

    X6 is among them: nothing leaves that changed after it was inspected (``needs-reinspection``).
    """
    judged = judge_lot(installation, connection, lot, verdict)
    if judged is None:
        return [Reason("lot-gone")]
    found: list[Reason] = []
    for order in _orders_of(connection, shipment, lot):
        hold = trade.reservation(connection, order.reservation)
        listing = trade.listing(connection, hold.listing) if hold else None
        market = load.markets().market(order.market, listing.channel if listing else None)
        if market is None or listing is None:
            found.append(Reason("territory-excluded", order.market))
            continue
        asked = asked_by(listing)
        reasons = judged.reasons(market, today(installation), asked)
        found += [one for one in reasons if one.slug not in SETTLED]
    return list(dict.fromkeys(found))


def first_stopped(
    installation: Installation, connection: Connection, shipment: Shipment, verdicts: Mapping[str, Verdict]
) -> tuple[str, tuple[Reason, ...]] | None:
    """The first lot, by its id, that may not leave, with every reason; None where all of them may."""
    for lot, verdict in sorted(verdicts.items()):
        reasons = tuple(reasons_against(installation, connection, shipment, lot, verdict))
        if reasons:
            return lot, reasons
    return None


def check_papers(connection: Connection, shipment: Shipment) -> None:
    """Nothing leaves on papers that were taken back. Raises Refused ``papers-not-issued``."""
    issued = dossiers.issued(connection, shipment.id)
    if issued is not None and issued.revoked_at is not None:
        raise Refused("papers-not-issued", "the papers were revoked: issue them anew")


def check_leaving(work: Work, shipment: Shipment) -> None:
    """Within the unit that records it: by the working copy, which every record since was checked into.

    Raises LotNotVerified with every reason, Refused as ``check_papers``; then nothing was recorded.
    """
    connection = work.connection
    check_papers(connection, shipment)
    verdicts = {
        lot: Verdict(verified=True, distrusted=rests_on_distrusted(connection, lot))
        for lot in lots_of(connection, shipment.id)
    }
    stopped = first_stopped(work.installation, connection, shipment, verdicts)
    if stopped is not None:
        raise LotNotVerified(*stopped)


def look_before_signing(installation: Installation, told: Mapping[str, Any]) -> None:
    """Before a holder's signature lets a shipment leave: its histories from the first record on.

    Raises LotNotVerified with every reason; the refusal is written down, and the purchases go on hold.
    """
    with installation.database.reading() as connection:
        shipment = shipments.get(connection, str(told["shipment"]))
        if shipment is None:
            return
        verdicts = verdicts_on(installation, connection, shipment.id)
        stopped = first_stopped(installation, connection, shipment, verdicts)
    if stopped is None:
        return
    lot, reasons = stopped
    standing = shipment

    def unit(ledger: Ledger) -> None:
        stop(Work(installation, ledger), standing, reasons, BY_GATE)

    installation.writer.do(unit)
    raise LotNotVerified(lot, reasons)


def stop(work: Work, shipment: Shipment, reasons: Sequence[Reason], by: str) -> None:
    """Write down why it did not leave; its purchases go on hold."""
    slugs = [one.slug for one in reasons]
    now = work.installation.clock.now()
    shipments.note(work.connection, shipment, at=now, by=by, what="stopped", reason=", ".join(slugs))
    orders = [line.order_id for line in shipments.lines(work.connection, shipment.id)]
    purchase_progress.stop(work, orders, slugs)


def lots_of(connection: Connection, shipment_id: str) -> list[str]:
    """Ascending."""
    return sorted({line.lot for line in shipments.lines(connection, shipment_id)})


def _orders_of(connection: Connection, shipment: Shipment, lot: str) -> list[Order]:
    lines = [line for line in shipments.lines(connection, shipment.id) if line.lot == lot]
    found = [trade.order(connection, line.order_id) for line in lines]
    return [order for order in found if order is not None]
