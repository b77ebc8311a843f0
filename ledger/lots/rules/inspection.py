"""Work on a lot: assigned, planned, inspected, insured; never certified by whoever repaired."""

from typing import Any

from ledger.core.subjects import kind_of
from ledger.errors import InvalidRecord, NotYourLot
from ledger.lots import sampling
from ledger.lots.plans import known_tables
from ledger.lots.rules.step import Rules, States, Step, check_trusted
from ledger.lots.state import (
    Hand,
    Inspection,
    Insurance,
    LotState,
    PartyState,
    Sample,
    SampleResult,
    WorkState,
)
from ledger.records.inspection import InspectionPlanned, LotInspected, LotInsured, WorkAssigned


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
    if not lot.at_hand or not lot.is_leaf:
        raise InvalidRecord("the lot is not here to be worked on", pointer="/refs")
    worker = step.view.subject(data.worker_party)
    if worker is None or not isinstance(worker.state, PartyState):
        raise InvalidRecord("is no registered party", pointer="/data/worker_party")
    return {name: WorkState(lot=lots[0], kind=data.kind, worker_party=data.worker_party)}


def open_work(step: Step, kind: str) -> tuple[str, WorkState, str, LotState]:
    """The open work order and the lot it is on, both subjects of the record."""
    step.only("lot", "work")
    lot_name, lot = step.lot()
    name = step.one("work")
    work: WorkState = step.state(name)
    if work.closed or work.kind != kind or work.lot != lot_name:
        raise InvalidRecord(f"is no open {kind} of this lot", pointer="/subjects")
    return name, work, lot_name, lot


def held_work(step: Step, kind: str) -> tuple[str, WorkState, str, LotState]:
    """As ``open_work``, of the author, on a lot that nobody is offered meanwhile."""
    name, work, lot_name, lot = open_work(step, kind)
    if step.author.party != work.worker_party:
        raise NotYourLot("the work is another party's", pointer="/signers/0/party")
    if lot.listings:
        raise InvalidRecord("the lot is offered; withdraw it first", pointer="/subjects")
    if kind == "refurbishment" and lot.sold:  # unknown ones were judged by who knew them
        raise InvalidRecord("units of the lot are sold as they were inspected", pointer="/subjects")
    if unsold(lot) == 0:
        raise InvalidRecord("nothing of the lot is left to inspect", pointer="/subjects")
    return name, work, lot_name, lot


def unsold(lot: LotState) -> int | None:
    """Units that are not sold; None where the quantities of its sales are not open."""
    return None if lot.sold is None else lot.quantity - lot.sold


def _planned(step: Step) -> States:
    name, work, lot_name, lot = held_work(step, "inspection")
    data = step.data
    assert isinstance(data, InspectionPlanned)
    _check_may_grade(step, lot, [step.hand(step.author)])
    if work.sample is not None:
        raise InvalidRecord("the sample of this work is planned already", pointer="/subjects")
    if lot.sold:
        raise InvalidRecord("what remains of a sold lot is inspected in full", pointer="/subjects")
    if data.lot_size != lot.quantity:
        raise InvalidRecord(f"the lot has {lot.quantity} units", pointer="/data/lot_size")
    tables = known_tables().get(data.tables.sha256)
    if tables is None or (tables.id, tables.version) != (data.tables.id, data.tables.version):
        raise InvalidRecord("no sampling tables of this hash are known here", pointer="/data/tables")
    plan = tables.plan(lot.quantity, level=data.inspection_level, severity=data.severity, aql=data.aql)
    for member in ("sample_size", "accept", "reject"):
        told, right = getattr(data, member), getattr(plan, member)
        if told != right:
            raise InvalidRecord(f"the tables say {right}", pointer=f"/data/{member}")
    planned = data.model_dump(exclude={"tables"})
    sample = Sample(planned=step.typed.record.event_id, index=step.index, **planned)
    return {
        name: work.model_copy(update={"sample": sample}),
        lot_name: lot.model_copy(update={"draws": lot.draws + 1}),
    }


def _inspected(step: Step) -> States:
    name, work, lot_name, lot = held_work(step, "inspection")
    data = step.data
    assert isinstance(data, LotInspected)
    third = step.cosigner("third_party")
    if third is not None and third.party == step.author.party:
        raise NotYourLot("a third party is another party than the inspector", pointer="/signers")
    hands = [step.hand(step.author), *([step.hand(third)] if third else [])]
    _check_may_grade(step, lot, hands)
    grades = _grades(data)
    total, left = sum(grades.values()), unsold(lot)
    most = lot.quantity if left is None else left
    if total > most or (data.coverage == "full" and left is not None and total != left):
        raise InvalidRecord(f"{total} units graded, the lot has {most}", pointer="/data/grades")
    if data.measured_at > step.day:
        raise InvalidRecord("lies after the record", pointer="/data/measured_at")
    whole = data.coverage == "full" if left is None else total == left
    sample = _sampled(data, work, lot, grades)
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
        independent=third is not None and third.party not in (lot.title, lot.custody),
        sample=sample,
        batches=work.batches,
        overridden=sum(item.count for item in data.overrides or ()),
    )
    one = next(iter(grades)) if len(grades) == 1 and whole else None
    if data.lot_grade is not None:
        _check_lot_grade(data, sample)
    update = {
        "inspection": inspection,
        "unclaimed": grades,
        "changed_since_inspection": False,
        "grade": data.lot_grade or one,
        "mixed": data.lot_grade is not None and one is None,
        "draws": 0,
    }
    if whole:
        update |= {"inspections": [], **_label_state(lot, data)}
    return {lot_name: lot.model_copy(update=update), name: work.model_copy(update={"closed": True})}


def _check_may_grade(step: Step, lot: LotState, hands: list[Hand]) -> None:
    for hand in hands:
        if any(hand.same_as(repairer) for repairer in lot.refurbishers):
            raise NotYourLot("who repaired the goods may not grade them", pointer="/signers")
    if lot.repairs_name_worker and step.typed.record.body.performed_by is None:
        raise InvalidRecord("repaired goods are graded by a worker that is named", pointer="/performed_by")


def _grades(data: LotInspected) -> dict[str, int]:
    grades: dict[str, int] = {item.grade: item.count for item in data.grades}
    if list(grades) != sorted(grades) or len(grades) != len(data.grades):
        raise InvalidRecord("grades ascend, each once", pointer="/data/grades")
    overrides = data.overrides or []
    keys = [(item.found, item.given, item.reason) for item in overrides]
    if keys != sorted(set(keys)) or any(found == given for found, given, _ in keys):
        raise InvalidRecord("overrides ascend, each once, to another grade", pointer="/data/overrides")
    for letter in {item.given for item in overrides}:
        if sum(item.count for item in overrides if item.given == letter) > grades.get(letter, 0):
            raise InvalidRecord(f"more units are given {letter} than have it", pointer="/data/overrides")
    return grades


def _sampled(
    data: LotInspected, work: WorkState, lot: LotState, grades: dict[str, int]
) -> SampleResult | None:
    """The results of a planned sample against its plan; None where everything was looked at instead."""
    sample = work.sample
    if sample is None or data.coverage == "full":
        return None
    if data.coverage == "documents":
        raise InvalidRecord("a sample of this work is planned", pointer="/data/coverage")
    if unsold(lot) not in (None, sample.lot_size):
        raise InvalidRecord(f"the sample is of a lot of {sample.lot_size} units", pointer="/subjects")
    if sum(grades.values()) != sample.sample_size:
        raise InvalidRecord(f"the sample has {sample.sample_size} units", pointer="/data/grades")
    found = sampling.nonconforming(grades, sample.minimum_grade)
    said = sampling.verdict(found, accept=sample.accept, reject=sample.reject)
    return SampleResult(sample=sample, nonconforming=found, verdict=said, draws=lot.draws)


def _check_lot_grade(data: LotInspected, sample: SampleResult | None) -> None:
    """Goods that are not sorted have the lowest grade found, where what was looked at speaks for them."""
    if data.coverage != "full" and (sample is None or sample.verdict == "rejected"):
        message = "only a full inspection or an accepted sample grades a whole lot"
        raise InvalidRecord(message, pointer="/data/lot_grade")
    lowest = sampling.lowest(item.grade for item in data.grades)
    if data.lot_grade != lowest:
        raise InvalidRecord(f"the lowest grade found is {lowest}", pointer="/data/lot_grade")


def _label_state(lot: LotState, data: LotInspected) -> dict[str, Any]:
    """What the goods' labels are now known to be replaces what an earlier inspection found."""
    if lot.key is None or lot.key.label_state is None or not data.label_states:
        return {}
    found = data.label_states[0] if len(data.label_states) == 1 else None
    return {"key": lot.key.model_copy(update={"label_state": found})}


def _insured(step: Step) -> States:
    step.only("lot")
    name, lot = step.lot()
    data = step.data
    assert isinstance(data, LotInsured)
    party = step.view.subject(step.author.party)
    if party is None or party.state.kind != "insurer" or step.author.party in (lot.title, lot.custody):
        raise NotYourLot("an insurer that neither owns nor holds the goods insures", pointer="/signers/0")
    for field in ("cover", "policy_number"):
        if field not in step.typed.record.body.commit:
            raise InvalidRecord("a policy commits to its number and cover", pointer=f"/commit/{field}")
    if lot.inspection is None or lot.changed_since_inspection:
        raise InvalidRecord("no inspection stands behind the lot as it is", pointer="/subjects/0")
    check_trusted(step, lot.inspection)
    if data.valid_until < data.valid_from:
        raise InvalidRecord("ends before it begins", pointer="/data/valid_until")
    insurance = Insurance(
        event_id=step.typed.record.event_id,
        index=step.index,
        inspection=lot.inspection.event_id,
        by=step.hand(step.author),
        valid_from=data.valid_from,
        valid_until=data.valid_until,
    )
    return {name: lot.model_copy(update={"insurance": insurance})}


RULES: Rules = {
    "work.assigned": _assigned,
    "inspection.planned": _planned,
    "lot.inspected": _inspected,
    "lot.insured": _insured,
}
