"""Goods move, get lost, turn up, are destroyed, leave by another way than an offer, or come back.

What happens to a part of a lot happens to a lot: the part is split off first. So every unit is in one
place and ends in one way, and no record has to say which units it means.
"""

from typing import Any

from ledger.errors import InvalidRecord, NotYourLot
from ledger.lots.rules.intake import born_of, check_manifest
from ledger.lots.rules.step import Rules, States, Step, check_not_recalled, check_whole
from ledger.lots.rules.trade import check_may_sell
from ledger.lots.state import LotState
from ledger.records.intake import LotDestroyed, LotFound, LotLost, LotMoved
from ledger.records.trade import LotDisposed, LotReturned

# A buyer had it in hands; a worse condition stays what it is.
_AFTER_RETURN = {"new": "returned", "opened": "returned"}


def _moved(step: Step) -> States:
    """To another site. Whoever gives the goods out of hand signs, too."""
    step.only("lot")
    data = step.data
    assert isinstance(data, LotMoved)
    receiver, releasing = step.author.party, step.cosigner("releasing")
    states: States = {}
    for name in step.names("lot"):
        lot: LotState = step.state(name)
        if not lot.at_hand or not lot.is_leaf:
            raise InvalidRecord(f"{name} is not here to be moved", pointer="/subjects")
        if lot.custody != receiver and (releasing is None or releasing.party != lot.custody):
            raise NotYourLot("the custodian so far must sign as releasing", pointer="/signers")
        site = lot.site or (lot.intake.site if lot.intake else None)
        if site is not None and site != data.from_site:
            raise InvalidRecord(f"{name} is in {site}", pointer="/data/from_site")
        states[name] = lot.model_copy(update={"custody": receiver, "site": data.to_site})
    if data.from_site == data.to_site and releasing is None:
        raise InvalidRecord("goes nowhere", pointer="/data/to_site")
    return states


def _lost(step: Step) -> States:
    step.only("lot")
    name, lot = step.lot()
    data = step.data
    assert isinstance(data, LotLost)
    step.must_be(lot.custody, "custodian")
    check_whole(lot, data.quantity, "/data/quantity")
    return {name: _ended(lot, "lost")}


def _found(step: Step) -> States:
    """Nobody saw the goods in between: what was inspected has to be inspected again."""
    step.only("lot")
    name, lot = step.lot()
    data = step.data
    assert isinstance(data, LotFound)
    step.must_be(lot.custody, "custodian")
    if lot.exit != "lost":
        raise InvalidRecord("the lot is not lost", pointer="/subjects/0")
    if data.quantity != lot.exited:
        raise InvalidRecord(f"{lot.exited} were lost", pointer="/data/quantity")
    update = {"quantity": lot.exited, "exit": None, "exited": 0, "site": data.site}
    return {name: lot.model_copy(update=update | _uninspected(lot))}


def _destroyed(step: Step) -> States:
    """For ever. Another party has seen it, and whoever owns the goods agrees."""
    step.only("lot")
    name, lot = step.lot()
    data = step.data
    assert isinstance(data, LotDestroyed)
    step.must_be(lot.custody, "custodian")
    witness, owner = step.cosigner("witness"), step.cosigner("owner")
    if witness is None or step.hand(step.author).same_as(step.hand(witness)):
        raise NotYourLot("another party must sign as witness of the destruction", pointer="/signers")
    if lot.title != lot.custody and (owner is None or owner.party != lot.title):
        raise NotYourLot("the title holder must sign as owner", pointer="/signers")
    check_whole(lot, data.quantity, "/data/quantity")
    return {name: _ended(lot, "destroyed")}


def _disposed(step: Step) -> States:
    """As a sale: by who may sell, under the same permission, and never of recalled goods."""
    step.only("lot")
    name, lot = step.lot()
    data = step.data
    assert isinstance(data, LotDisposed)
    check_may_sell(step, lot)
    releasing = step.cosigner("releasing")
    if step.author.party != lot.custody and (releasing is None or releasing.party != lot.custody):
        raise NotYourLot("the custodian must sign as releasing", pointer="/signers")
    check_whole(lot, data.quantity, "/data/quantity")
    check_not_recalled(step, name, lot)
    return {name: _ended(lot, data.kind)}


def _ended(lot: LotState, how: str) -> LotState:
    return lot.model_copy(update={"quantity": 0, "exit": how, "exited": lot.quantity})


def _returned(step: Step) -> States:
    step.only("lot")
    data = step.data
    assert isinstance(data, LotReturned)
    child = data.child
    parents = [name for name in step.names("lot") if name != child.id]
    if len(parents) != 1 or len(step.before) != 2:
        raise InvalidRecord("changes one lot and the one that comes back of it", pointer="/subjects")
    name = parents[0]
    lot: LotState = step.state(name)
    step.must_be(lot.custody, "custodian")
    step.new(child.id)
    parts = child.quantity + data.remaining.quantity
    if parts != lot.quantity:
        raise InvalidRecord(f"parts sum to {parts}, the lot has {lot.quantity}", pointer="/data")
    if lot.sold is not None and child.quantity > lot.sold:
        raise InvalidRecord(f"{lot.sold} are sold", pointer="/data/child/quantity")
    if not lot.shipped and data.reason != "cancelled":
        raise InvalidRecord("nothing of the lot was shipped", pointer="/data/reason")
    check_manifest(lot, child.quantity, child.manifest, "/data/child/manifest")
    check_manifest(lot, data.remaining.quantity, data.remaining.manifest, "/data/remaining/manifest")
    event = step.typed.record.event_id
    claimed = {lot.grade: child.quantity} if lot.grade in lot.unclaimed else {}
    back: dict[str, Any] = {
        "quantity": child.quantity,
        "declared": child.quantity,
        "unidentified": 0,
        "damaged": 0,
        "listings": 0,
        "manifest": child.manifest,
        "manifest_event": event if child.manifest else None,
        "unclaimed": claimed,
    } | born_of(name)
    if lot.shipped:
        back |= _uninspected(lot)
        back["condition"] = _AFTER_RETURN.get(lot.condition or "", lot.condition)
    kept: dict[str, Any] = {
        "quantity": data.remaining.quantity,
        "sold": None if lot.sold is None else lot.sold - child.quantity,
        "came_back": lot.came_back + child.quantity,
        "children": [*lot.children, child.id],
        "unclaimed": {g: max(0, n - claimed.get(g, 0)) for g, n in lot.unclaimed.items()},
        "manifest": data.remaining.manifest,
        "manifest_event": event if data.remaining.manifest else None,
    }
    return {name: lot.model_copy(update=kept), child.id: lot.model_copy(update=back)}


def _uninspected(lot: LotState) -> dict[str, Any]:
    """What no longer holds of a lot that was out of hands; what was found of it before stays readable."""
    return {"changed_since_inspection": lot.inspection is not None, "grade": None, "unclaimed": {}}


RULES: Rules = {
    "lot.moved": _moved,
    "lot.lost": _lost,
    "lot.found": _found,
    "lot.destroyed": _destroyed,
    "lot.disposed": _disposed,
    "lot.returned": _returned,
}
