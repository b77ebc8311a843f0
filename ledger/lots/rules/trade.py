"""Offered, sold, packed, shipped, delivered, and the papers of it."""

from collections.abc import Mapping

from ledger.errors import InvalidRecord, NotYourLot
from ledger.lots import authorization
from ledger.lots.rules.step import SELLABLE_GRADES, Rules, States, Step, check_trusted
from ledger.lots.state import (
    LotState,
    ShipmentState,
)


def _seller(step: Step, lot: LotState) -> None:
    """Title holder, or the custodian as agent where goods are here on consignment."""
    agent = lot.custody if lot.supply_mode == "consign" else lot.title
    if step.author.party not in (lot.title, agent):
        raise NotYourLot("the author neither holds title nor sells for who does", pointer="/signers/0/party")
    if lot.origin is not None and any(
        authorization.distrusted(step.view, key, lot.origin.index) for key in lot.origin.keys
    ):
        raise InvalidRecord("a key behind the declaration is distrusted", pointer="/subjects/0")
    chain = authorization.links(step.typed.record.body.refs, step.view)
    if [name for name, _ in chain] != lot.authorizations:
        raise InvalidRecord("refers to every authorization the lot was declared under", pointer="/refs")
    if not chain:
        return
    grantee = step.view.opening(chain[-1][1].granted, "grantee")
    authorization.check_covers(
        chain,
        holder=grantee if isinstance(grantee, str) else "",
        brand=lot.brand,
        category=lot.category,
        day=step.day,
        view=step.view,
    )


def _listed(step: Step) -> States:
    step.only("lot")
    name, lot = step.lot()
    _seller(step, lot)
    inspection = lot.inspection
    if not lot.received or not lot.is_leaf:
        raise InvalidRecord("the lot is not here to be offered", pointer="/subjects/0")
    if lot.sold is not None and lot.sold >= lot.quantity:
        raise InvalidRecord("nothing of the lot is left to offer", pointer="/subjects/0")
    if lot.overage:
        raise InvalidRecord("goods made too long ago are never listed", pointer="/subjects/0")
    if inspection is None or lot.changed_since_inspection:
        raise InvalidRecord("no inspection stands behind the lot as it is", pointer="/subjects/0")
    check_trusted(step, inspection)
    if lot.grade not in SELLABLE_GRADES:
        raise InvalidRecord(f"grade {lot.grade} is not sold", pointer="/subjects/0")
    if any(step.hand(step.author).same_as(hand) for hand in inspection.by):
        raise NotYourLot("who inspected the goods may not list them", pointer="/signers/0")
    return {name: lot.model_copy(update={"listings": lot.listings + 1})}


def _withdrawn(step: Step) -> States:
    step.only("lot")
    name, lot = step.lot()
    agent = lot.custody if lot.supply_mode == "consign" else lot.title
    if step.author.party not in (lot.title, agent):
        raise NotYourLot("the author neither holds title nor sells for who does", pointer="/signers/0/party")
    if lot.listings < 1:
        raise InvalidRecord("the lot is not listed", pointer="/subjects/0")
    return {name: lot.model_copy(update={"listings": lot.listings - 1})}


def _sold(step: Step) -> States:
    step.only("lot")
    name, lot = step.lot()
    _seller(step, lot)
    if "quantity" not in step.typed.record.body.commit:
        raise InvalidRecord("a sale commits to its quantity", pointer="/commit")
    if lot.listings < 1:
        raise InvalidRecord("the lot is not listed", pointer="/subjects/0")
    if lot.inspection is not None:
        check_trusted(step, lot.inspection)
    if step.data.grade != lot.grade:
        raise InvalidRecord(f"the lot has grade {lot.grade}", pointer="/data/grade")
    quantity = step.opened.get("quantity")
    sold = None
    if isinstance(quantity, int) and lot.sold is not None:
        sold = lot.sold + quantity
        if sold > lot.quantity:
            raise InvalidRecord(f"{lot.quantity - lot.sold} are left to sell", pointer="/open/quantity")
    return {name: lot.model_copy(update={"sold": sold})}


def _move(step: Step) -> tuple[str, dict[str, LotState]]:
    step.only("lot", "shipment")
    lots = {name: step.state(name) for name in step.names("lot")}
    if not lots:
        raise InvalidRecord("moves at least one lot", pointer="/subjects")
    return step.one("shipment"), lots


def _packed(step: Step) -> States:
    shipment, lots = _move(step)
    step.new(shipment)
    for lot in lots.values():
        step.must_be(lot.custody, "custodian")
        if lot.sold == 0:
            raise InvalidRecord("nothing of the lot is sold", pointer="/subjects")
        if lot.changed_since_inspection:
            raise InvalidRecord("was changed after its inspection", pointer="/subjects")
    states: States = {name: lot.model_copy(update={"packed": True}) for name, lot in lots.items()}
    states[shipment] = ShipmentState(
        owner=step.author.party, lots=list(lots), packages=step.data.packages, mass_g=step.data.mass_g
    )
    return states


def _shipment(step: Step, name: str, lots: Mapping[str, LotState]) -> ShipmentState:
    state: ShipmentState = step.state(name)
    if state.lots != list(lots):
        raise InvalidRecord("moves the lots that were packed", pointer="/subjects")
    if (state.packages, state.mass_g) != (step.data.packages, step.data.mass_g):
        raise InvalidRecord("differs from what was packed", pointer="/data")
    return state


def _shipped(step: Step) -> States:
    name, lots = _move(step)
    shipment = _shipment(step, name, lots)
    for lot in lots.values():
        step.must_be(lot.custody, "custodian")
    if shipment.shipped:
        raise InvalidRecord("was shipped already", pointer="/subjects")
    states: States = {key: lot.model_copy(update={"shipped": True}) for key, lot in lots.items()}
    states[name] = shipment.model_copy(update={"shipped": True})
    return states


def _delivered(step: Step) -> States:
    name, lots = _move(step)
    shipment = _shipment(step, name, lots)
    if not shipment.shipped or shipment.delivered:
        raise InvalidRecord("is not under way", pointer="/subjects")
    states: States = {key: lot.model_copy(update={"delivered": True}) for key, lot in lots.items()}
    states[name] = shipment.model_copy(update={"delivered": True})
    return states


def _document(step: Step) -> States:
    step.only("shipment")
    name = step.one("shipment")
    shipment: ShipmentState = step.state(name)
    if step.author.party != shipment.owner:
        raise NotYourLot("only the shipment's owner issues its documents", pointer="/signers/0/party")
    supersedes = step.data.supersedes
    if supersedes is not None:
        event = step.view.event(supersedes)
        if event is None or event.type != "document.issued" or event.subjects != [name]:
            raise InvalidRecord("is no document of this shipment", pointer="/data/supersedes")
    return {}


RULES: Rules = {
    "lot.listed": _listed,
    "lot.withdrawn": _withdrawn,
    "lot.sold": _sold,
    "lot.packed": _packed,
    "lot.shipped": _shipped,
    "lot.delivered": _delivered,
    "document.issued": _document,
}
