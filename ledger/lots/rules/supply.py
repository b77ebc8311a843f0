"""Consent, title, the end of a consignment, freight of a day's deliveries, settled disputes."""

from ledger.errors import InvalidRecord, NotYourLot
from ledger.lots import authorization
from ledger.lots.rules.step import Rules, States, Step, check_seller, check_whole
from ledger.lots.state import LotState, PartyState, Signed
from ledger.records.supply import (
    BrandConsented,
    ConsignmentEnded,
    DisputeSettled,
    FreightBilled,
    TitleTransferred,
)


def _consented(step: Step) -> States:
    step.only("lot")
    name, lot = step.lot()
    data = step.data
    assert isinstance(data, BrandConsented)
    author = step.view.subject(step.author.party)
    party = author.state if author else None
    if not isinstance(party, PartyState) or party.kind != "brand" or lot.brand not in party.brands:
        raise NotYourLot("only the goods' own brand consents", pointer="/signers/0/party")
    if lot.surplus_cause != data.cause:
        raise InvalidRecord(f"the lot's cause is {lot.surplus_cause}", pointer="/data/cause")
    old = lot.brand_consent
    if old is not None and not any(authorization.distrusted(step.view, key, old.index) for key in old.keys):
        raise InvalidRecord("the brand consented already", pointer="/subjects/0")
    keys = [signer.key for signer in step.typed.record.body.signers]
    return {name: lot.model_copy(update={"brand_consent": Signed(index=step.index, keys=keys)})}


def _transferred(step: Step) -> States:
    step.only("lot")
    name, lot = step.lot()
    data = step.data
    assert isinstance(data, TitleTransferred)
    check_seller(step, lot)
    if data.transferor != lot.title:
        raise InvalidRecord("does not hold title", pointer="/data/transferor")
    if data.supply_mode != lot.supply_mode:
        raise InvalidRecord(f"the lot is supplied as {lot.supply_mode}", pointer="/data/supply_mode")
    sale = step.before[name]
    assert sale is not None  # the lot has a state
    event = step.view.event(sale.head.event_id)
    if event is None or event.type != "lot.sold":
        raise InvalidRecord("title passes with a sale, right after it", pointer="/subjects/0")
    return {name: lot.model_copy(update={"titles_passed": lot.titles_passed + 1})}


def _consignment_ended(step: Step) -> States:
    """One signed outcome for what is unsold: it goes back, stays longer, or is bought."""
    step.only("lot")
    name, lot = step.lot()
    data = step.data
    assert isinstance(data, ConsignmentEnded)
    if lot.supply_mode != "consign" or not lot.received or not lot.is_leaf:
        raise InvalidRecord("the lot is not here on consignment", pointer="/subjects/0")
    step.must_be(lot.custody, "custodian")
    consignor = step.cosigner("consignor")
    if consignor is None or consignor.party != lot.title:
        raise NotYourLot("the title holder must sign as consignor", pointer="/signers")
    unsold = step.opened.get("unsold")
    if lot.sold is not None and isinstance(unsold, int) and unsold != lot.quantity - lot.sold:
        raise InvalidRecord(f"{lot.quantity - lot.sold} are unsold", pointer="/open/unsold")
    if (data.until is not None) != (data.outcome == "extended"):
        raise InvalidRecord("an extension, and nothing else, names a new end", pointer="/data/until")
    return {name: lot.model_copy(update=_outcome(lot, data))}


def _outcome(lot: LotState, data: ConsignmentEnded) -> dict[str, object]:
    if data.outcome == "bought_out":
        return {"title": lot.custody, "supply_mode": "buyout", "consigned_until": None}
    if data.outcome == "extended":
        if lot.consigned_until is not None and (data.until or "") <= lot.consigned_until:
            raise InvalidRecord(f"it ends on {lot.consigned_until} already", pointer="/data/until")
        return {"consigned_until": data.until}
    check_whole(lot, lot.quantity, "/data/outcome")
    return {"custody": lot.title, "quantity": 0, "exit": "returned_to_owner", "exited": lot.quantity}


def _freight(step: Step) -> States:
    step.only("lot")
    data = step.data
    assert isinstance(data, FreightBilled)
    for position, name in enumerate(step.before):
        lot: LotState = step.state(name)
        pointer = f"/subjects/{position}"
        if lot.intake is None or lot.parent is not None:
            raise InvalidRecord("is no lot that was delivered", pointer=pointer)
        if (lot.intake.day, lot.intake.site) != (data.received_on, data.site):
            raise InvalidRecord(f"came to {lot.intake.site} on {lot.intake.day}", pointer=pointer)
        step.must_be(lot.custody, "custodian")
    return {}


def _dispute(step: Step) -> States:
    step.only("lot")
    _, lot = step.lot()
    assert isinstance(step.data, DisputeSettled)
    check_seller(step, lot)
    if lot.sold == 0:
        raise InvalidRecord("nothing of the lot is sold", pointer="/subjects/0")
    quantity = step.opened.get("quantity")
    if lot.sold is not None and isinstance(quantity, int) and quantity > lot.sold:
        raise InvalidRecord(f"{lot.sold} are sold", pointer="/open/quantity")
    return {}


RULES: Rules = {
    "brand.consented": _consented,
    "title.transferred": _transferred,
    "consignment.ended": _consignment_ended,
    "freight.billed": _freight,
    "dispute.settled": _dispute,
}
