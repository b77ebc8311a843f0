"""Receiving, counting again, splitting, and codes on the goods."""

from collections.abc import Mapping
from typing import Any

from ledger.errors import InvalidRecord, NotYourLot
from ledger.lots.rules.step import Rules, States, Step, check_inspection, check_whole
from ledger.lots.state import (
    Intake,
    LotState,
)
from ledger.records.intake import CodesIssued, LotReceived, LotRecounted, LotSplit

_COUNTS = frozenset({"lot.received", "lot.recounted"})


def _received(step: Step) -> States:
    step.only("lot")
    name, lot = step.lot()
    data = step.data
    assert isinstance(data, LotReceived)
    if lot.received:
        raise InvalidRecord("was received already", pointer="/subjects/0")
    releasing = step.cosigner("releasing")
    if releasing is None or releasing.party != lot.custody:
        raise NotYourLot("the custodian so far must sign as releasing", pointer="/signers")
    if data.declared != lot.declared:
        raise InvalidRecord(f"{lot.declared} were declared", pointer="/data/declared")
    if data.unidentified > data.counted:
        raise InvalidRecord("more unidentified than counted", pointer="/data/unidentified")
    if data.damaged > data.counted:
        raise InvalidRecord("more damaged than counted", pointer="/data/damaged")
    if data.counted - data.unidentified < 1:
        raise InvalidRecord("nothing identified is left of the lot", pointer="/data/counted")
    receiver = step.author.party
    update = {
        "received": True,
        "custody": receiver,
        "quantity": data.counted - data.unidentified,
        "unidentified": data.unidentified,
        "damaged": data.damaged,
        "intake": Intake(day=step.day, counted=data.counted, site=data.site),
    }
    if lot.supply_mode == "buyout":
        update["title"] = receiver
    return {name: lot.model_copy(update=update)}


def _recounted(step: Step) -> States:
    """A count is never edited: this one takes its place, and another party has seen it."""
    step.only("lot")
    name, lot = step.lot()
    data = step.data
    assert isinstance(data, LotRecounted)
    step.must_be(lot.custody, "custodian")
    witness = step.cosigner("witness")
    if witness is None or witness.party == step.author.party:
        raise NotYourLot("another party must sign as witness of the count", pointer="/signers")
    event = step.view.event(data.record)
    if event is None or event.type not in _COUNTS or event.subjects != [name]:
        raise InvalidRecord("is no count of this lot", pointer="/data/record")
    check_whole(lot, lot.quantity, "/subjects")
    if lot.children or lot.came_back or lot.inspection is not None:
        raise InvalidRecord("the lot was worked on since it was counted", pointer="/subjects")
    if data.unidentified > data.counted:
        raise InvalidRecord("more unidentified than counted", pointer="/data/unidentified")
    quantity = data.counted - data.unidentified
    if quantity < 1 or data.counted < lot.damaged:
        raise InvalidRecord("nothing identified is left of the lot", pointer="/data/counted")
    if lot.manifest is not None and quantity > lot.declared:
        message = f"the rows stand for {lot.declared} units; what is more is unidentified"
        raise InvalidRecord(message, pointer="/data/counted")
    update: dict[str, Any] = {"quantity": quantity, "unidentified": data.unidentified}
    if lot.intake is not None:
        update["intake"] = lot.intake.model_copy(update={"counted": data.counted})
    return {name: lot.model_copy(update=update)}


def _split(step: Step) -> States:
    step.only("lot")
    data = step.data
    assert isinstance(data, LotSplit)
    ids = [child.id for child in data.children]
    if ids != sorted(set(ids)):
        raise InvalidRecord("children ascend by id, each once", pointer="/data/children")
    parents = [name for name in step.names("lot") if name not in ids]
    if len(parents) != 1 or len(step.before) != len(ids) + 1:
        raise InvalidRecord("changes one parent and exactly its children", pointer="/subjects")
    parent_name = parents[0]
    parent: LotState = step.state(parent_name)
    step.must_be(parent.custody, "custodian")
    if not parent.at_hand or parent.listings:
        raise InvalidRecord("only a received lot that is not offered splits", pointer="/subjects")
    parts = sum(child.quantity for child in data.children) + data.remaining.quantity
    if parts != parent.quantity:
        raise InvalidRecord(f"parts sum to {parts}, the lot has {parent.quantity}", pointer="/data")
    if parent.sold and data.remaining.quantity < parent.sold:
        message = f"{parent.sold} sold units stay with the lot"
        raise InvalidRecord(message, pointer="/data/remaining/quantity")
    claimed = _claimed(data, parent)
    if claimed:
        check_inspection(step, parent)
    states: States = {}
    for position, child in enumerate(data.children):
        step.new(child.id)
        states[child.id] = _child(parent_name, parent, data, position, step)
    check_manifest(parent, data.remaining.quantity, data.remaining.manifest, "/data/remaining/manifest")
    remaining = data.remaining.manifest
    states[parent_name] = parent.model_copy(
        update={
            "quantity": data.remaining.quantity,
            "children": [*parent.children, *ids],
            "unclaimed": _unclaimed(parent, claimed),
            "manifest": remaining,
            "manifest_event": step.typed.record.event_id if remaining else None,
        }
    )
    return states


def _child(parent_name: str, parent: LotState, data: LotSplit, position: int, step: Step) -> LotState:
    child, key = data.children[position], data.children[position].key
    pointer = f"/data/children/{position}"
    check_manifest(parent, child.quantity, child.manifest, f"{pointer}/manifest")
    for member in ("category", "brand", "condition"):
        inherited, own = getattr(parent, member), getattr(key, member)
        if own is not None and inherited is not None and own != inherited:
            raise InvalidRecord(f"the parent is {inherited}", pointer=f"{pointer}/key/{member}")
    if parent.gtin and key.gtin and key.gtin != parent.gtin:
        raise InvalidRecord("the parent has another GTIN", pointer=f"{pointer}/key/gtin")
    if parent.label_state and key.label_state and key.label_state != parent.label_state:
        raise InvalidRecord("the parent has another label state", pointer=f"{pointer}/key/label_state")
    if key.label_state and (
        parent.inspection is None or key.label_state not in parent.inspection.label_states
    ):
        raise InvalidRecord("no inspection found this label state", pointer=f"{pointer}/key/label_state")
    letter = key.grade or parent.grade
    merged = key.model_copy(
        update={
            "gtin": key.gtin or parent.gtin,
            "label_state": key.label_state or parent.label_state,
            "overage": True if (key.overage or parent.overage) else None,
        }
    )
    return parent.model_copy(
        update={
            "category": key.category or parent.category,
            "brand": key.brand or parent.brand,
            "condition": key.condition or parent.condition,
            "quantity": child.quantity,
            "declared": child.quantity,
            "unidentified": 0,
            "damaged": 0,
            "manifest": child.manifest,
            "manifest_event": step.typed.record.event_id if child.manifest else None,
            "key": merged,
            "grade": letter,
            "mixed": parent.mixed and key.grade is None,
            "unclaimed": {letter: child.quantity} if letter and (key.grade or not parent.mixed) else {},
            "overage": parent.overage or bool(key.overage),
            **born_of(parent_name),
        }
    )


def born_of(parent: str) -> dict[str, Any]:
    """What a lot that comes of ``parent`` does not take over: the parent's own dealings."""
    return {
        "parent": parent,
        "merged_from": [],
        "children": [],
        "codes": {},
        "labels": {},
        "recalls": [],
        "sold": 0,
        "came_back": 0,
        "titles_passed": 0,
        "packed": False,
        "shipped": False,
        "delivered": False,
    }


def _claimed(data: LotSplit, parent: LotState) -> dict[str, int]:
    """Units by grade that the children take; never more than are unclaimed of what was found."""
    claimed: dict[str, int] = {}
    sorted_ = [child.key.grade is not None for child in data.children]
    if parent.mixed and any(sorted_) and not all(sorted_):
        raise InvalidRecord("unsorted goods are sorted whole or not at all", pointer="/data/children")
    for child in data.children:
        letter = child.key.grade or (None if parent.mixed else parent.grade)
        if letter is not None:
            claimed[letter] = claimed.get(letter, 0) + child.quantity
    if any(child.key.grade for child in data.children) and (
        parent.inspection is None or parent.changed_since_inspection
    ):
        raise InvalidRecord("no inspection stands behind these grades", pointer="/data/children")
    for letter, count in claimed.items():
        found = parent.unclaimed.get(letter, 0)
        if count > found:
            message = f"{count} units of grade {letter}, {found} were found"
            raise InvalidRecord(message, pointer="/data/children")
    return claimed


def _unclaimed(parent: LotState, claimed: Mapping[str, int]) -> dict[str, int]:
    """What no child has claimed. Whoever takes unsorted goods out of a mixed lot may have taken any."""
    if parent.mixed and not claimed:
        return {}
    return {letter: count - claimed.get(letter, 0) for letter, count in parent.unclaimed.items()}


def check_manifest(parent: LotState, quantity: int, manifest: Any, pointer: str) -> None:
    if (manifest is not None) != (parent.manifest is not None and quantity > 0):
        raise InvalidRecord("a part has a manifest exactly where its parent had one", pointer=pointer)


def _codes(step: Step) -> States:
    step.only("lot")
    name, lot = step.lot()
    data = step.data
    assert isinstance(data, CodesIssued)
    step.must_be(lot.custody, "custodian")
    if data.codes != sorted(set(data.codes)):
        raise InvalidRecord("codes ascend, each once", pointer="/data/codes")
    if not lot.is_leaf:
        raise InvalidRecord("the lot is split; label its children", pointer="/subjects/0")
    issued = lot.codes.get(data.level, 0) + len(data.codes)
    if data.level != "carton" and issued > (1 if data.level == "lot" else lot.quantity):
        raise InvalidRecord(f"more {data.level} codes than there are of them", pointer="/data/codes")
    again = step.view.first_issued(data.codes)
    if again is not None:
        raise InvalidRecord(f"code {again} was issued before", pointer="/data/codes")
    return {name: lot.model_copy(update={"codes": {**lot.codes, data.level: issued}})}


RULES: Rules = {
    "lot.received": _received,
    "lot.recounted": _recounted,
    "lot.split": _split,
    "codes.issued": _codes,
}
