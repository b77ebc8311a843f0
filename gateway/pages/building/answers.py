"""What people ask of used goods, answered from proved rows alone: no record is not no."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from gateway.pages.building.reading import author_time
from gateway.pages.building.rows import Traced
from gateway.pages.building.steps import People
from gateway.pages.views import Answers, BatteryAnswer, OriginAnswer, RepairAnswer, Signer, WipeAnswer
from ledger.core.leaf import Leaf
from ledger.verify import History

WITH_BATTERY: Final = frozenset({"phone"})


@dataclass(frozen=True, slots=True)
class _Repair:
    """One unit's row in a ``lot.refurbished``, and who stated it when."""

    row: dict[str, Any]
    kinds: tuple[str, ...]
    by: Signer
    on: date


def answers_of(
    history: History, traced: Sequence[Traced], category: str, people: People, *, of: int
) -> Answers:
    """traced: the units that the page speaks of, as far as they are proved. of: how many they are."""
    repairs = [
        _repair_row(one.repaired, one.repaired_by, people)
        for one in traced
        if one.repaired is not None and one.repaired_by is not None
    ]
    answers = Answers(origin=_origin(history, traced, people), repair=_repair(traced, repairs))
    if category not in WITH_BATTERY:
        return answers
    return replace(answers, battery=_battery(traced, repairs, of), wipe=_wipe(repairs, of))


def _origin(history: History, traced: Sequence[Traced], people: People) -> OriginAnswer:
    """Where all units name the same channel."""
    channels = {str(one.declared.get("origin_channel") or "") for one in traced}
    declared = next(
        (r.leaf for r in history.records if r.leaf and r.leaf.record.body.type == "lot.declared"), None
    )
    if declared is None or len(channels) != 1 or channels == {""}:
        return OriginAnswer()
    return OriginAnswer(
        channel=channels.pop(),
        country=str(traced[0].declared.get("origin_country") or ""),
        stated_by=people.signers(declared)[0],
    )


def _repair(traced: Sequence[Traced], repairs: Sequence[_Repair]) -> RepairAnswer:
    """An inspection that names no repair is no statement that none was made."""
    if not repairs:
        return RepairAnswer(answer="no-record")
    first = repairs[0]
    kinds = first.kinds
    if len(traced) == 1:
        kinds = _kinds_of(first.row, kinds)
    return RepairAnswer(answer="yes", steps=kinds, stated_by=first.by, on=first.on)


def _battery(traced: Sequence[Traced], repairs: Sequence[_Repair], of: int) -> BatteryAnswer:
    """Of one article only: in a lot each has its own."""
    if of != 1 or len(traced) != 1 or not repairs:
        return BatteryAnswer(answer="no-record")
    repair = repairs[0]
    battery = _new_battery(repair.row)
    if battery is None:
        return BatteryAnswer(answer="no", stated_by=repair.by, on=repair.on)
    before, after = battery.get("before", {}), battery["after"]
    return BatteryAnswer(
        answer="yes",
        stated_by=repair.by,
        on=repair.on,
        part_origin=battery.get("part_origin", "unknown"),
        health_before=_per_cent(before.get("health")),
        health_after=_per_cent(after.get("health")),
        cycles_before=before.get("cycles"),
        cycles_after=after.get("cycles"),
    )


def _wipe(repairs: Sequence[_Repair], of: int) -> WipeAnswer:
    """Yes only where every unit was wiped the same way."""
    methods = {_wipe_method(repair.row) for repair in repairs}
    if len(methods) != 1 or methods == {""} or len(repairs) != of:
        return WipeAnswer(answer="no-record")
    return WipeAnswer(answer="yes", method=methods.pop(), stated_by=repairs[0].by, on=repairs[0].on)


def _repair_row(row: dict[str, Any], leaf: Leaf, people: People) -> _Repair:
    body = leaf.record.body
    kinds = tuple(step["kind"] for step in body.data["steps"])
    return _Repair(row, kinds, people.signers(leaf)[0], author_time(body).date())


def _step(row: dict[str, Any], kind: str) -> dict[str, Any] | None:
    """One step of a row of ``repairs/2``; None where it was not done, or the row is of an older form."""
    return next((step for step in row.get("steps", ()) if step["kind"] == kind), None)


def _kinds_of(row: dict[str, Any], stated: tuple[str, ...]) -> tuple[str, ...]:
    """What was done to one unit. A row of an older form says of the battery alone whether it was its own."""
    if "steps" in row:
        return tuple(step["kind"] for step in row["steps"])
    return tuple(kind for kind in stated if kind != "battery_replaced" or "battery_after" in row)


def _new_battery(row: dict[str, Any]) -> dict[str, Any] | None:
    """``{part_origin, before, after}`` of a replaced battery."""
    if "battery_after" in row:
        old = {"part_origin": row.get("part_origin", "unknown"), "after": row["battery_after"]}
        return {**old, "before": row.get("battery_before", {})}
    return _step(row, "battery_replaced")


def _wipe_method(row: dict[str, Any]) -> str:
    wiped = _step(row, "data_wiped")
    return str((wiped["method"] if wiped else row.get("wipe_method")) or "")


def _per_cent(value: dict[str, str] | None) -> int | None:
    return None if value is None else int(value["value"].partition(".")[0])
