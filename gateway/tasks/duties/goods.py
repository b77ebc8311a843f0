"""Jobs about goods: offers judged again, shipments planned, erased values purged."""

from datetime import timedelta

from gateway.errors import Refused
from gateway.store import trade
from gateway.tasks.attempt import Attempt, Later
from gateway.tasks.kinds import Nothing, Order
from gateway.tasks.runner import Result
from gateway.workflows import erase
from gateway.workflows.index_offer import refresh
from gateway.workflows.purchase_stops import stop_recalled
from gateway.workflows.recheck import recheck
from gateway.workflows.settle_stock import settle_stock
from gateway.workflows.ship_order import plan_order


def recheck_offers(attempt: Attempt, _told: Nothing) -> Result:
    """Every offer is a transaction of its own, and one that is withdrawn is left alone."""
    withdrawn = recheck(attempt.installation)
    released = settle_stock(attempt.installation)
    refresh(attempt.installation)
    stopped = stop_recalled(attempt.installation)
    return {"withdrawn": len(withdrawn), "stopped": len(stopped), "released": len(released)}


def pack_order(attempt: Attempt, told: Order) -> Result:
    """The warehouse finds its shipment planned; people pick, pack and let it leave."""
    installation = attempt.installation
    with installation.database.reading() as connection:
        if trade.order(connection, told.order) is None:
            raise Refused("not-found", f"there is no {told.order}")
    return {"shipment": plan_order(installation, told.order)}


def purge(attempt: Attempt, _told: Nothing) -> Result:
    if not erase.purge_due(attempt.installation):
        raise Later("readers", wait=timedelta(seconds=5))
    return {}
