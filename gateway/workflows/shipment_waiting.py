"""A record of a shipment that somebody else has to sign: whoever holds the goods, on a key of their own."""

from collections.abc import Mapping
from typing import Any

from gateway.people.identity import Identity
from gateway.statements.action import Proposal
from gateway.store.shipments import Shipment
from gateway.workflows import statements
from gateway.workflows.prepare import Wanted
from gateway.workflows.shipment_moves import moved
from gateway.workflows.work import Work


def wait(  # what waits, for whom, and what follows
    work: Work,
    shipment: Shipment,
    wanted: Wanted,
    by: Identity,
    *,
    then: str,
    what: str,
    told: Mapping[str, Any] | None = None,
) -> Shipment:
    """State it unsigned; the shipment waits for it. then: what is done once they have signed."""
    proposal = Proposal(wanted, then=then, told={"shipment": shipment.id, **(told or {})})
    stated = statements.state_unsigned(work, proposal, by=by, action=f"{what}-shipment")
    return moved(
        work, shipment, shipment.state, by=by.principal, what="waits-for-signature", waits_for=stated.id
    )
