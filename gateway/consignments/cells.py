"""One cell of a supplier's sheet -> one value, or the reason why not. Pure; nothing is guessed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from stdnum import ean, luhn

from gateway.consignments.days import date_parts
from gateway.consignments.spec import Age, Column, DateOrder, Decimals
from gateway.consignments.text import clean, fold
from ledger.core import canonical
from ledger.errors import InvalidRecord
from ledger.lots.grading import MeasuredValue

Value = str | int | date | tuple[int, int, int] | Mapping[str, MeasuredValue]

STYLE_CHARS_MAX = 60
IDENTIFIERS = frozenset({"imei", "serial", "style_number", "gtin"})  # kinds of column

_SYMBOLS = {  # spellings of a unit (UN/ECE Rec 20 code) behind a number
    "MMT": ("mm", "毫米"),
    "CMK": ("cm2", "平方厘米"),
    "P1": ("%",),
    "GRM": ("g", "克"),
    "KGM": ("kg", "公斤", "千克"),
    "C62": ("次",),
}
_GRAMS = {"GRM": Decimal(1), "KGM": Decimal(1000)}
_NUMBER = re.compile(r"([+-]?)([0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3})+)(\.[0-9]{1,12})?", re.ASCII)
_SWAPPED = str.maketrans(",.", ".,")
_SPACED = re.compile(r"(?<=[0-9]) (?=[0-9]{3}(?![0-9]))", re.ASCII)
_PIECES = ("件", "台", "个", "只", "套", "双", "张", "把", "条", "部", "pieces", "pcs.", "pcs", "pc", "units",
           "cái", "chiếc", "bộ", "đôi")  # fmt: skip
_CURRENCY = ("¥", "元", "rmb", "cny", "us$", "$", "usd", "€", "eur", "₫", "đ", "vnd", "vnđ")
_SCIENTIFIC = re.compile(r"([0-9])(?:\.([0-9]+))?[eE]\+([0-9]{1,2})", re.ASCII)
_SIDE = r"([0-9]{1,5}(?:\.[0-9]{1,3})?)"
_DIMENSIONS = re.compile(rf"{_SIDE}(?:mm|cm)?[x×*]{_SIDE}(?:mm|cm)?[x×*]{_SIDE}(mm|cm|毫米|厘米)?", re.ASCII)
_DAMAGE = re.compile(r"(.*?[^0-9. ]) ?([0-9]+(?:\.[0-9]+)?) ?(mm|毫米|cm|厘米)", re.ASCII)
_SERIAL = re.compile(r"[0-9A-Za-z][0-9A-Za-z/_.-]{2,39}", re.ASCII)


class CellError(Exception):
    """A cell that cannot become a value; reason is the published slug of the rejection."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CellReader:
    """latest: the day on which the file is read; nothing in it was made or tested later."""

    age: Age
    missing: frozenset[str]  # folded
    latest: date

    def read(self, column: Column, text: str) -> Value | None:
        """Read one cell; None when it is empty or says that there is no value.

        Raises CellError.
        """
        folded = fold(text)
        if not folded and column.empty is not None:
            return {column.field: column.empty} if column.kind == "damage" else column.empty
        if folded in self.missing and folded not in column.words:
            if column.required:
                raise CellError("required-missing")
            return None
        if column.kind == "date":
            return _read_date(folded, self.age, self.latest, column.dates)
        return _READERS[column.kind](column, text)


def identity(column: Column, text: str) -> str | None:
    """Reduce an identifier to what two rows may not share; None when its digits are lost."""
    try:
        return _digits(text).upper() if column.kind in IDENTIFIERS else fold(text)
    except CellError:
        return None


def number(text: str, unit: str | None = None, decimals: Decimals = ".") -> Decimal | None:
    """Read a plain number, with marks between its thousands and its unit's symbol if they are there."""
    folded = fold(text)
    for symbol in _SYMBOLS.get(unit or "", ()):
        folded = folded.removesuffix(symbol).rstrip()
    folded = _SPACED.sub("", folded)
    if decimals == ",":
        folded = folded.translate(_SWAPPED)
    match = _NUMBER.fullmatch(folded)
    return Decimal(folded.replace(",", "")) if match else None


def money(text: str, decimals: Decimals = ".") -> int | None:
    """Read an amount as minor units of a currency with two decimals, as suppliers' CNY has."""
    folded = fold(text)
    for sign in _CURRENCY:
        folded = folded.removeprefix(sign).removesuffix(sign).strip()
    value = number(folded, decimals=decimals)
    return int(value * 100) if value is not None and value * 100 == int(value * 100) else None


def damage_word(text: str) -> str:
    """What a cell says of damage, folded and without its size."""
    folded = fold(text)
    match = _DAMAGE.fullmatch(folded)
    return match[1] if match else folded


def _read_text(column: Column, text: str) -> str:
    value = clean(text)
    try:
        canonical.check_text(value)
    except InvalidRecord as error:
        raise CellError(f"{_slug(column)}-not-recordable") from error
    return value


def _read_word(column: Column, text: str) -> str:
    word = column.words.get(fold(text), column.otherwise)
    if word is None:
        reason = "measurement-unreadable" if column.into == "measurement" else f"{_slug(column)}-unknown"
        raise CellError(reason)
    return word


def _read_imei(_column: Column, text: str) -> str:
    """15 digits, the last a Luhn check digit (3GPP TS 23.003 §6.2.1)."""
    digits = _digits(text)
    if not re.fullmatch(r"[0-9]{15}", digits) or len(set(digits)) == 1:
        raise CellError("imei-format")
    if not luhn.is_valid(digits):
        raise CellError("imei-check-digit")
    return digits


def _read_gtin(_column: Column, text: str) -> str:
    """8, 12, 13 or 14 digits with a check digit (GS1 General Specifications §7.9.1)."""
    digits = _digits(text)
    if not re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", digits):
        raise CellError("gtin-format")
    if not ean.is_valid(digits):
        raise CellError("gtin-check-digit")
    return digits


def _read_serial(column: Column, text: str) -> str:
    serial = _digits(text, drop=" ")
    if not _SERIAL.fullmatch(serial):
        raise CellError(f"{_slug(column)}-format")
    return serial


def _read_style_number(column: Column, text: str) -> str:
    """Suppliers write them in any way: short, with signs, in Chinese. Only a lost digit is refused."""
    style = _digits(text, drop="")
    if not 0 < len(style) <= STYLE_CHARS_MAX:
        raise CellError(f"{_slug(column)}-format")
    return _read_text(column, style)


def _read_hs_code(_column: Column, text: str) -> str:
    digits = _digits(text, drop=" .")
    if not re.fullmatch(r"[0-9]{6}|[0-9]{8}|[0-9]{10}", digits):
        raise CellError("hs-code-format")
    return digits


def _read_count(column: Column, text: str) -> int:
    folded = fold(text)
    for word in _PIECES:
        folded = folded.removesuffix(word).rstrip()
    value = number(folded, decimals=column.decimals)
    if value is None:
        raise CellError(f"{_slug(column)}-unreadable")
    if value != value.to_integral_value():
        raise CellError(f"{_slug(column)}-not-whole")
    if not column.minimum <= value <= column.maximum:
        raise CellError(f"{_slug(column)}-out-of-range")
    return int(value)


def _read_money(column: Column, text: str) -> int:
    value = money(text, column.decimals)
    if value is None or value < 0:
        raise CellError(f"{_slug(column)}-unreadable")
    return value


def _read_mass(column: Column, text: str) -> int:
    value = number(text, column.unit, column.decimals)
    grams = None if value is None else value * column.scale * _GRAMS[column.unit or ""]
    if grams is None or grams != grams.to_integral_value():
        raise CellError("mass-unreadable")
    if not 0 < grams <= column.maximum:
        raise CellError("mass-out-of-range")
    return int(grams)


def _read_dimensions(column: Column, text: str) -> tuple[int, int, int]:
    folded = fold(text).replace(" ", "")
    match = _DIMENSIONS.fullmatch(folded.replace(",", ".") if column.decimals == "," else folded)
    if match is None:
        raise CellError("dimensions-unreadable")
    written = {"mm": Decimal(1), "毫米": Decimal(1), "cm": Decimal(10), "厘米": Decimal(10)}
    scale = written.get(match[4] or "", column.scale)
    sides = [Decimal(match[n]) * scale for n in (1, 2, 3)]
    if any(side != int(side) or side < 1 for side in sides):
        raise CellError("dimensions-unreadable")
    length, width, height = (int(side) for side in sides)
    return length, width, height


def _read_length(column: Column, text: str) -> int:
    value = number(text, "MMT" if column.scale == 1 else None, column.decimals)
    side = None if value is None else value * column.scale
    if side is None or side != int(side) or not 0 < side <= column.maximum:
        raise CellError("dimensions-unreadable")
    return int(side)


def _read_quantity(column: Column, text: str) -> dict[str, MeasuredValue]:
    value = number(text, column.unit, column.decimals)
    if value is None:
        raise CellError("measurement-unreadable")
    if column.unit == "P1" and "%" in clean(text):
        column = column.model_copy(update={"scale": Decimal(1)})  # the cell itself says what it is
    elif column.unit == "P1" and column.scale == 1 and 0 < value <= 1:
        raise CellError("measurement-unreadable")  # 0.97 may be a fraction or a percentage: nobody can tell
    value *= column.scale
    if not column.minimum <= value <= column.maximum:
        raise CellError("measurement-out-of-range")
    return {column.field: {"value": _plain(value), "unit": column.unit or ""}}


def _read_damage(column: Column, text: str) -> dict[str, MeasuredValue]:
    folded = fold(text)
    if folded in column.words:
        return {column.field: column.words[folded]}
    match = _DAMAGE.fullmatch(folded)
    if match is None or match[1] not in column.words:
        raise CellError("measurement-unreadable")
    size = Decimal(match[2]) * (10 if match[3] in {"cm", "厘米"} else 1)
    quantity = {"value": _plain(size), "unit": column.unit or ""}
    return {column.field: column.words[match[1]], f"{column.field}_size": quantity}


def _read_date(folded: str, age: Age, latest: date, order: DateOrder) -> date:
    parts = date_parts(folded, order, age.bare_year)
    if parts is None:
        raise CellError("date-unreadable")
    try:
        value = date(*parts)
    except ValueError as error:
        raise CellError("date-impossible") from error
    if not age.earliest <= value <= latest:
        raise CellError("date-impossible")
    return value


def _digits(text: str, *, drop: str = " -") -> str:
    """Strip what people put into identifiers; undo an exponent only when it lost no digit."""
    cleaned = clean(text).lstrip("'")
    for character in drop:
        cleaned = cleaned.replace(character, "")
    match = _SCIENTIFIC.fullmatch(cleaned)
    if match is None:
        return cleaned
    fraction = match[2] or ""
    if len(fraction) != int(match[3]):
        raise CellError("digits-lost")
    return match[1] + fraction


def _plain(value: Decimal) -> str:
    if value.as_tuple().exponent < -6:  # type: ignore[operator]  # finite by its pattern
        raise CellError("measurement-unreadable")
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).removeprefix("+").removeprefix("-") or "0"


def _slug(column: Column) -> str:
    return column.field.replace("_", "-")


_READERS: Mapping[str, Callable[[Column, str], Value]] = {
    "text": _read_text,
    "word": _read_word,
    "imei": _read_imei,
    "gtin": _read_gtin,
    "serial": _read_serial,
    "style_number": _read_style_number,
    "hs_code": _read_hs_code,
    "count": _read_count,
    "length": _read_length,
    "money": _read_money,
    "mass": _read_mass,
    "dimensions": _read_dimensions,
    "quantity": _read_quantity,
    "damage": _read_damage,
}
