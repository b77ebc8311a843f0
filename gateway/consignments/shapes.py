"""What the values of a column look like: their unit, the order of their dates, the mark before decimals.

Each answer is a proposal with its doubts; a person sees both.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Final, Literal

from gateway.consignments.cells import CellError, CellReader, Value, number
from gateway.consignments.days import date_parts
from gateway.consignments.fields import Field, column
from gateway.consignments.spec import Age, Column, DateOrder, Decimals
from gateway.consignments.text import clean, fold

Doubt = Literal["date-order", "decimals", "unit", "words"]
ORDERS: Final[tuple[DateOrder, ...]] = ("ymd", "dmy", "mdy", "serial")
ANY_AGE: Final = Age(limit_months=1_200, earliest=date(1900, 1, 1), bare_year="01-01")
LATEST: Final = date(2200, 1, 1)

# In a header, behind a bracket or a space: 净重(kg), Net kg, Weight [g].
_UNIT_MARKS: Final = (
    (re.compile(r"(?:^|[^a-z])kgs?(?:$|[^a-z])|公斤|千克|kilogram"), "kg"),
    (re.compile(r"(?:^|[^a-z])(?:g|gr|gram|grams)(?:$|[^a-z])|(?<![公千])克"), "g"),
    (re.compile(r"(?:^|[^公])斤"), "jin"),
    (re.compile(r"cm²|cm2|平方厘米"), "cm2"),
    (re.compile(r"mm²|mm2|平方毫米"), "mm2"),
    (re.compile(r"(?:^|[^a-z])mm(?:$|[^a-z0-9])|毫米"), "mm"),
    (re.compile(r"(?:^|[^a-z])cm(?:$|[^a-z0-9])|厘米"), "cm"),
    (re.compile(r"%"), "percent"),
)
_COMMA_DECIMALS: Final = re.compile(r"[^0-9]*(?:[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[0-9]+,[0-9]{1,2}|0,[0-9]+|"
                                    r"[0-9]{1,3}(?:\.[0-9]{3}){2,})[^0-9]*")  # fmt: skip
_EITHER_WAY: Final = re.compile(r"[^0-9]*[0-9]{1,3}[.,][0-9]{3}[^0-9]*")


@dataclass(frozen=True, slots=True)
class Shape:
    """How a column would be read as one field, and how well: share of the values that can be, 0 to 1."""

    unit: str = ""
    dates: DateOrder = "ymd"
    decimals: Decimals = "."
    fit: float = 1.0
    doubts: tuple[Doubt, ...] = ()


def shape_of(field: Field, header: str, values: Sequence[str], missing: frozenset[str]) -> Shape:
    """values: texts of the column; those that are empty or say "no value" do not count.

    missing: folded.
    """
    said = [text for text in values if fold(text) and fold(text) not in missing]
    if not said:
        return Shape(unit=field.unit if field.units else "")
    if field.kind in ("text", "ignored") or (field.takes_words and not field.words):
        return Shape()
    if field.kind == "date":
        return _dated(said)
    shape = Shape(unit=field.unit)
    if field.kind in ("count", "money", "mass", "quantity", "length", "dimensions"):
        shape = _numbered(field, header, said)
    elif field.takes_words and field.words:
        fit = sum(_is_word(field, text) for text in said) / len(said)
        return Shape(fit=fit, doubts=() if fit == 1 else ("words",))
    return replace(shape, fit=_share(column_as(field, header, shape), said))


def column_as(field: Field, header: str, shape: Shape) -> Column:
    return column(field, header, unit=shape.unit, dates=shape.dates, decimals=shape.decimals)


def reads(chosen: Column, text: str) -> Value | None:
    """What the reader makes of one cell; None where it refuses it."""
    try:
        return _READER.read(chosen, text)
    except CellError:
        return None


_READER: Final = CellReader(ANY_AGE, frozenset({""}), LATEST)


def _share(chosen: Column, said: Sequence[str]) -> float:
    return sum(reads(chosen, text) is not None for text in said) / len(said)


def _is_word(field: Field, text: str) -> bool:
    if field.kind == "damage":
        return reads(column(field, field.name), text) is not None
    return fold(text) in field.words


def _dated(said: Sequence[str]) -> Shape:
    """A year in front is read by itself; of the others the order in which all of them exist."""
    fits = {order: sum(_exists(text, order) for text in said) / len(said) for order in ORDERS}
    order = max(ORDERS, key=lambda one: fits[one])
    is_doubtful = order == "serial" or (order == "dmy" and fits["mdy"] == fits["dmy"])
    return Shape(dates=order, fit=fits[order], doubts=("date-order",) if is_doubtful else ())


def _exists(text: str, order: DateOrder) -> bool:
    parts = date_parts(fold(text), order, ANY_AGE.bare_year)
    try:
        return parts is not None and ANY_AGE.earliest <= date(*parts) <= LATEST
    except ValueError:
        return False


def _numbered(field: Field, header: str, said: Sequence[str]) -> Shape:
    comma = any(_COMMA_DECIMALS.fullmatch(clean(text)) for text in said)
    decimals: Decimals = "," if comma and field.kind != "dimensions" else "."
    doubts: list[Doubt] = []
    separated = [text for text in said if "," in text or ("." in text and field.kind in ("count", "money"))]
    if not comma and separated and all(_EITHER_WAY.fullmatch(clean(text)) for text in separated):
        doubts.append("decimals")
        decimals = "," if "." in separated[0] else "."  # a count of 1.200 has no decimals
    unit = unit_in(header, field)
    if not unit:
        unit, is_sure = _unit_by_size(field, said, decimals)
        doubts += [] if is_sure else ["unit"]
    return Shape(unit=unit, decimals=decimals, doubts=tuple(doubts))


def unit_in(header: str, field: Field) -> str:
    """The unit that a header names, of those that the field may have; "" for none."""
    text = fold(header)
    return next((unit for mark, unit in _UNIT_MARKS if unit in field.units and mark.search(text)), "")


def _unit_by_size(field: Field, said: Sequence[str], decimals: Decimals) -> tuple[str, bool]:
    """A unit by what goods weigh and measure, and whether there is no other that it might be."""
    guess = _GUESSES.get(field.kind if field.name != "battery" else "battery")
    if guess is None:
        return field.unit, True
    numbers = [
        value
        for text in said
        for part in re.split(r"[x×*]", fold(text))
        if (value := number(re.sub(r"[^0-9.,]", "", part), decimals=decimals)) is not None
    ]
    return guess(numbers) if numbers else (field.unit, True)


def _mass_unit(values: Sequence[Decimal]) -> tuple[str, bool]:
    return ("g" if median(values) >= 100 and all(v == int(v) for v in values) else "kg"), False


def _side_unit(values: Sequence[Decimal]) -> tuple[str, bool]:
    return ("mm" if max(values) >= 400 else "cm"), False


def _battery_unit(values: Sequence[Decimal]) -> tuple[str, bool]:
    is_share = max(values) <= 1
    return ("fraction" if is_share else "percent"), not is_share


_GUESSES: Final[dict[str, Callable[[Sequence[Decimal]], tuple[str, bool]]]] = {
    "mass": _mass_unit,
    "dimensions": _side_unit,
    "length": _side_unit,
    "battery": _battery_unit,
}
