"""One order from confirmed to shipped in one go, or planned for the people who pack it."""

from collections.abc import Mapping
from typing import Final

from gateway.people.identity import Identity
from gateway.store import shipments, trade
from gateway.store.shipments import Shipment
from gateway.trade.shipment_states import HERE
from gateway.wiring import Installation
from gateway.workflows import issue_papers, pick_and_pack
from gateway.workflows import shipments as steps
from gateway.workflows.order_parts import Part, parts_of, product_of
from gateway.workflows.shipment_papers import object_key
from gateway.workflows.shipments import SHIPPABLE, Wish

__all__ = ["Part", "object_key", "parts_of", "plan_order", "product_of", "ship_order"]

HOUSE: Final = "house"  # who did what nobody in particular did


def plan_order(installation: Installation, order_id: str) -> str:
    """Plan the first shipment of a confirmed order, all of it; returns its id, "" where nothing is to plan.

    An order that was planned before is left to people, who may ship it in parts or together with others.
    """
    with installation.database.reading() as connection:
        order = trade.order(connection, order_id)
        assert order is not None, order_id
        planned = shipments.of_order(connection, order_id)
    if planned or order.state not in SHIPPABLE:
        return planned[-1].id if planned else ""
    return steps.plan(installation, [Wish(order_id)], by=HOUSE).id


def ship_order(installation: Installation, order_id: str, stated: Mapping[str, str] | None = None) -> str:
    """Take all that is left of a confirmed order to shipped; returns the shipment's id.

    For a story that nobody packs by hand. Cut off anywhere, it goes on where it stood. stated: what only a
    person can state for its papers, see ``issue_papers.state_facts``.
    """
    with installation.database.reading() as connection:
        order = trade.order(connection, order_id)
        assert order is not None, order_id
        if order.state == "shipped":
            assert order.shipment is not None
            return order.shipment
        here = [one for one in shipments.of_order(connection, order_id) if one.state in HERE]
    shipment = here[0] if here else steps.plan(installation, [Wish(order_id)], by=HOUSE)
    house = _house(installation)
    if shipment.state == "planned":
        shipment = _packed(installation, shipment, house)
    if shipment.state == "packed":
        issue_papers.state_facts(installation, shipment.id, stated or {}, by=house)
        shipment = steps.issue(installation, shipment.id, by=house)
    return steps.dispatch(installation, shipment.id, by=house).id


def _packed(installation: Installation, shipment: Shipment, house: Identity) -> Shipment:
    pick_and_pack.pick_all(installation, shipment.id, by=HOUSE)
    pick_and_pack.propose(installation, shipment.id, by=HOUSE)
    return steps.pack(installation, shipment.id, by=house)


def _house(installation: Installation) -> Identity:
    return Identity(principal=HOUSE, name="", role="operator", organisation=installation.config.operator)
