"""Work on a lot: assigned, inspected, refurbished; never certified by whoever repaired."""

from ledger.core.subjects import kind_of
from ledger.errors import InvalidRecord, NotYourLot
from ledger.lots.rules.step import Rules, States, Step
from ledger.lots.state import (
    Inspection,
    LotState,
    PartyState,
    WorkState,
)
from ledger.records.inspection import LotInspected, WorkAssigned
from ledger.records.refurbishment import LotRefurbished


def _assigned(step: Step) -> States:
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


def _work(step: Step, kind: str) -> tuple[str, WorkState, str, LotState]:
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


def _inspected(step: Step) -> States:
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


def _refurbished(step: Step) -> States:
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


RULES: Rules = {
    "work.assigned": _assigned,
    "lot.inspected": _inspected,
    "lot.refurbished": _refurbished,
}
