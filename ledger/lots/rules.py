"""Which record may follow which, who may write it, and that quantities are conserved (records.md 4).

One function a type: it takes the lot as it is and returns the lot as it becomes, or raises. The rules
hold for every history, however it came about; what may be *offered* is the gateway's stricter gate.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.core.canonical import JsonValue
from ledger.core.envelope import Closed, Signer, made
from ledger.core.subjects import kind_of
from ledger.errors import InvalidRecord, NotYourLot
from ledger.lots import authorization
from ledger.lots.state import (
    Hand,
    Inspection,
    LotState,
    PartyState,
    ShipmentState,
    Subject,
    View,
    WorkState,
)
from ledger.records.inspection import LotInspected, WorkAssigned
from ledger.records.intake import CodesIssued, LotReceived, LotSplit
from ledger.records.origin import LotDeclared
from ledger.records.refurbishment import LotRefurbished
from ledger.records.registry import Typed

SELLABLE_GRADES = frozenset({"A", "B", "C"})
States = dict[str, Closed]
# A lot of which nothing is told. A declaration is checked already: filling this in, as every later
# record does with the state so far, spares a second check of the same values.
_NEW_LOT = LotState(
    title="", custody="", category="", goods="", brand=None, model=None, condition=None, unit="",
    produced_from="", produced_until="", origin_channel=None, origin_country="", surplus_cause="",
    supply_mode="", quantity=0, declared=0,
)  # fmt: skip


def apply(
    typed: Typed,
    before: Mapping[str, Subject | None],
    *,
    index: int,
    day: str,
    view: View,
    opened: Mapping[str, JsonValue],
) -> States:
    """The new states of the record's subjects. day: the log's own date of it, YYYY-MM-DD."""
    return _RULES[typed.type.name](_Step(typed, before, index, day, view, opened))


@dataclass(slots=True)  # frozen ones take three times as long to make
class _Step:
    typed: Typed
    before: Mapping[str, Subject | None]
    index: int
    day: str
    view: View
    opened: Mapping[str, JsonValue]

    @property
    def data(self) -> Any:
        return self.typed.data

    @property
    def author(self) -> Signer:
        return self.typed.record.body.author

    def hand(self, signer: Signer) -> Hand:
        worker = self.typed.record.body.performed_by if signer == self.author else None
        return Hand(party=signer.party, key=signer.key, worker=worker)

    def cosigner(self, role: str) -> Signer | None:
        return next((s for s in self.typed.record.body.signers[1:] if s.role == role), None)

    def names(self, kind: str) -> list[str]:
        return [name for name in self.before if kind_of(name) == kind]

    def one(self, kind: str) -> str:
        names = [name for name in self.before if kind_of(name) == kind]
        if len(names) != 1:
            raise InvalidRecord(f"changes exactly one {kind}", pointer="/subjects")
        return names[0]

    def only(self, *kinds: str) -> None:
        for name in self.before:
            if kind_of(name) not in kinds:
                raise InvalidRecord(f"changes nothing but {' and '.join(kinds)}", pointer="/subjects")

    def new(self, name: str) -> None:
        if self.before[name] is not None:
            raise InvalidRecord(f"{name} exists already", pointer="/subjects")

    def state(self, name: str) -> Any:
        subject = self.before[name]
        if subject is None:
            raise InvalidRecord(f"{name} does not exist", pointer="/subjects")
        return subject.state

    def lot(self) -> tuple[str, LotState]:
        name = self.one("lot")
        return name, self.state(name)

    def must_be(self, party: str, relation: str) -> None:
        if self.author.party != party:
            raise NotYourLot(f"the author is not the lot's {relation}", pointer="/signers/0/party")


def _declared(step: _Step) -> States:
    step.only("lot")
    name, data = step.one("lot"), step.typed.data
    assert isinstance(data, LotDeclared)
    step.new(name)
    if data.produced_from > data.produced_until:
        raise InvalidRecord("ends before it begins", pointer="/data/produced_until")
    if data.manifest and data.unit == "H87" and data.manifest.count > data.quantity:
        raise InvalidRecord("more rows than units", pointer="/data/manifest/count")
    author = step.author.party
    chain = authorization.links(step.typed.record.body.refs, step.view)
    if chain:
        authorization.check_covers(
            chain, holder=author, brand=data.brand, category=data.category, day=step.day, view=step.view
        )
    told = {
        "title": author,
        "custody": author,
        "category": data.category,
        "goods": data.goods,
        "brand": data.brand,
        "model": data.model,
        "condition": data.condition,
        "unit": data.unit,
        "produced_from": data.produced_from,
        "produced_until": data.produced_until,
        "origin_channel": data.origin_channel,
        "origin_country": data.origin_country,
        "surplus_cause": data.surplus_cause,
        "supply_mode": data.supply_mode,
        "quantity": data.quantity,
        "declared": data.quantity,
        "authorizations": [name for name, _ in chain],
        "manifest": data.manifest,
        "manifest_event": step.typed.record.event_id if data.manifest else None,
    }
    return {name: made(LotState, _NEW_LOT.__dict__ | told)}


def _received(step: _Step) -> States:
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
    }
    if lot.supply_mode == "buyout":
        update["title"] = receiver
    return {name: lot.model_copy(update=update)}


def _assigned(step: _Step) -> States:
    step.only("work")
    name, data = step.one("work"), step.data
    assert isinstance(data, WorkAssigned)
    step.new(name)
    lots = [ref.id for ref in step.typed.record.body.refs if kind_of(ref.id) == "lot"]
    if len(lots) != 1:
        raise InvalidRecord("work is assigned on exactly one lot", pointer="/refs")
    subject = step.view.subject(lots[0])
    assert subject is not None  # refs were checked
    lot: LotState = subject.state
    step.must_be(lot.custody, "custodian")
    if not lot.received or not lot.is_leaf:
        raise InvalidRecord("the lot is not here to be worked on", pointer="/refs")
    worker = step.view.subject(data.worker_party)
    if worker is None or not isinstance(worker.state, PartyState):
        raise InvalidRecord("is no registered party", pointer="/data/worker_party")
    return {name: WorkState(lot=lots[0], kind=data.kind, worker_party=data.worker_party)}


def _work(step: _Step, kind: str) -> tuple[str, WorkState, str, LotState]:
    """The open work order and the lot it is on, both subjects of the record."""
    step.only("lot", "work")
    lot_name, lot = step.lot()
    name = step.one("work")
    work: WorkState = step.state(name)
    if work.closed or work.kind != kind or work.lot != lot_name:
        raise InvalidRecord(f"is no open {kind} of this lot", pointer="/subjects")
    if step.author.party != work.worker_party:
        raise NotYourLot("the work is another party's", pointer="/signers/0/party")
    if lot.listings or lot.packed:
        raise InvalidRecord("the lot is offered or packed; withdraw it first", pointer="/subjects")
    if lot.sold != 0:
        raise InvalidRecord("units of the lot are sold as they were inspected", pointer="/subjects")
    return name, work, lot_name, lot


def _inspected(step: _Step) -> States:
    name, work, lot_name, lot = _work(step, "inspection")
    data = step.data
    assert isinstance(data, LotInspected)
    third = step.cosigner("third_party")
    if third is not None and third.party == step.author.party:
        raise NotYourLot("a third party is another party than the inspector", pointer="/signers")
    hands = [step.hand(step.author), *([step.hand(third)] if third else [])]
    for hand in hands:
        if any(hand.same_as(repairer) for repairer in lot.refurbishers):
            raise NotYourLot("who repaired the goods may not grade them", pointer="/signers")
    grades: dict[str, int] = {item.grade: item.count for item in data.grades}
    if list(grades) != sorted(grades) or len(grades) != len(data.grades):
        raise InvalidRecord("grades ascend, each once", pointer="/data/grades")
    total = sum(grades.values())
    if total > lot.quantity or (data.coverage == "full" and total != lot.quantity):
        raise InvalidRecord(f"{total} units graded, the lot has {lot.quantity}", pointer="/data/grades")
    if data.measured_at > step.day:
        raise InvalidRecord("lies after the record", pointer="/data/measured_at")
    inspection = Inspection(
        event_id=step.typed.record.event_id,
        index=step.index,
        coverage=data.coverage,
        scheme=f"{data.scheme.id}/{data.scheme.version}",
        grades=grades,
        label_states=list(data.label_states),
        score_min=data.score_min,
        measured_at=data.measured_at,
        third_party=third is not None,
        by=hands,
    )
    grade = next(iter(grades)) if len(grades) == 1 and total == lot.quantity else None
    update = {
        "inspection": inspection,
        "unclaimed": grades,
        "changed_since_inspection": False,
        "grade": grade,
    }
    return {lot_name: lot.model_copy(update=update), name: work.model_copy(update={"closed": True})}


def _refurbished(step: _Step) -> States:
    name, work, lot_name, lot = _work(step, "refurbishment")
    data = step.data
    assert isinstance(data, LotRefurbished)
    if any(item.count > lot.quantity for item in data.steps):
        raise InvalidRecord(f"the lot has {lot.quantity} units", pointer="/data/steps")
    repairs = dict(lot.repairs)
    for item in data.steps:
        repairs[item.kind] = repairs.get(item.kind, 0) + item.count
    update = {
        "changed_since_inspection": True,
        "unclaimed": {},
        "grade": None,
        "condition": "refurbished",
        "refurbishers": [*lot.refurbishers, step.hand(step.author)],
        "repairs": repairs,
    }
    return {lot_name: lot.model_copy(update=update), name: work.model_copy(update={"closed": True})}


def _split(step: _Step) -> States:
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
    if not parent.received or parent.listings or parent.packed or parent.sold != 0:
        raise InvalidRecord(
            "only a received lot that is neither offered nor sold splits", pointer="/subjects"
        )
    parts = sum(child.quantity for child in data.children) + data.remaining.quantity
    if parts != parent.quantity:
        raise InvalidRecord(f"parts sum to {parts}, the lot has {parent.quantity}", pointer="/data")
    claimed = _claimed(data, parent)
    if claimed and parent.inspection is not None:
        _check_trusted(step, parent.inspection)
    states: States = {}
    for position, child in enumerate(data.children):
        step.new(child.id)
        states[child.id] = _child(parent_name, parent, data, position, step)
    _check_manifest(parent, data.remaining.quantity, data.remaining.manifest, "/data/remaining/manifest")
    remaining = data.remaining.manifest
    states[parent_name] = parent.model_copy(
        update={
            "quantity": data.remaining.quantity,
            "children": [*parent.children, *ids],
            "unclaimed": {g: n - claimed.get(g, 0) for g, n in parent.unclaimed.items()},
            "manifest": remaining,
            "manifest_event": step.typed.record.event_id if remaining else None,
        }
    )
    return states


def _child(parent_name: str, parent: LotState, data: LotSplit, position: int, step: _Step) -> LotState:
    child, key = data.children[position], data.children[position].key
    pointer = f"/data/children/{position}"
    _check_manifest(parent, child.quantity, child.manifest, f"{pointer}/manifest")
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
            "unclaimed": {letter: child.quantity} if letter else {},
            "overage": parent.overage or bool(key.overage),
            "parent": parent_name,
            "children": [],
            "codes": {},
        }
    )


def _claimed(data: LotSplit, parent: LotState) -> dict[str, int]:
    """Units by grade that the children take; never more than are unclaimed of what was found."""
    claimed: dict[str, int] = {}
    for child in data.children:
        letter = child.key.grade or parent.grade
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


def _check_manifest(parent: LotState, quantity: int, manifest: Any, pointer: str) -> None:
    if (manifest is not None) != (parent.manifest is not None and quantity > 0):
        raise InvalidRecord("a part has a manifest exactly where its parent had one", pointer=pointer)


def _codes(step: _Step) -> States:
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


def _seller(step: _Step, lot: LotState) -> None:
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


def _listed(step: _Step) -> States:
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
    _check_trusted(step, inspection)
    if lot.grade not in SELLABLE_GRADES:
        raise InvalidRecord(f"grade {lot.grade} is not sold", pointer="/subjects/0")
    if any(step.hand(step.author).same_as(hand) for hand in inspection.by):
        raise NotYourLot("who inspected the goods may not list them", pointer="/signers/0")
    return {name: lot.model_copy(update={"listings": lot.listings + 1})}


def _check_trusted(step: _Step, inspection: Inspection) -> None:
    """No rule relies on a record of a key that is distrusted since (records.md 3)."""
    for hand in inspection.by:
        if authorization.distrusted(step.view, hand.key, inspection.index):
            raise InvalidRecord("a key behind the inspection is distrusted", pointer="/subjects/0")


def _withdrawn(step: _Step) -> States:
    step.only("lot")
    name, lot = step.lot()
    agent = lot.custody if lot.supply_mode == "consign" else lot.title
    if step.author.party not in (lot.title, agent):
        raise NotYourLot("the author neither holds title nor sells for who does", pointer="/signers/0/party")
    if lot.listings < 1:
        raise InvalidRecord("the lot is not listed", pointer="/subjects/0")
    return {name: lot.model_copy(update={"listings": lot.listings - 1})}


def _sold(step: _Step) -> States:
    step.only("lot")
    name, lot = step.lot()
    _seller(step, lot)
    if "quantity" not in step.typed.record.body.commit:
        raise InvalidRecord("a sale commits to its quantity", pointer="/commit")
    if lot.listings < 1:
        raise InvalidRecord("the lot is not listed", pointer="/subjects/0")
    if lot.inspection is not None:
        _check_trusted(step, lot.inspection)
    if step.data.grade != lot.grade:
        raise InvalidRecord(f"the lot has grade {lot.grade}", pointer="/data/grade")
    quantity = step.opened.get("quantity")
    sold = None
    if isinstance(quantity, int) and lot.sold is not None:
        sold = lot.sold + quantity
        if sold > lot.quantity:
            raise InvalidRecord(f"{lot.quantity - lot.sold} are left to sell", pointer="/open/quantity")
    return {name: lot.model_copy(update={"sold": sold})}


def _move(step: _Step) -> tuple[str, dict[str, LotState]]:
    step.only("lot", "shipment")
    lots = {name: step.state(name) for name in step.names("lot")}
    if not lots:
        raise InvalidRecord("moves at least one lot", pointer="/subjects")
    return step.one("shipment"), lots


def _packed(step: _Step) -> States:
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


def _shipment(step: _Step, name: str, lots: Mapping[str, LotState]) -> ShipmentState:
    state: ShipmentState = step.state(name)
    if state.lots != list(lots):
        raise InvalidRecord("moves the lots that were packed", pointer="/subjects")
    if (state.packages, state.mass_g) != (step.data.packages, step.data.mass_g):
        raise InvalidRecord("differs from what was packed", pointer="/data")
    return state


def _shipped(step: _Step) -> States:
    name, lots = _move(step)
    shipment = _shipment(step, name, lots)
    for lot in lots.values():
        step.must_be(lot.custody, "custodian")
    if shipment.shipped:
        raise InvalidRecord("was shipped already", pointer="/subjects")
    states: States = {key: lot.model_copy(update={"shipped": True}) for key, lot in lots.items()}
    states[name] = shipment.model_copy(update={"shipped": True})
    return states


def _delivered(step: _Step) -> States:
    name, lots = _move(step)
    shipment = _shipment(step, name, lots)
    if not shipment.shipped or shipment.delivered:
        raise InvalidRecord("is not under way", pointer="/subjects")
    states: States = {key: lot.model_copy(update={"delivered": True}) for key, lot in lots.items()}
    states[name] = shipment.model_copy(update={"delivered": True})
    return states


def _document(step: _Step) -> States:
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


_RULES: dict[str, Callable[[_Step], States]] = {
    "lot.declared": _declared,
    "lot.received": _received,
    "work.assigned": _assigned,
    "lot.inspected": _inspected,
    "lot.refurbished": _refurbished,
    "lot.split": _split,
    "codes.issued": _codes,
    "lot.listed": _listed,
    "lot.withdrawn": _withdrawn,
    "lot.sold": _sold,
    "lot.packed": _packed,
    "lot.shipped": _shipped,
    "lot.delivered": _delivered,
    "document.issued": _document,
}
