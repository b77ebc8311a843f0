"""Several lots become one: merged where they are of one key, bundled where they only belong together."""

from collections.abc import Sequence
from typing import Any

from ledger.errors import InvalidRecord
from ledger.lots.joined import graded, together
from ledger.lots.rules.permission import check_permission, parts_of
from ledger.lots.rules.step import (
    SELLABLE_GRADES,
    Rules,
    States,
    Step,
    check_inspection,
    check_not_recalled,
    check_whole,
)
from ledger.lots.state import Hand, Inspection, LotState, Part
from ledger.records.intake import LotMerged

UNLIKE = "several"  # surplus cause of a bundle whose lots have different ones
MOST_CAUTIOUS = "cancelled_order"  # needs the brand's release, so it hides behind no other cause

# What lots of a merge or bundle share, and what those of a merge share beyond it.
SHARED = ("title", "custody", "agent", "category", "goods", "unit", "origin_country", "supply_mode",
          "consigned_until", "overage", "safety", "site")  # fmt: skip
SHARED_IN_MERGE = ("brand", "condition", "surplus_cause", "authorizations", "bundle", "gtin", "label_state")


def _merged(step: Step) -> States:
    name, parents = _parents(step)
    for member in SHARED_IN_MERGE:
        _same(parents, member)
    return _join(step, name, parents, {"inspections": _behind(parents)})


def _bundled(step: Step) -> States:
    name, parents = _parents(step)
    for position, (lot, parent) in enumerate(parents):
        _check_sellable(step, lot, parent, f"/data/parents/{position}")
    parts = [part for _, parent in parents for part in parts_of(parent)]
    _check_clauses(step, parts)
    check_permission(step, parts, parents[0][1].category)
    states = [parent for _, parent in parents]
    causes = {parent.surplus_cause for parent in states}
    if len(causes) > 1 and MOST_CAUTIOUS in causes:
        raise InvalidRecord(f"{MOST_CAUTIOUS} goes with nothing else into a bundle", pointer="/data/parents")
    distinct = [part for n, part in enumerate(parts) if part not in parts[:n]]
    labels = {parent.label_state for parent in states}
    key = states[0].key
    update = {
        "brand": _common(states, "brand"),
        "condition": _common(states, "condition"),
        "surplus_cause": causes.pop() if len(causes) == 1 else UNLIKE,
        "authorizations": sorted({name for part in parts for name in part.authorizations}),
        "bundle": distinct if len(distinct) > 1 else states[0].bundle,
        "key": key and key.model_copy(
            update={
                "gtin": _common(states, "gtin"),
                "brand": None,
                "label_state": _worst_label(labels),
                "grade": None,
            }
        ),
        "inspections": _behind(parents),
    }  # fmt: skip
    if len(distinct) == 1:
        update["authorizations"] = states[0].authorizations
    return _join(step, name, parents, update)


def _parents(step: Step) -> tuple[str, list[tuple[str, LotState]]]:
    """The new lot's id and the lots that become it, in the order of the record."""
    step.only("lot")
    data = step.data
    assert isinstance(data, LotMerged)
    ids = [parent.id for parent in data.parents]
    if ids != sorted(set(ids)):
        raise InvalidRecord("parents ascend by id, each once", pointer="/data/parents")
    if set(step.before) != {*ids, data.child.id} or data.child.id in ids:
        raise InvalidRecord("changes exactly its parents and their child", pointer="/subjects")
    step.new(data.child.id)
    parents = [(name, step.state(name)) for name in ids]
    for position, (name, lot) in enumerate(parents):
        step.must_be(lot.custody, "custodian")
        check_whole(lot, data.parents[position].quantity, f"/data/parents/{position}/quantity")
        check_not_recalled(step, name, lot)
    for member in SHARED:
        _same(parents, member)
    total = sum(parent.quantity for parent in data.parents)
    if data.child.quantity != total:
        raise InvalidRecord(f"the parents have {total} units", pointer="/data/child/quantity")
    rows = {lot.manifest is not None for _, lot in parents}
    if len(rows) > 1 or rows != {data.child.manifest is not None}:
        raise InvalidRecord("rows come from every parent, or from none", pointer="/data/child/manifest")
    return data.child.id, parents


def _join(step: Step, name: str, parents: Sequence[tuple[str, LotState]], update: dict[str, Any]) -> States:
    """The parents' ends and the child's beginning. update: where bundle and merge differ."""
    data, states = step.data, [lot for _, lot in parents]
    grade, unclaimed, inspected = graded(states)
    hands: list[Hand] = []
    repairs: dict[str, int] = {}
    for lot in states:
        hands += [hand for hand in lot.refurbishers if hand not in hands]
        for kind, count in lot.repairs.items():
            repairs[kind] = repairs.get(kind, 0) + count
    child = states[0].model_copy(
        update={
            "model": _common(states, "model"),
            "origin_channel": _common(states, "origin_channel"),
            "supplier": _common(states, "supplier"),
            "brand_consent": _common(states, "brand_consent"),
            "intake": _common(states, "intake"),
            "origin": _common(states, "origin"),
            "produced_from": min(lot.produced_from for lot in states),
            "produced_until": max(lot.produced_until for lot in states),
            "quantity": data.child.quantity,
            "declared": data.child.quantity,
            "unidentified": 0,
            "damaged": 0,
            "manifest": data.child.manifest,
            "manifest_event": step.typed.record.event_id if data.child.manifest else None,
            "inspection": together(states) if inspected else None,
            "unclaimed": unclaimed,
            "grade": grade,
            "changed_since_inspection": not inspected and any(lot.inspection for lot in states),
            "mixed": grade is not None and any(lot.mixed or lot.grade != grade for lot in states),
            "draws": 0,
            "insurance": None,
            "before_repair": _common(states, "before_repair"),
            "repairs_name_worker": any(lot.repairs_name_worker for lot in states),
            "refurbishers": hands,
            "repairs": repairs,
            "parent": None,
            "merged_from": [parent for parent, _ in parents],
            "children": [],
            "codes": {},
            "labels": {},
            "recalls": [],
            "came_back": 0,
            "titles_passed": 0,
            "packed": False,
            "shipped": False,
            "delivered": False,
            **update,
        }
    )
    ended: States = {
        parent: lot.model_copy(
            update={
                "quantity": 0,
                "unclaimed": {},
                "children": [*lot.children, name],
                "exit": "merged",
                "exited": lot.quantity,
            }
        )
        for parent, lot in parents
    }
    return ended | {name: child}


def _behind(parents: Sequence[tuple[str, LotState]]) -> list[Inspection]:
    """Each inspection once, those behind merged parents too."""
    found: dict[str, Inspection] = {}
    for _, lot in parents:
        if lot.inspection is not None:
            merged = any(one.event_id == lot.inspection.event_id for one in lot.inspections)
            for one in lot.inspections if merged else (lot.inspection,):
                found[one.event_id] = one
    return list(found.values())


def _check_sellable(step: Step, name: str, lot: LotState, pointer: str) -> None:
    if lot.overage:
        raise InvalidRecord(f"{name} was made too long ago to be offered", pointer=pointer)
    if lot.inspection is None or lot.changed_since_inspection:
        raise InvalidRecord(f"no inspection stands behind {name} as it is", pointer=pointer)
    if lot.grade not in SELLABLE_GRADES:
        raise InvalidRecord(f"{name} has grade {lot.grade}, which is not sold", pointer=pointer)
    check_inspection(step, lot)


def _check_clauses(step: Step, parts: Sequence[Part]) -> None:
    """A brand may have forbidden that its goods are bundled with another's."""
    if len({part.brand for part in parts}) < 2:
        return
    for part in parts:
        for name in part.authorizations:
            subject = step.view.subject(name)
            if subject is not None and subject.state.no_co_bundling:
                message = f"{name} does not let {part.brand} be bundled with another brand"
                raise InvalidRecord(message, pointer="/data/parents")


def _same(parents: Sequence[tuple[str, LotState]], member: str) -> None:
    first = getattr(parents[0][1], member)
    for position, (name, lot) in enumerate(parents):
        own = getattr(lot, member)
        if own != first:
            message = f"{name} differs in {member}: {own}, not {first}"
            raise InvalidRecord(message, pointer=f"/data/parents/{position}")


def _common(states: Sequence[LotState], member: str) -> Any:
    """The value that all have, or None."""
    values = [getattr(lot, member) for lot in states]
    return values[0] if all(value == values[0] for value in values) else None


def _worst_label(labels: set[Any]) -> Any:
    """One unknown label state makes the whole unknown; then a cut label outweighs a missing one."""
    if None in labels:
        return None
    return next(state for state in ("cut", "missing", "intact") if state in labels)


RULES: Rules = {
    "lot.merged": _merged,
    "lot.bundled": _bundled,
}
