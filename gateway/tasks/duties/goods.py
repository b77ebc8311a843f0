"""Jobs about goods: offers judged again, orders packed and shipped, erased values purged."""

from datetime import timedelta

from exporters.errors import ExportersError
from gateway.errors import Refused
from gateway.store import trade
from gateway.tasks.attempt import Attempt, Later
from gateway.tasks.kinds import Nothing, Order
from gateway.tasks.runner import Result
from gateway.workflows import erase
from gateway.workflows.recheck import recheck
from gateway.workflows.settle_stock import settle_stock
from gateway.workflows.ship_order import ship_order


def recheck_offers(attempt: Attempt, _told: Nothing) -> Result:
    """Every offer is a transaction of its own, and one that is withdrawn is left alone."""
    withdrawn = recheck(attempt.installation)
    return {"withdrawn": len(withdrawn), "released": len(settle_stock(attempt.installation))}


def pack_order(attempt: Attempt, told: Order) -> Result:
    """Every step is done once, however often the job runs; documents are objects by their content."""
    installation = attempt.installation
    with installation.database.reading() as connection:
        if trade.order(connection, told.order) is None:
            raise Refused("not-found", f"there is no {told.order}")
    try:
        return {"shipment": ship_order(installation, told.order)}
    except ExportersError as error:  # facts are missing: somebody has to add them
        raise Refused("documents", str(error)) from error


def purge(attempt: Attempt, _told: Nothing) -> Result:
    if not erase.purge_due(attempt.installation):
        raise Later("readers", wait=timedelta(seconds=5))
    return {}
