"""Which record may follow which, who may write it, and that quantities are conserved (records.md 4).

One function a type: it takes the lot as it is and returns the lot as it becomes, or raises. The rules
hold for every history, however it came about; what may be *offered* is the gateway's stricter gate.
"""

from collections.abc import Mapping

from ledger.core.canonical import JsonValue
from ledger.lots.rules import (
    devices,
    inspection,
    intake,
    joining,
    labels,
    leaving,
    origin,
    refurbishment,
    safety,
    supply,
    trade,
)
from ledger.lots.rules.step import SELLABLE_GRADES, Rules, States, Step
from ledger.lots.state import Subject, View
from ledger.records.registry import Typed

__all__ = ["SELLABLE_GRADES", "apply"]

_RULES: Rules = (
    origin.RULES
    | intake.RULES
    | labels.RULES
    | joining.RULES
    | leaving.RULES
    | inspection.RULES
    | devices.RULES
    | refurbishment.RULES
    | supply.RULES
    | trade.RULES
    | safety.RULES
)


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
    return _RULES[typed.type.name](Step(typed, before, index, day, view, opened))
