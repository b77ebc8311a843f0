"""What a column of a supplier's sheet can mean, and how suppliers write it.

The words themselves are data: ``aliases.toml`` and ``goods.toml``.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

from gateway.consignments.spec import Category, Column, Kind, Marks
from gateway.consignments.text import fold, loose_key

Into = Literal["article", "measurement", "attributes"]

# How measured values are written -> unit of the column (Rec 20) and what one of theirs is in it.
UNITS: Final[Mapping[str, tuple[str, Decimal]]] = {
    "mm": ("MMT", Decimal(1)),
    "cm": ("MMT", Decimal(10)),
    "cm2": ("CMK", Decimal(1)),
    "mm2": ("CMK", Decimal("0.01")),
    "percent": ("P1", Decimal(1)),
    "fraction": ("P1", Decimal(100)),
    "g": ("GRM", Decimal(1)),
    "kg": ("KGM", Decimal(1)),
    "jin": ("GRM", Decimal(500)),
    "times": ("C62", Decimal(1)),
}
_ALIKE: Final = (("mm", "cm"), ("cm2", "mm2"), ("percent", "fraction"), ("g", "kg", "jin"), ("times",))
MAXIMUM: Final = {"battery": 100, "battery_cycles": 100_000, "scratch": 1_000, "stain": 20_000}
BRAND: Final = "brand"  # words of their own: whatever the ledger calls the brand


@dataclass(frozen=True, slots=True)
class Field:
    """names: loose keys, the most telling first. unit: of UNITS, "" where nothing is measured.

    words: folded word of theirs -> ours; empty for a field that takes any text.
    """

    name: str
    kind: Kind
    into: Into
    unit: str
    names: tuple[str, ...]
    words: Mapping[str, str]

    @property
    def takes_words(self) -> bool:
        return self.kind in ("word", "damage")

    @property
    def units(self) -> tuple[str, ...]:
        """The units among which a person chooses."""
        if self.kind == "damage":  # each cell says its own
            return ()
        return next((alike for alike in _ALIKE if self.unit in alike), ())


@cache
def fields() -> Mapping[str, Field]:
    """Every field that a column may feed, by name."""
    read = _read("aliases.toml")
    found = {name: _field(name, facts) for name, facts in read["fields"].items()}
    for name, words in (("category", _category_words()), ("origin_country", read["countries"])):
        old = found[name]
        found[name] = Field(name, old.kind, old.into, old.unit, old.names, _turned(words))
    return found


@cache
def categories() -> Mapping[str, Category]:
    """Category -> scheme and name of the goods."""
    return {
        name: Category.model_validate({key: facts[key] for key in ("scheme", "goods")})
        for name, facts in _read("goods.toml").items()
    }


@cache
def marks() -> Marks:
    """How suppliers mark sums, remarks and absent values."""
    read = _read("aliases.toml")
    meta = {text: name for name, texts in read["meta"].items() for text in texts}
    return Marks.model_validate(
        {**{key: read[key] for key in ("totals", "remarks", "missing")}, "meta": meta}
    )


def column(
    field: Field,
    header: str,
    *,
    nth: int | None = None,
    unit: str = "",
    words: Mapping[str, str] | None = None,
    **facts: Any,
) -> Column:
    """A column of the reader. unit: of UNITS, the field's own where none is named."""
    code, scale = UNITS.get(unit or field.unit, (None, Decimal(1)))
    known = dict(field.words if words is None else words)
    empty = known.pop("", None)
    limit = {"maximum": MAXIMUM[field.name]} if field.name in MAXIMUM else {}
    return Column.model_validate(
        {
            "header": header,
            "nth": nth,
            "field": field.name,
            "kind": field.kind,
            "into": field.into,
            "unit": code,
            "scale": scale,
            "words": known,
            "empty": empty,
            "minimum": 1 if field.kind == "count" else 0,
            **limit,
            **facts,
        }
    )


def _field(name: str, facts: Mapping[str, Any]) -> Field:
    return Field(
        name=name,
        kind=facts["kind"],
        into=facts.get("into", "article"),
        unit=facts.get("unit", ""),
        names=tuple(dict.fromkeys(loose_key(text) for text in facts["names"])),
        words=_turned(facts.get("words", {})),
    )


def _category_words() -> dict[str, list[str]]:
    return {name: [name, *facts["words"]] for name, facts in _read("goods.toml").items()}


def _turned(words: Mapping[str, list[str]]) -> dict[str, str]:
    """Ours -> theirs, turned into theirs -> ours. The first of two claims counts."""
    found: dict[str, str] = {}
    for ours, theirs in words.items():
        for text in theirs:
            found.setdefault(fold(text), ours)
    return found


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__) / name).read_text(encoding="utf-8"))
