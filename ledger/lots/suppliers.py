"""How good a supplier's goods were, from the records alone: what was rejected, returned and disputed.

Every unit counts for the supplier who declared it, also after splits; lots that were put together
from several suppliers' goods count for nobody. Anyone who holds the log, and the openings that they may
see, arrives at the same figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ledger.core.canonical import JsonValue

SCALE: Final = 10_000  # rates and scores are parts of this: 250 is 2.5 %
REJECTED_GRADES: Final = frozenset({"X"})


@dataclass(frozen=True, slots=True)
class Tally:
    """Units of one supplier. rejected: damaged, not identified or unfit when first looked at.

    unopened: sales and disputes whose quantity could not be read: then the figures are not whole.
    """

    received: int = 0
    rejected: int = 0
    sold: int = 0
    returned: int = 0
    disputed: int = 0
    unopened: int = 0

    @property
    def reject_rate(self) -> int:
        return _rate(self.rejected, self.received)

    @property
    def return_rate(self) -> int:
        return _rate(self.returned, self.sold)

    @property
    def dispute_rate(self) -> int:
        return _rate(self.disputed, self.sold)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much of the score each rate can take, in parts of 10,000, and below which score all is checked.

    units_min: a supplier of whom less was received has not shown yet how good it is.
    """

    reject: int
    returned: int
    dispute: int
    full_inspection_below: int
    units_min: int = 1

    def __post_init__(self) -> None:
        if self.reject + self.returned + self.dispute != SCALE:
            raise ValueError(f"the weights of a score sum to {SCALE}")


@dataclass(frozen=True, slots=True)
class Score:
    """points: 10,000 is faultless. full_inspection: whether every unit of new lots must be inspected."""

    points: int
    full_inspection: bool


def score(tally: Tally, weights: Weights) -> Score:
    """10,000 less each rate times its weight; the loss is rounded down."""
    loss = (
        tally.reject_rate * weights.reject
        + tally.return_rate * weights.returned
        + tally.dispute_rate * weights.dispute
    ) // SCALE
    points = SCALE - loss
    poor = tally.received >= weights.units_min and points < weights.full_inspection_below
    return Score(points, poor)


def _rate(part: int, whole: int) -> int:
    """Parts of 10,000, at most all of them. Without a whole there is no rate yet."""
    return min(SCALE, part * SCALE // whole) if whole else 0


@dataclass(slots=True)
class _Lot:
    supplier: str | None
    looked_at: bool = False  # its units were graded before: what is found later was not delivered so


@dataclass(slots=True)
class Tallies:
    """A fold over the log in its order. ``of`` holds the tallies by supplier, a party id."""

    of: dict[str, Tally] = field(default_factory=dict)
    _lots: dict[str, _Lot] = field(default_factory=dict)

    def take(self, body: Mapping[str, Any], opened: Mapping[str, JsonValue]) -> None:
        """Count one record, which the log holds. opened: its values as far as they are to be had."""
        names = [link["id"] for link in body["subjects"] if link["id"].startswith("lot:")]
        if not names:
            return
        type_, data = body["type"], body["data"]
        if type_ == "lot.declared":
            supplier = body["signers"][0]["party"]
            self._lots[names[0]] = _Lot(supplier)
            self.of.setdefault(supplier, Tally())
            return
        self._inherit(names)
        count = _COUNTED.get(type_)
        if count is not None:
            child = data["child"]["id"] if type_ == "lot.returned" else None
            lot = self._lots[next(name for name in names if name != child)]
            if lot.supplier is not None:
                self.of[lot.supplier] = count(self.of[lot.supplier], data, opened, lot)

    def _inherit(self, names: Sequence[str]) -> None:
        """A lot that appears in a record of other lots was made of them."""
        known = [self._lots[name] for name in names if name in self._lots]
        suppliers = {lot.supplier for lot in known}
        supplier = suppliers.pop() if len(suppliers) == 1 else None
        looked_at = any(lot.looked_at for lot in known)
        for name in names:
            if name not in self._lots:
                self._lots[name] = _Lot(supplier, looked_at)


def _received(tally: Tally, data: Any, _opened: Mapping[str, JsonValue], _lot: _Lot) -> Tally:
    bad = min(data["counted"], data["unidentified"] + data["damaged"])
    return replace(tally, received=tally.received + data["counted"], rejected=tally.rejected + bad)


def _inspected(tally: Tally, data: Any, _opened: Mapping[str, JsonValue], lot: _Lot) -> Tally:
    if lot.looked_at:
        return tally
    lot.looked_at = True
    unfit = sum(found["count"] for found in data["grades"] if found["grade"] in REJECTED_GRADES)
    return replace(tally, rejected=tally.rejected + unfit)


def _sold(tally: Tally, _data: Any, opened: Mapping[str, JsonValue], _lot: _Lot) -> Tally:
    quantity = opened.get("quantity")
    if not isinstance(quantity, int):
        return replace(tally, unopened=tally.unopened + 1)
    return replace(tally, sold=tally.sold + quantity)


def _returned(tally: Tally, data: Any, _opened: Mapping[str, JsonValue], _lot: _Lot) -> Tally:
    return replace(tally, returned=tally.returned + data["child"]["quantity"])


def _disputed(tally: Tally, data: Any, opened: Mapping[str, JsonValue], _lot: _Lot) -> Tally:
    if data["outcome"] != "upheld":
        return tally
    quantity = opened.get("quantity")
    if not isinstance(quantity, int):
        return replace(tally, unopened=tally.unopened + 1)
    return replace(tally, disputed=tally.disputed + quantity)


# Records that tell nothing of a supplier need not be read at all.
COUNTED_TYPES: Final = frozenset(
    {"lot.declared", "lot.split", "lot.merged", "lot.bundled", "lot.returned", "lot.received"}
    | {"lot.inspected", "lot.sold", "dispute.settled"}
)
_COUNTED: Final = {
    "lot.received": _received,
    "lot.inspected": _inspected,
    "lot.sold": _sold,
    "lot.returned": _returned,
    "dispute.settled": _disputed,
}
