"""To whom goods go and whom the carrier tells: as their purchase says, else as their company's rules do."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from gateway.store import companies, purchases
from gateway.store.companies import Rules


def delivery_of(connection: Connection, company: str, orders: Sequence[str]) -> Rules:
    """The company's rules with consignee and notify party of the purchase behind these orders.

    orders: of one shipment, whose purchases say the same: no other ones are planned together. Orders that
    are older than purchases go where the company says.
    """
    rules = companies.rules(connection, company)
    found = (purchases.of_order(connection, order) for order in orders)
    said = next((purchase for purchase in found if purchase is not None), None)
    if said is None:
        return rules
    return replace(rules, consignee=said.consignee, notify_party=said.notify_party)
