"""Offered, sold, packed, shipped, delivered, and the papers of it."""

from collections.abc import Mapping

from ledger.core.subjects import kind_of
from ledger.errors import InvalidRecord, NotYourLot
from ledger.lots import authorization
from ledger.lots.rules.permission import check_permission, parts_of
from ledger.lots.rules.step import (
    SELLABLE_GRADES,
    Rules,
    States,
    Step,
    check_inspection,
    check_not_recalled,
    check_seller,
)
from ledger.lots.state import (
    LotState,
    ShipmentState,
)
from ledger.records.trade import LotListed


def check_may_sell(step: Step, lot: LotState) -> None:
    """Title holder, its agent, or the custodian where goods are here on consignment."""
    check_seller(step, lot)
    if lot.origin is not None and any(
        authorization.distrusted(step.view, key, lot.origin.index) for key in lot.origin.keys
    ):
        raise InvalidRecord("a key behind the declaration is distrusted", pointer="/subjects/0")
    check_permission(step, parts_of(lot), lot.category)


def _listed(step: Step) -> States:
    step.only("lot")
    name, lot = step.lot()
    check_may_sell(step, lot)
    inspection = lot.inspection
    if not lot.at_hand or not lot.is_leaf:
        raise InvalidRecord("the lot is not here to be offered", pointer="/subjects/0")
    _check_terms(step, lot)
    if lot.sold is not None and lot.sold >= lot.quantity:
        raise InvalidRecord("nothing of the lot is left to offer", pointer="/subjects/0")
    if lot.overage:
        raise InvalidRecord("goods made too long ago are never listed", pointer="/subjects/0")
    if inspection is None or lot.changed_since_inspection:
        raise InvalidRecord("no inspection stands behind the lot as it is", pointer="/subjects/0")
    check_inspection(step, lot)
    check_not_recalled(step, name, lot)
    if lot.safety is not None and lot.codes.get("article", 0) < lot.quantity:
        raise InvalidRecord("goods that touch safety need a code on every unit", pointer="/subjects/0")
    if lot.grade not in SELLABLE_GRADES:
        raise InvalidRecord(f"grade {lot.grade} is not sold", pointer="/subjects/0")
    if any(step.hand(step.author).same_as(hand) for hand in inspection.by):
        raise NotYourLot("who inspected the goods may not list them", pointer="/signers/0")
    return {name: lot.model_copy(update={"listings": lot.listings + 1})}


def _check_terms(step: Step, lot: LotState) -> None:
    """What the listing itself says it keeps to: its window, and the policy's depth of permission."""
    data: LotListed = step.data
    arrived = lot.intake.day if lot.intake else step.day
    if data.window_start is not None and lot.supply_mode != "direct" and arrived >= data.window_start:
        raise InvalidRecord(f"the goods came on {arrived}, not before", pointer="/data/window_start")
    if data.depth_max is None:
        return
    for part in parts_of(lot):
        authorization.check_depth(part.authorizations, data.depth_max)
    if lot.may_be_cut:
        for ref in step.typed.record.body.refs:
            link, subject = ref.id, step.view.subject(ref.id)
            assert subject is not None  # refs were checked
            if kind_of(link) == "authorization" and subject.state.label_clause != "cut_allowed":
                raise NotYourLot(f"{link} does not allow cut labels", pointer="/refs")


def _withdrawn(step: Step) -> States:
    step.only("lot")
    name, lot = step.lot()
    check_seller(step, lot)
    if lot.listings < 1:
        raise InvalidRecord("the lot is not listed", pointer="/subjects/0")
    return {name: lot.model_copy(update={"listings": lot.listings - 1})}


def _sold(step: Step) -> States:
    step.only("lot")
    name, lot = step.lot()
    check_may_sell(step, lot)
    if "quantity" not in step.typed.record.body.commit:
        raise InvalidRecord("a sale commits to its quantity", pointer="/commit")
    if lot.listings < 1:
        raise InvalidRecord("the lot is not listed", pointer="/subjects/0")
    check_inspection(step, lot)
    check_not_recalled(step, name, lot)
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
    for name, lot in lots.items():
        step.must_be(lot.custody, "custodian")
        check_not_recalled(step, name, lot)
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
    if state.unpacked:
        raise InvalidRecord("was unpacked again", pointer="/subjects")
    if (state.packages, state.mass_g) != (step.data.packages, step.data.mass_g):
        raise InvalidRecord("differs from what was packed", pointer="/data")
    return state


def _unpacked(step: Step) -> States:
    """What was packed never left; sold units stay sold and may be packed again."""
    name, lots = _move(step)
    shipment = _shipment(step, name, lots)
    for lot in lots.values():
        step.must_be(lot.custody, "custodian")
    if shipment.shipped:
        raise InvalidRecord("was shipped already", pointer="/subjects")
    states: States = {key: lot.model_copy(update={"packed": False}) for key, lot in lots.items()}
    states[name] = shipment.model_copy(update={"unpacked": True})
    return states


def _shipped(step: Step) -> States:
    name, lots = _move(step)
    shipment = _shipment(step, name, lots)
    for key, lot in lots.items():
        step.must_be(lot.custody, "custodian")
        check_not_recalled(step, key, lot)
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
    "lot.unpacked": _unpacked,
    "lot.shipped": _shipped,
    "lot.delivered": _delivered,
    "document.issued": _document,
}
