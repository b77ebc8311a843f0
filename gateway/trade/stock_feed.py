"""A supplier's statement of its stock: items and quantities at one moment, however its system writes them.

StockFeedUnreadable  neither the JSON nor the sheet that we take
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

Trouble = Literal["unknown", "several", "unreadable", "twice"]
LOT_PREFIX = "lot:"


class StockPolicy(BaseModel):
    """hours_max: how long a statement holds. minutes_ahead_max: how far ahead of our clock it may be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    version: str
    effective: date
    source: str
    hours_max: int
    minutes_ahead_max: int


@dataclass(frozen=True, slots=True)
class Item:
    """item: id of a lot, or a number of the goods (style, serial, IMEI, GTIN). quantity: None: unreadable."""

    item: str
    quantity: int | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """quantities: by lot. troubles: (item, what is wrong with it), in the order of the statement."""

    quantities: Mapping[str, int]
    troubles: tuple[tuple[str, Trouble], ...]


def resolve(items: Sequence[Item], lots: Iterable[str], known: Mapping[str, frozenset[str]]) -> Resolved:
    """Find the lots that items stand for. What is in trouble counts for no lot.

    lots: ids of the supplier's direct lots. known: number of goods, folded -> lots that have it.
    """
    ours = set(lots)
    often = Counter(one.item.casefold() for one in items)
    quantities: dict[str, int] = defaultdict(int)
    troubles: list[tuple[str, Trouble]] = []
    for one in items:
        key = one.item.casefold()
        found = {key} & ours or {LOT_PREFIX + key} & ours or known.get(key, frozenset())
        trouble: Trouble | None = (
            "twice" if often[key] > 1
            else "unreadable" if one.quantity is None
            else "unknown" if not found
            else "several" if len(found) > 1
            else None
        )  # fmt: skip
        if trouble is not None or one.quantity is None:
            troubles.append((one.item, trouble or "unreadable"))
            continue
        quantities[next(iter(found))] += one.quantity
    return Resolved(dict(quantities), tuple(troubles))


@dataclass(frozen=True, slots=True)
class Stated:
    """When the supplier last counted the goods of a direct lot. as_of: ISO 8601."""

    as_of: str
    age_hours: int
    hours_max: int

    @property
    def is_stale(self) -> bool:
        return self.age_hours >= self.hours_max
