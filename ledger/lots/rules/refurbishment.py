"""Repairs: they end what an inspection found, and who did them certifies nothing of the lot again."""

from ledger.errors import InvalidRecord
from ledger.lots.rules.inspection import held_work
from ledger.lots.rules.step import Rules, States, Step
from ledger.lots.state import BeforeRepair
from ledger.records.refurbishment import REPAIRS, LotRefurbished


def _refurbished(step: Step) -> States:
    name, work, lot_name, lot = held_work(step, "refurbishment")
    data = step.data
    assert isinstance(data, LotRefurbished)
    if any(item.count > lot.quantity for item in data.steps):
        raise InvalidRecord(f"the lot has {lot.quantity} units", pointer="/data/steps")
    names_worker = data.manifest.schema_ == REPAIRS
    if names_worker and step.typed.record.body.performed_by is None:
        raise InvalidRecord("a repair names its worker", pointer="/performed_by")
    repairs = dict(lot.repairs)
    for item in data.steps:
        repairs[item.kind] = repairs.get(item.kind, 0) + item.count
    before = lot.before_repair
    if before is None and lot.inspection is not None:
        before = BeforeRepair(
            inspection=lot.inspection.event_id,
            grades=lot.inspection.grades,
            grade=lot.grade,
            score_min=lot.inspection.score_min,
            label_states=lot.inspection.label_states,
        )
    update = {
        "changed_since_inspection": True,
        "unclaimed": {},
        "grade": None,
        "mixed": False,
        "condition": "refurbished",
        "refurbishers": [*lot.refurbishers, step.hand(step.author)],
        "repairs": repairs,
        "before_repair": before,
        "repairs_name_worker": lot.repairs_name_worker or names_worker,
    }
    return {lot_name: lot.model_copy(update=update), name: work.model_copy(update={"closed": True})}


RULES: Rules = {
    "lot.refurbished": _refurbished,
}
